import type { AccessRequest, Approver, DeviceInfo } from '../types.ts';

/** A device request, as the person who decides about it sees it. */
export interface DeviceRequest extends AccessRequest {
  /** Formatted for people: `BCDF-GHJK`. */
  userCode: string;
  logoUri?: string | undefined;
  device: DeviceInfo;
  requestedAt: Date;
  /** Whether it requests the scope that gives unlimited access (`DeviceRule.fullScope`). */
  asksForEverything: boolean;
  /**
   * The lifetimes of the grant that the person can choose, in seconds, the default first; empty if there is no choice.
   */
  lifetimes: number[];
}

/** Additional rules for the devices of a client that is built in. */
export interface DeviceRule {
  /** Whether the device login is turned off: user codes are never found. */
  isClosed?: boolean;
  /** The permission that is required to approve a device. */
  permission?: string;
  /** The scope that gives unlimited access; the page warns about it. */
  fullScope?: string;
  /** Whether the request is reduced to the scopes that the person can grant, in place of being refused. */
  isNarrowed?: boolean;
  /** Whether it lasts at most as long as a personal access token for the same API. */
  isPersonal?: boolean;
}

/**
 * Pending device requests (RFC 8628 §3.3). User codes are accepted in any case, with or without dash and spaces.
 * Methods return undefined if no device has the code, or its client is disabled or deleted.
 */
export interface DeviceRequests {
  find(userCode: string, account: Approver): Promise<DeviceRequest | undefined>;
  /**
   * Approves a device and returns its state; an earlier decision wins. Throws `access_denied` if the account cannot
   * grant the requested access, and `invalid_request` for a lifetime that is not offered.
   */
  approve(
    userCode: string,
    account: Approver,
    choice?: { lifetime?: number | undefined },
  ): Promise<DeviceRequest | undefined>;
  /** Denies a device and returns its state; an earlier decision wins. */
  deny(userCode: string, account: Approver): Promise<DeviceRequest | undefined>;
}
