/** What the processes of a cluster (WEB_CONCURRENCY) tell one another. */

/** From the process that supervises to a worker. */
export type ToWorker =
  /** To stop: `times` counts the signals so far; each further one cuts a wait short. */
  | { type: 'stop'; times: number }
  /** Another worker has taken its place. */
  | { type: 'retire' }
  /** Whether its event loop runs. */
  | { type: 'ping' }
  /** For its metrics; one worker adds those of the stores. */
  | { type: 'metrics'; id: number; stores: boolean };

/** From a worker to the process that supervises it. */
export type FromWorker =
  /** It serves requests. `welcome`: the lines for the person who starts Writ. */
  | { type: 'ready'; origin: string; welcome: string }
  | { type: 'pong' }
  /** Its metrics; no text if they could not be read. */
  | { type: 'metrics'; id: number; text: string | undefined };

/** Of the worker process: its number, and the origin at which others listen already, if any do. */
export const workerVariables = { number: 'WRIT_WORKER', joins: 'WRIT_WORKER_JOINS' } as const;
