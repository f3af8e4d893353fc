import { randomBytes } from 'node:crypto';
import argon2 from 'argon2';
import bcrypt from 'bcrypt';
import { createSemaphore, QueueFullError } from './semaphore.ts';

/** OWASP's second choice: 19 MiB, two passes, one lane. */
const parameters = {
  type: argon2.argon2id,
  memoryCost: 19_456,
  timeCost: 2,
  parallelism: 1,
} as const;

/**
 * Hashing fills the thread pool and would hold every file access of the process, so few run at a time.
 * One for the module, since the pool is the process's: several servers in it share the two places.
 */
const semaphore = createSemaphore({ maxConcurrent: 2, maxQueued: 64 });

export { QueueFullError };

/** argon2id in PHC form, for what people choose. Throws QueueFullError where too many wait already. */
export const hashPassword = (password: string): Promise<string> =>
  semaphore(() => argon2.hash(password, parameters));

/** `$2y$` is what PHP calls the `$2b$` of the others. */
const asOthersWrite = (hash: string): string => hash.replace(/^\$2y\$/, '$2b$');

/** Checks against a PHC argon2 hash or a bcrypt one. Throws QueueFullError where too many wait already. */
export const verifyPassword = (hash: string, password: string): Promise<boolean> =>
  semaphore(() =>
    isBcrypt(hash) ? bcrypt.compare(password, asOthersWrite(hash)) : argon2.verify(hash, password),
  );

/** How passwords are made unreadable, and checked: a test counts how often. */
export interface PasswordHasher {
  hash(password: string): Promise<string>;
  verify(hash: string, password: string): Promise<boolean>;
  needsRehash(hash: string): boolean;
}

/** Whether a hash was made otherwise than `hashPassword` makes it today. */
export const needsRehash = (hash: string): boolean =>
  !hash.startsWith('$argon2id$') || argon2.needsRehash(hash, parameters);

/** argon2id with the parameters above, for the passwords of people. */
export const passwordHasher: PasswordHasher = {
  hash: hashPassword,
  verify: verifyPassword,
  needsRehash,
};

/**
 * What no password matches, and costs as much to check as a hash of today: for those who have none,
 * so that nobody can tell by the clock whether an account is there.
 */
export function decoyHash(): string {
  const { memoryCost, timeCost, parallelism } = parameters;
  const random = (bytes: number) => randomBytes(bytes).toString('base64').replace(/=+$/, '');
  return `$argon2id$v=19$m=${memoryCost},t=${timeCost},p=${parallelism}$${random(16)}$${random(32)}`;
}

/** Whether it can be checked, and soon: a cost above 16 holds up everybody for minutes. */
export const isBcrypt = (hash: string): boolean =>
  /^\$2[aby]\$(0[4-9]|1[0-6])\$[./A-Za-z0-9]{53}$/.test(hash);

const phc =
  /^\$argon2(?:id|i|d)\$v=19\$((?:[mtp]=\d{1,10},){2}[mtp]=\d{1,10})\$[A-Za-z0-9+/]{11,}\$[A-Za-z0-9+/]{6,}$/;

/**
 * Whether it can be checked, and soon: what it writes in all its passes is two gigabytes at most.
 * The order of the parameters differs from library to library.
 */
export function isArgon2(hash: string): boolean {
  const parameters = new URLSearchParams(phc.exec(hash)?.[1]?.replaceAll(',', '&'));
  const of = (name: string) => Number(parameters.get(name));
  const [memory, passes, lanes] = [of('m'), of('t'), of('p')];
  return (
    lanes >= 1 && lanes <= 16 && memory >= 8 * lanes && passes >= 1 && memory * passes <= 2 ** 21
  );
}
