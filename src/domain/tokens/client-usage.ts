import type { Database, Statement } from '../../../db/database.ts';

/** In the order of the ids, so that two processes never wait for each other in a circle. */
const add: Statement = {
  name: 'client-usage-add',
  text: `insert into client_usage (client_id, day, access_tokens)
    select i.id, (now() at time zone 'UTC')::date, i.count
    from unnest($1::uuid[], $2::bigint[]) as i (id, count) join client on client.id = i.id
    order by i.id
    on conflict (client_id, day) do update set access_tokens = client_usage.access_tokens + excluded.access_tokens`,
};

/**
 * Counts the access tokens that each client gets. Requests write nothing: `lastUsed` has it written down once a minute
 * for all, and a crash forgets a minute.
 */
export function createUsage({ database }: { database: Database }) {
  let counts = new Map<string, number>();

  const count = (client: string, tokens = 1): void =>
    void counts.set(client, (counts.get(client) ?? 0) + tokens);

  return {
    /** One more token of the client with this internal id. */
    count: (client: string): void => count(client),

    /** Writes down what was counted since the last time; what cannot be written is kept for the next. */
    async write(): Promise<void> {
      if (counts.size === 0) return;
      const written = counts;
      counts = new Map();
      try {
        await database.query(add, [[...written.keys()], [...written.values()]]);
      } catch (error) {
        for (const [client, tokens] of written) count(client, tokens);
        throw error;
      }
    },
  };
}

export type Usage = ReturnType<typeof createUsage>;
