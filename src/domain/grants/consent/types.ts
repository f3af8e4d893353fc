import type { Approver, DescribedScope, DeviceInfo } from '../types.ts';

/** What an authorization request says of itself in addition to its parameters. */
export type PromptDetails = {
  /** When it arrived, in seconds since 1970 with their fraction. A sign-in before that does not count as one after it. */
  asked_at: number;
};

/** An app that asks to be let in by a person in a browser (RFC 6749 §4.1.1), as it is shown to whoever answers. */
export interface ConsentRequest {
  uid: string;
  clientId: string;
  clientName: string;
  clientUri?: string | undefined;
  /** The name of the app that the client is of, where it is of one. */
  app: string | null;
  /** Where the answer is sent to. */
  redirectUri: string;
  /** What it asks for, in sentences: of resources, and of OpenID Connect, whose `resource` is empty. */
  scopes: DescribedScope[];
  /** Scopes that the account cannot hand out. */
  beyond: string[];
  expiresAt: Date;
  state: 'pending' | 'expired' | 'approved' | 'denied';
  /** The id of the account that answered, where one did. */
  answeredBy?: string | undefined;
  /** It was answered a moment ago: a second click leads on as the first one did. */
  mayResumeAgain: boolean;
}

/** Who answers, and from where. */
export interface ConsentApprover extends Approver {
  browser: DeviceInfo;
}

/** Answers authorization requests. Undefined: there is no such request, or its client may not ask any more. */
export interface Consents {
  /** What a request expects of a sign-in: that it is not older than this (`prompt`, `max_age`). */
  expects(uid: string): Promise<{ signInAfter: Date | undefined } | undefined>;
  find(uid: string, account: Approver): Promise<ConsentRequest | undefined>;
  /**
   * Whoever is first decides; the answer says what now holds. Throws `access_denied` where the account
   * cannot hand out what is asked for, or is not the one that the app expects.
   */
  approve(uid: string, account: ConsentApprover): Promise<ConsentRequest | undefined>;
  deny(uid: string, account: ConsentApprover): Promise<ConsentRequest | undefined>;
}
