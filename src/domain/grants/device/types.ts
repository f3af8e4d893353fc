import type { Approver, DescribedScope, DeviceInfo } from '../types.ts';

/** A device that asks to be let in, as it is shown to the person who answers it. */
export interface DeviceRequest {
  /** As it is shown: `BCDF-GHJK`. */
  userCode: string;
  clientId: string;
  clientName: string;
  /** The app that it is of: anybody may have made it, and named its clients at will. */
  app: string | null;
  clientUri?: string | undefined;
  logoUri?: string | undefined;
  /** What it asks for, in sentences: of resources, and of OpenID Connect, whose `resource` is empty. */
  scopes: DescribedScope[];
  /** Scopes that the account cannot hand out: those of Writ's own API, without the administrator role. */
  beyond: string[];
  device: DeviceInfo;
  requestedAt: Date;
  expiresAt: Date;
  /** Seconds that a person may choose the login to last, the default first; empty where there is no choice. */
  lifetimes: number[];
  state: 'pending' | 'expired' | 'approved' | 'denied';
  /** The id of the account that answered, where one did. */
  answeredBy?: string | undefined;
}

/** Answers devices. A code may come in any case, with or without dash and spaces; undefined: no device has it. */
export interface DeviceLogins {
  find(userCode: string, account: Approver): Promise<DeviceRequest | undefined>;
  /**
   * Whoever is first decides; the answer says what now holds. Throws `access_denied` where the account
   * cannot hand out what is asked for, `invalid_request` for a lifetime that is not among the choices.
   */
  approve(
    userCode: string,
    account: Approver,
    choice?: { lifetime?: number | undefined },
  ): Promise<DeviceRequest | undefined>;
  deny(userCode: string, account: Approver): Promise<DeviceRequest | undefined>;
}
