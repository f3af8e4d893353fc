/**
 * The events that were not written as lines yet (AUDIT_LOG), in the order of their transactions. A transaction is read once
 * it and every older one has ended, so none is passed over that commits later with a lower number. How far the lines are is a row
 * of the database: it moves after the lines were written, so after a crash the last ones are written again.
 */
import { type Selectable, sql } from 'kysely';
import type { Database } from '../../../db/database.ts';
import type { Schema } from '../../../db/schema.ts';
import { eventOf } from './events.ts';
import type { AuditEvent } from './types.ts';

/** Up to which event the lines are written. */
interface Position {
  xid: string;
  id: number;
}

/** Events that follow one another, and how to note that they were written. */
export interface UnwrittenEvents {
  events: AuditEvent[];
  /** Moves the position behind them. False if another process has moved it meanwhile. */
  done(): Promise<boolean>;
}

export function createUnwrittenEvents({ database }: { database: Pick<Database, 'kysely'> }) {
  const { kysely } = database;

  const move = async (from: Position, to: Position & { earlier?: number }): Promise<boolean> => {
    const { numUpdatedRows } = await kysely
      .updateTable('audit_log_position')
      .set(to)
      .where('xid', '=', from.xid)
      .where('id', '=', from.id)
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  };

  return {
    /** Begins with the events from now on, if no process has done so before. */
    async begin(): Promise<void> {
      await sql`insert into audit_log_position (xid, id) values (pg_snapshot_xmin(pg_current_snapshot()), 0)
        on conflict do nothing`.execute(kysely);
    },

    /** The next events; undefined if all are written that can be. */
    async next(limit: number): Promise<UnwrittenEvents | undefined> {
      const { rows: positions } = await sql<Position & { earlier: number; elsewhere: boolean }>`
        select xid::text as xid, id, earlier, xid >= pg_snapshot_xmax(pg_current_snapshot()) as elsewhere
        from audit_log_position`.execute(kysely);
      const position = positions[0];
      if (!position) return undefined;
      const { xid, id, earlier, elsewhere } = position;
      // A position ahead of every transaction comes from another server, by a dump. So do the events behind it, all committed.
      const { rows } = await sql<Selectable<Schema['audit_event']> & { xid: string }>`
        select *, xid::text as xid from audit_event
        where (xid, id) > (${xid}::xid8, ${id}::bigint) and id > ${earlier}::bigint
          and ${elsewhere ? sql`xid is not null` : sql`xid < pg_snapshot_xmin(pg_current_snapshot())`}
        order by audit_event.xid, id limit ${limit}`.execute(kysely);
      const last = rows.at(-1);
      if (last)
        return {
          events: rows.map(eventOf),
          done: () => move(position, { xid: last.xid, id: last.id }),
        };
      if (!elsewhere) return undefined;
      const { rows: ends } = await sql<{ end: number | null }>`
        select max(id) as "end" from audit_event where xid >= pg_snapshot_xmax(pg_current_snapshot())`.execute(
        kysely,
      );
      await move(position, { xid: '0', id: 0, earlier: Number(ends[0]?.end ?? id) });
      return this.next(limit);
    },
  };
}
