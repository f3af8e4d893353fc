/**
 * THE EVENTS OF A STREAM: it reads the change feed from its own position, and turns what concerns the audiences of its receiver into
 * events that wait until they are acknowledged. So nothing is lost while the receiver or this server is down.
 */
import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { signalBounds } from '../../../config/signals.ts';
import type { Database } from '../../../db/database.ts';
import type { Connection } from '../../../db/schema.ts';
import { recordEvent } from '../audit/events.ts';
import {
  type AddressedRevocation,
  concerns,
  FeedGap,
  type Revocations,
  revocationBatch,
} from '../audit/revocations.ts';
import type { ClientLookup } from '../clients/lookup.ts';
import { orUnavailable } from '../database/retry.ts';
import { type SignalClaims, signalsOf } from './events.ts';
import type { PendingSignal } from './types.ts';

interface Dependencies {
  database: Database;
  issuer: string;
  revocations: Pick<Revocations, 'after'>;
  clients: ClientLookup;
}

interface Reader {
  position: number;
  client: string;
  events: string[] | null;
  waiting: number;
}

/** Adds an event to a stream. */
export const addSignal = async (
  transaction: Connection,
  stream: string,
  claims: SignalClaims,
): Promise<void> => {
  await transaction
    .insertInto('signal_event')
    .values({
      jti: randomBytes(16).toString('base64url'),
      stream_id: stream,
      claims: JSON.stringify(claims) as never,
    })
    .execute();
};

/** Disables a stream: what waits is dropped. Its receiver reads the reason in the status. */
export async function disableStream(
  transaction: Connection,
  stream: string,
  reason: string,
): Promise<void> {
  const { numUpdatedRows } = await transaction
    .updateTable('signal_stream')
    .set({ status: 'disabled', reason, updated_at: sql<Date>`now()` })
    .where('id', '=', stream)
    .where('status', '<>', 'disabled')
    .executeTakeFirstOrThrow();
  if (numUpdatedRows === 0n) return;
  await transaction.deleteFrom('signal_event').where('stream_id', '=', stream).execute();
  await recordEvent(transaction, {
    action: 'signal_stream.disabled',
    target: { kind: 'signal_stream', id: stream },
    details: { reason },
  });
}

const missed =
  'Changes were missed, because they are no longer kept or the database was restored. Introspect the tokens that you know, and enable the stream again.';

export function createSignalOutbox({ database, issuer, revocations, clients }: Dependencies) {
  const { kysely } = database;

  const readerOf = async (stream: string): Promise<Reader | undefined> => {
    const { rows } = await sql<Reader>`
      select s.position::float8 as position, c.client_id as client, s.events_requested as events,
        (select count(*)::integer from signal_event e where e.stream_id = s.id) as waiting
      from signal_stream s join client c on c.id = s.client_id
      where s.id = ${stream} and s.status = 'enabled'`.execute(kysely);
    return rows[0];
  };

  const clientsOf = async (changes: readonly AddressedRevocation[]) => {
    const apps = changes.flatMap(({ app, clientId }) =>
      app !== null && clientId === null ? [app] : [],
    );
    if (apps.length === 0) return new Map<string, string[]>();
    const { rows } = await sql<{ app: string; clients: string[] }>`
      select p.name as app, array_agg(c.client_id order by c.client_id) as clients
      from app p join client c on c.app_id = p.id where p.name = any (${apps}::text[]) group by p.name`.execute(
      kysely,
    );
    return new Map(rows.map(({ app, clients: of }) => [app, of]));
  };

  /** Reads one batch of changes. Returns whether there can be more to read now. */
  const readOn = async (stream: string): Promise<boolean> => {
    const reader = await readerOf(stream);
    if (!reader || reader.waiting >= signalBounds.waiting) return false;
    const receiver = await clients(reader.client);
    // A disabled one keeps its place.
    if (!receiver) return false;
    let rows: AddressedRevocation[];
    try {
      rows = await revocations.after(reader.position);
    } catch (error) {
      if (!(error instanceof FeedGap)) throw error;
      await kysely
        .transaction()
        .execute((transaction) => disableStream(transaction, stream, missed));
      return false;
    }
    const last = rows.at(-1)?.number;
    if (last === undefined) return false;
    const mine = rows.filter(concerns(receiver.resourceServerFor));
    const ofApps = await clientsOf(mine);
    const signals = mine
      .flatMap((change) => signalsOf(change, issuer, ofApps.get(change.app ?? '')))
      .filter(({ type }) => reader.events === null || reader.events.includes(type));
    await kysely.transaction().execute(async (transaction) => {
      // Only one of several readers of the same batch writes it.
      const { numUpdatedRows } = await transaction
        .updateTable('signal_stream')
        .set({ position: last })
        .where('id', '=', stream)
        .where('position', '=', reader.position)
        .where('status', '=', 'enabled')
        .executeTakeFirstOrThrow();
      if (numUpdatedRows === 0n) return;
      for (const { claims } of signals) await addSignal(transaction, stream, claims);
    });
    return rows.length === revocationBatch;
  };

  return {
    /** Reads the changes that an enabled stream has not read, as far as there is room for their events. */
    fill: (stream: string): Promise<void> =>
      orUnavailable(async () => {
        while (await readOn(stream));
      }),

    /** The oldest events that wait, at most `limit`. */
    pending: (stream: string, limit: number): Promise<PendingSignal[]> =>
      orUnavailable(async () => {
        const { rows } = await sql<PendingSignal>`
          select e.jti, e.claims, e.created_at as "createdAt", c.client_id as client
          from signal_event e join signal_stream s on s.id = e.stream_id join client c on c.id = s.client_id
          where s.id = ${stream} and s.status = 'enabled' order by e.ordinal limit ${limit}`.execute(
          kysely,
        );
        return rows;
      }),

    /** Forgets events that the receiver has, and those that it refused, each of which is in the audit. */
    settle: async (
      stream: string,
      acknowledged: readonly string[],
      refused: Readonly<Record<string, string>> = {},
    ): Promise<void> => {
      const errors = Object.entries(refused);
      if (acknowledged.length + errors.length === 0) return;
      await orUnavailable(() =>
        kysely.transaction().execute(async (transaction) => {
          if (acknowledged.length > 0)
            await transaction
              .deleteFrom('signal_event')
              .where('stream_id', '=', stream)
              .where('jti', 'in', acknowledged)
              .execute();
          for (const [jti, err] of errors) {
            const { numDeletedRows } = await transaction
              .deleteFrom('signal_event')
              .where('stream_id', '=', stream)
              .where('jti', '=', jti)
              .executeTakeFirstOrThrow();
            if (numDeletedRows > 0n)
              await recordEvent(transaction, {
                action: 'signal_stream.event_refused',
                target: { kind: 'signal_stream', id: stream },
                details: { jti, err },
              });
          }
        }),
      );
    },
  };
}

export type SignalOutbox = ReturnType<typeof createSignalOutbox>;
