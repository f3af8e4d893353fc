/** CLAIMS ABOUT A PERSON (OpenID Connect Core §5), in ID tokens and at the userinfo endpoint. */
import type { Account, AccountClaims, FindAccount } from 'oidc-provider';
import { claimsByScope } from '../../config/claims.ts';
import type { Accounts } from '../domain/accounts/accounts.ts';
import { scopeTokens } from '../oauth/scope.ts';
import { forEngine } from './engine/errors.ts';
import { effectiveRights, type RightsStores } from './token/jwt.ts';
import { type PartyStores, partiesOf } from './token/parties.ts';

/** The claims by scope for the engine. Those about the sign-in are only in ID tokens. */
export const supportedClaims: Record<string, string[]> = {
  openid: ['sub', 'auth_time', 'acr', 'amr'],
  ...Object.fromEntries(Object.entries(claimsByScope).map(([scope, names]) => [scope, [...names]])),
};

const ofRights: readonly string[] = ['roles', 'groups'];
const ofProfile: readonly string[] = Object.values(claimsByScope)
  .flat()
  .filter((name) => !ofRights.includes(name));

type Stores = PartyStores & RightsStores;

/** Finds the account of a request. What its claims need is read only if they are asked for. */
export const createFindAccount =
  (stores: Stores): FindAccount =>
  ({ oidc }, id) =>
    forEngine(async (): Promise<Account | undefined> => {
      const { account } = await partiesOf({ accountId: id }, stores);
      return (
        account && {
          accountId: id,
          claims: (_use, scope, requested) => {
            const names = new Set([
              ...scopeTokens(scope).flatMap((name) => claimsByScope[name] ?? []),
              ...Object.keys(requested ?? {}),
            ]);
            return forEngine(() => claimsOf(id, names, oidc.client?.clientId, stores));
          },
        }
      );
    });

async function claimsOf(
  id: string,
  names: ReadonlySet<string>,
  clientId: string | undefined,
  stores: Stores,
): Promise<AccountClaims> {
  const needs = (group: readonly string[]): boolean => group.some((name) => names.has(name));
  const [profile, roles] = await Promise.all([
    needs(ofProfile) ? profileOf(id, stores.accounts) : undefined,
    needs(ofRights) ? rolesOf(id, clientId, stores) : undefined,
  ]);
  return { sub: id, ...profile, ...(roles && { roles, groups: roles }) };
}

async function profileOf(
  id: string,
  accounts: Pick<Accounts, 'find'>,
): Promise<Record<string, string>> {
  const account = await accounts.find(id);
  return account ? { name: account.name, ...(account.email && { email: account.email }) } : {};
}

/** The roles that an access token of the client has for this person. */
async function rolesOf(
  accountId: string,
  clientId: string | undefined,
  stores: Stores,
): Promise<string[]> {
  const parties = await partiesOf({ accountId, clientId }, stores);
  return (await effectiveRights(parties, stores)).roles;
}
