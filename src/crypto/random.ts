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
  let digits = '';
  if (typeof value === 'bigint') {
    for (let rest = value; digits.length < width; rest /= base)
      digits = alphabet[Number(rest % base)] + digits;
    return digits;
  }
  // Plain numbers are many times faster, and every token that is presented has two of them.
  for (let rest = value; digits.length < width; rest = Math.floor(rest / 62))
    digits = alphabet[rest % 62] + digits;
  return digits;
}

/** Digits that are split off at once: 62 to their power times two bytes is still a whole number. */
const digitsAtOnce = 5;
const divisor = 62 ** digitsAtOnce;

/** As `toBase62`, of bytes, an even number of them, most significant first: three times faster than by a bigint. */
export function bytesToBase62(bytes: Buffer, width: number): string {
  const words: number[] = [];
  for (let at = 0; at < bytes.length; at += 2) words.push(bytes.readUInt16BE(at));
  let digits = '';
  while (digits.length < width) {
    let rest = 0;
    for (let at = 0; at < words.length; at++) {
      const dividend = rest * 65_536 + (words[at] as number);
      const quotient = Math.floor(dividend / divisor);
      words[at] = quotient;
      rest = dividend - quotient * divisor;
    }
    digits = toBase62(rest, Math.min(digitsAtOnce, width - digits.length)) + digits;
  }
  return digits;
}

/** The number that up to eight base 62 digits spell, or nothing where another character stands. */
export function fromBase62(digits: string): number | undefined {
  let value = 0;
  for (const digit of digits) {
    const index = alphabet.indexOf(digit);
    if (index === -1) return undefined;
    value = value * 62 + index;
  }
  return value;
}

/** As `fromBase62`, for any number of digits. */
export function bigFromBase62(digits: string): bigint | undefined {
  let value = 0n;
  for (const digit of digits) {
    const index = alphabet.indexOf(digit);
    if (index === -1) return undefined;
    value = value * base + BigInt(index);
  }
  return value;
}
