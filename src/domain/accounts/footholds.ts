/** WHAT ENDS WHEN PEOPLE GET MORE RIGHTS at Writ's own API. */
import type { Connection } from '../../../db/schema.ts';
import { revokePasswordLogins } from '../grants/password-logins.ts';
import { cancelFactorReset } from './account-factors.ts';
import { revokeLinks } from './mailed-links.ts';
import { endSessions } from './session-end.ts';

/**
 * Ends what could let someone else use new rights of these accounts: their pending links, planned resets of factors, sessions and
 * logins by password. A caller that was allowed to manage them before may have sent, planned or started these, and is not
 * necessarily allowed to have the new rights. The transaction holds the locks of the accounts; `then` comes last in it (see
 * `endSessions`).
 */
export async function endFootholds<Result>(
  transaction: Connection,
  accountIds: readonly string[],
  then: () => Promise<Result>,
): Promise<Result> {
  if (accountIds.length === 0) return then();
  for (const id of accountIds) {
    await revokeLinks(transaction, id);
    await cancelFactorReset(transaction, id);
  }
  return endSessions(
    transaction,
    (query) => query.where('account_id', 'in', accountIds),
    async () => {
      await revokePasswordLogins(transaction, accountIds);
      return then();
    },
  );
}
