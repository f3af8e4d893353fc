/** How a record can be found in addition to its id. Ids and codes come as digests. */
export interface EphemeralIndexes {
  grantId?: string | undefined;
  userCode?: Buffer | undefined;
}

/**
 * Stores what lives for minutes: interactions, codes, pushed requests, replay marks. Payloads are sealed, and
 * stored under digests of their ids. The store may lose records, so the presence of one proves nothing:
 * whether a code was redeemed is decided in Postgres. Every method throws `temporarily_unavailable` while the
 * store is unreachable.
 */
export interface EphemeralStore {
  /** `lifetime` in seconds. Throws UserCodeTakenError if another record has the user code. */
  put(
    kind: string,
    id: Buffer,
    sealed: Buffer,
    lifetime: number,
    indexes?: EphemeralIndexes,
  ): Promise<void>;
  get(kind: string, id: Buffer): Promise<EphemeralRecord | undefined>;
  getByUserCode(kind: string, userCode: Buffer): Promise<EphemeralRecord | undefined>;
  /** Whether there was one. */
  delete(kind: string, id: Buffer): Promise<boolean>;
  deleteByGrant(kind: string, grantId: string): Promise<void>;
  /** True once for each id within the lifetime in seconds, however many calls come at once. */
  insertOnce(kind: string, id: Buffer, lifetime: number): Promise<boolean>;
}

export interface EphemeralRecord {
  id: Buffer;
  sealed: Buffer;
}

/** Another device has this user code, and keeps it. */
export class UserCodeTakenError extends Error {
  constructor() {
    super('another device has this user code');
    this.name = 'UserCodeTakenError';
  }
}
