import type { AccessRequest, Approver, DeviceInfo } from '../types.ts';

/** A device that asks for access, as the person who decides sees it. */
export interface DeviceRequest extends AccessRequest {
  /** In the form that people see: `BCDF-GHJK`. */
  userCode: string;
  logoUri?: string | undefined;
  device: DeviceInfo;
  requestedAt: Date;
  /** It asks for a scope that has no limits. */
  asksForEverything: boolean;
  /** Seconds that the person may let the grant last, the default first; empty without a choice. */
  lifetimes: number[];
}

/** What holds for the devices of a client besides its metadata. */
export interface DeviceRule {
  /** No one can approve a login: its codes are never found. */
  isClosed: boolean;
  /** The permission that a role must give the person who approves one. */
  permission: string;
  /** The scope that has no limits, so that the person is warned. */
  fullScope: string;
}

/**
 * Devices that ask for access (RFC 8628 §3.3). A user code may come in any case, with or without dash and
 * spaces. Undefined: no device has it, or its client is disabled or deleted.
 */
export interface DeviceRequests {
  find(userCode: string, account: Approver): Promise<DeviceRequest | undefined>;
  /**
   * The first decision stands; the result is the state after it. Throws `access_denied` if the account
   * cannot grant what is requested, `invalid_request` for a lifetime that is not among the choices.
   */
  approve(
    userCode: string,
    account: Approver,
    choice?: { lifetime?: number | undefined },
  ): Promise<DeviceRequest | undefined>;
  deny(userCode: string, account: Approver): Promise<DeviceRequest | undefined>;
}
