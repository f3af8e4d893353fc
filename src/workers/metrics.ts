/** The metrics of all workers as one text. */
import type { EventEmitter } from 'node:events';
import type { FromWorker, WorkerStates } from './messages.ts';

/** Milliseconds that a worker has to give its metrics. */
const patience = 5_000;

/**
 * Asks a worker for its metrics, by a message with this `id`. Undefined if it cannot read them, ends, or does not respond within five
 * seconds.
 */
export function askForMetrics(
  worker: EventEmitter,
  id: number,
  ask: () => void,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const finish = (text: string | undefined) => {
      clearTimeout(timer);
      worker.off('message', take).off('exit', end);
      resolve(text);
    };
    const take = (message: FromWorker) => {
      if (message.type === 'metrics' && message.id === id) finish(message.text);
    };
    const end = () => finish(undefined);
    const timer = setTimeout(end, patience);
    worker.on('message', take).on('exit', end);
    ask();
  });
}

/**
 * Joins texts of Prometheus's format, in which the samples of a metric have to follow one another.
 *
 * @param texts Each has a `# HELP` line before each metric.
 */
export function joinMetrics(texts: readonly string[]): string {
  const metrics = new Map<string, string[]>();
  for (const text of texts)
    for (const block of text.split(/^(?=# HELP )/m)) {
      const lines = block.split('\n').filter((line) => line !== '');
      const name = lines[0]?.split(' ', 3)[2];
      if (name === undefined) continue;
      const known = metrics.get(name);
      if (known) known.push(...lines.filter((line) => !line.startsWith('#')));
      else metrics.set(name, lines);
    }
  return `${[...metrics.values()].map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

/** The metrics of the supervisor. */
export const supervisorMetrics = ({ now, failed, replaced }: WorkerStates): string =>
  [
    '# HELP writ_workers Processes that serve the port, by state.',
    '# TYPE writ_workers gauge',
    ...Object.entries(now).map(([state, count]) => `writ_workers{state="${state}"} ${count}`),
    '',
    '# HELP writ_worker_ends_total Workers that ended, because of a failure or because they were replaced on SIGHUP.',
    '# TYPE writ_worker_ends_total counter',
    `writ_worker_ends_total{reason="failed"} ${failed}`,
    `writ_worker_ends_total{reason="replaced"} ${replaced}`,
    '',
    '# HELP writ_supervisor_resident_memory_bytes Memory of the process that supervises the workers.',
    '# TYPE writ_supervisor_resident_memory_bytes gauge',
    `writ_supervisor_resident_memory_bytes ${process.memoryUsage.rss()}`,
    '',
  ].join('\n');
