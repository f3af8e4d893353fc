import { randomBytes } from 'node:crypto';
import argon2 from 'argon2';
import bcrypt from 'bcrypt';
import { hashLanes, importedHashes } from './hash-bounds.ts';
import { createLane, QueueFullError } from './lane.ts';

/** Cost of an argon2id hash: memory in KiB, passes over it, lanes. */
export interface HashCost {
  memoryCost: number;
  timeCost: number;
  parallelism: number;
}

/** OWASP's second recommendation: 19 MiB, two passes, one lane. */
const defaultCost: HashCost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** The lane in which a hash is computed, and the keys by which that lane is shared. */
export type HashLane =
  | { lane: 'people' | 'strangers'; account: string; network: string }
  | { lane: 'clients'; client: string; network: string };

/** Module state, because the thread pool belongs to the process: several servers in one process share it. */
const lanes: Record<HashLane['lane'], ReturnType<typeof createLane>> = {
  people: createLane(hashLanes.people),
  strangers: createLane(hashLanes.strangers),
  clients: createLane(hashLanes.clients),
};

const inLane = <Result>({ lane, ...keys }: HashLane, work: () => Promise<Result>) =>
  lanes[lane](keys, work);

export { QueueFullError };

/** Hashes a password with argon2id, in PHC form. Throws QueueFullError if the lane is full. */
export const hashPassword = (
  password: string,
  lane: HashLane,
  cost: HashCost = defaultCost,
): Promise<string> => inLane(lane, () => argon2.hash(password, { type: argon2.argon2id, ...cost }));

/** PHP writes `$2y$` for the variant that other implementations call `$2b$`. */
const asBcrypt2b = (hash: string): string => hash.replace(/^\$2y\$/, '$2b$');

/** bcrypt ignores everything after this many bytes. */
const bcryptBytes = 72;

/**
 * Whether a bcrypt hash does not prove the whole password: at this length the hash may cover only its beginning, so
 * a password with another ending matches as well.
 */
export const mayBeTruncated = (hash: string, password: string): boolean =>
  hash.startsWith('$2') && Buffer.byteLength(password) >= bcryptBytes;

/**
 * Verifies a password against an argon2 (PHC) or bcrypt hash. A password longer than 72 bytes never matches a
 * bcrypt hash, which does not cover the rest. Throws QueueFullError if the lane is full.
 */
export async function verifyPassword(
  hash: string,
  password: string,
  lane: HashLane,
): Promise<boolean> {
  if (!hash.startsWith('$2')) return inLane(lane, () => argon2.verify(hash, password));
  // Compute the hash in any case, so that timing does not reveal which hashes are bcrypt.
  const matches = await inLane(lane, () => bcrypt.compare(password, asBcrypt2b(hash)));
  return matches && Buffer.byteLength(password) <= bcryptBytes;
}

/** Hashes and verifies passwords. An interface so that tests can count the calls. */
export interface PasswordHasher {
  hash(password: string, lane: HashLane): Promise<string>;
  verify(hash: string, password: string, lane: HashLane): Promise<boolean>;
  needsRehash(hash: string): boolean;
}

/** Creates an argon2id hasher. Hashes of another algorithm or cost need a rehash. */
export const createPasswordHasher = (cost: HashCost): PasswordHasher => ({
  hash: (password, lane) => hashPassword(password, lane, cost),
  verify: verifyPassword,
  needsRehash: (hash) => !hash.startsWith('$argon2id$') || argon2.needsRehash(hash, { ...cost }),
});

/** The hasher for people's passwords. */
export const passwordHasher: PasswordHasher = createPasswordHasher(defaultCost);

/** Whether a hash has another algorithm or cost than `passwordHasher` uses today. */
export const { needsRehash } = passwordHasher;

/**
 * A hash that no password matches and that costs as much to verify as a current one. Verifying it for accounts
 * without a password keeps timing from revealing which accounts exist.
 */
export function decoyHash(): string {
  const { memoryCost, timeCost, parallelism } = defaultCost;
  const random = (bytes: number) => randomBytes(bytes).toString('base64').replace(/=+$/, '');
  return `$argon2id$v=19$m=${memoryCost},t=${timeCost},p=${parallelism}$${random(16)}$${random(32)}`;
}

/** Whether `hash` is a bcrypt hash whose cost is within `importedHashes`. */
export function isBcrypt(hash: string): boolean {
  const [, cost] = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/.exec(hash) ?? [];
  return Number(cost) >= 4 && Number(cost) <= importedHashes.maxBcryptCost;
}

const phc =
  /^\$argon2(?:id|i|d)\$v=19\$([mtp]=\d{1,10}(?:,[mtp]=\d{1,10}){2})\$[A-Za-z0-9+/]{11,64}\$[A-Za-z0-9+/]{6,172}$/;

/**
 * Whether `hash` is an argon2 hash in PHC form whose cost is within `importedHashes`. The order of the parameters
 * varies between libraries.
 */
export function isArgon2(hash: string): boolean {
  const parameters = new URLSearchParams(phc.exec(hash)?.[1]?.replaceAll(',', '&'));
  const [memory, passes, lanes] = ['m', 't', 'p'].map((name) => Number(parameters.get(name))) as [
    number,
    number,
    number,
  ];
  const { maxArgon2Lanes, maxArgon2Memory, maxArgon2Passes, maxArgon2Work } = importedHashes;
  return (
    new Set(parameters.keys()).size === 3 &&
    lanes >= 1 &&
    lanes <= maxArgon2Lanes &&
    memory >= 8 * lanes &&
    memory <= maxArgon2Memory &&
    passes >= 1 &&
    passes <= maxArgon2Passes &&
    memory * passes <= maxArgon2Work
  );
}
