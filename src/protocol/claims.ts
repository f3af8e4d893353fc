/** CLAIMS ABOUT A PERSON (OpenID Connect Core §5.4), in ID tokens and at the userinfo endpoint. */
import type { Account, FindAccount } from 'oidc-provider';
import type { Accounts } from '../domain/accounts/accounts.ts';
import { scopeTokens } from '../oauth/scope.ts';
import { forEngine } from './engine/errors.ts';
import { type PartyStores, partiesOf } from './token/parties.ts';

/** The claims that each scope gives. Every response has `sub`. */
export const claimsByScope = { openid: ['sub'], profile: ['name'], email: ['email'] };

/** Finds the account of a request. Name and email are read only if the scope asks for them. */
export const createFindAccount =
  (stores: PartyStores): FindAccount =>
  (_ctx, id) =>
    forEngine(async (): Promise<Account | undefined> => {
      const { account } = await partiesOf({ accountId: id }, stores);
      return (
        account && {
          accountId: id,
          claims: (_use, scope) => claimsOf(id, scope, stores.accounts),
        }
      );
    });

async function claimsOf(
  id: string,
  scope: string,
  accounts: Pick<Accounts, 'find'>,
): Promise<{ sub: string; name?: string; email?: string }> {
  const requested = scopeTokens(scope);
  const account =
    requested.includes('profile') || requested.includes('email')
      ? await forEngine(() => accounts.find(id))
      : undefined;
  return {
    sub: id,
    ...(account && { name: account.name, ...(account.email && { email: account.email }) }),
  };
}
