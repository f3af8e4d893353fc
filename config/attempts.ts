/**
 * How often a person may be wrong before they have to wait. `seconds` run from the first attempt
 * that is counted; what was right is given back.
 */
export const attempts = {
  /** At one account from one address (of IPv6: from one /64). */
  ofAccountFromAddress: { points: 5, seconds: 15 * 60 },
  /** From one address, at any accounts: behind it may be a whole company. */
  fromAddress: { points: 100, seconds: 60 * 60 },
  /** From a browser that the account was signed in to before: whatever strangers do, it has its own. */
  fromKnownBrowser: { points: 10, seconds: 15 * 60 },
  /**
   * Wrong ones at one account with no right one between, from browsers that it does not know (NIST SP 800-63B §5.2.2).
   * Beyond that they are refused until the person signs in from a known browser, or uses a link.
   */
  inARow: { points: 100, seconds: 30 * 86_400 },
  /** Right ones: a program that signs in again and again would take the places of people. */
  rightOfAccount: { points: 100, seconds: 15 * 60 },
  rightFromAddress: { points: 1_000, seconds: 15 * 60 },
  /** At changing the password in one session, which asks for the one that holds. */
  atChangingPassword: { points: 5, seconds: 15 * 60 },
} as const;

/**
 * How much slower sign-ins to an account get while many are wrong, from wherever they come. Those of one account
 * wait one after another.
 */
export const slowing = {
  /** So many wrong ones within the time hold up nobody. */
  free: 20,
  seconds: 60 * 60,
  /** Milliseconds that the next one waits; each after it twice as long, up to the most. */
  first: 500,
  max: 8_000,
  /** Milliseconds that all who wait at one account wait together, in one process; others are told to come back. */
  longestLine: 30_000,
  /** How many wait in one process, at all accounts together: each of them is a request in progress (MAX_REQUESTS). */
  mostWaiting: 64,
} as const;

/** User codes that nobody has (RFC 8628 §5.1), which a person may look up. */
export const codeGuesses = {
  ofAccount: { points: 20, seconds: 15 * 60 },
  ofSession: { points: 10, seconds: 15 * 60 },
} as const;

/** From how many wrong codes of all people together in a time on each look-up waits; none is refused for what others do. */
export const codeFlood = {
  free: 60,
  seconds: 60,
  /** Milliseconds for each above, up to the most. */
  each: 50,
  max: 5_000,
} as const;
