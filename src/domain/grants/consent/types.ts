import type { AccessRequest, Approver, DeviceInfo } from '../types.ts';

/** What an authorization request says of itself in addition to its parameters. */
export type PromptDetails = {
  /** When it arrived, in seconds since 1970 with their fraction. A sign-in before that does not count as one after it. */
  asked_at: number;
};

/** An app that asks for access in a browser (RFC 6749 §4.1.1), as the person who decides sees it. */
export interface ConsentRequest extends AccessRequest {
  uid: string;
  /** Where the authorization response goes. */
  redirectUri: string;
  /** It was decided a moment ago: a second click leads on as the first one did. */
  mayResumeAgain: boolean;
}

/** The person who decides, and their browser. */
export interface ConsentApprover extends Approver {
  browser: DeviceInfo;
}

/** What the person chooses of what is asked for. */
export interface ConsentChoice {
  /** The places, from 0, in `details` of what they allow; all where it is absent. */
  details?: readonly number[] | undefined;
}

/**
 * Authorization requests that wait for a person. Undefined: there is no such request, its client is
 * disabled or deleted, or its redirect URI is no longer registered.
 */
export interface ConsentRequests {
  /**
   * What a request expects of a sign-in: that it is not older than this (`prompt`, `max_age`), and whom the app believes
   * it to be of (`login_hint`), which only fills in a field.
   */
  expects(
    uid: string,
  ): Promise<{ signInAfter: Date | undefined; loginHint: string | undefined } | undefined>;
  find(uid: string, account: Approver): Promise<ConsentRequest | undefined>;
  /**
   * The first decision stands; the result is the state after it. Throws `access_denied` if the account
   * cannot grant what is requested, or is not the one of the `id_token_hint`, `invalid_request` where nothing is chosen.
   */
  approve(
    uid: string,
    account: ConsentApprover,
    choice?: ConsentChoice,
  ): Promise<ConsentRequest | undefined>;
  deny(uid: string, account: ConsentApprover): Promise<ConsentRequest | undefined>;
}
