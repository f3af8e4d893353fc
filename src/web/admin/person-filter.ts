import type { Accounts } from '../../domain/accounts/accounts.ts';
import { isUuid } from '../../domain/database/text-checks.ts';
import type { Caller } from '../../domain/roles/management-actor.ts';

/**
 * Finds the account that a list is filtered by, from an ID or, for people who may see accounts, an email address. Undefined if
 * there is none.
 */
export const createAccountOf =
  (accounts: Pick<Accounts, 'page'>) =>
  async ({ scopes }: Caller, given: string): Promise<string | undefined> => {
    if (isUuid(given)) return given;
    if (!scopes.has('accounts:read')) return undefined;
    return (await accounts.page({ email: given, after: undefined, limit: 1 }))[0]?.id;
  };
