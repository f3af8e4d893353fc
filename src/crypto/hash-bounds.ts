/**
 * Lanes for slow hashes (argon2id, bcrypt). Each lane uses one of the four threads of libuv's pool, so lanes do not
 * delay each other and one thread stays free for DNS and file access. A request that finds its lane full gets 503
 * with Retry-After.
 */
export const hashLanes = {
  /**
   * People who are signed in, use a browser that the account knows, or follow a link. Keys: `account`, `network`.
   */
  people: { maxConcurrent: 1, maxQueued: 64, maxOfOne: { account: 4, network: 64 } },
  /**
   * Sign-ins from unknown browsers. Unknown accounts count too, so that the response does not reveal which exist.
   */
  strangers: { maxConcurrent: 1, maxQueued: 64, maxOfOne: { account: 4, network: 32 } },
  /** Client secrets that were chosen by a person or imported as a hash. Generated secrets need no slow hash. */
  clients: { maxConcurrent: 1, maxQueued: 64, maxOfOne: { client: 8, network: 32 } },
} as const;

/** Bounds for imported hashes: others chose their cost, and every guess makes this server pay it. */
export const importedHashes = {
  /** 2^12 rounds, about a quarter of a second. */
  maxBcryptCost: 12,
  /** KiB. */
  maxArgon2Memory: 65_536,
  maxArgon2Passes: 10,
  /** Memory times passes, in KiB: 1.5 times OWASP's most expensive recommendation. */
  maxArgon2Work: 196_608,
  maxArgon2Lanes: 4,
  /** Imported secrets per client. Each one is tried until one matches. */
  maxOfClient: 2,
} as const;
