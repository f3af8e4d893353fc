import type { AccessRequest, Approver, DescribedScope, DeviceInfo } from '../types.ts';
import type { ConsentNeed } from './need.ts';

/** Data that the engine stores with an authorization request in addition to its parameters. */
export type PromptDetails = {
  /** When the request arrived, in fractional seconds since the epoch. `prompt=login` requires a later sign-in. */
  asked_at: number;
};

/** An authorization request (RFC 6749 §4.1.1), as the person who decides about it sees it. */
export interface ConsentRequest extends AccessRequest {
  uid: string;
  redirectUri: string;
  /** Why the person must be asked; undefined if they have allowed as much before. `scopes` are what is asked for. */
  asks: ConsentNeed['asks'];
  /** The scopes that the person has allowed the client before. */
  allowedBefore: DescribedScope[];
  /** The names of `scopes` that the person can untick, and whether each was unticked before. */
  optional: ReadonlyMap<string, { isDeclined: boolean }>;
  /** Whether the app expects another account (`id_token_hint`), so this one cannot allow it. */
  expectsOther: boolean;
  /** Whether the decision is so recent that a repeated submission gets the same redirect again. */
  mayResumeAgain: boolean;
}

/** The person who decides, and their browser. `id` is a digest of the id that the browser has for this server. */
export interface ConsentApprover extends Approver {
  browser: DeviceInfo & { id?: Buffer | undefined };
}

/** The choices of a person who allows a request. */
export interface ConsentChoice {
  /** The indexes of the allowed `details`; the default is all. */
  details?: readonly number[] | undefined;
  /** The names of the optional scopes that are not allowed. */
  unticked?: readonly string[] | undefined;
}

/**
 * Pending authorization requests, by the `uid` of their interaction. Methods return undefined if there is no such
 * request, its client is disabled or deleted, or its redirect URI is no longer registered.
 */
export interface ConsentRequests {
  /**
   * The sign-in that a request requires (OpenID Connect Core §3.1.2.1): `signInAfter` from `prompt` and `max_age`, and
   * `login_hint`, which only prefills the form. Undefined if there is no such request.
   */
  signInRequirements(uid: string): Promise<
    | {
        signInAfter: Date | undefined;
        loginHint: string | undefined;
        /** The app asks for a new account (Initiating User Registration §4.1). */
        registers: boolean;
        /** Undefined if the client is deleted or disabled. */
        clientName: string | undefined;
      }
    | undefined
  >;
  find(uid: string, account: Approver): Promise<ConsentRequest | undefined>;
  /**
   * Allows a request and returns its state; an earlier decision wins. Throws `access_denied` if the account cannot
   * grant the requested access or does not match the `id_token_hint`, and `invalid_request` if no detail is chosen.
   */
  approve(
    uid: string,
    account: ConsentApprover,
    choice?: ConsentChoice,
  ): Promise<ConsentRequest | undefined>;
  /**
   * Allows a request that asks for nothing (`asks`), without a decision of the person. Throws `access_denied` if it asks
   * for something by now.
   */
  approveRemembered(uid: string, account: ConsentApprover): Promise<ConsentRequest | undefined>;
  /** Denies a request and returns its state; an earlier decision wins. */
  deny(uid: string, account: ConsentApprover): Promise<ConsentRequest | undefined>;
}
