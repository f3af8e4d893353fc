/** How emails are sent; times in seconds. */
export const mailDelivery = {
  /** The pause after each failed attempt; the last one repeats. */
  pauses: [60, 5 * 60, 15 * 60, 3_600, 4 * 3_600],
  /** An older email is no longer sent: it would only confuse. */
  givenUpAfter: 3 * 86_400,
  /** How long a process has claimed an email: longer than sending can take. */
  taken: 600,
  /** The maximum for sending one email, and for the emails of one turn of the job. */
  maxDuration: 20,
  turn: 30,
  /** Turns of the job between two searches for tokens that expire soon. */
  turnsBetweenReminders: 10,
} as const;

/**
 * Kinds of tokens without a maximum per owner: for leaked ones the owners get one email per hour, client and kind. For
 * other kinds they get one for each token.
 */
export const leaksMailedHourly = ['access_token', 'refresh_token', 'api_token'] as const;
