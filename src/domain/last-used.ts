import type { Database, Statement } from '../../db/database.ts';
import { byShelf, shelfTable, unlessDropped } from './tokens/shelves.ts';
import { publicId, type TokenId } from './tokens/value.ts';

const interval = 60_000;

const tokensOf = (shelf: number): Statement => ({
  name: `shelf-${shelf}-token-last-used`,
  text: `update ${shelfTable(shelf)} set last_used_at = date_trunc('minute', now()) where key = any ($1::bytea[])`,
});

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

  const write = async (): Promise<void> => {
    const ids = [...usedTokens.values()];
    const secretIds = [...usedSecrets];
    usedTokens = new Map();
    usedSecrets = new Set();
    for (const [shelf, keys] of byShelf(ids))
      await database.query(tokensOf(shelf), [keys]).catch(unlessDropped);
    if (secretIds.length > 0) await database.query(secrets, [secretIds]);
  };

  /** One after another: whoever closes has then waited for all of them. */
  let last: Promise<void> = Promise.resolve();
  const flush = (): Promise<void> => {
    last = last.catch(() => {}).then(write);
    return last;
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
