import type { JWK } from 'jose';
import type { Database, Statement } from '../../../db/database.ts';
import type { Keyring } from '../../crypto/sealing.ts';
import { openSigningKeys } from './signing-keys.ts';

/** How often a process asks whether the keys are others by now, in milliseconds. */
const interval = 2_000;

const state: Statement = {
  name: 'signing-key-state',
  text: `select coalesce(string_agg(kid || ' ' || state, ',' order by kid), '') as state from signing_key`,
};

/**
 * The signing keys as this process knows them: private halves, those that sign first. It follows what
 * any process does to them within seconds. Whether a key was taken out is asked of Postgres with each
 * token (`tokens/lookup.ts`), so what a process has not heard of yet lets no token live.
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
  let looking: Promise<void> | undefined;
  const listeners: (() => void)[] = [];

  const look = async (): Promise<void> => {
    const current = await readState();
    if (current === known) return;
    keys = await openSigningKeys(database.kysely, keyring);
    for (const listener of listeners) listener();
    // Last, so that what failed on the way is done again at the next look.
    known = current;
  };

  /** Looks now; those who ask meanwhile wait for the look that begins after they asked. */
  const refresh = async (): Promise<void> => {
    await looking?.catch(() => {});
    looking ??= look().finally(() => {
      looking = undefined;
    });
    await looking;
  };

  const timer = setInterval(() => refresh().catch(onError), interval).unref();

  return {
    /** The private keys (RFC 7517) of this moment. */
    current: (): JWK[] => keys,
    /** Told whenever the keys are others. */
    onChange: (listener: () => void): void => {
      listeners.push(listener);
    },
    refresh,
    async close(): Promise<void> {
      clearInterval(timer);
      await looking?.catch(() => {});
    },
  };
}

export type KeySet = Awaited<ReturnType<typeof openKeySet>>;
