import { sha256 } from '../../crypto/digest.ts';
import type { Keyring } from '../../crypto/sealing.ts';
import { openEphemeral, sealEphemeral } from '../short-lived/sealing.ts';
import type { EphemeralStore } from '../short-lived/store.ts';

const kind = 'NewSecret';

/** Seconds for which the secret of a new client can be read. */
const retainSeconds = 10 * 60;

/**
 * Keeps secrets of new clients for ten minutes, for callers that create a client with one request and read its
 * secret with the next. Only the person who created the client can read one. They are sealed like all short-lived
 * state.
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
      await ephemeral.put(kind, id, sealEphemeral(keyring, kind, id, { secret }), retainSeconds);
    },

    /** Undefined after it has expired, and for other people. */
    async find(accountId: string, clientId: string): Promise<string | undefined> {
      const stored = await ephemeral.get(kind, idOf(accountId, clientId));
      return stored && openEphemeral<{ secret: string }>(keyring, kind, stored).secret;
    },
  };
}

export type NewSecrets = ReturnType<typeof createNewSecrets>;
