import type { Command } from 'commander';
import { findAccount } from './account-lookup.ts';
import type { ApiClient } from './api-client.ts';
import { pathOfApp } from './app-paths.ts';
import { commandName } from './command-name.ts';
import { Failure } from './failure.ts';
import { done, show, table } from './output.ts';
import type { Runner } from './runner.ts';

const helpOnAccounts = '\nACCOUNT is an account ID, or the email address of a member.';

/** `writ apps members`: the members of an app. */
export function memberCommands(apps: Command, run: Runner): void {
  const members = apps
    .command('members')
    .description('its members, each with a role')
    .addHelpText('after', helpOnAccounts);

  members
    .command('list <app>')
    .description('all members, Owners first')
    .action(
      run(async ({ api, output }, app: string) =>
        table(output, await api.list(pathOfApp(app, 'members')), {
          columns: ['account_id', 'email', 'name', 'role', 'since'],
          empty: `${app} has no members. Invite one: ${commandName} apps invitations create ${app} EMAIL ROLE`,
        }),
      ),
    );

  members
    .command('set <app> <account> <role>')
    .description('give a member another role')
    .addHelpText('after', '\nExample:\n  writ apps members set acme ada@example.com Developer')
    .action(
      run(async ({ api, output }, app: string, account: string, role: string) => {
        const id = (await idOfMember(api, app, account)) ?? (await findAccount(api, account))['id'];
        show(output, await api.put(pathOfApp(app, 'members', String(id)), { role }));
      }),
    );

  members
    .command('remove <app> <account>')
    .description('remove a member, not the last Owner')
    .option(
      '--end-credentials',
      'revoke the secrets and API keys that they created in it, and with a secret the tokens of its client',
    )
    .addHelpText(
      'after',
      '\nWithout --end-credentials their secrets and API keys stay active. To list them:\n  writ apps members credentials APP ACCOUNT',
    )
    .action(
      run(
        async (
          { api, output },
          app: string,
          account: string,
          { endCredentials = false }: { endCredentials?: boolean },
        ) => {
          const id = await requireMember(api, app, account);
          await api.delete(
            `${pathOfApp(app, 'members', id)}${endCredentials ? '?end_credentials=true' : ''}`,
          );
          const remaining = endCredentials ? [] : await remainingOf(api, app, id);
          done(
            output,
            `${account} is no longer a member of ${app}.${ending(endCredentials, remaining.length, app, id)}`,
            { account_id: id, removed: true },
          );
        },
      ),
    );

  members
    .command('credentials <app> <account>')
    .description('secrets and keys that they created')
    .option('--end', 'revoke them all, and with a secret the tokens of its client')
    .addHelpText('after', '\nFor a former member, ACCOUNT is an account ID.')
    .action(
      run(
        async (
          { api, output },
          app: string,
          account: string,
          { end = false }: { end?: boolean },
        ) => {
          const id = await requireMember(api, app, account);
          const path = pathOfApp(app, 'members', id, 'credentials');
          if (end) {
            await api.delete(path);
            done(
              output,
              `The secrets and API keys that ${account} created in ${app} are revoked.`,
              {
                account_id: id,
                ended: true,
              },
            );
          } else
            table(output, await api.list(path), {
              columns: ['kind', 'id', 'client', 'name', 'hint', 'created_at', 'last_used_at'],
              empty: `${account} has no active secrets or API keys in ${app}.`,
            });
        },
      ),
    );
}

/** `writ apps hand-over`. */
export function handOverCommand(apps: Command, run: Runner): void {
  apps
    .command('hand-over <app> <account>')
    .description('make another member the Owner; the previous one becomes a Developer, or leaves')
    .summary('make another member the Owner')
    .option('--from <account>', 'the Owner who hands it over, if there are several')
    .option('--leave', 'the previous Owner leaves the app')
    .addHelpText('after', helpOnAccounts)
    .action(
      run(
        async (
          { api, output },
          app: string,
          account: string,
          { from, leave = false }: { from?: string; leave?: boolean },
        ) => {
          const to = await requireMember(api, app, account);
          await api.post(pathOfApp(app, 'owner'), {
            to,
            from: from === undefined ? undefined : await requireMember(api, app, from),
            leave,
          });
          done(output, `${account} is now the Owner of ${app}.`, { app, owner: to });
        },
      ),
    );
}

/** The account ID of a member, who is named by it or by an email address. */
async function idOfMember(
  api: ApiClient,
  app: string,
  account: string,
): Promise<string | undefined> {
  if (!account.includes('@')) return account;
  const members = await api.list(pathOfApp(app, 'members'));
  const found = members.find(({ email }) => String(email).toLowerCase() === account.toLowerCase());
  return found && String(found['account_id']);
}

/** The active secrets and API keys that a person created in an app; none if the caller is not allowed to see them. */
const remainingOf = (api: ApiClient, app: string, id: string) =>
  api.list(pathOfApp(app, 'members', id, 'credentials')).catch(() => []);

function ending(ended: boolean, remaining: number, app: string, id: string): string {
  if (ended) return ' The secrets and API keys that they created are revoked.';
  if (remaining === 0) return '';
  return ` ${remaining} of their secrets and API keys stay active: ${commandName} apps members credentials ${app} ${id}`;
}

async function requireMember(api: ApiClient, app: string, account: string): Promise<string> {
  const id = await idOfMember(api, app, account);
  if (id === undefined)
    throw new Failure(`${app} has no member with the email address ${account}.`);
  return id;
}
