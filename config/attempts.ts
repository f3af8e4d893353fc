/**
 * How many sign-in attempts can fail before a person has to wait. A window of `seconds` starts with the first counted
 * attempt; a successful attempt is not counted.
 */
export const attempts = {
  /** For one account from one address (IPv6: from one /64). */
  ofAccountFromAddress: { points: 5, seconds: 15 * 60 },
  /** From one address, for any account: a whole company can be behind it. */
  fromAddress: { points: 100, seconds: 60 * 60 },
  /** From a browser in which the account signed in before: it has its own count, whatever strangers do. */
  fromKnownBrowser: { points: 10, seconds: 15 * 60 },
  /**
   * Failures for one account without a success in between, from unknown browsers (NIST SP 800-63B §5.2.2). Beyond that,
   * unknown browsers are refused until the person signs in from a known one, or uses a link.
   */
  inARow: { points: 100, seconds: 30 * 86_400 },
  /** Successes: a program that keeps signing in would evict the sessions of people. */
  rightOfAccount: { points: 100, seconds: 15 * 60 },
  rightFromAddress: { points: 1_000, seconds: 15 * 60 },
  /**
   * For codes of a second factor, after the password: of one account from one address, and from a browser in which the
   * account signed in before.
   */
  atFactorFromAddress: { points: 5, seconds: 15 * 60 },
  atFactorFromKnownBrowser: { points: 10, seconds: 15 * 60 },
  /**
   * Wrong codes of an authenticator app for one account, from unknown browsers (RFC 6238 §5.1): anyone who knows the
   * password does not get to guess on. Known browsers, passkeys and recovery codes still work.
   */
  atFactorInARow: { points: 50, seconds: 86_400 },
  /** For the current password when it is changed, in one session. */
  atChangingPassword: { points: 5, seconds: 15 * 60 },
} as const;

/**
 * How often a link for a forgotten password can be requested. The window of an address is as long as its links work, so others
 * who use up the limit leave its owner a link.
 */
export const forgotten = {
  fromNetwork: { points: 30, seconds: 60 * 60 },
  ofAddress: { points: 3, seconds: 30 * 60 },
} as const;

/** How often a person can ask for a link to another email address, and how many links one mailbox gets. */
export const emailChanges = {
  ofAccount: { points: 5, seconds: 60 * 60 },
  ofAddress: { points: 3, seconds: 60 * 60 },
} as const;

/**
 * How many invitations to apps are sent by email: anyone who owns an app can invite any address. Beyond it the invitation is
 * created, and its link is shown.
 */
export const invitationMails = {
  ofActor: { points: 50, seconds: 86_400 },
  ofAddress: { points: 5, seconds: 86_400 },
} as const;

/** The codes by email that a sign-in from an unknown browser can need. */
export const signInCodes = {
  digits: 8,
  /** Wrong codes before one stops working. */
  attempts: 5,
  /** Seconds before another one is sent to the same browser. */
  pause: 60,
  /** How many an account gets in an hour. */
  anHour: 10,
} as const;

/** Wrong passwords within the hour, beyond which an account or a network counts as under attack (SIGN_IN_CHALLENGE). */
export const underAttack = { ofAccount: 10, fromNetwork: 30 } as const;

/**
 * How sign-ins to an account are delayed while many fail, whatever their source. Those of one account wait one after
 * another.
 */
export const slowing = {
  /** Failures within the window that delay nothing. */
  free: 20,
  seconds: 60 * 60,
  /** Milliseconds that the next one waits; the delay doubles with each, up to `max`. */
  first: 500,
  max: 8_000,
  /** Milliseconds of all waiting sign-ins of one account together, in one process; further ones are refused. */
  maxLine: 30_000,
  /** Waiting sign-ins in one process, of all accounts: each is a request in progress (MAX_REQUESTS). */
  maxWaiting: 64,
} as const;

/** How many wrong user codes a person can enter (RFC 8628 §5.1). */
export const codeGuesses = {
  ofAccount: { points: 20, seconds: 15 * 60 },
  ofSession: { points: 10, seconds: 15 * 60 },
} as const;

/** When many wrong codes come from all people together, every look-up is delayed; none is refused because of others. */
export const codeFlood = {
  free: 60,
  seconds: 60,
  /** Milliseconds of delay for each one above `free`, up to `max`. */
  each: 50,
  max: 5_000,
} as const;
