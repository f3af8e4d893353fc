/**
 * SEVERAL PROCESSES THAT SERVE ONE PORT (WEB_CONCURRENCY). The process that was started supervises them: it starts each as a
 * worker, replaces one that ends or hangs, replaces all in turn on SIGHUP, and stops all. It serves no requests and opens no
 * database.
 */
import cluster, { type Worker } from 'node:cluster';
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../http/log.ts';
import {
  type FromWorker,
  type SupervisorSettings,
  type ToWorker,
  type WorkerStates,
  workerVariables,
} from './messages.ts';
import { askForMetrics, joinMetrics, supervisorMetrics } from './metrics.ts';

/** Milliseconds between two pings. */
const pingInterval = 5_000;
/** A worker that has left so many pings in a row unanswered is killed. */
const maxUnanswered = 6;
/** Failures in a row of one worker after which all stop: until all have served once, and later if no other one serves. */
const maxFailures = 5;
/** Milliseconds for which a worker has to serve so that its end counts as the first failure. */
const longEnough = 30_000;
/** Seconds in which a worker closes its parts, after its requests have ended. */
const secondsToClose = 10;

/** Milliseconds to wait after so many failures in a row: 0.25 s, 0.5 s, … at most 30 s. */
const pauseAfter = (failures: number): number => Math.min(250 * 2 ** (failures - 1), 30_000);

/** How a worker ended. */
export interface WorkerExit {
  code: number | null;
  signal: string | null;
}

interface Member {
  number: number;
  worker: Worker;
  state: 'starting' | 'ready' | 'leaving';
  unanswered: number;
  readyAt: number;
  /** Whether it serves; false if it ended before. */
  ready: Promise<boolean>;
  ended: Promise<WorkerExit>;
}

export interface Supervisor {
  /** Resolves when the first worker serves, or when it was stopped before. Rejects with WorkerFailed if it could not start. */
  started: Promise<Started | undefined>;
  /** Resolves when all workers have ended after `stop`. Rejects with WorkerFailed if workers failed too often. */
  ended: Promise<void>;
  /** Replaces all workers, one after the other. */
  replace(): void;
  /** Stops all workers; each further call cuts a wait short. */
  stop(): void;
  /** The metrics of all workers. */
  readMetrics(): Promise<string>;
}

/** What the first worker has said. */
export interface Started {
  welcome: string;
  settings: SupervisorSettings;
  log: Log;
}

/** Workers cannot start; the last one said why, and ended with this code. */
export class WorkerFailed extends Error {
  readonly exitCode: number;
  readonly signal: string | null;

  constructor(number: number, { code, signal }: WorkerExit) {
    super(`worker ${number} was ended by ${signal ?? `exit code ${code}`}`);
    this.name = 'WorkerFailed';
    this.exitCode = code || 1;
    this.signal = signal;
  }
}

