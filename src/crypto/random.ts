import { randomBytes } from 'node:crypto';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const base = BigInt(alphabet.length);

/** Letters and digits only, drawn evenly: some clients put tokens into SQL, URLs and regular expressions. */
export function randomAlphanumeric(length: number): string {
  let text = '';
  while (text.length < length) {
    for (const byte of randomBytes(length + 16)) {
      // 248 is the largest multiple of 62 in a byte; above it some letters would be likelier than others.
      if (byte < 248 && text.length < length) text += alphabet[byte % 62];
    }
  }
  return text;
}

/** 43 of them hold 256 bits. */
export const lengthOf256Bits = 43;

/** A number as base 62 digits, most significant first, to the given width. */
export function toBase62(value: number | bigint, width: number): string {
  let rest = BigInt(value);
  let digits = '';
  for (let place = 0; place < width; place++) {
    digits = alphabet[Number(rest % base)] + digits;
    rest /= base;
  }
  return digits;
}

/** The number that base 62 digits spell, or nothing where another character stands. */
export function fromBase62(digits: string): bigint | undefined {
  let value = 0n;
  for (const digit of digits) {
    const index = alphabet.indexOf(digit);
    if (index === -1) return undefined;
    value = value * base + BigInt(index);
  }
  return value;
}
