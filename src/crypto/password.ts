import { randomBytes } from 'node:crypto';
import argon2 from 'argon2';
import bcrypt from 'bcrypt';
import { hashLanes, importedHashes } from './hash-bounds.ts';
import { createLane, QueueFullError } from './lane.ts';

/** What an argon2id hash costs: memory in KiB, passes over it, lanes. */
export interface HashCost {
  memoryCost: number;
  timeCost: number;
  parallelism: number;
}

/** OWASP's second choice: 19 MiB, two passes, one lane. */
const standardCost: HashCost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Whose hash it is: the lane it waits in, and the keys that the places of the lane are shared by. */
export type HashTurn =
  | { lane: 'people' | 'strangers'; account: string; network: string }
  | { lane: 'clients'; client: string; network: string };

/** For the module, since the pool is the process's: several servers in it share the places. */
const lanes: Record<HashTurn['lane'], ReturnType<typeof createLane>> = {
  people: createLane(hashLanes.people),
  strangers: createLane(hashLanes.strangers),
  clients: createLane(hashLanes.clients),
};

const inLane = <Result>({ lane, ...keys }: HashTurn, work: () => Promise<Result>) =>
  lanes[lane](keys, work);

export { QueueFullError };

/** argon2id in PHC form, for what people choose. Throws QueueFullError where too much waits in the lane. */
export const hashPassword = (
  password: string,
  turn: HashTurn,
  cost: HashCost = standardCost,
): Promise<string> => inLane(turn, () => argon2.hash(password, { type: argon2.argon2id, ...cost }));

/** `$2y$` is what PHP calls the `$2b$` of the others. */
const asOthersWrite = (hash: string): string => hash.replace(/^\$2y\$/, '$2b$');

/** How many bytes bcrypt reads; what follows makes no difference to it. */
const bcryptBytes = 72;

/**
 * Whether a bcrypt hash says nothing of the whole secret: one that is this long may be the beginning of the real one,
 * or the real one with another end.
 */
export const mayBeTruncated = (hash: string, password: string): boolean =>
  hash.startsWith('$2') && Buffer.byteLength(password) >= bcryptBytes;

/**
 * Checks against a PHC argon2 hash or a bcrypt one. Beyond 72 bytes nothing matches a bcrypt hash, which would
 * not see the rest. Throws QueueFullError where too much waits in the lane.
 */
export async function verifyPassword(
  hash: string,
  password: string,
  turn: HashTurn,
): Promise<boolean> {
  if (!hash.startsWith('$2')) return inLane(turn, () => argon2.verify(hash, password));
  // Hashed all the same, so that the clock does not tell whose hash is of bcrypt.
  const matches = await inLane(turn, () => bcrypt.compare(password, asOthersWrite(hash)));
  return matches && Buffer.byteLength(password) <= bcryptBytes;
}

/** How passwords are made unreadable, and checked: a test counts how often. */
export interface PasswordHasher {
  hash(password: string, turn: HashTurn): Promise<string>;
  verify(hash: string, password: string, turn: HashTurn): Promise<boolean>;
  needsRehash(hash: string): boolean;
}

/** Hashes with argon2id. A hash of another algorithm or cost needs to be hashed anew. */
export const createPasswordHasher = (cost: HashCost): PasswordHasher => ({
  hash: (password, turn) => hashPassword(password, turn, cost),
  verify: verifyPassword,
  needsRehash: (hash) => !hash.startsWith('$argon2id$') || argon2.needsRehash(hash, { ...cost }),
});

/** For the passwords of people. */
export const passwordHasher: PasswordHasher = createPasswordHasher(standardCost);

/** Whether a hash differs from those that `passwordHasher` creates today. */
export const { needsRehash } = passwordHasher;

/**
 * What no password matches, and costs as much to check as a hash of today: for those who have none,
 * so that nobody can tell by the clock whether an account is there.
 */
export function decoyHash(): string {
  const { memoryCost, timeCost, parallelism } = standardCost;
  const random = (bytes: number) => randomBytes(bytes).toString('base64').replace(/=+$/, '');
  return `$argon2id$v=19$m=${memoryCost},t=${timeCost},p=${parallelism}$${random(16)}$${random(32)}`;
}

/** Whether it is a bcrypt hash, of a cost that can be checked again and again. */
export function isBcrypt(hash: string): boolean {
  const [, cost] = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/.exec(hash) ?? [];
  return Number(cost) >= 4 && Number(cost) <= importedHashes.maxBcryptCost;
}

const phc =
  /^\$argon2(?:id|i|d)\$v=19\$([mtp]=\d{1,10}(?:,[mtp]=\d{1,10}){2})\$[A-Za-z0-9+/]{11,64}\$[A-Za-z0-9+/]{6,172}$/;

/**
 * Whether it is an argon2 hash in PHC form, of a cost that can be checked again and again. The order of the
 * parameters differs from library to library.
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
