import type { Database, Statement } from '../../db/database.ts';
import { publicId, type TokenId } from './tokens/value.ts';

const interval = 60_000;

const tokens: Statement = {
  name: 'token-last-used',
  text: `update token t set last_used_at = date_trunc('minute', now())
    from unnest($1::integer[], $2::bytea[]) as i (shelf, key)
    where t.shelf = i.shelf and t.key = i.key and t.shelf = any ($1::integer[])`,
};

const secrets: Statement = {
  name: 'secret-last-used',
  text: `update client_secret set last_used_at = date_trunc('minute', now()) where id = any ($1::uuid[])`,
};

/**
 * Remembers what was used, to the minute, and writes it down once a minute for all: the requests
 * themselves write nothing. A crash forgets a minute.
 */
export function createLastUsed({
  database,
  onError,
}: {
  database: Database;
  onError: (error: unknown) => void;
}) {
  let usedTokens = new Map<string, TokenId>();
  let usedSecrets = new Set<string>();

  const flush = async (): Promise<void> => {
    const ids = [...usedTokens.values()];
    const secretIds = [...usedSecrets];
    usedTokens = new Map();
    usedSecrets = new Set();
    if (ids.length > 0)
      await database.query(tokens, [ids.map(({ shelf }) => shelf), ids.map(({ key }) => key)]);
    if (secretIds.length > 0) await database.query(secrets, [secretIds]);
  };

  const timer = setInterval(() => flush().catch(onError), interval).unref();

  return {
    touchToken(id: TokenId): void {
      usedTokens.set(publicId(id), id);
    },
    touchSecret(id: string): void {
      usedSecrets.add(id);
    },
    /** Writes down what is remembered. */
    flush,
    async close(): Promise<void> {
      clearInterval(timer);
      await flush();
    },
  };
}

export type LastUsed = ReturnType<typeof createLastUsed>;
