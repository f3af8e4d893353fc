/** CODES OF AUTHENTICATOR APPS (RFC 6238): HMAC-SHA-1, six digits, steps of 30 seconds, as every app supports them. */
import { Secret, TOTP } from 'otpauth';
import type { Place } from '../../crypto/sealing.ts';

/** What the secret of an account is sealed for. */
export const authenticatorPlace = (accountId: string): Place => ({
  table: 'authenticator',
  row: accountId,
  purpose: 'secret',
});

/** Bytes of a secret: the length of the HMAC (RFC 4226 §4). */
const secretLength = 20;

const algorithm = { algorithm: 'SHA1', digits: 6, period: 30 } as const;

/** The steps before and after the current one that are accepted, for clocks that differ (RFC 6238 §5.2). */
const window = 1;

/** A new secret, in Base32. */
export const newSecret = (): string => new Secret({ size: secretLength }).base32;

/** What an authenticator app reads from a QR code. */
export const keyUri = (secret: string, { issuer, label }: { issuer: string; label: string }) =>
  new TOTP({ ...algorithm, issuer, label, secret }).toString();

/** The step to which a code belongs; undefined if it is wrong. `now` is in milliseconds. */
export function stepOfCode(secret: string, code: string, now: number): number | undefined {
  if (!/^\d{6}$/.test(code)) return undefined;
  const totp = new TOTP({ ...algorithm, secret });
  const delta = totp.validate({ token: code, timestamp: now, window });
  return delta === null ? undefined : totp.counter({ timestamp: now }) + delta;
}

/** A code as people type it: with or without spaces. */
export const normalizeCode = (typed: string): string => typed.replace(/[\s-]/g, '');
