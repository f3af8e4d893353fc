import type { Accounts } from '../../domain/accounts/accounts.ts';
import type { Client, ClientLookup } from '../../domain/clients/lookup.ts';
import type { Grant, Grants } from '../../domain/grants/grants.ts';
import type { Epochs } from '../../domain/tokens/issue.ts';
import { currentScope, type Owner } from '../engine/request-scope.ts';

export interface PartyStores {
  clients: ClientLookup;
  accounts: Accounts;
  grants: Grants;
}

export interface TokenParties {
  client: Client | undefined;
  account: Owner | undefined;
  grant: Grant | undefined;
}

/** The owners of a token as its request read them while it authenticated; what it did not read is read now, and kept. */
export async function ownersOf(
  token: {
    clientId?: string | undefined;
    accountId?: string | undefined;
    grantId?: string | undefined;
  },
  { clients, accounts, grants }: PartyStores,
): Promise<TokenParties> {
  const { clientId, accountId, grantId } = token;
  const scope = currentScope();
  const [client, account, grant] = await Promise.all([
    clientId ? kept(scope?.clients, clientId, clients) : undefined,
    accountId ? kept(scope?.accounts, accountId, accounts.find) : undefined,
    grantId ? kept(scope?.grants, grantId, grants.find) : undefined,
  ]);
  return { client, account, grant };
}

/** What a token remembers and what a JWT states of its owners: one reading, so that both end in the same moment. */
export const epochsOf = ({ client, account, grant }: TokenParties): Epochs => ({
  client: client?.epoch ?? 0,
  app: client?.appEpoch ?? 0,
  account: account?.epoch ?? 0,
  grant: grant?.epoch ?? 0,
});

async function kept<Value>(
  read: Map<string, Value> | undefined,
  id: string,
  find: (id: string) => Promise<Value | undefined>,
): Promise<Value | undefined> {
  const known = read?.get(id);
  if (known) return known;
  const found = await find(id);
  if (found) read?.set(id, found);
  return found;
}
