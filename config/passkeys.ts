/** Passkeys of people (WebAuthn). */
export const passkeys = {
  /** The maximum of an account. */
  perAccount: 20,
  /** Characters of the name that a person gives one. */
  nameLength: 60,
  /** Seconds in which a browser answers a challenge. */
  challengeLifetime: 5 * 60,
} as const;
