/** A stream as its receiver and operators see it. */
export interface SignalStream {
  id: string;
  /** The `client_id` of the receiver. */
  client: string;
  /** Where events are pushed to; null: the receiver polls. */
  endpointUrl: string | null;
  eventsRequested: string[] | null;
  description: string | null;
  status: SignalStatus;
  reason: string | null;
  createdAt: Date;
}

/** A stream, and how its delivery goes. */
export interface SignalStreamState extends SignalStream {
  /** Events that the receiver has not acknowledged, and since when the oldest of them waits. */
  waiting: number;
  waitingSince: Date | null;
  /** Since when pushes fail; null: they do not. */
  failingSince: Date | null;
  /** When a push that failed is tried again. */
  nextAttemptAt: Date;
}

export const signalStatuses = ['enabled', 'paused', 'disabled'] as const;
export type SignalStatus = (typeof signalStatuses)[number];

/** What a receiver chooses. */
export interface SignalStreamSettings {
  endpointUrl: string | null;
  /** The `Authorization` header of pushes. */
  authorization: string | null;
  eventsRequested: string[] | null;
  description: string | null;
}

/** An event that waits for its receiver. */
export interface PendingSignal {
  jti: string;
  claims: Record<string, unknown>;
  createdAt: Date;
  /** The `client_id` of the receiver. */
  client: string;
}

/** Signs the SET of an event (RFC 8417). */
export type SignSignal = (signal: PendingSignal) => Promise<string>;

/** What became of a push: `refused` if the receiver will never take it (RFC 8935 §2.3), `failed` if it can be repeated. */
export type PushAttempt =
  | { outcome: 'delivered' }
  | { outcome: 'refused'; err: string }
  | { outcome: 'failed'; error: string };

/** Pushes a SET (RFC 8935 §2). `signal` ends an attempt, which has failed then. */
export type PushSignal = (
  set: string,
  to: { endpointUrl: string; authorization: string | null; signal: AbortSignal },
) => Promise<PushAttempt>;
