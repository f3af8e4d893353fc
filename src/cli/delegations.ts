import type { Command } from 'commander';
import { findAccount, pathOfAccount } from './account-lookup.ts';
import type { ApiClient } from './api-client.ts';
import { anyClient } from './app-paths.ts';
import { WrongUsage } from './failure.ts';
import { done, table } from './output.ts';
import type { Runner } from './runner.ts';

const times = ['since', 'last_used_at', 'ended_at'];

/** Members of apps cannot look accounts up, so an ID is taken as it is. */
const idOf = async (api: ApiClient, account: string): Promise<string> =>
  account.includes('@') ? String((await findAccount(api, account))['id']) : account;

/** `writ delegations`: which clients act for which people. */
export function delegationCommands(program: Command, run: Runner): void {
  const delegations = program
    .command('delegations')
    .description('which clients act for which people, by token exchange');

  delegations
    .command('list')
    .description('those of a client, or of a person')
    .option('--client <client_id>', 'the people for whom it acts', anyClient)
    .option('--account <account>', 'the clients that act for this account ID or email address')
    .addHelpText('after', '\nExample:\n  writ delegations list --client acme:invoice-agent')
    .action(
      run(
        async (
          { api, output },
          { client, account }: { client?: ReturnType<typeof anyClient>; account?: string },
        ) => {
          if ((client === undefined) === (account === undefined))
            throw new WrongUsage('Name a client or an account: --client ID or --account ACCOUNT.');
          if (client)
            return table(output, await api.list(`${client.path}/delegations`), {
              columns: ['account_id', ...times],
              empty: `${client.id} acts for no one.`,
            });
          const id = await idOf(api, account ?? '');
          table(output, await api.list(`${pathOfAccount(id)}/delegations`), {
            columns: ['client_id', 'client_name', 'purpose', ...times],
            empty: `No client acts for ${account}.`,
          });
        },
      ),
    );

  delegations
    .command('end')
    .argument('<client_id>', '', anyClient)
    .argument('<account>', 'an account ID or an email address')
    .description('stop a client from acting for a person; only that person can allow it again')
    .action(
      run(async ({ api, output }, client: ReturnType<typeof anyClient>, account: string) => {
        const id = await idOf(api, account);
        const ofApp = client.path.startsWith('/apps/');
        await api.delete(
          ofApp
            ? `${client.path}/delegations/${encodeURIComponent(id)}`
            : `${pathOfAccount(id)}/delegations/${encodeURIComponent(client.id)}`,
        );
        done(
          output,
          `${client.id} no longer acts for ${account}; its tokens for them are revoked.`,
          {
            client_id: client.id,
            account_id: id,
            ended: true,
          },
        );
      }),
    );
}
