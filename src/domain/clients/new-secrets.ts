import { sha256 } from '../../crypto/digest.ts';
import type { Keyring } from '../../crypto/sealing.ts';
import { openEphemeral, sealEphemeral } from '../short-lived/sealing.ts';
import type { EphemeralStore } from '../short-lived/store.ts';

const kind = 'NewSecret';

/** Seconds. */
const keptFor = 10 * 60;

/**
 * Secrets of new clients, for the person who created them and for ten minutes: for callers that create a client by one
 * request and read its secret by the next. Sealed, as all that lives for minutes; no one can read one afterwards.
 */
export function createNewSecrets({
  ephemeral,
  keyring,
}: {
  ephemeral: EphemeralStore;
  keyring: Keyring;
}) {
  const idOf = (accountId: string, clientId: string): Buffer =>
    sha256(JSON.stringify([accountId, clientId]));

  return {
    async keep(accountId: string, clientId: string, secret: string): Promise<void> {
      const id = idOf(accountId, clientId);
      await ephemeral.put(kind, id, sealEphemeral(keyring, kind, id, { secret }), keptFor);
    },

    /** Undefined once it is over, and for everyone else. */
    async find(accountId: string, clientId: string): Promise<string | undefined> {
      const stored = await ephemeral.get(kind, idOf(accountId, clientId));
      return stored && openEphemeral<{ secret: string }>(keyring, kind, stored).secret;
    },
  };
}

export type NewSecrets = ReturnType<typeof createNewSecrets>;
