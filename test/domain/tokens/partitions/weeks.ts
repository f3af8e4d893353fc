import { sql } from 'kysely';
import type { Database } from '../../../../db/database.ts';
import { createTokenIssue } from '../../../../src/domain/tokens/issue.ts';
import { createTokenLookup } from '../../../../src/domain/tokens/lookup.ts';
import { createShelves } from '../../../../src/domain/tokens/partitions.ts';
import { newClient, newToken, now } from '../support.ts';

export const week = 7 * 86_400;

/** The shelf of this week. */
export const thisWeek = () => Math.floor(now() / week);

/** What a test asks and does of a database's shelves. */
export function shelvesOf(database: Database) {
  const shelves = createShelves({ database });
  const issue = createTokenIssue({ database, shelves });
  return {
    ...shelves,
    issue,
    lookup: createTokenLookup({ database, window: 30 }),

    /** Stores a token that expires in so many seconds; less than none: it has expired. */
    async storedToken(lifetime: number) {
      const token = newToken({ lifetime, client: await newClient(database) });
      await issue.insert(token);
      return token;
    },

    /** The partitions that a query of the tokens sees. */
    async attached(): Promise<number[]> {
      const { rows } = await sql<{ shelf: number }>`
        select substring(inhrelid::regclass::text from '\\d+$')::integer as shelf from pg_inherits
        where inhparent = 'token'::regclass and not inhdetachpending order by 1`.execute(
        database.kysely,
      );
      return rows.map(({ shelf }) => shelf);
    },

    /** Whether the table of a shelf is there, attached or not. */
    async exists(shelf: number): Promise<boolean> {
      const { rows } = await sql<{ there: boolean }>`
        select to_regclass(${`token_shelf_${shelf}`}) is not null as there`.execute(
        database.kysely,
      );
      return rows[0]?.there === true;
    },

    /** Lets it be so many days since a shelf was detached. */
    async detachedDaysAgo(shelf: number, days: number): Promise<void> {
      await sql`update shelf set detached_at = now() - ${sql.lit(days)} * interval '1 day'
        where shelf = ${shelf}`.execute(database.kysely);
    },

    /** What a process with a wrong clock, or an operator by mistake, does to a shelf. */
    async detachWrongly(shelf: number): Promise<void> {
      await sql`alter table token detach partition ${sql.table(`token_shelf_${shelf}`)}`.execute(
        database.kysely,
      );
      await sql`update shelf set detached_at = now() where shelf = ${shelf}`.execute(
        database.kysely,
      );
    },
  };
}
