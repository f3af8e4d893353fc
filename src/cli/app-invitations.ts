import type { Command } from 'commander';
import { pathOfApp } from './app-paths.ts';
import { emailAddress } from './arguments.ts';
import { done, show, table } from './output.ts';
import type { Runner } from './runner.ts';

/** `writ apps invitations`: those who were asked to become members. */
export function appInvitationCommands(apps: Command, run: Runner): void {
  const invitations = apps
    .command('invitations')
    .description('those who were asked to become members');

  invitations
    .command('create')
    .argument('<app>')
    .argument('<email>', 'the address of their account', emailAddress)
    .argument('<role>', 'what they may do: a role of the app')
    .description('invite somebody; the link is shown this once')
    .addHelpText('after', '\nExample:\n  writ apps invitations create acme ada@example.com Editor')
    .action(
      run(async ({ api, output }, app: string, email: string, role: string) => {
        show(output, await api.make(pathOfApp(app, 'invitations'), { email, role }));
        if (!output.json)
          output.write(
            '\nSend them the link: nothing is sent by itself, and it is not shown again.\n',
          );
      }),
    );

  invitations
    .command('list <app>')
    .description('those that wait for an answer')
    .action(
      run(async ({ api, output }, app: string) =>
        table(output, await api.list(pathOfApp(app, 'invitations')), {
          columns: ['id', 'email', 'role', 'invited_by', 'expires_at'],
          empty: `Nobody is invited to ${app}.`,
        }),
      ),
    );

  invitations
    .command('revoke <app> <invitation_id>')
    .description('take an invitation back')
    .action(
      run(async ({ api, output }, app: string, id: string) => {
        await api.delete(pathOfApp(app, 'invitations', id));
        done(output, `The invitation ${id} works no more.`, { id, revoked: true });
      }),
    );
}
