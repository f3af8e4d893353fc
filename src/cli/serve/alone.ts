import { checkSettings } from '../../boot/preflight.ts';
import { startServer } from '../../server.ts';
import type { Environment } from '../environment.ts';
import { npmParentExited } from '../npm-parent.ts';
import type { Terminal } from '../terminal.ts';
import { welcome } from '../welcome.ts';
import { nextStopSignal, onHangup } from './signals.ts';
import { stop } from './stop.ts';
import { writerOf } from './writer.ts';

/** Serves requests in this process, until a signal asks it to stop or npm has exited. */
export async function serveAlone(
  environment: Environment,
  terminal: Pick<Terminal, 'out' | 'err'>,
): Promise<void> {
  const settings = await checkSettings(environment, 'serve');
  const write = writerOf(settings, terminal);
  const server = await startServer(settings, {
    progress: (message) => write(`  ${message}\n`),
    environment,
  });
  const asked = Promise.race([
    nextStopSignal(),
    npmParentExited(environment),
    onHangup(server.noteIgnoredHangup),
  ]);
  write(welcome(server));
  await asked;
  await stop(server, settings.SHUTDOWN_DELAY_SECONDS, nextStopSignal);
}
