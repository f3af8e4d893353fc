/** How an artifact can be found beside its id. Ids and codes come as digests. */
export interface EphemeralIndexes {
  grantId?: string | undefined;
  userCode?: Buffer | undefined;
}

/**
 * Keeps what lives for minutes: interactions, codes, pushed requests, replay marks. What it keeps is
 * sealed, under digests of the ids. It may forget, so nothing is believed because it is there; whether
 * a code was redeemed is asked of Postgres. Every method throws `temporarily_unavailable` while the
 * store is away.
 */
export interface EphemeralStore {
  /** `lifetime` in seconds. Throws UserCodeTakenError where another artifact has the user code. */
  put(
    kind: string,
    id: Buffer,
    sealed: Buffer,
    lifetime: number,
    indexes?: EphemeralIndexes,
  ): Promise<void>;
  get(kind: string, id: Buffer): Promise<EphemeralRecord | undefined>;
  getByUserCode(kind: string, userCode: Buffer): Promise<EphemeralRecord | undefined>;
  delete(kind: string, id: Buffer): Promise<void>;
  deleteByGrant(kind: string, grantId: string): Promise<void>;
  /** True once for each id within the lifetime in seconds, however many ask at once. */
  insertOnce(kind: string, id: Buffer, lifetime: number): Promise<boolean>;
}

export interface EphemeralRecord {
  id: Buffer;
  sealed: Buffer;
}

/** A user code stays with the device that it was made for. */
export class UserCodeTakenError extends Error {
  constructor() {
    super('another device has this user code');
    this.name = 'UserCodeTakenError';
  }
}
