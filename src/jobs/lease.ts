import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Database } from '../../db/database.ts';

/**
 * Elects one process. The lease is a row that expires by the database's clock, not a session lock: a transaction pooler
 * has none, and a process that hangs must not keep the lease.
 */
export function createLease({
  database,
  name,
  seconds,
}: {
  database: Database;
  name: string;
  seconds: number;
}) {
  const holder = randomUUID();
  return {
    /** Takes or extends the lease. False if another process holds it. */
    async take(): Promise<boolean> {
      const { rows } = await sql`
        insert into lease (name, holder, expires_at) values (${name}, ${holder}, now() + ${sql.lit(seconds)} * interval '1 second')
        on conflict (name) do update set holder = excluded.holder, expires_at = excluded.expires_at
          where lease.holder = excluded.holder or lease.expires_at < now()
        returning holder`.execute(database.kysely);
      return rows.length === 1;
    },
    async release(): Promise<void> {
      await database.kysely
        .deleteFrom('lease')
        .where('name', '=', name)
        .where('holder', '=', holder)
        .execute();
    },
  };
}
