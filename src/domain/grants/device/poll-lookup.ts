import type { Database, Statement } from '../../../../db/database.ts';
import { type Client, canBeStored, selectClients, storedClientId } from '../../clients/lookup.ts';
import { createBatch } from '../../database/batch.ts';
import { orUnavailable } from '../../database/retry.ts';

/** What Postgres knows about a poll (RFC 8628 §3.4). */
export interface Polled {
  /** The enabled client with this id. */
  client: Client | undefined;
  /** Whether there is a decision about the device. Not known without a client. */
  isDecided: boolean;
}

/** Finds a client by its id, in either spelling, and the decision about the device code with this digest. */
export type PollLookup = (clientId: string, code: Buffer) => Promise<Polled>;

interface Poll {
  clientId: string;
  code: Buffer;
}

/** Each row has all decided codes: there are few clients, and most polls find no decision. */
const statement: Statement = {
  name: 'device-poll-lookup',
  unsettled: true,
  text: `select polling.*,
      array(select encode(d.id, 'hex') from device_decision d where d.id = any ($2::bytea[])) as decided
    from (${selectClients}) polling`,
};

/**
 * Reads what polls of pending devices need, in one statement for those of one tick: devices ask for it again and again. Throws
 * `temporarily_unavailable` if the database is unreachable.
 */
export function createPollLookup({ database }: { database: Database }): PollLookup {
  const load = createBatch<Poll, Polled>({
    maxConcurrent: 2,
    async run(polls) {
      const clientIds = [...new Set(polls.map(({ clientId }) => clientId))];
      const codes = polls.map(({ code }) => code);
      const rows = await orUnavailable(() =>
        database.query<Client & { decided: string[] }>(statement, [clientIds, codes]),
      );
      const decided = new Set(rows[0]?.decided);
      const clients = new Map(rows.map(({ decided: _, ...client }) => [client.clientId, client]));
      return polls.map(({ clientId, code }) => ({
        client: clients.get(clientId),
        isDecided: decided.size > 0 && decided.has(code.toString('hex')),
      }));
    },
  });
  return async (clientId, code) =>
    canBeStored(clientId)
      ? load({ clientId: storedClientId(clientId), code })
      : { client: undefined, isDecided: false };
}
