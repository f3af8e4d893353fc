import type { JWK } from 'jose';
import type { Database, Statement } from '../../../db/database.ts';
import type { Keyring } from '../../crypto/sealing.ts';
import { openSigningKeys } from './signing-keys.ts';

/** How often a process checks for changed keys, in milliseconds. */
const pollingInterval = 2_000;

const state: Statement = {
  name: 'signing-key-state',
  text: `select coalesce(string_agg(kid || ' ' || state, ',' order by kid), '') as state from signing_key`,
};

/**
 * This process's copy of the private signing keys, the current signing keys first. It picks up changes by other
 * processes within seconds. The lag cannot keep a token of a revoked key active: every token lookup checks in
 * Postgres that its key still exists (`tokens/token-state.ts`).
 */
export async function openKeySet({
  database,
  keyring,
  onError,
}: {
  database: Database;
  keyring: Keyring;
  onError: (error: unknown) => void;
}) {
  const readState = async (): Promise<string> => {
    const [row] = await database.query<{ state: string }>(state, []);
    return row?.state ?? '';
  };

  let known = await readState();
  let keys = await openSigningKeys(database.kysely, keyring);
  let reload: Promise<void> | undefined;
  const listeners: (() => void)[] = [];

  const reloadIfChanged = async (): Promise<void> => {
    const current = await readState();
    if (current === known) return;
    keys = await openSigningKeys(database.kysely, keyring);
    for (const listener of listeners) listener();
    // Last, so that a failure above is retried at the next poll.
    known = current;
  };

  /** Reloads now. A reload that is already running may have read the old state, so callers share the next one. */
  const refresh = async (): Promise<void> => {
    await reload?.catch(() => {});
    reload ??= reloadIfChanged().finally(() => {
      reload = undefined;
    });
    await reload;
  };

  const timer = setInterval(() => refresh().catch(onError), pollingInterval).unref();

  return {
    /** The private keys as JWKs (RFC 7517). */
    current: (): JWK[] => keys,
    /** Calls `listener` after every change of the keys. */
    onChange: (listener: () => void): void => {
      listeners.push(listener);
    },
    refresh,
    async close(): Promise<void> {
      clearInterval(timer);
      await reload?.catch(() => {});
    },
  };
}

export type KeySet = Awaited<ReturnType<typeof openKeySet>>;
