/**
 * BACKGROUND JOBS: create and retire partitions of tokens and of the audit, rotate keys, delete expired rows, send emails, logout
 * tokens and security events. One process runs them for all. A job that fails is logged and repeated in the next turn; requests never wait for one.
 */
import type { Database } from '../../db/database.ts';
import type { FactorResets } from '../domain/accounts/factor-resets.ts';
import type { AuditPartitions } from '../domain/audit/partitions.ts';
import type { UnusedClients } from '../domain/clients/unused-clients.ts';
import {
  type JobName,
  type JobResult,
  type JobRuns,
  secondsBetweenRuns,
} from '../domain/installation/job-runs.ts';
import type { KeyRotation } from '../domain/keys/rotation.ts';
import type { BulkRevocations } from '../domain/tokens/bulk-revocations.ts';
import type { Partitions } from '../domain/tokens/partitions.ts';
import type { Log } from '../http/log.ts';
import { jobRan } from '../telemetry/channels.ts';
import { createLease } from './lease.ts';
import type { LogoutJob } from './logout.ts';
import type { MailJob } from './mail/index.ts';
import type { SignalJob } from './signals.ts';
import { sweep } from './sweep.ts';

const interval = secondsBetweenRuns * 1000;
/** Turns between two searches for tokens of retired keys, which can read the whole table. */
const turnsBetweenSearches = 60;

interface Dependencies {
  database: Database;
  partitions: Partitions;
  auditPartitions: AuditPartitions;
  factorResets: Pick<FactorResets, 'applyDue'>;
  unusedClients: Pick<UnusedClients, 'delete'>;
  bulkRevocations: Pick<BulkRevocations, 'continue'>;
  rotation: Pick<KeyRotation, 'announce' | 'rotateDue' | 'removeRetired' | 'keepUsed'>;
  jobRuns: Pick<JobRuns, 'record'>;
  log: Log;
  logout: Pick<LogoutJob, 'run'>;
  mail: Pick<MailJob, 'run'>;
  signals: Pick<SignalJob, 'run'>;
  changeRetentionDays: number;
  auditRetentionDays: number;
}

/** Starts the jobs: a turn now, and one every minute, in the process that has the lease. */
export function startJobs({
  database,
  partitions,
  auditPartitions,
  factorResets,
  unusedClients,
  bulkRevocations,
  rotation,
  jobRuns,
  log,
  logout,
  mail,
  signals,
  changeRetentionDays,
  auditRetentionDays,
}: Dependencies) {
  const stop = new AbortController();
  const lease = createLease({ database, name: 'jobs', seconds: (3 * interval) / 1000 });
  let running: Promise<unknown> | undefined;

  const noteFailure = (name: string, error: unknown): void =>
    log.warn({ err: error, job: name }, 'a job failed and is tried again in a minute');

  /** A step that fails does not keep the others from running. `work` returns what it did, in numbers. */
  const step = async (name: JobName, work: () => Promise<JobResult | undefined>): Promise<void> => {
    const began = performance.now();
    const [outcome] = await Promise.allSettled([timed(name, work)]);
    const seconds = (performance.now() - began) / 1000;
    if (outcome.status === 'rejected') noteFailure(name, outcome.reason);
    await jobRuns
      .record(
        name,
        outcome.status === 'rejected'
          ? { seconds, error: outcome.reason }
          : { seconds, ...(outcome.value && { result: outcome.value }) },
      )
      .catch((err: unknown) => log.debug({ err, job: name }, 'the run of a job was not recorded'));
  };

  const retire = async () => {
    const { detached, dropped } = await partitions.retire();
    if (detached.length + dropped.length > 0)
      log.info({ detached, dropped }, 'partitions of expired tokens were retired');
    return { detached: detached.length, dropped: dropped.length };
  };

  let turns = 0;
  const keys = async () => {
    await rotation.announce();
    const rotated = await rotation.rotateDue();
    if (rotated.length > 0) log.info({ rotated }, 'signing keys were rotated');
    const searches = turns % turnsBetweenSearches === 0;
    if (searches) await rotation.keepUsed();
    const removed = searches ? await rotation.removeRetired() : [];
    // Counted last, so a failed search is repeated in the next turn.
    turns++;
    if (removed.length > 0) log.info({ removed }, 'retired signing keys were removed');
    return { rotated: rotated.length, removed: removed.length };
  };

  const turn = async (): Promise<void> => {
    if (!(await lease.take())) return;
    await step(
      'makeAhead',
      withoutResult(() => partitions.createAhead()),
    );
    await step('retire', retire);
    await step('keys', keys);
    await step('audit', async () => {
      await auditPartitions.createAhead();
      const dropped = await auditPartitions.retire(auditRetentionDays);
      if (dropped.length > 0) log.info({ dropped }, 'partitions of the audit were dropped');
      return { dropped: dropped.length };
    });
    await step('factor resets', async () => {
      const applied = await factorResets.applyDue();
      if (applied > 0) log.info({ accounts: applied }, 'second factors were reset as planned');
      return { applied };
    });
    await step('unused clients', async () => {
      const deleted = await unusedClients.delete(stop.signal);
      if (deleted > 0)
        log.info({ clients: deleted }, 'unused clients that registered themselves were deleted');
      return { deleted };
    });
    await step('revocations', async () => ({
      revoked: await bulkRevocations.continue(stop.signal),
    }));
    await step('sweep', async () => {
      const deleted = await sweep(database, { changeRetentionDays, signal: stop.signal });
      if (Object.keys(deleted).length > 0) log.debug({ deleted }, 'expired rows were deleted');
      return deleted;
    });
    // Last, since they can wait for external servers.
    await Promise.all([
      step(
        'logout',
        withoutResult(() => logout.run(stop.signal)),
      ),
      step(
        'mail',
        withoutResult(() => mail.run(stop.signal)),
      ),
      step(
        'signals',
        withoutResult(() => signals.run()),
      ),
    ]);
  };

  const run = (): Promise<unknown> => {
    running ??= timed('lease', turn)
      .catch((error: unknown) => noteFailure('lease', error))
      .finally(() => {
        running = undefined;
      });
    return running;
  };

  const timer = setInterval(run, interval).unref();
  void run();

  return {
    /** Waits for a running turn, except for an email that is being sent; then another process can take over at once. */
    async close(): Promise<void> {
      clearInterval(timer);
      stop.abort();
      await running;
      await lease.release().catch(() => {});
    },
  };
}

/** Work that counts nothing. */
const withoutResult = (work: () => Promise<unknown>) => async (): Promise<undefined> => {
  await work();
  return undefined;
};

/** Runs a job, and publishes how it went. */
async function timed<Result>(job: string, work: () => Promise<Result>): Promise<Result> {
  const began = performance.now();
  let isOk = false;
  try {
    const result = await work();
    isOk = true;
    return result;
  } finally {
    jobRan.publish({ job, isOk, seconds: (performance.now() - began) / 1000 });
  }
}
