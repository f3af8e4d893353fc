import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { maxPartitionedLifetime } from '../../../config/lifetimes.ts';
import { sha256 } from '../../crypto/digest.ts';
import {
  bigFromBase62,
  bytesToBase62,
  fromBase62,
  lengthOf256Bits,
  randomAlphanumeric,
  toBase62,
} from '../../crypto/random.ts';

/** The prefix of each kind of token, by which people and secret scanners recognize it. */
export const prefixes = {
  access_token: 'writ_at_',
  refresh_token: 'writ_rt_',
  personal_access_token: 'writ_pat_',
  api_token: 'writ_tk_',
  api_key: 'writ_ak_',
} as const;

export type TokenKind = keyof typeof prefixes;

/**
 * The kinds that people and backends create by name and whose expiry can be changed. The others are issued by grants.
 */
export const namedTokenKinds = ['personal_access_token', 'api_token', 'api_key'] as const;

export type NamedTokenKind = (typeof namedTokenKinds)[number];

/** Whether tokens of this kind are created by name. */
export const isNamedToken = (kind: TokenKind): kind is NamedTokenKind =>
  (namedTokenKinds as readonly TokenKind[]).includes(kind);

const prefixesByKind = Object.entries(prefixes) as [TokenKind, string][];

/** The prefixes of the other credentials. */
export const otherPrefixes = {
  client_secret: 'writ_cs_',
  device_code: 'writ_dc_',
  initial_access_token: 'writ_ia_',
  registration_token: 'writ_ra_',
} as const;

const publicIdPrefix = 'tok_';

/** The primary key of a token. Its value and its public id contain it, so looking them up needs no other index. */
export interface TokenId {
  partition: number;
  /** The first 16 bytes of the SHA-256 of the value; of a JWT, 16 random bytes that its `jti` encodes. */
  key: Buffer;
}

const keyLength = 16;
const keyDigits = 22;
const partitionDigits = 3;
const checksumDigits = 6;
const hintLength = 4;
/** Base62 digits of a time in seconds since the epoch; enough until the year 3769. */
const timeDigits = 6;
const week = 7 * 86_400;

/**
 * The partition of a token, which never changes: the number of the week in which it expires, counted from the epoch. It
 * is 0 if the expiry can be changed, is more than `maxPartitionedLifetime` away, or there is none. Times are seconds
 * since the epoch.
 */
export function partitionFor(
  kind: TokenKind,
  issuedAt: number,
  expiresAt: number | undefined,
): number {
  if (
    isNamedToken(kind) ||
    expiresAt === undefined ||
    expiresAt - issuedAt > maxPartitionedLifetime
  )
    return 0;
  return Math.floor(expiresAt / week);
}

/** When the week of a partition ends, in seconds since the epoch; for partition 0, the length of a week. */
export const endOfPartition = (partition: number): number => (partition + 1) * week;

/**
 * Whether live tokens can be in that partition: it is 0, or its week is recent or at most 60 weeks ahead. Lookups check
 * this first, because anyone can present values that name arbitrary partitions, and each would cost a statement of its
 * own.
 */
export function isPartitionInUse(partition: number, now = Date.now() / 1000): boolean {
  const current = Math.floor(now / week);
  return partition === 0 || (partition >= current - 2 && partition <= current + 60);
}

/** Generates a token value with 256 random bits, and its primary key. */
export function mintToken(kind: TokenKind, partition: number): { value: string; id: TokenId } {
  const value = withChecksum(
    prefixes[kind] + toBase62(partition, partitionDigits) + randomAlphanumeric(lengthOf256Bits),
  );
  return { value, id: { partition, key: keyOf(value) } };
}

/** Generates a client secret with 256 random bits. */
export const mintClientSecret = (): string =>
  withChecksum(otherPrefixes.client_secret + randomAlphanumeric(lengthOf256Bits));

/** Generates an initial access token (RFC 7591 §1.2) with 256 random bits. */
export const mintInitialAccessToken = (): string =>
  withChecksum(otherPrefixes.initial_access_token + randomAlphanumeric(lengthOf256Bits));

