import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { longestShelvedLifetime } from '../../../config/lifetimes.ts';
import { sha256 } from '../../crypto/digest.ts';
import {
  bigFromBase62,
  bytesToBase62,
  fromBase62,
  lengthOf256Bits,
  randomAlphanumeric,
  toBase62,
} from '../../crypto/random.ts';

/** What a token is, by the prefix of its value. */
export const prefixes = {
  access_token: 'writ_at_',
  refresh_token: 'writ_rt_',
  personal_access_token: 'writ_pat_',
  api_token: 'writ_tk_',
  api_key: 'writ_ak_',
} as const;

export type TokenKind = keyof typeof prefixes;

/** The kinds that somebody made, named and owns, and whose expiry can be edited; the others come and go with logins. */
export const ownedKinds = ['personal_access_token', 'api_token', 'api_key'] as const;

export type OwnedKind = (typeof ownedKinds)[number];

export const isOwned = (kind: TokenKind): kind is OwnedKind =>
  (ownedKinds as readonly TokenKind[]).includes(kind);

const prefixesByKind = Object.entries(prefixes) as [TokenKind, string][];

const clientSecretPrefix = 'writ_cs_';
const deviceCodePrefix = 'writ_dc_';
const publicIdPrefix = 'tok_';

/** Where a token is stored. Part of its value and of its public id, so that neither needs an index. */
export interface TokenId {
  shelf: number;
  /** The first 16 bytes of the SHA-256 of the value; of a JWT, 16 random bytes that its `jti` spells. */
  key: Buffer;
}

const keyLength = 16;
const keyDigits = 22;
const shelfDigits = 3;
const checksumDigits = 6;
const hintLength = 4;
/** Enough for seconds since 1970 until the year 3769. */
const timeDigits = 6;
const week = 7 * 86_400;

/**
 * The shelf that a token lies on for ever: the week in which it expires; 0 where the expiry can be
 * edited, is more than 400 days away, or never comes. Times are seconds since 1970.
 */
export function shelfFor(kind: TokenKind, issuedAt: number, expiresAt: number | undefined): number {
  if (isOwned(kind) || expiresAt === undefined || expiresAt - issuedAt > longestShelvedLifetime)
    return 0;
  return Math.floor(expiresAt / week);
}

/** The first second after the week that a shelf stands for. */
export const endOfShelf = (shelf: number): number => (shelf + 1) * week;

/**
 * Whether a token can lie on that shelf: on 0, or on one of the weeks for which tokens are made or
 * kept. What strangers present names shelves at will, and each would cost a statement a partition.
 */
export function isShelfInUse(shelf: number, now = Date.now() / 1000): boolean {
  const current = Math.floor(now / week);
  return shelf === 0 || (shelf >= current - 2 && shelf <= current + 60);
}

/** A new value of 256 random bits, and where it is stored. */
export function mintToken(kind: TokenKind, shelf: number): { value: string; id: TokenId } {
  const value = withChecksum(
    prefixes[kind] + toBase62(shelf, shelfDigits) + randomAlphanumeric(lengthOf256Bits),
  );
  return { value, id: { shelf, key: keyOf(value) } };
}

export const mintClientSecret = (): string =>
  withChecksum(clientSecretPrefix + randomAlphanumeric(lengthOf256Bits));

/** A device code (RFC 8628 §3.2) that says when it expires: so the device is told that, however long ago it was. */
export const mintDeviceCode = (expiresAt: number): string =>
  withChecksum(
    deviceCodePrefix + toBase62(expiresAt, timeDigits) + randomAlphanumeric(lengthOf256Bits),
  );

/** When a device code expires, in seconds since 1970; nothing where it is none of ours. */
export function expiryOfDeviceCode(value: string): number | undefined {
  const start = deviceCodePrefix.length;
  if (
    !value.startsWith(deviceCodePrefix) ||
    value.length !== start + timeDigits + lengthOf256Bits + checksumDigits ||
    withChecksum(value.slice(0, -checksumDigits)) !== value
  )
    return undefined;
  return fromBase62(value.slice(start, start + timeDigits));
}

/** What a value says of itself, or nothing where it is not one of ours: no store is asked about those. */
export function parseToken(value: string): { kind: TokenKind; id: TokenId } | undefined {
  for (const [kind, prefix] of prefixesByKind) {
    if (!value.startsWith(prefix)) continue;
    if (value.length !== prefix.length + shelfDigits + lengthOf256Bits + checksumDigits)
      return undefined;
    if (withChecksum(value.slice(0, -checksumDigits)) !== value) return undefined;
    const shelf = fromBase62(value.slice(prefix.length, prefix.length + shelfDigits));
    return shelf === undefined ? undefined : { kind, id: { shelf, key: keyOf(value) } };
  }
  return undefined;
}

/** A place for a JWT, which is found by its `jti`: the public id of that place. */
export const mintJwtId = (shelf: number): TokenId => ({ shelf, key: randomBytes(keyLength) });

/** The name of a token that can be shown, listed and logged: it opens nothing. */
export const publicId = ({ shelf, key }: TokenId): string =>
  publicIdPrefix + toBase62(shelf, shelfDigits) + bytesToBase62(key, keyDigits);

/** The last characters of a value, by which its owner tells it from others. */
export const hintOf = (value: string): string => value.slice(-hintLength);

/** Reads a public id; nothing where it is none. */
export function parsePublicId(text: string): TokenId | undefined {
  if (
    !text.startsWith(publicIdPrefix) ||
    text.length !== publicIdPrefix.length + shelfDigits + keyDigits
  )
    return undefined;
  const shelf = fromBase62(text.slice(publicIdPrefix.length, publicIdPrefix.length + shelfDigits));
  const key = bigFromBase62(text.slice(publicIdPrefix.length + shelfDigits));
  if (shelf === undefined || key === undefined || key >= 1n << 128n) return undefined;
  return {
    shelf,
    key: Buffer.from(key.toString(16).padStart(keyLength * 2, '0'), 'hex'),
  };
}

const keyOf = (value: string) => sha256(value).subarray(0, keyLength);

const withChecksum = (text: string) => text + toBase62(crc32(text), checksumDigits);
