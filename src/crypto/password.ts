import argon2 from 'argon2';
import bcrypt from 'bcrypt';
import { Busy, createTurnstile } from './turnstile.ts';

/** OWASP's second choice: 19 MiB, two passes, one lane. */
const parameters = {
  type: argon2.argon2id,
  memoryCost: 19_456,
  timeCost: 2,
  parallelism: 1,
} as const;

/** Hashing fills the thread pool and would hold every file access of the process, so few run at a time. */
const turnstile = createTurnstile({ atOnce: 2, waiting: 64 });

export { Busy };

/** argon2id in PHC form, for what people choose. Throws Busy where too many wait already. */
export const hashPassword = (password: string): Promise<string> =>
  turnstile(() => argon2.hash(password, parameters));

/** Checks against a PHC argon2 hash or a bcrypt one. Throws Busy where too many wait already. */
export const verifyPassword = (hash: string, password: string): Promise<boolean> =>
  turnstile(() =>
    isBcrypt(hash) ? bcrypt.compare(password, hash) : argon2.verify(hash, password),
  );

export const isBcrypt = (hash: string): boolean => /^\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}$/.test(hash);

export const isArgon2 = (hash: string): boolean =>
  /^\$argon2(id|i|d)\$v=19\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+$/.test(hash);
