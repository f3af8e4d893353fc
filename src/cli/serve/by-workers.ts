import { type Supervisor, superviseWorkers, WorkerFailed } from '../../workers/supervisor.ts';
import type { Environment } from '../environment.ts';
import { ExitWith } from '../exit-with.ts';
import { npmParentExited } from '../npm-parent.ts';
import { processTerminal, type Terminal } from '../terminal.ts';
import { nextStopSignal, onHangup } from './signals.ts';
import { writerOf } from './writer.ts';

/** The same as a command of its own. Returns its exit code. */
export async function superviseHere(count: number, environment: Environment): Promise<number> {
  const terminal = processTerminal(environment);
  try {
    await serveByWorkers(count, environment, terminal);
    return 0;
  } catch (error) {
    if (error instanceof ExitWith) return error.exitCode;
    const { report } = await import('../report.ts');
    return report(error, environment, terminal);
  }
}

/** Supervises so many workers until a signal asks it to stop, or npm has exited. Throws ExitWith if they cannot start. */
export async function serveByWorkers(
  count: number,
  environment: Environment,
  terminal: Pick<Terminal, 'out' | 'err'>,
): Promise<void> {
  const workers = superviseWorkers({ count });
  void stopOnSignals(workers, environment);
  try {
    const started = await workers.started;
    if (started) {
      const { settings, welcome, log } = started;
      const metrics = await serveMetrics(workers, { settings, log });
      writerOf(settings, terminal)(welcome);
      await workers.ended.finally(() => metrics?.close());
      log.info('stopped');
    } else await workers.ended;
  } catch (error) {
    // The worker has said why.
    if (error instanceof WorkerFailed && !error.signal) throw new ExitWith(error.exitCode);
    throw error;
  }
}

/** Serves the metrics of all workers, if there are any. Throws EADDRINUSE when all have stopped. */
async function serveMetrics(
  workers: Supervisor,
  {
    settings: { METRICS_PORT: port, METRICS_HOST: host },
    log,
  }: Pick<NonNullable<Awaited<Supervisor['started']>>, 'settings' | 'log'>,
) {
  if (port === undefined) return undefined;
  try {
    const { serveMetrics: serve } = await import('../../metrics/server.ts');
    return await serve({ text: workers.readMetrics, port, host, log });
  } catch (error) {
    workers.stop();
    await workers.ended;
    throw error;
  }
}

/** The first signal stops the workers, and each further one cuts a wait short. SIGHUP replaces them. */
async function stopOnSignals(workers: Supervisor, environment: Environment): Promise<void> {
  await Promise.race([nextStopSignal(), npmParentExited(environment), onHangup(workers.replace)]);
  for (;;) {
    const next = nextStopSignal();
    workers.stop();
    await next;
  }
}
