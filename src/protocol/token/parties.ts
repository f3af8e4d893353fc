import type { Accounts } from '../../domain/accounts/accounts.ts';
import type { Client, ClientLookup } from '../../domain/clients/lookup.ts';
import type { GrantState } from '../../domain/grants/grant-state.ts';
import type { Grant, Grants } from '../../domain/grants/grants.ts';
import type { Epochs } from '../../domain/tokens/issue.ts';
import { type AccountParty, currentScope } from '../engine/request-scope.ts';

/** Where the parties of a token are read. */
export interface PartyStores {
  clients: ClientLookup;
  accounts: Accounts;
  grants: Grants;
}

/** The parties of a token: its client, and its account and grant if a person approved it. */
export interface TokenParties {
  client: Client | undefined;
  account: AccountParty | undefined;
  grant: Grant | undefined;
}

/** The parties of a token as this request has read them; missing ones are read now and cached. */
export async function partiesOf(
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
    clientId ? readThrough(scope?.clients, clientId, clients) : undefined,
    accountId ? readThrough(scope?.accounts, accountId, accounts.find) : undefined,
    grantId ? readThrough(scope?.grants, grantId, grants.find) : undefined,
  ]);
  return { client, account, grant };
}

/** The epochs that a token stores and a JWT states. Both come from one read, so both become invalid at the same time. */
export const epochsOf = ({ client, account, grant }: TokenParties): Epochs => ({
  client: client?.epoch ?? 0,
  app: client?.appEpoch ?? 0,
  account: account?.epoch ?? 0,
  grant: grant?.epoch ?? 0,
});

/**
 * The authorization details (RFC 9396 §2) of a new token: those that its request asks for, else those that a person
 * approved for its grant.
 */
export const detailsOf = ({ grant }: TokenParties): unknown =>
  currentScope()?.work?.details ?? grant?.payload['authorization_details'];

/**
 * The roles that rules of trusted issuers leave of those of the client, or of the person: by the rule that authenticates the client,
 * for tokens of its own, and by that of an exchanged token. Undefined if none says.
 */
export function roleLimit(isOfPerson: boolean): readonly string[] | undefined {
  const scope = currentScope();
  const ofClient = isOfPerson ? undefined : (scope?.workload?.workload.rule.roles ?? undefined);
  const ofSubject = scope?.work?.exchange?.roles;
  return ofClient && ofSubject
    ? ofClient.filter((name) => ofSubject.includes(name))
    : (ofClient ?? ofSubject);
}

/**
 * Caches the account and the grant of a grant state that was just read, so the tokens of this request carry the same
 * epochs.
 */
export function cacheApprovedParties(
  clientId: string | undefined,
  grantId: string,
  { accountId, accountEpoch, roles, grantEpoch, grant, hasBrowser }: GrantState,
): void {
  if (clientId)
    cacheParties(
      { id: accountId, roles, epoch: accountEpoch },
      { id: grantId, accountId, clientId, epoch: grantEpoch, payload: grant, hasBrowser },
    );
}

/** Caches an account and a grant for the rest of the request. */
export function cacheParties(account: AccountParty, grant: Grant): void {
  const scope = currentScope();
  scope?.accounts.set(account.id, account);
  scope?.grants.set(grant.id, grant);
}

async function readThrough<Value>(
  cache: Map<string, Value> | undefined,
  id: string,
  find: (id: string) => Promise<Value | undefined>,
): Promise<Value | undefined> {
  const cached = cache?.get(id);
  if (cached) return cached;
  const found = await find(id);
  if (found) cache?.set(id, found);
  return found;
}
