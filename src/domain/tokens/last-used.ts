import type { Database, Statement } from '../../../db/database.ts';
import type { ClientUsage } from './client-usage.ts';
import {
  groupByPartition,
  partitionTable,
  statementPerPartition,
  unlessDropped,
} from './partitions.ts';
import { publicId, type TokenId } from './value.ts';

const flushInterval = 60_000;

/** Skips rows that another process is updating, and rows that have this minute already. */
const tokensOf = statementPerPartition((partition) => ({
  name: `token-last-used-${partition}`,
  text: `update ${partitionTable(partition)} set last_used_at = date_trunc('minute', now()) where shelf = ${partition} and key in (
    select key from ${partitionTable(partition)} where shelf = ${partition} and key = any ($1::bytea[])
      and (last_used_at is null or last_used_at < date_trunc('minute', now())) for update skip locked)`,
}));

/** Limits how long a single statement holds its row locks. */
const tokensPerStatement = 10_000;

const secrets: Statement = {
  name: 'secret-last-used',
  text: `update client_secret set last_used_at = date_trunc('minute', now()) where id = any ($1::uuid[])`,
};

/**
 * Skips rows that another process is updating. Pages show grants to ten minutes, so more precision would be wasted
 * writes.
 */
const grants: Statement = {
  name: 'grant-last-used',
  text: `update oauth_grant set last_used_at = date_trunc('minute', now()) where id in (
    select id from oauth_grant where id = any ($1::uuid[]) and (last_used_at is null or last_used_at < now() - interval '10 minutes')
    for update skip locked)`,
};

/** The maximum number of pending entries per kind. Further ones are dropped; their next use records them. */
const maxPending = 100_000;

/** A key is a part of a buffer of 64 KB that requests share: kept for a minute, it would keep all of that in memory. */
const ownCopy = ({ partition, key }: TokenId): TokenId => {
  const copy = Buffer.allocUnsafeSlow(key.length);
  key.copy(copy);
  return { partition, key: copy };
};

/**
 * Tracks when tokens, client secrets and grants were last used, to the minute. Uses are collected in memory and written
 * once a minute, so requests write nothing, and a crash loses up to a minute.
 */
export function createLastUsed({
  database,
  usage,
  onError,
}: {
  database: Database;
  /** Usage counts that are written in the same run. */
  usage?: Pick<ClientUsage, 'write'>;
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

  /** Flushes run one after another, so `close` waits for all of them. */
  let last: Promise<void> = Promise.resolve();
  const flush = (): Promise<void> => {
    last = last.catch(() => {}).then(write);
    return last;
  };

  const timer = setInterval(() => flush().catch(onError), flushInterval).unref();

  return {
    /** Records that a token was used. */
    touchToken(id: TokenId): void {
      const name = publicId(id);
      if (usedTokens.size < maxPending && !usedTokens.has(name)) usedTokens.set(name, ownCopy(id));
    },
    /** Records that the client secret with this internal id was used. */
    touchSecret(id: string): void {
      usedSecrets.add(id);
    },
    /** Records that any token of a grant was used. */
    touchGrant(id: string): void {
      if (usedGrants.size < maxPending) usedGrants.add(id);
    },
    /** Writes pending entries now. */
    flush,
    /** Stops the timer and writes pending entries. */
    async close(): Promise<void> {
      clearInterval(timer);
      await flush();
    },
  };
}

export type LastUsed = ReturnType<typeof createLastUsed>;
