import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { keyedDigest, sha256 } from './digest.ts';

const version = 1;
const keyIdLength = 4;
const nonceLength = 12;
const tagLength = 16;

/**
 * What a sealed value is bound to (associated data of AES-256-GCM): it cannot be opened for another table, row or
 * purpose.
 */
export interface Place {
  table: string;
  row: string;
  purpose: string;
}

/**
 * Seals values that must be read again (AES-256-GCM) and digests low-entropy values for lookup, both under the
 * newest key. Opens values sealed under any of the keys.
 */
export interface Keyring {
  seal(place: Place, value: string | Buffer): Buffer;
  /** Throws SealError if the key is unknown, the place differs, or the value was modified. */
  open(place: Place, sealed: Buffer): Buffer;
  /** Keyed digests of a value for one purpose: under the newest key first, then under the older ones. */
  digests(purpose: string, value: string): [Buffer, ...Buffer[]];
  /** The first bytes of every value that the newest key sealed. */
  readonly newestHeader: Buffer;
}

/** A sealed value that no key opens, or that was modified or moved. */
export class SealError extends Error {
  constructor(place: Place, reason: string, options?: ErrorOptions) {
    super(`The sealed ${place.purpose} in ${place.table} cannot be opened: ${reason}`, options);
    this.name = 'SealError';
  }
}

/** Creates a keyring from SECRET_KEYS, newest first. Each secret is any text with at least 128 bits of entropy. */
export function createKeyring(secrets: readonly string[]): Keyring {
  const keys = secrets.map((secret) => {
    const key = derivedKey(secret, 'writ sealing key');
    const digestKey = derivedKey(secret, 'writ digest key');
    const id = sha256(`writ key id ${key.export().toString('hex')}`).subarray(0, keyIdLength);
    return { id, key, digestKey };
  });
  const [newest] = keys;
  if (!newest) throw new RangeError('a keyring needs at least one key');
  const newestHeader = Buffer.concat([Buffer.of(version), newest.id]);
  return {
    newestHeader,
    digests: (purpose, value) => {
      const digest = ({ digestKey }: typeof newest) =>
        keyedDigest(digestKey, JSON.stringify([purpose, value]));
      return [digest(newest), ...keys.slice(1).map(digest)];
    },
    seal: (place, value) =>
      Buffer.concat([newestHeader, encrypt(newest.key, associated(place), value)]),
    open(place, sealed) {
      if (sealed[0] !== version) throw new SealError(place, 'its format is unknown');
      const id = sealed.subarray(1, 1 + keyIdLength);
      const key = keys.find((candidate) => candidate.id.equals(id))?.key;
      if (!key) throw new SealError(place, 'its key is not in SECRET_KEYS; put that key back');
      try {
        return decrypt(key, associated(place), sealed.subarray(1 + keyIdLength));
      } catch (cause) {
        throw new SealError(place, 'it was modified, or sealed for another row', { cause });
      }
    },
  };
}

/**
 * Seals under a key derived from `value`: only a caller who presents the value can open the result, not the store
 * that keeps it.
 */
export function sealUnderValue(value: string, purpose: string, text: string): Buffer {
  return encrypt(keyFrom(value, purpose), Buffer.from(purpose), text);
}

/** Opens what `sealUnderValue` sealed under the same value and purpose. Throws for anything else. */
export function openUnderValue(value: string, purpose: string, sealed: Buffer): string {
  return decrypt(keyFrom(value, purpose), Buffer.from(purpose), sealed).toString('utf8');
}

const keyFrom = (value: string, purpose: string): KeyObject => derivedKey(value, `writ ${purpose}`);

/** A KeyObject, because Node takes three times as long to encrypt with the bytes of a key. */
const derivedKey = (secret: string, info: string): KeyObject =>
  createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', info, 32)));

const associated = ({ table, row, purpose }: Place) =>
  Buffer.from(JSON.stringify([table, row, purpose]));

function encrypt(key: KeyObject, associatedData: Buffer, value: string | Buffer): Buffer {
  const nonce = randomBytes(nonceLength);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(associatedData);
  return Buffer.concat([nonce, cipher.update(value), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: KeyObject, associatedData: Buffer, sealed: Buffer): Buffer {
  const nonce = sealed.subarray(0, nonceLength);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagLength }).setAAD(
    associatedData,
  );
  decipher.setAuthTag(sealed.subarray(-tagLength));
  return Buffer.concat([
    decipher.update(sealed.subarray(nonceLength, -tagLength)),
    decipher.final(),
  ]);
}
