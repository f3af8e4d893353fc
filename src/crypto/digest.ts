import { createHmac, hash, type KeyObject, timingSafeEqual } from 'node:crypto';

/**
 * Digest under which a high-entropy value is stored and looked up. Passwords need `password.ts` instead. The detour
 * through hex is deliberate: a Buffer that OpenSSL allocates costs twice as much as the digest itself.
 */
export const sha256 = (value: string): Buffer => Buffer.from(hash('sha256', value, 'hex'), 'hex');

/**
 * HMAC-SHA-256: without the key, a copy of the store cannot be used to test guesses. `key` is a KeyObject because
 * building one from bytes for each call costs eight times as much as the digest.
 */
export const keyedDigest = (key: KeyObject, value: string): Buffer =>
  createHmac('sha256', key).update(value).digest();

/** Constant-time comparison. */
export const equal = (a: Buffer, b: Buffer): boolean =>
  a.length === b.length && timingSafeEqual(a, b);
