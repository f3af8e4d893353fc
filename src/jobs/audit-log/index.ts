/**
 * THE AUDIT AS LINES (AUDIT_LOG): writes each committed event as a line of JSON, at least once and in order. One process writes
 * for all, under a lease. While the lines cannot be written, the events wait in the database.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '../../../db/database.ts';
import { withWaitBudget } from '../../../db/deadline.ts';
import {
  createUnwrittenEvents,
  type UnwrittenEvents,
} from '../../domain/audit/unwritten-events.ts';
import type { Log } from '../../http/log.ts';
import { createLease } from '../lease.ts';
import type { Destination, Lines } from './destination.ts';

/** Milliseconds between two looks for events. */
const interval = 1_000;
const batchSize = 500;
/** Seconds after which another process can take over from one that crashed. */
const leaseSeconds = 30;
/** Milliseconds after which the lease is taken again. */
const leaseRenewal = 10_000;
/** Milliseconds between two log lines while the audit cannot be written. */
const repetition = 60_000;

/** Begins with the events from now on, unless the installation has begun before. */
export async function startAuditLog({
  database,
  log,
  destination,
  lastLines = 3_000,
}: {
  database: Database;
  log: Log;
  destination: Destination;
  /** Milliseconds that a stop waits for the last lines to be written. */
  lastLines?: number;
}) {
  const unwritten = createUnwrittenEvents({ database });
  const lease = createLease({ database, name: 'audit log', seconds: leaseSeconds });
  let takeAgain = 0;
  let isOurs = false;
  let waiting: { from: UnwrittenEvents; lines: Lines } | undefined;
  let failing: { next: number } | undefined;
  let running: Promise<void> | undefined;
  const ending = new AbortController();

  const haveLease = async (): Promise<boolean> => {
    if (performance.now() >= takeAgain) {
      isOurs = await lease.take();
      takeAgain = performance.now() + leaseRenewal;
      // Another process may have written these meanwhile.
      if (!isOurs) waiting = undefined;
    }
    return isOurs;
  };

  const read = async () => {
    const from = await unwritten.next(batchSize);
    if (!from) return undefined;
    const text = from.events.map((event) => `${JSON.stringify(event)}\n`).join('');
    return { from, lines: { bytes: Buffer.from(text), written: 0 } };
  };

  const writeAll = async (): Promise<void> => {
    while (await withWaitBudget(haveLease)) {
      waiting ??= await withWaitBudget(read);
      if (!waiting) break;
      const { from, lines } = waiting;
      await destination.write(lines, ending.signal);
      if (failing) log.info('the audit is written again');
      failing = undefined;
      await withWaitBudget(from.done);
      waiting = undefined;
    }
  };

  const report = (err: unknown) => {
    const now = performance.now();
    if (failing && now < failing.next) return;
    failing = { next: now + repetition };
    log.error({ err }, 'the audit cannot be written; its events wait in the database');
  };

  const tick = (): Promise<void> => {
    running ??= writeAll()
      .catch(report)
      .finally(() => {
        running = undefined;
      });
    return running;
  };

  await unwritten.begin();
  const timer = setInterval(tick, interval).unref();

  return {
    /** Writes what there is to write, without waiting for the next second. */
    tick,

    /** Writes the last events, for three seconds at most; then another process can take over at once. */
    async close(): Promise<void> {
      clearInterval(timer);
      const finish = async () => {
        await running;
        if (!ending.signal.aborted) await tick();
        return true;
      };
      const waited = new AbortController();
      const late = delay(lastLines, false, { signal: waited.signal }).catch(() => false);
      if (!(await Promise.race([finish(), late])))
        report(new Error(`the last lines could not be written in ${lastLines} ms`));
      waited.abort();
      ending.abort();
      await lease.release().catch(() => {});
      await destination.close();
    },
  };
}
