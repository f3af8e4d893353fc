import type { Settings } from '../../../config/settings.ts';
import { type Log, openLog } from '../../http/log.ts';
import { type Supervisor, superviseWorkers, WorkerFailed } from '../../workers/supervisor.ts';
import type { Environment } from '../environment.ts';
import { ExitWith } from '../exit-with.ts';
import { npmParentExited } from '../npm-parent.ts';
import type { Terminal } from '../terminal.ts';
import { nextStopSignal, onHangup } from './signals.ts';
import { writerOf } from './writer.ts';

/** Seconds in which a worker closes its parts, after its requests have ended. */
const secondsToClose = 10;

/** Supervises as many workers as WEB_CONCURRENCY says, until a signal asks it to stop, or npm has exited. */
export async function serveByWorkers(
  settings: Settings,
  environment: Environment,
  terminal: Pick<Terminal, 'out' | 'err'>,
): Promise<void> {
  const log = await openLog(settings);
  const { METRICS_PORT, SHUTDOWN_DELAY_SECONDS, SHUTDOWN_TIMEOUT_SECONDS } = settings;
  let workers: Supervisor | undefined;
  const served =
    METRICS_PORT === undefined
      ? undefined
      : await (await import('../../metrics/server.ts')).serveMetrics({
          text: async () => (await workers?.readMetrics()) ?? '',
          port: METRICS_PORT,
          host: settings.METRICS_HOST,
          log,
        });
  try {
    workers = superviseWorkers({
      count: settings.WEB_CONCURRENCY,
      log,
      patience: SHUTDOWN_DELAY_SECONDS + SHUTDOWN_TIMEOUT_SECONDS + secondsToClose,
    });
    void stopOnSignals(workers, environment, log);
    const { welcome } = await workers.started;
    writerOf(settings, terminal)(welcome);
    await workers.ended;
    log.info('stopped');
  } catch (error) {
    // The worker has said why.
    if (error instanceof WorkerFailed && !error.signal) throw new ExitWith(error.exitCode);
    throw error;
  } finally {
    await served?.close();
  }
}

/** The first signal stops the workers, and each further one cuts a wait short. SIGHUP replaces them. */
async function stopOnSignals(workers: Supervisor, environment: Environment, log: Log) {
  await Promise.race([nextStopSignal(), npmParentExited(environment), onHangup(workers.replace)]);
  log.info('stopping');
  for (;;) {
    const next = nextStopSignal();
    workers.stop();
    await next;
  }
}
