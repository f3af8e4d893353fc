import { sql } from 'kysely';
import type { Database, Statement } from '../../../db/database.ts';
import { orUnavailable } from '../database/retry.ts';
import { isUuid } from '../database/text-checks.ts';

/** A login of a person at a client, in a browser session. `clientId` is the public ID. */
export interface ClientLogin {
  sessionId: string;
  accountId: string;
  clientId: string;
  grantId: string;
}

/**
 * Locks the session, so that a sign-out that runs at the same time waits and then notifies the client too. Earlier grants are
 * kept until they are over, since the session still ends them; one that this statement cannot see yet is kept as well.
 */
const record: Statement = {
  name: 'client-login-record',
  text: `with entered as (
      select s.id from session s where s.id = $1::uuid and s.account_id = $2::uuid for key share
    )
    insert into client_login as l (session_id, client_id, grant_id)
    select entered.id, c.id, $4::uuid from entered join client c on c.client_id = $3
    on conflict (session_id, client_id) do update set grant_id = excluded.grant_id, last_login_at = now(),
      earlier_grants = array(
        select distinct e.id from unnest(l.earlier_grants || l.grant_id) as e (id)
        where e.id <> excluded.grant_id and not exists (
          select from oauth_grant g where g.id = e.id
            and (g.revoked_at is not null or g.live_until < now() - interval '1 hour')))
    returning session_id`,
};

/** The clients that people entered from their browser sessions. */
export function createClientLogins({ database }: { database: Database }) {
  return {
    /** Records a login. False if the session has ended in the meantime, or belongs to another account. */
    async record({ sessionId, accountId, clientId, grantId }: ClientLogin): Promise<boolean> {
      const rows = await orUnavailable(() =>
        database.query(record, [sessionId, accountId, clientId, grantId]),
      );
      return rows.length > 0;
    },

    /** The names of the clients that were entered from each session of an account, by the ID of the session. */
    async namesBySession(accountId: string): Promise<Map<string, string[]>> {
      if (!isUuid(accountId)) return new Map();
      const { rows } = await orUnavailable(() =>
        sql<{ session: string; names: string[] }>`
          select s.id as session, array_agg(coalesce(c.metadata->>'client_name', c.client_id)
            order by l.last_login_at desc) as names
          from session s join client_login l on l.session_id = s.id join client c on c.id = l.client_id
          where s.account_id = ${accountId}::uuid and c.deleted_at is null
          group by s.id`.execute(database.kysely),
      );
      return new Map(rows.map(({ session, names }) => [session, [...new Set(names)]]));
    },
  };
}

export type ClientLogins = ReturnType<typeof createClientLogins>;
