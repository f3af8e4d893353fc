import type { Settings } from '../../config/settings.ts';
import type { Database } from '../../db/database.ts';
import type { Keyring } from '../crypto/sealing.ts';
import { openKeySet } from '../domain/keys/key-set.ts';
import { createReseal } from '../domain/keys/reseal.ts';
import { createKeyRotation } from '../domain/keys/rotation.ts';
import type { Log } from '../http/log.ts';
import { throttledReport } from '../http/throttled-report.ts';

interface Options {
  settings: Pick<Settings, 'JWKS_MAX_AGE_SECONDS' | 'SIGNING_KEY_ROTATION_DAYS'>;
  database: Database;
  keyring: Keyring;
  log: Log;
  /** Receives what closes the key set. */
  onClose: (closer: () => unknown) => void;
}

/** Opens the signing keys, with their rotation and resealing. */
export async function openKeys({ settings, database, keyring, log, onClose }: Options) {
  const keySet = await openKeySet({
    database,
    keyring,
    onError: throttledReport((error) =>
      log.warn({ err: error }, 'the signing keys could not be read'),
    ),
  });
  onClose(() => keySet.close());
  return {
    keySet,
    rotation: createKeyRotation({
      database,
      keyring,
      jwksMaxAge: settings.JWKS_MAX_AGE_SECONDS,
      rotationDays: settings.SIGNING_KEY_ROTATION_DAYS,
    }),
    reseal: createReseal({ database, keyring }),
  };
}
