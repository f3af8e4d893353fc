import { randomInt } from 'node:crypto';
import { sha256 } from '../../../crypto/digest.ts';
import type { Keyring } from '../../../crypto/sealing.ts';
import type { EphemeralRecord, EphemeralStore } from '../../short-lived/store.ts';

/** No vowels, so that codes do not spell words, and no characters that are easily confused (RFC 8628 §6.1). */
const letters = 'BCDFGHJKLMNPQRSTVWXZ';
const length = 8;

/** Generates a user code. It has 34 bits, enough for a lifetime of minutes and a limited number of guesses. */
export const mintUserCode = (): string =>
  Array.from({ length }, () => letters[randomInt(letters.length)]).join('');

/** Normalizes a typed code: converts to upper case and drops everything but letters and digits. */
export const normalizeUserCode = (typed: string): string =>
  typed.toUpperCase().replace(/[^A-Z0-9]/g, '');

/** As `normalizeUserCode`; undefined if the result is not a possible code, hence a typo rather than a guess. */
export function parseUserCode(typed: string): string | undefined {
  const code = normalizeUserCode(typed);
  return code.length === length && [...code].every((letter) => letters.includes(letter))
    ? code
    : undefined;
}

/** Formats a code for people: `BCDF-GHJK`. */
export const formatUserCode = (code: string): string =>
  `${code.slice(0, length / 2)}-${code.slice(length / 2)}`;

/** The index value of a code. Keyed, because 34 bits could be found from a plain digest by brute force. */
export const userCodeDigest = (keyring: Pick<Keyring, 'digests'>, code: string): Buffer =>
  keyring.digests('user code', code)[0];

/** Finds a device by user code, also one whose digest was made with an older key of SECRET_KEYS, or without a key. */
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