/** Generates a registration access token (RFC 7592 §1.2) with 256 random bits. */
export const mintRegistrationToken = (): string =>
  withChecksum(otherPrefixes.registration_token + randomAlphanumeric(lengthOf256Bits));

const isMinted = (value: string, prefix: string): boolean =>
  value.startsWith(prefix) &&
  value.length === prefix.length + lengthOf256Bits + checksumDigits &&
  withChecksum(value.slice(0, -checksumDigits)) === value;

/** Whether a value can be an initial access token; others cost no lookup. */
export const isInitialAccessToken = (value: string): boolean =>
  isMinted(value, otherPrefixes.initial_access_token);

/** The same for a registration access token. */
export const isRegistrationToken = (value: string): boolean =>
  isMinted(value, otherPrefixes.registration_token);

/**
 * Generates a device code (RFC 8628 §3.2) that contains its expiry in seconds since the epoch. A device that polls with
 * an expired code gets `expired_token` even long after the record of the code was deleted.
 */
export const mintDeviceCode = (expiresAt: number): string =>
  withChecksum(
    otherPrefixes.device_code +
      toBase62(expiresAt, timeDigits) +
      randomAlphanumeric(lengthOf256Bits),
  );

/** The expiry of a device code in seconds since the epoch; undefined if the value is not one of ours. */
export function expiryOfDeviceCode(value: string): number | undefined {
  const start = otherPrefixes.device_code.length;
  if (
    !value.startsWith(otherPrefixes.device_code) ||
    value.length !== start + timeDigits + lengthOf256Bits + checksumDigits ||
    withChecksum(value.slice(0, -checksumDigits)) !== value
  )
    return undefined;
  return fromBase62(value.slice(start, start + timeDigits));
}

/** Parses a token value and verifies its checksum. Undefined for other values, which therefore cost no lookup. */
export function parseToken(value: string): { kind: TokenKind; id: TokenId } | undefined {
  for (const [kind, prefix] of prefixesByKind) {
    if (!value.startsWith(prefix)) continue;
    if (value.length !== prefix.length + partitionDigits + lengthOf256Bits + checksumDigits)
      return undefined;
    if (withChecksum(value.slice(0, -checksumDigits)) !== value) return undefined;
    const partition = fromBase62(value.slice(prefix.length, prefix.length + partitionDigits));
    return partition === undefined ? undefined : { kind, id: { partition, key: keyOf(value) } };
  }
  return undefined;
}

/** Generates the primary key of a JWT; its `jti` is the public id of that key. */
export const mintJwtId = (partition: number): TokenId => ({
  partition,
  key: randomBytes(keyLength),
});

/** The public id of a token (`tok_…`), which is not secret: it can be shown, listed and logged. */
export const publicId = ({ partition, key }: TokenId): string =>
  publicIdPrefix + toBase62(partition, partitionDigits) + bytesToBase62(key, keyDigits);

/** The last characters of a value, which help its owner recognize it. */
export const hintOf = (value: string): string => value.slice(-hintLength);

/** Parses a public id; undefined if it is malformed. */
export function parsePublicId(text: string): TokenId | undefined {
  if (
    !text.startsWith(publicIdPrefix) ||
    text.length !== publicIdPrefix.length + partitionDigits + keyDigits
  )
    return undefined;
  const partition = fromBase62(
    text.slice(publicIdPrefix.length, publicIdPrefix.length + partitionDigits),
  );
  const key = bigFromBase62(text.slice(publicIdPrefix.length + partitionDigits));
  if (partition === undefined || key === undefined || key >= 1n << 128n) return undefined;
  return {
    partition,
    key: Buffer.from(key.toString(16).padStart(keyLength * 2, '0'), 'hex'),
  };
}

const keyOf = (value: string) => sha256(value).subarray(0, keyLength);

const withChecksum = (text: string) => text + toBase62(crc32(text), checksumDigits);
