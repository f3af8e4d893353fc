/** What the processes of a cluster (WEB_CONCURRENCY) tell one another. */
import type { Settings } from '../../config/settings.ts';

/** What the process that supervises knows of the workers. */
export interface WorkerStates {
  /** How many there should be. */
  count: number;
  /** By state. */
  now: Readonly<Record<'starting' | 'ready' | 'leaving', number>>;
  /** Workers that ended without being asked to, and when the last one did, in milliseconds since 1970. */
  failed: number;
  lastFailure?: number | undefined;
  /** Workers whose place another one took, as asked for. */
  replaced: number;
}

/** From the process that supervises to a worker. */
export type ToWorker =
  /** To stop: `times` counts the signals so far; each further one cuts a wait short. */
  | { type: 'stop'; times: number }
  /** Another worker has taken its place. */
  | { type: 'retire' }
  /** Whether its event loop runs. */
  | { type: 'ping' }
  /** Told after each change. */
  | { type: 'workers'; states: WorkerStates }
  /** For its metrics; one worker adds those of the stores. */
  | { type: 'metrics'; id: number; stores: boolean };

/** What the process that supervises needs to know of the settings, which the workers check. */
export type SupervisorSettings = Pick<
  Settings,
  | 'AUDIT_LOG'
  | 'LOG_FORMAT'
  | 'LOG_LEVEL'
  | 'METRICS_HOST'
  | 'METRICS_PORT'
  | 'SHUTDOWN_DELAY_SECONDS'
  | 'SHUTDOWN_TIMEOUT_SECONDS'
>;

/** From a worker to the process that supervises it. */
export type FromWorker =
  /** It serves requests. `welcome`: the lines for the person who starts Writ. */
  | { type: 'ready'; origin: string; welcome: string; settings: SupervisorSettings }
  | { type: 'pong' }
  /** Its metrics; no text if they could not be read. */
  | { type: 'metrics'; id: number; text: string | undefined };

/** Of the worker process: its number, and the origin at which others listen already, if any do. */
export const workerVariables = { number: 'WRIT_WORKER', joins: 'WRIT_WORKER_JOINS' } as const;
