import { createHmac, hash, type KeyObject, timingSafeEqual } from 'node:crypto';

/**
 * What stands in a store in place of a value that has full entropy. People's secrets need `password.ts`.
 * By way of text: a Buffer that comes from OpenSSL has memory of its own, which costs twice the digest.
 */
export const sha256 = (value: string): Buffer => Buffer.from(hash('sha256', value, 'hex'), 'hex');

/**
 * A digest that is worth nothing to whoever reads the store and lacks the key. The key comes as a
 * KeyObject: made of bytes anew each time, it costs eight times the digest.
 */
export const keyedDigest = (key: KeyObject, value: string): Buffer =>
  createHmac('sha256', key).update(value).digest();

/** Compares in a time that tells nothing of where the two differ. */
export const equal = (a: Buffer, b: Buffer): boolean =>
  a.length === b.length && timingSafeEqual(a, b);
