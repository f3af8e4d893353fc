import type { Database, Statement } from '../../../db/database.ts';
import type { Usage } from './client-usage.ts';
import {
  groupByPartition,
  partitionTable,
  statementPerPartition,
  unlessDropped,
} from './partitions.ts';
import { publicId, type TokenId } from './value.ts';

const interval = 60_000;

/** A row that another process is writing down needs no second hand, and one that has this minute already none at all. */
const tokensOf = statementPerPartition((partition) => ({
  name: `token-last-used-${partition}`,
  text: `update ${partitionTable(partition)} set last_used_at = date_trunc('minute', now()) where shelf = ${partition} and key in (
    select key from ${partitionTable(partition)} where shelf = ${partition} and key = any ($1::bytea[])
      and (last_used_at is null or last_used_at < date_trunc('minute', now())) for update skip locked)`,
}));

/** Tokens that one statement writes, so that none takes long. */
const tokensPerStatement = 10_000;

const secrets: Statement = {
  name: 'secret-last-used',
  text: `update client_secret set last_used_at = date_trunc('minute', now()) where id = any ($1::uuid[])`,
};

/** A row that another process is writing needs no second hand; and whoever reads it needs it to ten minutes. */
const grants: Statement = {
  name: 'grant-last-used',
  text: `update oauth_grant set last_used_at = date_trunc('minute', now()) where id in (
    select id from oauth_grant where id = any ($1::uuid[]) and (last_used_at is null or last_used_at < now() - interval '10 minutes')
    for update skip locked)`,
};

/** So much of a kind is remembered at most: what is used beyond that in a minute is written down the next time. */
const maxPending = 100_000;

/**
 * Remembers what was used, to the minute, and writes it down once a minute for all: the requests
 * themselves write nothing. A crash forgets a minute.
 */
export function createLastUsed({
  database,
  usage,
  onError,
}: {
  database: Database;
  /** What is written down along with it. */
  usage?: Pick<Usage, 'write'>;
  onError: (error: unknown) => void;
}) {
  let usedTokens = new Map<string, TokenId>();
  let usedSecrets = new Set<string>();
  let usedGrants = new Set<string>();

  const write = async (): Promise<void> => {
    const ids = [...usedTokens.values()];
    const secretIds = [...usedSecrets];
    const grantIds = [...usedGrants];
    usedTokens = new Map();
    usedSecrets = new Set();
    usedGrants = new Set();
    for (const [partition, keys] of groupByPartition(ids))
      for (let first = 0; first < keys.length; first += tokensPerStatement)
        await database
          .query(tokensOf(partition), [keys.slice(first, first + tokensPerStatement)])
          .catch(unlessDropped);
    if (secretIds.length > 0) await database.query(secrets, [secretIds]);
    if (grantIds.length > 0) await database.query(grants, [grantIds]);
    await usage?.write();
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
      if (usedTokens.size < maxPending) usedTokens.set(publicId(id), id);
    },
    touchSecret(id: string): void {
      usedSecrets.add(id);
    },
    /** A login, by any of its tokens. */
    touchGrant(id: string): void {
      if (usedGrants.size < maxPending) usedGrants.add(id);
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
