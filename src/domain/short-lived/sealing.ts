import type { Keyring, Place } from '../../crypto/sealing.ts';
import type { EphemeralRecord } from './store.ts';

/** The place that an ephemeral payload is bound to when it is sealed, in Postgres and Redis alike. */
export const ephemeralPlace = (kind: string, id: Buffer): Place => ({
  table: 'artifact',
  row: `${kind} ${id.toString('hex')}`,
  purpose: 'payload',
});

/** Seals a payload, which must be JSON, for the record of this kind with the digest `id`. */
export const sealEphemeral = (
  keyring: Keyring,
  kind: string,
  id: Buffer,
  payload: object,
): Buffer => keyring.seal(ephemeralPlace(kind, id), JSON.stringify(payload));

/** Opens a record of this kind. The caller knows the shape of its payload. Throws SealError if no key opens it. */
export const openEphemeral = <Payload>(
  keyring: Keyring,
  kind: string,
  { id, sealed }: EphemeralRecord,
): Payload => JSON.parse(keyring.open(ephemeralPlace(kind, id), sealed).toString('utf8'));
