import { adminJobs } from '../../../views/admin/jobs.ts';
import type { JobRuns } from '../../domain/installation/job-runs.ts';
import type { Console } from './console.ts';

interface Dependencies {
  jobRuns: Pick<JobRuns, 'list'>;
}

/** `/admin/jobs`: the background jobs, with how the last run of each went. */
export const jobPages = ({ page }: Console, { jobRuns }: Dependencies): void =>
  page('/admin/jobs', 'diagnostics:read', async (call) => {
    const jobs = (await jobRuns.list()).map((job) => ({
      name: job.name,
      meaning: job.meaning,
      failures: job.failures,
      lastRunAt: job.last_run_at,
      seconds: job.seconds,
      result: job.result ?? {},
      nextRunAt: job.next_run_at,
      lastError: job.last_error,
    }));
    await call.show((frame) => adminJobs(frame, { jobs }));
  });
