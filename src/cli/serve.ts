import { setTimeout as delay } from 'node:timers/promises';
import { checkSettings } from '../boot/preflight.ts';
import { type Server, startServer } from '../server.ts';
import type { Environment } from './environment.ts';
import { npmParentExited } from './npm-parent.ts';
import type { Terminal } from './terminal.ts';
import { welcome } from './welcome.ts';

/**
 * Starts a server, runs it until a signal asks it to stop or npm, which started it, has exited, and stops it without
 * losing requests.
 */
export async function serve(
  environment: Environment,
  { out, err }: Pick<Terminal, 'out' | 'err'>,
): Promise<void> {
  const settings = await checkSettings(environment, 'serve');
  // Programs read the audit there.
  const write = settings.AUDIT_LOG === 'stdout' ? err : out;
  const server = await startServer(settings, {
    progress: (message) => write(`  ${message}\n`),
    environment,
  });
  const asked = Promise.race([nextSignal(), npmParentExited(environment)]);
  write(welcome(server));
  await asked;
  await stop(server, settings.SHUTDOWN_DELAY_SECONDS);
}

/**
 * `/readyz` answers 503 first, while requests are still served: a proxy probes only every few seconds. Then no new
 * request is accepted, and the running ones finish. Each further signal cuts the current wait short.
 */
async function stop(server: Server, seconds: number): Promise<void> {
  server.announceStop();
  const furtherSignal = nextSignal();
  const waiting = new AbortController();
  const waited = delay(1000 * seconds, 'waited', { signal: waiting.signal }).catch(() => {});
  const cutShort = (await Promise.race([waited, furtherSignal])) !== 'waited';
  waiting.abort();
  await server.close(cutShort ? nextSignal() : furtherSignal);
}

/** The next SIGTERM or SIGINT. */
const nextSignal = (): Promise<NodeJS.Signals> =>
  new Promise((resolve) => {
    const take = (signal: NodeJS.Signals) => {
      process.off('SIGTERM', take).off('SIGINT', take);
      resolve(signal);
    };
    process.on('SIGTERM', take).on('SIGINT', take);
  });
