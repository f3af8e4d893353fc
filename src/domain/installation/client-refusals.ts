import type { Database, Statement } from '../../../db/database.ts';
import { requestRefused } from '../../telemetry/channels.ts';

/** The last refusal of a client with this error code. */
export interface ClientRefusal {
  /** A code of RFC 6749 or its extensions; empty if a person got a page. */
  error: string;
  /** What was wrong, without anything that was presented. */
  reason: string;
  /** Who called, if they failed to authenticate as the client. Others may be people in a browser. */
  address: string | null;
  at: Date;
}

/** Clients and codes that a process holds until it writes them. */
const maxHeld = 300;

/** Only clients that exist, so that strangers create no rows. Ordered, so that two processes cannot deadlock. */
const put: Statement = {
  name: 'client-refusals-put',
  text: `insert into client_refusal (client_id, error, reason, address, at)
    select i.client_id, i.error, i.reason, i.address, i.at
    from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[]) as i (client_id, error, reason, address, at)
    where exists (select from client where client.client_id = i.client_id)
    order by i.client_id, i.error
    on conflict (client_id, error) do update set reason = excluded.reason, address = excluded.address, at = excluded.at
      where client_refusal.at < excluded.at`,
  idempotent: true,
};

const last: Statement = {
  name: 'client-refusals-last',
  text: `select client_id, error, reason, address, at from client_refusal
    where client_id = any ($1::text[]) order by at desc`,
};

type Held = ClientRefusal & { client_id: string };

/**
 * Why clients are refused: the last refusal of each error code, held in memory and written once a minute, so requests
 * write nothing, and a crash loses up to a minute. The sweep deletes what is older than 30 days.
 */
export function createClientRefusals({ database }: { database: Database }) {
  let held = new Map<string, Held>();
  /** What the last call could not write. */
  let unwritten = new Map<string, Held>();

  return {
    /** Holds the refusals of this process from now on. Returns a function that ends it. */
    observe: (): (() => void) =>
      requestRefused.subscribe(({ clientId, error = '', reason, isAuthentication, address }) => {
        if (clientId === undefined) return;
        const key = `${clientId}\n${error}`;
        if (!held.has(key) && held.size >= maxHeld) return;
        held.set(key, {
          client_id: clientId,
          error,
          reason,
          address: isAuthentication ? address : null,
          at: new Date(),
        });
      }),

    /** Writes what is held. If that fails, keeps it for the next call, as far as newer refusals leave room. */
    async write(): Promise<void> {
      const written = new Map(held);
      for (const [key, row] of unwritten)
        if (written.size < maxHeld && !written.has(key)) written.set(key, row);
      if (written.size === 0) return;
      held = new Map();
      unwritten = new Map();
      const rows = [...written.values()];
      try {
        await database.query(put, [
          rows.map((row) => row.client_id),
          rows.map((row) => row.error),
          rows.map((row) => row.reason),
          rows.map((row) => row.address),
          rows.map((row) => row.at),
        ]);
      } catch (error) {
        unwritten = written;
        throw error;
      }
    },

    /** The last refusals of these clients, the latest first, as far as they were written. */
    async last(clientIds: readonly string[]): Promise<Map<string, ClientRefusal[]>> {
      if (clientIds.length === 0) return new Map();
      const rows = await database.query<Held>(last, [clientIds]);
      return new Map(
        clientIds.map((id) => [
          id,
          rows.filter((row) => row.client_id === id).map(({ client_id: _, ...refusal }) => refusal),
        ]),
      );
    },
  };
}

export type ClientRefusals = ReturnType<typeof createClientRefusals>;
