import { sql } from 'kysely';
import { unusedClientDays } from '../../../config/client-documents.ts';
import type { Database } from '../../../db/database.ts';
import { recordEvent } from '../audit/events.ts';
import type { ClientStore } from './store.ts';

/** SQL: the client `c` registered itself and is not used. */
const isUnused = sql<boolean>`c.origin is not null and c.deleted_at is null and c.disabled_at is null
  and c.created_at < now() - ${unusedClientDays} * interval '1 day'
  and not exists (select from oauth_grant g where g.client_id = c.id and g.revoked_at is null and g.live_until > now())
  and not exists (select from client_usage u where u.client_id = c.id and u.access_tokens > 0
    and u.day > (now() at time zone 'UTC')::date - ${unusedClientDays}::integer)`;

/** Clients that one run deletes at most. */
const batch = 500;

/**
 * Deletes clients that registered themselves and are not used: no one has a login with them, and they got no token for
 * `unusedClientDays`. Disabled ones stay, since that keeps them out. The row of one that never got a token or a login is
 * removed: no token names it, so strangers cannot fill the table.
 */
export const createUnusedClients = ({
  database: { kysely },
  store,
}: {
  database: Database;
  store: Pick<ClientStore, 'delete'>;
}) => ({
  /** Returns how many were deleted. */
  async delete(signal?: AbortSignal): Promise<number> {
    const { rows } = await sql<{ id: string; clientId: string }>`
      select c.id, c.client_id as "clientId" from client c where ${isUnused}
      limit ${batch}`.execute(kysely);
    let deleted = 0;
    for (const { id, clientId } of rows) {
      if (signal?.aborted) break;
      const isDeleted = await kysely.transaction().execute(async (transaction) => {
        // Nothing refers to the client from now on; what was written before this lock is seen by the statements after it.
        await sql`select from client where id = ${id}::uuid for update`.execute(transaction);
        const { rows: unused } = await sql<{ isUnnamed: boolean }>`
          select not exists (select from oauth_grant g where g.client_id = c.id)
            and not exists (select from client_usage u where u.client_id = c.id)
            and not exists (select from client_login l where l.client_id = c.id)
            and not exists (select from logout_notice n where n.client_id = c.id)
            and not exists (select from token t where t.client_id = c.id) as "isUnnamed"
          from client c where c.id = ${id}::uuid and ${isUnused}`.execute(transaction);
        const [found] = unused;
        if (!found) return false;
        if (!found.isUnnamed) return store.delete(clientId, undefined, transaction);
        await transaction.deleteFrom('client_secret').where('client_id', '=', id).execute();
        // Before the row is gone, since the event looks its app up.
        await recordEvent(transaction, {
          action: 'client.deleted',
          target: { kind: 'client', id: clientId },
          details: { because: 'it was never used' },
        });
        await transaction.deleteFrom('client').where('id', '=', id).execute();
        return true;
      });
      if (isDeleted) deleted += 1;
    }
    return deleted;
  },
});

export type UnusedClients = ReturnType<typeof createUnusedClients>;
