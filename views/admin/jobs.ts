import { html } from 'hono/html';
import { badge } from '../components/badge.ts';
import { count } from '../components/number.ts';
import { table } from '../components/table.ts';
import { ago, fromNow } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { adminPage } from './shell.ts';

export interface JobShown {
  name: string;
  /** What it does, in words. */
  meaning: string;
  /** How often it failed in a row. */
  failures: number;
  /** Null before its first run. */
  lastRunAt: Date | null;
  seconds: number | null;
  /** What it did, in numbers. */
  result: Record<string, number>;
  nextRunAt: Date | null;
  /** Of the last failure, also if it went well since. */
  lastError: { message: string; at: Date } | null;
}

/** Milliseconds after which a job that is due is late. */
const lateAfter = 3 * 60_000;

const isLate = ({ nextRunAt }: JobShown, now: Date): boolean =>
  nextRunAt !== null && now.getTime() - nextRunAt.getTime() > lateAfter;

const took = (seconds: number): string =>
  seconds < 1 ? `${Math.round(seconds * 1000)} ms` : `${seconds.toFixed(1)} s`;

const done = (result: Record<string, number>): string =>
  Object.entries(result)
    .filter(([, number]) => number > 0)
    .map(([what, number]) => `${count(number)} ${what.replaceAll('_', ' ')}`)
    .join(', ') || '–';

const stateOf = (job: JobShown, now: Date): Html | '' => {
  if (job.lastRunAt === null) return badge('Never ran', 'neutral');
  if (job.failures > 0)
    return badge(job.failures === 1 ? 'Failed' : `Failed ${count(job.failures)} times`, 'bad');
  return isLate(job, now) ? badge('Late', 'care') : '';
};

/** The background jobs: what each does, and how its last run went. */
export const adminJobs = (frame: Frame, { jobs }: { jobs: JobShown[] }): Html =>
  adminPage(frame, {
    section: 'jobs',
    title: 'Jobs',
    lead: 'What the servers do in the background. One of them runs the jobs for all, once a minute; a job that fails is tried again.',
    problem: jobs.some((job) => isLate(job, frame.now))
      ? 'Some jobs are late: no server ran them in the last minutes. Look for errors in the logs, and whether a server runs at all times.'
      : undefined,
    body: html`<section class="panel flush" aria-label="Jobs">${table({
      caption: 'Background jobs',
      columns: [
        { label: 'Job' },
        { label: 'Last run', keep: true },
        { label: 'Took', number: true },
        { label: 'Result' },
        { label: 'Next run', keep: true },
      ],
      rows: jobs.map((job) => [
        html`${job.name} ${stateOf(job, frame.now)}<span class="aside block">${job.meaning}</span>${
          job.lastError &&
          html`<span class="aside block">Last error, ${ago(job.lastError.at, frame.now)}: <bdi>${job.lastError.message}</bdi></span>`
        }`,
        job.lastRunAt ? ago(job.lastRunAt, frame.now) : 'Never',
        job.seconds === null ? '' : took(job.seconds),
        done(job.result),
        job.nextRunAt === null
          ? ''
          : job.nextRunAt > frame.now
            ? fromNow(job.nextRunAt, frame.now)
            : 'Now',
      ]),
    })}</section>`,
  });
