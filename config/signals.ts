/** Shared Signals: the bounds of streams and their delivery. Seconds, unless a name says otherwise. */
export const signalBounds = {
  /** Streams that one client can have. */
  streams: 10,
  /** Events that one poll returns at most. */
  poll: 100,
  /** Events that wait for one receiver; beyond it, further changes stay in the change feed until some are acknowledged. */
  waiting: 1_000,
  /** A poll without `returnImmediately` waits so long for an event. */
  longPoll: 20,
  /** Polls of one client that wait at one process. A further one is answered at once. */
  longPolls: 5,
  /** Between two verifications of a stream. */
  verification: 5,
} as const;

export const signalDelivery = {
  /** Before each further attempt; the last one repeats. */
  pauses: [2, 10, 60, 300, 900, 3600],
  /** A stream whose endpoint has failed for so long is disabled. */
  givenUpAfter: 3 * 86_400,
  /** While one process delivers a stream, no other does. */
  taken: 60,
  /** Events that one turn sends to one endpoint. */
  turn: 200,
  /** Milliseconds between two looks for events to push, while there are streams of that kind. */
  interval: 1_000,
  /** Milliseconds for one push. */
  timeout: 10_000,
  /** The bytes of an answer that are read. */
  maxBytes: 16_384,
} as const;
