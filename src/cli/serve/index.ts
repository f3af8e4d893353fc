import { readWorkerCount } from '../../../config/worker-count.ts';
import { placeOf } from '../../workers/worker.ts';
import type { Environment } from '../environment.ts';
import type { Terminal } from '../terminal.ts';

/**
 * Starts a server, runs it until a signal asks it to stop or npm, which started it, has exited, and stops it without
 * losing requests. With WEB_CONCURRENCY, this process supervises several workers, which run this command too.
 */
export async function serve(
  environment: Environment,
  terminal: Pick<Terminal, 'out' | 'err'>,
): Promise<void> {
  const place = placeOf(environment);
  if (place) {
    const { serveAsWorker } = await import('./as-worker.ts');
    return serveAsWorker(place, environment, terminal);
  }
  const count = readWorkerCount(environment);
  if (count !== undefined && count > 1) {
    const { serveByWorkers } = await import('./by-workers.ts');
    return serveByWorkers(count, environment, terminal);
  }
  const { serveAlone } = await import('./alone.ts');
  return serveAlone(environment, terminal);
}
