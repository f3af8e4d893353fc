import { randomBytes } from 'node:crypto';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const base = BigInt(alphabet.length);

/**
 * Uniformly random letters and digits. No other characters, because some clients put tokens into SQL, URLs and
 * regular expressions.
 */
export function randomAlphanumeric(length: number): string {
  let text = '';
  while (text.length < length) {
    for (const byte of randomBytes(length + 16)) {
      // 248 is the largest multiple of 62 in a byte; accepting larger values would favor some characters.
      if (byte < 248 && text.length < length) text += alphabet[byte % 62];
    }
  }
  return text;
}

/** Alphanumeric characters needed for 256 bits of entropy. */
export const lengthOf256Bits = 43;

/** Encodes a number as base 62, most significant digit first, padded to `width`. */
export function toBase62(value: number | bigint, width: number): string {
  let digits = '';
  if (typeof value === 'bigint') {
    for (let rest = value; digits.length < width; rest /= base)
      digits = alphabet[Number(rest % base)] + digits;
    return digits;
  }
  // Plain numbers are many times faster than bigints, and every presented token contains two of them.
  for (let rest = value; digits.length < width; rest = Math.floor(rest / 62))
    digits = alphabet[rest % 62] + digits;
  return digits;
}

/** Digits per division. 62^5 times 65,536 is still a safe integer. */
const digitsPerDivision = 5;
const divisor = 62 ** digitsPerDivision;

/** Like `toBase62`, for an even number of bytes, most significant first. Three times faster than with a bigint. */
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
    digits = toBase62(rest, Math.min(digitsPerDivision, width - digits.length)) + digits;
  }
  return digits;
}

/** Decodes up to eight base 62 digits. Undefined if there is any other character. */
export function fromBase62(digits: string): number | undefined {
  let value = 0;
  for (const digit of digits) {
    const index = alphabet.indexOf(digit);
    if (index === -1) return undefined;
    value = value * 62 + index;
  }
  return value;
}

/** Like `fromBase62`, for any number of digits. */
export function bigFromBase62(digits: string): bigint | undefined {
  let value = 0n;
  for (const digit of digits) {
    const index = alphabet.indexOf(digit);
    if (index === -1) return undefined;
    value = value * base + BigInt(index);
  }
  return value;
}
