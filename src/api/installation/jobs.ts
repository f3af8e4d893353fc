import * as z from 'zod';
import type { JobRuns } from '../../domain/installation/job-runs.ts';
import { type Operation, operation } from '../framework/operation.ts';
import { count, time } from '../framework/schemas.ts';

export interface JobDependencies {
  jobRuns: Pick<JobRuns, 'list'>;
}

const job = z
  .object({
    name: z.string().meta({ description: 'The name of the job, as in the log and the metrics.' }),
    meaning: z.string().meta({ description: 'What it does, in words.' }),
    state: z.enum(['ok', 'failed', 'never_run']).meta({ description: 'How the last run went.' }),
    last_run_at: time.nullable().meta({ description: 'When the last run began.' }),
    seconds: z.number().nullable().meta({ description: 'How long it took.' }),
    result: z
      .record(z.string(), count)
      .nullable()
      .meta({ description: 'What it did, in numbers; null if it counts nothing, or failed.' }),
    next_run_at: time.nullable().meta({
      description: 'When it is due; in the past if no server runs the jobs.',
    }),
    failures: count.meta({ description: 'How often it failed in a row.' }),
    last_error: z
      .object({ message: z.string(), at: time })
      .nullable()
      .meta({ description: 'The last failure, also if the job ran well since.' }),
  })
  .meta({ id: 'Job' });

/** `/jobs`: how the background jobs went. */
export const jobOperations = ({ jobRuns }: JobDependencies): Operation[] => [
  operation({
    method: 'get',
    path: '/jobs',
    tag: 'Diagnostics',
    operationId: 'listJobs',
    summary: 'List background jobs',
    description:
      'Each job with its last run, in whichever process: one runs them for all, once a minute.',
    scope: 'diagnostics:read',
    response: z.object({ items: z.array(job) }).meta({ id: 'JobList' }),
    handle: async () => ({ items: await jobRuns.list() }),
  }),
];
