/**
 * The lanes in which slow hashes (argon2id, bcrypt) are computed. Each has one thread of the process's pool of four,
 * so that those of one lane never wait for those of another, and files and names are still looked up. What
 * finds its lane full is answered 503 with Retry-After.
 */
export const hashLanes = {
  /** Of people who are signed in, whose browser the account knows, or who have a link: `account`, `network`. */
  people: { maxConcurrent: 1, maxQueued: 64, maxOfOne: { account: 4, network: 64 } },
  /** Sign-ins from other browsers, whether there is such an account or not: the answer must not tell. */
  strangers: { maxConcurrent: 1, maxQueued: 64, maxOfOne: { account: 4, network: 32 } },
  /** Secrets of clients that were chosen, or imported as a hash; a generated one needs no slow hash. */
  clients: { maxConcurrent: 1, maxQueued: 64, maxOfOne: { client: 8, network: 32 } },
} as const;

/** What a hash from elsewhere may cost to check: it was made by others, and everyone who guesses has it computed. */
export const importedHashes = {
  /** 2^12 rounds: a quarter of a second. */
  maxBcryptCost: 12,
  /** KiB. */
  maxArgon2Memory: 65_536,
  maxArgon2Passes: 10,
  /** KiB that all passes write together: as much as OWASP's costliest choice does, and half as much again. */
  maxArgon2Work: 196_608,
  maxArgon2Lanes: 4,
  /** How many such secrets a client has at most: each is tried where none before it matches. */
  maxOfClient: 2,
} as const;
