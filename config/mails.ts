/** How mails get sent, in seconds where nothing else is said. */
export const mailDelivery = {
  /** After each attempt that failed, until the next; the last pause recurs. */
  pauses: [60, 5 * 60, 15 * 60, 3_600, 4 * 3_600],
  /** A mail older than that is not sent any more: it would only surprise. */
  givenUpAfter: 3 * 86_400,
  /** A mail that a process took is its own for that long: longer than it may take to send it. */
  taken: 600,
  /** What sending one may take, and what a turn of the job sends in. */
  maxDuration: 20,
  turn: 30,
  /** Turns of the job between two searches for tokens that end soon. */
  turnsBetweenReminders: 10,
} as const;

/**
 * What somebody can make any number of: of those that leaked, the owners are written to once an hour for each
 * client and kind. Of what is counted they are written to for each.
 */
export const leaksMailedHourly = ['access_token', 'refresh_token', 'api_token'] as const;
