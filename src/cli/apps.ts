import type { Command } from 'commander';
import { findAccount } from './account-lookup.ts';
import { appClientCommands } from './app-clients.ts';
import { appInvitationCommands } from './app-invitations.ts';
import { handOverCommand, memberCommands } from './app-members.ts';
import { pathOfApp } from './app-paths.ts';
import { rolesOfAppCommands } from './app-roles.ts';
import { printSecretNotice } from './client-secrets.ts';
import { commandName } from './command-name.ts';
import { type Field, fieldsOf, requireSomething } from './edits.ts';
import { WrongUsage } from './failure.ts';
import { appInitialAccessTokenCommands } from './initial-access-tokens.ts';
import { done, show, table } from './output.ts';
import { askFirst, type Runner } from './runner.ts';

const appFields: Field[] = [{ option: 'name', name: 'display_name', holds: 'one' }];

/** `writ apps`: clients that people create themselves, with members and roles. */
export function appCommands(program: Command, run: Runner): void {
  const apps = program
    .command('apps')
    .description('apps of developers: clients, members and roles');

  apps
    .command('create')
    .argument('[app]', 'the first part of the IDs of its clients; made from --name if left out')
    .description('create an app; the secret of its first client is shown only once')
    .summary('create an app and its first client')
    .option('--name <name>', 'its name, for people')
    .option('--owner <account>', 'its Owner: an account ID or an email address')
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
          if (name === undefined) throw new WrongUsage('Name the app, or pass --name, or both.');
          const { client, ...rest } = await api.create('/apps', {
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
    .description('all apps, or with the token of a person their own')
    .summary('all apps, or your own')
    .action(
      run(async ({ api, output }) =>
        table(output, await api.list('/apps'), {
          columns: ['name', 'display_name', 'clients', 'members', 'role', 'disabled_at'],
          empty: `There are no apps. Create one: ${commandName} apps create`,
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
    .description('rename it')
    .option('--name <name>', 'its name, for people')
    .action(
      run(async ({ api, output }, app: string, options: object) => {
        requireSomething(options);
        show(output, await api.update(pathOfApp(app), () => fieldsOf(appFields, options)));
      }),
    );

  for (const [operation, past, description] of [
    [
      'disable',
      'disabled; the tokens of its clients are revoked',
      'revoke its tokens, and issue no new ones',
    ],
    ['enable', 'enabled', 'issue tokens to a disabled app again'],
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
    .description('delete it with its clients, members and roles; its name is never used again')
    .summary('delete it, with all that is in it')
    .option(askFirst.flags, askFirst.description)
    .action(
      run(async ({ api, output, confirm }, app: string, options: { yes?: boolean }) => {
        await confirm(
          `Delete the app ${app} with its clients, members and roles, and revoke its tokens?`,
          options,
        );
        await api.delete(pathOfApp(app));
        done(output, `${app} is deleted; the tokens of its clients are revoked.`, {
          name: app,
          deleted: true,
        });
      }),
    );

  handOverCommand(apps, run);
  appClientCommands(apps, run);
  appInitialAccessTokenCommands(apps, run);
  memberCommands(apps, run);
  appInvitationCommands(apps, run);
  rolesOfAppCommands(apps, run);
}
