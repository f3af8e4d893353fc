import type { Database } from '../../../db/database.ts';
import { orUnavailable } from '../database/retry.ts';
import type { Caller } from '../roles/management-actor.ts';
import type { Accounts } from './accounts.ts';
import type { Sessions } from './sessions.ts';

/**
 * Ends all that a person has, as after a stolen laptop: every token, every session and every remembered browser, in one
 * transaction. The account stays enabled. The actor needs `tokens:revoke` and `accounts:support`.
 */
export function createEndEverything({
  database: { kysely },
  accounts,
  sessions,
}: {
  database: Pick<Database, 'kysely'>;
  accounts: Pick<Accounts, 'revokeTokens'>;
  sessions: Pick<Sessions, 'revokeAll'>;
}) {
  /** False if the account does not exist. Throws `access_denied` if the actor is not allowed to manage it. */
  return (actor: Caller, accountId: string): Promise<boolean> =>
    orUnavailable(() =>
      kysely.transaction().execute(async (transaction) => {
        if (!(await accounts.revokeTokens(actor, accountId, transaction))) return false;
        await sessions.revokeAll(actor, accountId, transaction);
        return true;
      }),
    );
}

export type EndEverything = ReturnType<typeof createEndEverything>;
