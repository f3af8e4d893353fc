/** How long each artifact lives where neither the client nor the resource says otherwise, in seconds. */
export const lifetimes = {
  accessToken: 30 * 86_400,
  /** A JWT that lives longer is warned of: one who verifies it offline does not see that it was revoked. */
  longJwt: 86_400,
  /** Of a grant to the engine, which ends by its tokens: longer than any of them. */
  grant: 100 * 365 * 86_400,
  authorizationCode: 60,
  /** Of a code in the response mode `access_code`: the apps that ask for it were promised ten minutes. */
  accessCode: 10 * 60,
  /** The most that the codes of a client may live (RFC 6749 §4.1.2), and how long those of clients that people register do. */
  registeredClientCode: 10 * 60,
  deviceCode: 15 * 60,
  /** Seconds that a device waits between two polls, and how much longer after each `slow_down` (RFC 8628 §3.5). */
  devicePollInterval: 5,
  deviceSlowDown: 5,
  idToken: 60 * 60,
  interaction: 60 * 60,
  /** A session ends this long after the sign-in, and after this long without a request. */
  session: 14 * 86_400,
  idleSession: 2 * 86_400,
  /** How fresh a sign-in must be to approve a device or to change credentials. */
  recentSignIn: 60 * 60,
  /** How long the link of an invitation is good, by which a person chooses their first password. */
  invitation: 7 * 86_400,
  /** How long the link is good by which a password is replaced. */
  passwordReset: 86_400,
  /** Assertions and DPoP proofs may live this long at most, since their replay marks live in a store that may forget. */
  assertion: 5 * 60,
  /** How far the clock of a client may be off that signs an assertion or a DPoP proof. */
  assertionClockTolerance: 15,
  /**
   * How long the winner of a redemption can be answered again, so that a lost response logs nobody out. Codes
   * stay stored this long after they expire, since one may be redeemed in its last second.
   */
  redemptionWindow: 30,
  /** Redis can bring back a code long after it was redeemed, so the mark of its redemption outlives any code. */
  redeemedCodeMark: 7 * 86_400,
  /** How long a form that made something is remembered, so that sending it again makes nothing more. */
  sentForm: 86_400,
} as const;

/** A token that lives longer than this lies on partition 0, whose rows are swept one by one. */
export const maxPartitionedLifetime = 400 * 86_400;
