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
export const namedTokenKinds = ['personal_access_token', 'api_token', 'api_key'] as const;

export type NamedTokenKind = (typeof namedTokenKinds)[number];

export const isNamedToken = (kind: TokenKind): kind is NamedTokenKind =>
  (namedTokenKinds as readonly TokenKind[]).includes(kind);

const prefixesByKind = Object.entries(prefixes) as [TokenKind, string][];

const clientSecretPrefix = 'writ_cs_';
const deviceCodePrefix = 'writ_dc_';
const publicIdPrefix = 'tok_';

/** Where a token is stored. Part of its value and of its public id, so that neither needs an index. */
export interface TokenId {
  partition: number;
  /** The first 16 bytes of the SHA-256 of the value; of a JWT, 16 random bytes that its `jti` spells. */
  key: Buffer;
}

const keyLength = 16;
const keyDigits = 22;
const partitionDigits = 3;
const checksumDigits = 6;
const hintLength = 4;
/** Enough for seconds since 1970 until the year 3769. */
const timeDigits = 6;
const week = 7 * 86_400;

/**
 * The partition that a token lies on for ever: the week in which it expires; 0 where the expiry can be
 * edited, is more than 400 days away, or never comes. Times are seconds since 1970.
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

/** The first second after the week that a partition stands for. */
export const endOfPartition = (partition: number): number => (partition + 1) * week;

/**
 * Whether a token can lie on that partition: on 0, or on one of the weeks for which tokens are made or
 * kept. What strangers present names partitions at will, and each would cost a statement a partition.
 */
export function isPartitionInUse(partition: number, now = Date.now() / 1000): boolean {
  const current = Math.floor(now / week);
  return partition === 0 || (partition >= current - 2 && partition <= current + 60);
}

/** A new value of 256 random bits, and where it is stored. */
export function mintToken(kind: TokenKind, partition: number): { value: string; id: TokenId } {
  const value = withChecksum(
    prefixes[kind] + toBase62(partition, partitionDigits) + randomAlphanumeric(lengthOf256Bits),
  );
  return { value, id: { partition, key: keyOf(value) } };
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
    if (value.length !== prefix.length + partitionDigits + lengthOf256Bits + checksumDigits)
      return undefined;
    if (withChecksum(value.slice(0, -checksumDigits)) !== value) return undefined;
    const partition = fromBase62(value.slice(prefix.length, prefix.length + partitionDigits));
    return partition === undefined ? undefined : { kind, id: { partition, key: keyOf(value) } };
  }
  return undefined;
}

/** A place for a JWT, which is found by its `jti`: the public id of that place. */
export const mintJwtId = (partition: number): TokenId => ({
  partition,
  key: randomBytes(keyLength),
});

/** The name of a token that can be shown, listed and logged: it opens nothing. */
export const publicId = ({ partition, key }: TokenId): string =>
  publicIdPrefix + toBase62(partition, partitionDigits) + bytesToBase62(key, keyDigits);

/** The last characters of a value, by which its owner tells it from others. */
export const hintOf = (value: string): string => value.slice(-hintLength);

/** Reads a public id; nothing where it is none. */
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
