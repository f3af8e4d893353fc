import type { Database, Statement } from '../../../db/database.ts';

/** Ordered by id, so that two processes cannot deadlock. */
const add: Statement = {
  name: 'client-usage-add',
  text: `insert into client_usage (client_id, day, access_tokens)
    select i.id, (now() at time zone 'UTC')::date, i.count
    from unnest($1::uuid[], $2::bigint[]) as i (id, count) join client on client.id = i.id
    order by i.id
    on conflict (client_id, day) do update set access_tokens = client_usage.access_tokens + excluded.access_tokens`,
};

/**
 * Counts access tokens per client and UTC day. Counts are kept in memory, and `lastUsed` writes them once a minute, so
 * requests write nothing, and a crash loses up to a minute.
 */
export function createClientUsage({ database }: { database: Database }) {
  let counts = new Map<string, number>();

  const count = (client: string, tokens = 1): void =>
    void counts.set(client, (counts.get(client) ?? 0) + tokens);

  return {
    /** Counts a token of the client with this internal id. */
    count: (client: string): void => count(client),

    /** Adds the counts to the table. Keeps them for the next call if that fails. */
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

export type ClientUsage = ReturnType<typeof createClientUsage>;
