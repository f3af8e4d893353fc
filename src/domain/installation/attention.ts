import { sql } from 'kysely';
import type { Database } from '../../../db/database.ts';

/** Days before the end of a secret that it needs attention. */
const secretDays = 14;
/** The most that is listed of one kind. */
const most = 10;

/** What an operator should look at, besides the checks of `writ doctor`. */
export function createAttention({ database: { kysely } }: { database: Pick<Database, 'kysely'> }) {
  return {
    /** Secrets of clients that expire within two weeks, the next first. */
    endingSecrets: (): Promise<{ client_id: string; expires_at: Date }[]> =>
      kysely
        .selectFrom('client_secret')
        .innerJoin('client', 'client.id', 'client_secret.client_id')
        .select(['client.client_id', sql<Date>`client_secret.expires_at`.as('expires_at')])
        .where('client.deleted_at', 'is', null)
        .where('client_secret.expires_at', '>', sql<Date>`now()`)
        .where(
          'client_secret.expires_at',
          '<',
          sql<Date>`now() + ${sql.lit(secretDays)} * interval '1 day'`,
        )
        .orderBy('client_secret.expires_at')
        .limit(most)
        .execute(),

    /** Streams of Shared Signals whose pushes fail, the longest first. */
    failingStreams: (): Promise<{ id: string; client_id: string; failing_since: Date }[]> =>
      kysely
        .selectFrom('signal_stream')
        .innerJoin('client', 'client.id', 'signal_stream.client_id')
        .select([
          'signal_stream.id',
          'client.client_id',
          sql<Date>`signal_stream.failing_since`.as('failing_since'),
        ])
        .where('client.deleted_at', 'is', null)
        .where('signal_stream.status', '=', 'enabled')
        .where('signal_stream.failing_since', 'is not', null)
        .orderBy('signal_stream.failing_since')
        .limit(most)
        .execute(),

    /** Clients that could not be notified yet that people signed out, and how many notices wait for each. */
    waitingLogouts: (): Promise<{ client_id: string; count: number }[]> =>
      kysely
        .selectFrom('logout_notice')
        .innerJoin('client', 'client.id', 'logout_notice.client_id')
        .select(['client.client_id', sql<number>`count(*)::int`.as('count')])
        .where('logout_notice.attempts', '>', 1)
        .groupBy('client.client_id')
        .orderBy('count', 'desc')
        .limit(most)
        .execute(),
  };
}

export type Attention = ReturnType<typeof createAttention>;