/** Starts the first worker, which prepares the database, and then the others. */
export function superviseWorkers({ count }: { count: number }): Supervisor {
  // Workers accept from one socket: one that is busy or hangs takes no connections from the others.
  cluster.schedulingPolicy = cluster.SCHED_NONE;
  const members = new Set<Member>();
  const failures = new Map<number, number>();
  const counts: Pick<WorkerStates, 'failed' | 'lastFailure' | 'replaced'> = {
    failed: 0,
    replaced: 0,
  };
  let said: { origin: string; welcome: string; settings: SupervisorSettings } | undefined;
  let log: Log | undefined;
  let stops = 0;
  let areAllStarted = false;
  const end = Promise.withResolvers<void>();
  const stopping = new AbortController();

  const tell = ({ worker }: Member, message: ToWorker) => {
    if (worker.isConnected()) worker.send(message, () => {});
  };
  const states = (): WorkerStates => {
    const now = { starting: 0, ready: 0, leaving: 0 };
    for (const { state } of members) now[state]++;
    return { count, now, ...counts };
  };
  const tellStates = () => {
    for (const member of members) tell(member, { type: 'workers', states: states() });
  };
  const readyMembers = () => [...members].filter(({ state }) => state === 'ready');
  const isCovered = (number: number) =>
    [...members].some((one) => one.number === number && one.state !== 'leaving');

  const start = (number: number): Member => {
    const worker = cluster.fork({
      [workerVariables.number]: String(number),
      [workerVariables.joins]: said?.origin,
    });
    const { pid } = worker.process;
    const ready = Promise.withResolvers<boolean>();
    const ended = Promise.withResolvers<WorkerExit>();
    const member: Member = {
      number,
      worker,
      state: 'starting',
      unanswered: 0,
      readyAt: Number.POSITIVE_INFINITY,
      ready: ready.promise,
      ended: ended.promise,
    };
    members.add(member);
    worker.on('message', (message: FromWorker) => {
      if (message.type === 'pong') member.unanswered = 0;
      if (message.type === 'ready') void noteReady(member, message).then(() => ready.resolve(true));
    });
    worker.on('error', (err) => log?.error({ worker: number, pid, err }, 'a worker has a problem'));
    worker.once('exit', (code, signal) => {
      members.delete(member);
      ready.resolve(false);
      ended.resolve({ code, signal });
      noteEnd(member, { code, signal });
    });
    return member;
  };

  const noteReady = async (member: Member, message: Extract<FromWorker, { type: 'ready' }>) => {
    said = message;
    // Only now is it known that the settings are right.
    log ??= await (await import('../http/log.ts')).openLog(message.settings);
    member.state = 'ready';
    member.readyAt = performance.now();
    log.info({ worker: member.number, pid: member.worker.process.pid }, 'a worker is ready');
    tellStates();
    if (areAllStarted || readyMembers().length < count) return;
    areAllStarted = true;
    if (isAskedAgain) replace();
  };

  const noteEnd = (member: Member, exit: WorkerExit): void => {
    const { number, state, readyAt } = member;
    const about = { worker: number, pid: member.worker.process.pid, ...exit };
    if (stops > 0) {
      endIfNoneIsLeft();
      return;
    }
    if (state === 'leaving') {
      counts.replaced++;
      tellStates();
      log?.info(about, 'a worker was replaced');
      return;
    }
    counts.failed++;
    counts.lastFailure = Date.now();
    tellStates();
    const inRow = performance.now() - readyAt > longEnough ? 1 : (failures.get(number) ?? 0) + 1;
    failures.set(number, inRow);
    const isHopeless = inRow >= maxFailures && (!areAllStarted || readyMembers().length === 0);
    if (!said || isHopeless) {
      giveUp(new WorkerFailed(number, exit));
      return;
    }
    const pause = isCovered(number) ? undefined : pauseAfter(inRow);
    log?.error(
      { ...about, ...(pause && { next_in_ms: pause }) },
      state === 'ready' ? 'a worker ended and is replaced' : 'a worker could not start',
    );
    if (pause === undefined) return;
    void delay(pause, undefined, { signal: stopping.signal }).then(
      () => void (isCovered(number) || start(number)),
      () => {},
    );
  };

  let failure: WorkerFailed | undefined;
  const giveUp = (error: WorkerFailed) => {
    failure = error;
    stop();
  };
  const endIfNoneIsLeft = () => {
    if (members.size > 0) return;
    if (failure) end.reject(failure);
    else end.resolve();
  };

  const stop = () => {
    stops++;
    stopping.abort();
    if (stops === 1) log?.info('stopping');
    for (const member of members) {
      if (member.state === 'starting') member.worker.process.kill('SIGTERM');
      else tell(member, { type: 'stop', times: stops });
    }
    endIfNoneIsLeft();
    if (stops === 1) killLater([...members]);
  };

  /** Workers limit their stop themselves, unless they hang. */
  const killLater = (left: Member[]) => {
    const { SHUTDOWN_DELAY_SECONDS = 0, SHUTDOWN_TIMEOUT_SECONDS = 0 } = said?.settings ?? {};
    const patience = SHUTDOWN_DELAY_SECONDS + SHUTDOWN_TIMEOUT_SECONDS + secondsToClose;
    setTimeout(() => {
      for (const member of left)
        if (members.has(member)) {
          log?.error({ worker: member.number }, 'a worker did not stop in time; it is killed');
          member.worker.process.kill('SIGKILL');
        }
    }, 1_000 * patience).unref();
  };

  const pinging = setInterval(() => {
    for (const member of members) {
      if (member.state === 'starting') continue;
      if (member.unanswered === maxUnanswered) {
        log?.error({ worker: member.number }, 'a worker does not respond; it is killed');
        member.worker.process.kill('SIGKILL');
      }
      member.unanswered++;
      tell(member, { type: 'ping' });
    }
  }, pingInterval).unref();

  /** Each place in turn: the new worker serves before the old one leaves. */
  const replaceAll = async (): Promise<void> => {
    log?.info({ workers: count }, 'all workers are replaced, one after the other');
    for (let number = 1; number <= count; number++) {
      const former = readyMembers().find((one) => one.number === number);
      // One that failed meanwhile starts anew by itself.
      if (!former) continue;
      const next = start(number);
      if (!(await next.ready)) {
        if (stops === 0)
          log?.error('workers are not replaced any further: the new one cannot start');
        return;
      }
      if (stops > 0) return;
      if (members.has(former)) {
        former.state = 'leaving';
        tell(former, { type: 'retire' });
        tellStates();
        killLater([former]);
        await former.ended;
      }
    }
    if (stops === 0) log?.info('all workers have been replaced');
  };
  let replacing: Promise<void> | undefined;
  let isAskedAgain = false;
  const replace = () => {
    if (stops > 0) return;
    if (replacing || !areAllStarted) {
      isAskedAgain = true;
      return;
    }
    isAskedAgain = false;
    replacing = replaceAll().finally(() => {
      replacing = undefined;
      if (isAskedAgain) replace();
    });
  };

  const startAll = async (): Promise<Started | undefined> => {
    const first = start(1);
    if (!(await first.ready)) {
      if (stops > 0 && !failure) return undefined;
      throw new WorkerFailed(1, await first.ended);
    }
    for (let number = 2; number <= count && stops === 0; number++) start(number);
    return said && log && { welcome: said.welcome, settings: said.settings, log };
  };

  let lastId = 0;
  const started = startAll();
  const ended = end.promise.finally(() => clearInterval(pinging));
  // Both reject for whichever caller waits; without one, Node would end the process.
  started.catch(() => {});
  ended.catch(() => {});
  return {
    started,
    ended,
    replace,
    stop,
    async readMetrics() {
      const texts = await Promise.all(
        readyMembers()
          .toSorted((one, other) => one.number - other.number)
          .map((member, index) => {
            const question = { type: 'metrics', id: ++lastId, stores: index === 0 } as const;
            return askForMetrics(member.worker, question.id, () => tell(member, question));
          }),
      );
      const known = texts.filter((text) => text !== undefined);
      return joinMetrics([supervisorMetrics(states()), ...known]);
    },
  };
}
