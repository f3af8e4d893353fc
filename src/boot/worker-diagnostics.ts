import type { WorkerStates } from '../workers/messages.ts';
import { type Check, ok, warning } from './check.ts';

/** Milliseconds for which the failure of a process is worth a warning. */
const recent = 3_600_000;

/** Checks that all processes that share the port serve requests (WEB_CONCURRENCY). */
export function diagnoseWorkers({ count, now, failed, lastFailure }: WorkerStates): Check[] {
  if (now.ready < count)
    return [
      warning(
        'processes',
        `${now.ready} of ${count} processes at this port serve requests.`,
        'The log says why the others do not: look for the field worker.',
      ),
    ];
  if (lastFailure !== undefined && Date.now() - lastFailure < recent)
    return [
      warning(
        'processes',
        `All ${count} processes at this port serve requests, but ${failed} ended since the start, the last one ${new Date(lastFailure).toISOString()}.`,
        'The log has its exit code and what it wrote before: look for the field worker.',
      ),
    ];
  return [ok('processes', `All ${count} processes at this port serve requests.`)];
}
