/** How clients are notified that a person signed out (OpenID Connect Back-Channel Logout 1.0 §2.5); times in seconds. */
export const logoutDelivery = {
  /** The pause after each failed attempt; the last one repeats. */
  pauses: [60, 5 * 60, 15 * 60, 3_600, 4 * 3_600],
  /** A client that could not be notified by then no longer is. */
  givenUpAfter: 86_400,
  /** How long a process has claimed a notice: longer than an attempt can take. */
  taken: 60,
  /** Attempts at the same time, and the duration after which a turn starts no further attempt. */
  atOnce: 8,
  turn: 30,
} as const;

/** Seconds that the page after signing out waits for the pages of clients (Front-Channel Logout 1.0). */
export const frontChannelWait = 5;
