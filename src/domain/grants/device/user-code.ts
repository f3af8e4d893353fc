import { randomInt } from 'node:crypto';
import { sha256 } from '../../../crypto/digest.ts';
import type { Keyring } from '../../../crypto/sealing.ts';
import type { EphemeralRecord, EphemeralStore } from '../../short-lived/store.ts';

/** No vowels, so that codes are no words, and nothing that is read for something else (RFC 8628 §6.1). */
const letters = 'BCDFGHJKLMNPQRSTVWXZ';
const length = 8;

/** A code that a person types: 34 bits, enough for minutes and few guesses. */
export const mintUserCode = (): string =>
  Array.from({ length }, () => letters[randomInt(letters.length)]).join('');

/** Normalizes a typed code: any case, with or without dash, spaces or other marks. */
export const readUserCode = (typed: string): string =>
  typed.toUpperCase().replace(/[^A-Z0-9]/g, '');

/** As `readUserCode`; undefined if no device can have this code, which makes it a typo rather than a guess. */
export function parseUserCode(typed: string): string | undefined {
  const code = readUserCode(typed);
  return code.length === length && [...code].every((letter) => letters.includes(letter))
    ? code
    : undefined;
}

/** Formats a code for people: `BCDF-GHJK`. */
export const showUserCode = (code: string): string =>
  `${code.slice(0, length / 2)}-${code.slice(length / 2)}`;

/** What a code is found under: 34 bits are few, so the digest takes a key that is not in the store. */
export const userCodeDigest = (keyring: Pick<Keyring, 'digests'>, code: string): Buffer =>
  keyring.digests('user code', code)[0];

/**
 * The record of a device with this code. Codes of an older key of SECRET_KEYS are found, and those of a version that
 * took no key for their digest.
 */
export async function findByUserCode(
  { store, keyring }: { store: EphemeralStore; keyring: Pick<Keyring, 'digests'> },
  kind: string,
  code: string,
): Promise<EphemeralRecord | undefined> {
  for (const digest of [...keyring.digests('user code', code), sha256(code)]) {
    const found = await store.getByUserCode(kind, digest);
    if (found) return found;
  }
  return undefined;
}
