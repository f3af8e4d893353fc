import type { Keyring, Place } from '../../crypto/sealing.ts';
import type { EphemeralRecord } from './store.ts';

/** The context a payload is sealed for (its AEAD additional data), the same in Postgres and Redis. */
export const ephemeralPlace = (kind: string, id: Buffer): Place => ({
  table: 'artifact',
  row: `${kind} ${id.toString('hex')}`,
  purpose: 'payload',
});

/** Seals a JSON payload for the record of this kind whose id has the digest `id`. */
export const sealEphemeral = (
  keyring: Keyring,
  kind: string,
  id: Buffer,
  payload: object,
): Buffer => keyring.seal(ephemeralPlace(kind, id), JSON.stringify(payload));

/** Opens the payload of a record; the caller asserts its type. Throws SealError if no key opens it. */
export const openEphemeral = <Payload>(
  keyring: Keyring,
  kind: string,
  { id, sealed }: EphemeralRecord,
): Payload => JSON.parse(keyring.open(ephemeralPlace(kind, id), sealed).toString('utf8'));
