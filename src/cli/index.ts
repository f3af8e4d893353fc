/** THE `writ` COMMAND: what it does is in `program.ts`, which is loaded only by processes that need it. */
import { readWorkerCount } from '../../config/worker-count.ts';
import { placeOf } from '../workers/worker.ts';
import type { Environment } from './environment.ts';
import type { Terminal } from './terminal.ts';

/** Runs a command line. Returns its exit code: 0 done, 1 refused or failed, 2 wrong usage. */
export async function run(
  args: string[],
  environment: Environment,
  terminal?: Terminal,
): Promise<number> {
  const isServe = args.length === 1 && args[0] === 'serve';
  // A process that supervises workers holds half as much memory without the commands and their packages.
  if (isServe && !terminal && !placeOf(environment)) {
    const count = readWorkerCount(environment);
    if (count !== undefined && count > 1) {
      const { superviseHere } = await import('./serve/by-workers.ts');
      return superviseHere(count, environment);
    }
  }
  const { run } = await import('./program.ts');
  return run(args, environment, terminal);
}
