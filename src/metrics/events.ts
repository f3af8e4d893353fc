import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import {
  batchOverloaded,
  introspected,
  jobRan,
  limitReached,
  requestRefused,
  tokenIssued,
} from '../telemetry/channels.ts';

/** Counts what the server does. Returns a function that stops counting. */
export function countEvents(registry: Registry): () => void {
  const registers = [registry];
  const issued = new Counter({
    name: 'writ_tokens_issued_total',
    help: 'Tokens that were issued, by kind and format.',
    labelNames: ['kind', 'format'],
    registers,
  });
  const introspections = tallied({
    name: 'writ_introspections_total',
    help: 'Introspections, by the kind of an active token, or inactive.',
    label: 'result',
    registry,
  });
  const refusals = new Counter({
    name: 'writ_refusals_total',
    help: 'Requests that were refused, by error code, and whether the caller failed to authenticate.',
    labelNames: ['error', 'authentication'],
    registers,
  });
  const limits = new Counter({
    name: 'writ_limits_reached_total',
    help: 'Requests that were refused because a limit was reached, by limit.',
    labelNames: ['limit'],
    registers,
  });
  const overloads = new Counter({
    name: 'writ_overloads_total',
    help: 'Statements that were refused because their queue was full or too slow.',
    registers,
  });
  const jobs = new Counter({
    name: 'writ_job_runs_total',
    help: 'Runs of background jobs in this process, by job and outcome.',
    labelNames: ['job', 'outcome'],
    registers,
  });
  const jobDurations = new Histogram({
    name: 'writ_job_duration_seconds',
    help: 'Duration of background jobs.',
    labelNames: ['job'],
    buckets: [0.01, 0.1, 1, 10, 60, 300],
    registers,
  });
  const jobSuccess = new Gauge({
    name: 'writ_job_last_success_timestamp_seconds',
    help: 'When a background job last succeeded in this process, in seconds since the epoch.',
    labelNames: ['job'],
    registers,
  });
  const ends = [
    tokenIssued.subscribe(({ kind, isJwt }) =>
      issued.inc({ kind, format: isJwt ? 'jwt' : 'opaque' }),
    ),
    introspected.subscribe(({ kind }) => introspections(kind ?? 'inactive')),
    requestRefused.subscribe(({ error, isAuthentication }) =>
      refusals.inc({ error: error ?? 'page', authentication: String(isAuthentication) }),
    ),
    limitReached.subscribe(({ name }) => limits.inc({ limit: name })),
    batchOverloaded.subscribe(() => overloads.inc()),
    jobRan.subscribe(({ job, isOk, seconds }) => {
      jobs.inc({ job, outcome: isOk ? 'succeeded' : 'failed' });
      jobDurations.observe({ job }, seconds);
      if (isOk) jobSuccess.setToCurrentTime({ job });
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
}

/** A counter for what happens thousands of times a second: it hashes its label once per scrape. */
function tallied({
  name,
  help,
  label,
  registry,
}: {
  name: string;
  help: string;
  label: string;
  registry: Registry;
}): (value: string) => void {
  const counts = new Map<string, number>();
  new Counter({
    name,
    help,
    labelNames: [label],
    registers: [registry],
    collect() {
      for (const [value, count] of counts) this.inc({ [label]: value }, count);
      counts.clear();
    },
  });
  return (value) => void counts.set(value, (counts.get(value) ?? 0) + 1);
}
