import { sql } from 'kysely';
import type { Database } from '../../../../db/database.ts';
import { createClock } from '../../../../src/domain/database/clock.ts';
import { createTokenIssue } from '../../../../src/domain/tokens/issue.ts';
import { createPartitions } from '../../../../src/domain/tokens/partitions.ts';
import { createTokenLookup } from '../../../../src/domain/tokens/token-state.ts';
import { newClient, newToken, now } from '../support.ts';

export const week = 7 * 86_400;

/** The partition of this week. */
export const thisWeek = () => Math.floor(now() / week);

/** Helpers to inspect and change the partitions of a database. */
export function partitionsOf(database: Database) {
  const partitions = createPartitions({ database });
  const issue = createTokenIssue({ database, partitions, clock: createClock({ database }) });
  return {
    ...partitions,
    issue,
    lookup: createTokenLookup({ database, window: 30 }),

    /** Stores a token that expires in so many seconds; a negative number stores an expired one. */
    async storedToken(lifetime: number) {
      const token = newToken({ lifetime, client: await newClient(database) });
      await issue.insert(token);
      return token;
    },

    /** The attached partitions. */
    async attached(): Promise<number[]> {
      const { rows } = await sql<{ partition: number }>`
        select substring(inhrelid::regclass::text from '\\d+$')::integer as partition from pg_inherits
        where inhparent = 'token'::regclass and not inhdetachpending order by 1`.execute(
        database.kysely,
      );
      return rows.map(({ partition }) => partition);
    },

    /** Whether the table of a partition exists, attached or not. */
    async exists(partition: number): Promise<boolean> {
      const { rows } = await sql<{ there: boolean }>`
        select to_regclass(${`token_shelf_${partition}`}) is not null as there`.execute(
        database.kysely,
      );
      return rows[0]?.there === true;
    },

    /** Moves the time when a partition was detached so many days into the past. */
    async detachedDaysAgo(partition: number, days: number): Promise<void> {
      await sql`update shelf set detached_at = now() - ${sql.lit(days)} * interval '1 day'
        where shelf = ${partition}`.execute(database.kysely);
    },

    /** Detaches a partition, as a process with a wrong clock or an operator by mistake would. */
    async detachWrongly(partition: number): Promise<void> {
      await sql`alter table token detach partition ${sql.table(`token_shelf_${partition}`)}`.execute(
        database.kysely,
      );
      await sql`update shelf set detached_at = now() where shelf = ${partition}`.execute(
        database.kysely,
      );
    },
  };
}
