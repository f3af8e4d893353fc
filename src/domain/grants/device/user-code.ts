import { randomInt } from 'node:crypto';

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
