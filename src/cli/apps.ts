import type { Command } from 'commander';
import { findAccount } from './account-lookup.ts';
import { appClientCommands } from './app-clients.ts';
import { appInvitationCommands } from './app-invitations.ts';
import { handOverCommand, memberCommands } from './app-members.ts';
import { pathOfApp } from './app-paths.ts';
import { rolesOfAppCommands } from './app-roles.ts';
import { printSecretNotice } from './client-secrets.ts';
import { type Field, fieldsOf, requireSomething } from './edits.ts';
import { WrongUsage } from './failure.ts';
import { done, show, table } from './output.ts';
import { askFirst, type Runner } from './runner.ts';

const appFields: Field[] = [{ option: 'name', name: 'display_name', holds: 'one' }];

/** `writ apps`: what people make themselves, each with clients, members and roles. */
export function appCommands(program: Command, run: Runner): void {
  const apps = program
    .command('apps')
    .description('clients under an owner, and all that they have');

  apps
    .command('create')
    .argument('[app]', 'what the ids of its clients begin with; made of its name where left out')
    .description('make an app; the secret of its first client is shown this once')
    .summary('make an app and its first client')
    .option('--name <name>', 'what people call it')
    .option('--owner <account>', 'who owns it: an id, or an e-mail address')
    .addHelpText(
      'after',
      '\nExample:\n  writ apps create acme --name "Acme" --owner ada@example.com',
    )
    .action(
      run(
        async (
          { api, output },
          app: string | undefined,
          { name = app, owner }: { name?: string; owner?: string },
        ) => {
          if (name === undefined) throw new WrongUsage('Give the app, or --name, or both.');
          const { client, ...rest } = await api.make('/apps', {
            name: app,
            display_name: name,
            ...(owner !== undefined && { owner: (await findAccount(api, owner))['id'] }),
          });
          const { client_id, client_secret } = client as Record<string, unknown>;
          show(output, output.json ? { ...rest, client } : { client_id, client_secret, ...rest });
          printSecretNotice(output, client_secret);
        },
      ),
    );

  apps
    .command('list')
    .description('all apps, or those of the one whose token it is')
    .summary('all apps, or your own')
    .action(
      run(async ({ api, output }) =>
        table(output, await api.list('/apps'), {
          columns: ['name', 'display_name', 'clients', 'members', 'role', 'disabled_at'],
          empty: 'There are no apps. Make one with "writ apps create".',
        }),
      ),
    );

  apps
    .command('show <app>')
    .description('one app')
    .action(
      run(async ({ api, output }, app: string) => show(output, await api.get(pathOfApp(app)))),
    );

  apps
    .command('update <app>')
    .description('change what people call it')
    .option('--name <name>', 'what people call it')
    .action(
      run(async ({ api, output }, app: string, options: object) => {
        requireSomething(options);
        show(output, await api.update(pathOfApp(app), () => fieldsOf(appFields, options)));
      }),
    );

  for (const [operation, past, description] of [
    [
      'disable',
      'disabled; the tokens of its clients have ended',
      'end its tokens and let it have no more',
    ],
    ['enable', 'enabled', 'let a disabled app have tokens again'],
  ] as const)
    apps
      .command(`${operation} <app>`)
      .description(description)
      .action(
        run(async ({ api, output }, app: string) =>
          done(output, `${app} is ${past}.`, await api.post(`${pathOfApp(app)}/${operation}`)),
        ),
      );

  apps
    .command('delete <app>')
    .description('end it with its clients, members and roles; nobody can have its name again')
    .summary('end it for good, with all that is in it')
    .option(askFirst.flags, askFirst.description)
    .action(
      run(async ({ api, output, confirm }, app: string, options: { yes?: boolean }) => {
        await confirm(
          `Delete the app ${app} with its clients, members and roles, and end all tokens?`,
          options,
        );
        await api.delete(pathOfApp(app));
        done(output, `${app} is deleted; the tokens of its clients have ended.`, {
          name: app,
          deleted: true,
        });
      }),
    );

  handOverCommand(apps, run);
  appClientCommands(apps, run);
  memberCommands(apps, run);
  appInvitationCommands(apps, run);
  rolesOfAppCommands(apps, run);
}
