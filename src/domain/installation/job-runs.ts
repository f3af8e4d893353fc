import { sql } from 'kysely';
import type { Database } from '../../../db/database.ts';

/** Seconds between two runs of a job. */
export const secondsBetweenRuns = 60;

/** The background jobs, in the order in which they run, with what each does. */
export const jobMeanings = {
  makeAhead: 'creates the partitions for tokens of the next year',
  retire: 'drops the partitions of tokens that expired',
  keys: 'announces, rotates and removes signing keys',
  audit: 'creates the partitions for events, and drops old ones',
  'factor resets': 'removes second factors whose reset was planned',
  'unused clients': 'deletes clients that registered themselves and were not used',
  revocations: 'continues bulk revocations of tokens',
  sweep: 'deletes expired rows',
  logout: 'notifies clients that people signed out',
  mail: 'sends emails',
  signals: 'sends events of Shared Signals',
} as const;

export type JobName = keyof typeof jobMeanings;

/** What a run did, in numbers: `{ deleted: 3 }`. */
export type JobResult = Record<string, number>;

/** A job, with how it went the last time. Everything is null before its first run. */
export interface JobShown {
  name: JobName;
  meaning: string;
  state: 'ok' | 'failed' | 'never_run';
  last_run_at: Date | null;
  seconds: number | null;
  result: JobResult | null;
  /** When it is due; in the past if no process runs the jobs. */
  next_run_at: Date | null;
  /** How often it failed in a row. */
  failures: number;
  /** The last failure, also if it went well since. */
  last_error: { message: string; at: Date } | null;
}

const longestMessage = 500;

/** How the background jobs went: one process runs them, and every process can show it. */
export function createJobRuns({ database: { kysely } }: { database: Pick<Database, 'kysely'> }) {
  return {
    /** Records that a job ran for some seconds until now, with what it did or why it failed. */
    async record(
      name: string,
      { seconds, result, error }: { seconds: number; result?: JobResult; error?: unknown },
    ): Promise<void> {
      const failed = error !== undefined;
      const message = error instanceof Error ? error.message : String(error);
      await sql`insert into job_run as r (name, began_at, seconds, result, failures, error, failed_at)
        values (${name}, now() - ${seconds}::float8 * interval '1 second', ${seconds}::float8, ${result ? JSON.stringify(result) : null}::jsonb,
          ${failed ? 1 : 0}, ${failed ? message.slice(0, longestMessage) : null}, ${failed ? sql`now()` : null})
        on conflict (name) do update set began_at = excluded.began_at, seconds = excluded.seconds, result = excluded.result,
          failures = case when excluded.failures = 0 then 0 else r.failures + 1 end,
          error = coalesce(excluded.error, r.error), failed_at = coalesce(excluded.failed_at, r.failed_at)`.execute(
        kysely,
      );
    },

    /** Every job, in the order in which they run. */
    async list(): Promise<JobShown[]> {
      const rows = await kysely
        .selectFrom('job_run')
        .select(['name', 'began_at', 'seconds', 'failures', 'result', 'error', 'failed_at'])
        .execute();
      const runs = new Map(rows.map((row) => [row.name, row]));
      return (Object.keys(jobMeanings) as JobName[]).map((name) => {
        const run = runs.get(name);
        return {
          name,
          meaning: jobMeanings[name],
          state: !run ? 'never_run' : run.failures > 0 ? 'failed' : 'ok',
          last_run_at: run?.began_at ?? null,
          seconds: run?.seconds ?? null,
          result: run?.result ?? null,
          next_run_at: run ? new Date(run.began_at.getTime() + secondsBetweenRuns * 1000) : null,
          failures: run?.failures ?? 0,
          last_error:
            run?.error == null || !run.failed_at ? null : { message: run.error, at: run.failed_at },
        };
      });
    },
  };
}

export type JobRuns = ReturnType<typeof createJobRuns>;
