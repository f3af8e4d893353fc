import cluster from 'node:cluster';
import { type FromWorker, type ToWorker, type WorkerStates, workerVariables } from './messages.ts';

/** Which of the processes that serve one port this one is. */
export interface Place {
  number: number;
  /** The origin at which others listen already. */
  joins: string | undefined;
}

/** The place of this process; undefined if it is not a worker of Writ's own cluster. */
export function placeOf(environment: Record<string, string | undefined>): Place | undefined {
  const number = Number(environment[workerVariables.number]);
  if (!cluster.isWorker || !(number > 0)) return undefined;
  return { number, joins: environment[workerVariables.joins] || undefined };
}

/** The connection of a worker to the process that supervises it. */
export interface Supervisor {
  /** Says that this worker serves requests. */
  announceReady(said: Omit<Extract<FromWorker, { type: 'ready' }>, 'type'>): void;
  /** Gives the metrics of this worker when they are asked for. */
  provideMetrics(read: (options: { stores: boolean }) => Promise<string>): void;
  /** The states of all workers, as it was last told. */
  states(): WorkerStates | undefined;
  /** Resolves when another worker has taken the place of this one. */
  retired: Promise<'retire'>;
  /** The next time that this worker is asked to stop, or to hurry. */
  nextStop(): Promise<'stop'>;
  /** Lets this process end. */
  disconnect(): void;
}

/** Seconds in which a worker has to end once the process that supervises it is gone. */
const lastSeconds = 15;

/**
 * Connects a worker. A terminal sends its signals to all processes, so SIGINT and SIGHUP are left to the supervisor. SIGTERM, which
 * some supervisors of the system send to all processes as well, counts once.
 */
export function connectToSupervisor(): Supervisor {
  process.on('SIGINT', () => {}).on('SIGHUP', () => {});
  // Otherwise Node ends a worker in the middle of its requests when the supervisor is gone.
  if (cluster.worker) cluster.worker.exitedAfterDisconnect = true;
  const retirement = Promise.withResolvers<'retire'>();
  let stops = 0;
  let waiting = Promise.withResolvers<'stop'>();
  const noteStops = (times: number) => {
    if (times <= stops) return;
    stops = times;
    const { resolve } = waiting;
    waiting = Promise.withResolvers();
    resolve('stop');
  };
  let states: WorkerStates | undefined;
  let readMetrics: ((options: { stores: boolean }) => Promise<string>) | undefined;
  const say = (message: FromWorker) => {
    if (process.connected) process.send?.(message);
  };
  process.on('message', (message: ToWorker) => {
    if (message.type === 'stop') noteStops(message.times);
    else if (message.type === 'retire') retirement.resolve('retire');
    else if (message.type === 'ping') say({ type: 'pong' });
    else if (message.type === 'workers') ({ states } = message);
    else
      void Promise.resolve(readMetrics?.({ stores: message.stores }))
        .catch(() => undefined)
        .then((text) => say({ type: 'metrics', id: message.id, text }));
  });
  let isReady = false;
  let isLeaving = false;
  process.once('disconnect', () => {
    if (isLeaving) return;
    if (!isReady) process.exit(1);
    // The next start needs the port, so this one does not wait for proxies.
    noteStops(1);
    setImmediate(() => noteStops(2));
    setTimeout(() => process.exit(1), 1_000 * lastSeconds).unref();
  });
  return {
    announceReady(said) {
      process.on('SIGTERM', () => noteStops(1));
      isReady = true;
      say({ type: 'ready', ...said });
    },
    provideMetrics(read) {
      readMetrics = read;
    },
    states: () => states,
    retired: retirement.promise,
    nextStop: () => waiting.promise,
    disconnect() {
      isLeaving = true;
      if (process.connected) process.disconnect();
    },
  };
}
