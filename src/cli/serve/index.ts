import { readSettings } from '../../../config/settings.ts';
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
  // Loaded only where it is used: a process that supervises needs little memory without what serves requests.
  if (place) {
    const { serveAsWorker } = await import('./as-worker.ts');
    return serveAsWorker(place, environment, terminal);
  }
  const { settings } = readSettings(environment);
  if (settings && settings.WEB_CONCURRENCY > 1) {
    const { serveByWorkers } = await import('./by-workers.ts');
    return serveByWorkers(settings, environment, terminal);
  }
  const { serveAlone } = await import('./alone.ts');
  return serveAlone(environment, terminal);
}
