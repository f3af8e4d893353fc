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

/** The claims of a profile (OpenID Connect Core §5.1), without those that have no value. */
async function profileOf(
  id: string,
  accounts: Pick<Accounts, 'claims'>,
): Promise<Record<string, unknown>> {
  const account = await accounts.claims(id);
  if (!account) return {};
  const { email_verified, phone_number_verified, profile_updated_at: updatedAt, ...rest } = account;
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null));
  return {
    ...given,
    updated_at: Math.floor(updatedAt.getTime() / 1000),
    ...(account.email !== null && { email_verified }),
    ...(account.phone_number !== null && { phone_number_verified }),
  };
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
