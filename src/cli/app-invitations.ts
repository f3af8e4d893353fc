import type { Command } from 'commander';
import { pathOfApp } from './app-paths.ts';
import { emailAddress } from './arguments.ts';
import { done, show, table } from './output.ts';
import type { Runner } from './runner.ts';

/** `writ apps invitations`: invitations to become a member. */
export function appInvitationCommands(apps: Command, run: Runner): void {
  const invitations = apps.command('invitations').description('invitations to become a member');

  invitations
    .command('create')
    .argument('<app>')
    .argument('<email>', 'the email address of an account', emailAddress)
    .argument('<role>', 'a role of the app')
    .description(
      'invite a person; the link is shown only once, and sent if the server has a mail server',
    )
    .option('--no-mail', 'send no email: print the link, and pass it on yourself')
    .addHelpText('after', '\nExample:\n  writ apps invitations create acme ada@example.com Editor')
    .action(
      run(
        async (
          { api, output },
          app: string,
          email: string,
          role: string,
          { mail }: { mail: boolean },
        ) => {
          const created = await api.create(pathOfApp(app, 'invitations'), {
            email,
            role,
            ...(!mail && { send_email: false }),
          });
          show(output, created);
          if (!output.json)
            output.write(
              created['sent_to']
                ? `\nAn email with the link is on its way to ${created['sent_to']}. The link is not shown again.\n`
                : '\nSend them the link: no email is sent, and the link is not shown again.\n',
            );
        },
      ),
    );

  invitations
    .command('list <app>')
    .description('open invitations')
    .action(
      run(async ({ api, output }, app: string) =>
        table(output, await api.list(pathOfApp(app, 'invitations')), {
          columns: ['id', 'email', 'role', 'invited_by', 'expires_at'],
          empty: `${app} has no open invitations.`,
        }),
      ),
    );

  invitations
    .command('revoke <app> <invitation_id>')
    .description('revoke an invitation')
    .action(
      run(async ({ api, output }, app: string, id: string) => {
        await api.delete(pathOfApp(app, 'invitations', id));
        done(output, `The invitation ${id} is revoked.`, { id, revoked: true });
      }),
    );
}
