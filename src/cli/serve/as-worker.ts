import { checkSettings } from '../../boot/preflight.ts';
import { startServer } from '../../server.ts';
import { connectToSupervisor, type Place } from '../../workers/worker.ts';
import type { Environment } from '../environment.ts';
import type { Terminal } from '../terminal.ts';
import { welcome } from '../welcome.ts';
import { stop } from './stop.ts';
import { writerOf } from './writer.ts';

/**
 * Serves requests as one of several processes at one port, until the process that supervises it asks it to stop, or to leave because
 * another worker has taken its place.
 */
export async function serveAsWorker(
  place: Place,
  environment: Environment,
  terminal: Pick<Terminal, 'out' | 'err'>,
): Promise<void> {
  const supervisor = connectToSupervisor();
  try {
    const settings = await checkSettings(environment, 'serve', { listens: !place.joins });
    const write = writerOf(settings, terminal);
    const server = await startServer(settings, {
      worker: { ...place, states: supervisor.states },
      environment,
      // The others repeat what the first one has said.
      ...(!place.joins && { progress: (message) => write(`  ${message}\n`) }),
    });
    const { metrics, origin } = server;
    if (metrics) supervisor.provideMetrics(metrics.text);
    const asked = Promise.race([supervisor.nextStop(), supervisor.retired]);
    const { AUDIT_LOG, LOG_FORMAT, LOG_LEVEL, METRICS_HOST, METRICS_PORT } = settings;
    const { SHUTDOWN_DELAY_SECONDS, SHUTDOWN_TIMEOUT_SECONDS } = settings;
    supervisor.announceReady({
      origin,
      welcome: welcome(server),
      settings: {
        ...{ AUDIT_LOG, LOG_FORMAT, LOG_LEVEL, METRICS_HOST, METRICS_PORT },
        ...{ SHUTDOWN_DELAY_SECONDS, SHUTDOWN_TIMEOUT_SECONDS },
      },
    });
    const seconds = SHUTDOWN_DELAY_SECONDS;
    if ((await asked) === 'retire') {
      await server.retire(seconds, supervisor.nextStop());
      await server.close(supervisor.nextStop());
    } else await stop(server, seconds, supervisor.nextStop);
  } finally {
    supervisor.disconnect();
  }
}
