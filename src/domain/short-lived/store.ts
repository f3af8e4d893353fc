/** Secondary indexes of a record. `userCode` is a digest. */
export interface EphemeralIndexes {
  grantId?: string | undefined;
  userCode?: Buffer | undefined;
}

/**
 * Short-lived state: interactions, codes, pushed requests, replay marks. Payloads are sealed and stored under the
 * digests of their ids. The store may lose records and, after a failover of Redis, bring back deleted ones. It is
 * therefore never proof of anything: the token tables in Postgres decide whether a code was redeemed. Every method
 * throws `temporarily_unavailable` while the store is unreachable.
 */
export interface EphemeralStore {
  /**
   * Creates or replaces a record. `lifetime` in seconds. Throws UserCodeTakenError if another record has the user code.
   */
  put(
    kind: string,
    id: Buffer,
    sealed: Buffer,
    lifetime: number,
    indexes?: EphemeralIndexes,
  ): Promise<void>;
  get(kind: string, id: Buffer): Promise<EphemeralRecord | undefined>;
  getByUserCode(kind: string, userCode: Buffer): Promise<EphemeralRecord | undefined>;
  /** Returns whether the record existed. */
  delete(kind: string, id: Buffer): Promise<boolean>;
  deleteByGrant(kind: string, grantId: string): Promise<void>;
  /**
   * Returns true for the first call with this id within `lifetime` seconds, false for all others, also concurrent ones.
   */
  insertOnce(kind: string, id: Buffer, lifetime: number): Promise<boolean>;
}

/** A record as it is stored: the digest of its id, and its sealed payload. */
export interface EphemeralRecord {
  id: Buffer;
  sealed: Buffer;
}

/** The user code belongs to another pending device authorization. Callers generate a new one. */
export class UserCodeTakenError extends Error {
  constructor() {
    super('another device authorization has this user code');
    this.name = 'UserCodeTakenError';
  }
}
