import { type Command, Option } from 'commander';
import { findAccount, pathOfAccount } from './account-lookup.ts';
import type { Json } from './api-client.ts';
import { WrongUsage } from './failure.ts';
import { done, show, table } from './output.ts';
import { askFirst, type Runner, type Session } from './runner.ts';

interface Owner {
  client?: string;
  account?: string;
}

/** `writ tokens`: what a token is, and its end. */
export function tokenCommands(program: Command, run: Runner): void {
  const tokens = program.command('tokens').description('what was issued');

  tokens
    .command('list')
    .description('API keys and personal access tokens; others come and go with logins')
    .option('--client <client_id>', 'those of this client')
    .option('--account <account>', 'those of this account, by its id or e-mail address')
    .addOption(
      new Option('--kind <kind>', 'those of this kind').choices([
        'api_key',
        'personal_access_token',
      ]),
    )
    .action(
      run(async ({ api, output }, { client, account, kind }: Owner & { kind?: string }) => {
        const accountId = account && String((await findAccount(api, account))['id']);
        const query = { client_id: client, account_id: accountId, kind };
        table(output, await api.list('/tokens', query), {
          columns: ['id', 'name', 'kind', { title: 'owner', of: ownerOf }, 'expires_at'],
          empty: 'There are no such tokens.',
          style: ({ active }) => (active === false ? 'dim' : undefined),
        });
      }),
    );

  tokens
    .command('show <id>')
    .description('what a token is, by its id (the jti of introspection)')
    .action(run(async ({ api, output }, id: string) => show(output, await api.get(pathOf(id)))));

  tokens
    .command('revoke [id]')
    .description('end a token, a login, or all that a client or an account has')
    .option('--client <client_id>', 'all of this client; it may get new ones at once')
    .option('--account <account>', 'all of this account, by its id or e-mail address')
    .option('--grant <id>', 'all of this login, which "writ accounts devices" shows')
    .option(askFirst.flags, `${askFirst.description} (of one token or login nobody is asked)`)
    .addHelpText(
      'after',
      `
To let a client or an account have no more, disable it instead.
Examples:
  writ tokens revoke tok_0lw1bw50EJ8M2WgHIL5XmUDsW
  writ tokens revoke --account ada@example.com`,
    )
    .action(
      run(
        async (
          session,
          id: string | undefined,
          options: Owner & { grant?: string; yes?: boolean },
        ) => {
          const { client, account, grant } = options;
          if ([id, client, account, grant].filter((given) => given !== undefined).length !== 1)
            throw new WrongUsage(
              'Give one of them: the id of a token, --client, --account or --grant.',
            );
          if (client !== undefined) await revokeOfClient(session, client, options);
          else if (account !== undefined) await revokeOfAccount(session, account, options);
          else if (grant !== undefined) await revokeGrant(session, grant);
          else await revokeOne(session, String(id));
        },
      ),
    );
}

async function revokeOne({ api, output }: Session, id: string): Promise<void> {
  await api.delete(pathOf(id));
  done(output, `${id} has ended.`, { id, revoked: true });
}

async function revokeGrant({ api, output }: Session, id: string): Promise<void> {
  await api.delete(`/grants/${encodeURIComponent(id)}`);
  done(output, `The login ${id} has ended, and its tokens.`, { grant_id: id, revoked: true });
}

async function revokeOfClient(
  { api, output, confirm }: Session,
  client: string,
  options: { yes?: boolean },
): Promise<void> {
  await confirm(`End all tokens of the client ${client}?`, options);
  await api.delete(`/clients/${encodeURIComponent(client)}/tokens`);
  done(output, `All tokens of ${client} have ended.`, { client_id: client, revoked: true });
}

async function revokeOfAccount(
  { api, output, confirm }: Session,
  account: string,
  options: { yes?: boolean },
): Promise<void> {
  const { id, name } = await findAccount(api, account);
  await confirm(`End all tokens of ${name} (${account})?`, options);
  await api.delete(`${pathOfAccount(id)}/tokens`);
  done(output, `All tokens of ${account} have ended.`, { account_id: id, revoked: true });
}

const ownerOf = (token: Json) => token['account_id'] ?? token['client_id'];

const pathOf = (id: string) => `/tokens/${encodeURIComponent(id)}`;
