/** Lifetimes in seconds, unless the client or the resource has another one. */
export const lifetimes = {
  accessToken: 30 * 86_400,
  /** A resource whose JWTs live longer gets a warning: an offline verifier does not notice a revocation. */
  longJwt: 86_400,
  /** Grants in the engine: longer than any token, since grants expire with their tokens. */
  grant: 100 * 365 * 86_400,
  authorizationCode: 60,
  /** Codes of the response mode `access_code`: ten minutes, as its apps expect. */
  accessCode: 10 * 60,
  /** The maximum for the codes of a client (RFC 6749 §4.1.2), and the lifetime for clients that people register. */
  registeredClientCode: 10 * 60,
  deviceCode: 15 * 60,
  /** The time between two polls of a device, and what each `slow_down` adds to it (RFC 8628 §3.5). */
  devicePollInterval: 5,
  deviceSlowDown: 5,
  idToken: 60 * 60,
  interaction: 60 * 60,
  /** A session expires this long after the sign-in, or after this long without a request. */
  session: 14 * 86_400,
  idleSession: 2 * 86_400,
  /** The maximum age of a sign-in for approving a device or changing credentials. */
  recentSignIn: 60 * 60,
  /** From the first step of a sign-in to the last one. */
  pendingSignIn: 10 * 60,
  /** The form with the key of a new authenticator app, until a code from it confirms it. */
  authenticatorSetUp: 60 * 60,
  /** The link of an invitation, with which a person chooses their first password. */
  invitation: 7 * 86_400,
  /** The link with which a person replaces their password. */
  passwordReset: 86_400,
  /** The link for a person who forgot their password and asked for an email. */
  mailedPasswordReset: 30 * 60,
  /** The maximum for assertions and DPoP proofs: their replay marks are in a store that can lose them. */
  assertion: 5 * 60,
  /** The tolerated clock difference of a client that signs an assertion or a DPoP proof. */
  assertionClockTolerance: 15,
  /**
   * How long the response of a redemption is repeated for the same request, so a lost response logs no one out. Codes stay
   * stored this long after they expire, since one can be redeemed in its last second.
   */
  redemptionWindow: 30,
  /** The mark of a redemption outlives its code: Redis can restore a code long after it was redeemed. */
  redeemedCodeMark: 7 * 86_400,
  /** The link with which a person who registers confirms their email address. */
  registration: 86_400,
  /** The link with which a person verifies their email address. */
  emailVerification: 3 * 86_400,
  /** The link with which a person confirms another address at that address. */
  emailChange: 86_400,
  /** The link that restores the address that an account had before. */
  emailRevert: 7 * 86_400,
  /** The code by which a sign-in from an unknown browser continues. */
  signInCode: 10 * 60,
  /** How long administrators of an installation without a mail server see the emails that it would have sent. */
  outbox: 7 * 86_400,
  /** How long a submitted form is remembered: sending it again creates nothing. */
  sentForm: 86_400,
} as const;

/** Seconds. A token with a longer lifetime is in partition 0, whose rows are deleted one by one. */
export const maxPartitionedLifetime = 400 * 86_400;
