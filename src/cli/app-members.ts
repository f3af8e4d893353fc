import type { Command } from 'commander';
import { findAccount } from './account-lookup.ts';
import type { ApiClient } from './api-client.ts';
import { pathOfApp } from './app-paths.ts';
import { Failure } from './failure.ts';
import { done, show, table } from './output.ts';
import type { Runner } from './runner.ts';

const helpOnAccounts = '\nACCOUNT is the id of one, or the e-mail address of a member.';

/** `writ apps members`: the people who see an app, each with a role. */
export function memberCommands(apps: Command, run: Runner): void {
  const members = apps
    .command('members')
    .description('the people who see it, each with a role')
    .addHelpText('after', helpOnAccounts);

  members
    .command('list <app>')
    .description('all members, Owners first')
    .action(
      run(async ({ api, output }, app: string) =>
        table(output, await api.list(pathOfApp(app, 'members')), {
          columns: ['account_id', 'email', 'name', 'role', 'since'],
          empty: `${app} has no members. Make one with "writ apps members set".`,
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
    .description('remove a member, but the last Owner')
    .option(
      '--end-credentials',
      'end the secrets and API keys that they created in it, and with a secret the tokens of its client',
    )
    .addHelpText(
      'after',
      '\nWithout --end-credentials what they created works on:\n"writ apps members credentials" lists it.',
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
            `${account} is no member of ${app} any more.${ending(endCredentials, remaining.length, app, id)}`,
            { account_id: id, removed: true },
          );
        },
      ),
    );

  members
    .command('credentials <app> <account>')
    .description('the secrets and keys that they created')
    .option('--end', 'end them all, and with a secret the tokens of its client')
    .addHelpText('after', '\nA former member is named by the id of the account.')
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
            done(output, `What ${account} created in ${app} has ended.`, {
              account_id: id,
              ended: true,
            });
          } else
            table(output, await api.list(path), {
              columns: ['kind', 'id', 'client', 'name', 'hint', 'created_at', 'last_used_at'],
              empty: `Nothing that ${account} created in ${app} works.`,
            });
        },
      ),
    );
}

/** `writ apps hand-over`. */
export function handOverCommand(apps: Command, run: Runner): void {
  apps
    .command('hand-over <app> <account>')
    .description('make another member the Owner; who was it becomes a Developer, or leaves')
    .summary('make another member the Owner')
    .option('--from <account>', 'the Owner who hands it over, where there are several')
    .option('--leave', 'who was the Owner leaves the app')
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
          done(output, `${account} is the Owner of ${app} now.`, { app, owner: to });
        },
      ),
    );
}

/** By an id as it stands; an address is looked up among the members, of whom those who manage the app see all. */
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

/** What a person created in an app and that works on: nothing where the caller may not see it. */
const remainingOf = (api: ApiClient, app: string, id: string) =>
  api.list(pathOfApp(app, 'members', id, 'credentials')).catch(() => []);

function ending(ended: boolean, remaining: number, app: string, id: string): string {
  if (ended) return ' The secrets and API keys that they created have ended.';
  if (remaining === 0) return '';
  return ` What they created works on (${remaining}): see "writ apps members credentials ${app} ${id}".`;
}

async function requireMember(api: ApiClient, app: string, account: string): Promise<string> {
  const id = await idOfMember(api, app, account);
  if (id === undefined)
    throw new Failure(`${app} has no member with the e-mail address ${account}.`);
  return id;
}
