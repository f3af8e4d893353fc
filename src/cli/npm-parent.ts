import { setInterval } from 'node:timers/promises';
import type { Environment } from './environment.ts';

/** Milliseconds between two looks at the parent process. */
const interval = 500;

/**
 * Whether npm started this command, by `npx writ` or `npm start`. npm runs it in a shell and sends its signals to that
 * shell, which may exit without passing them on.
 */
const isRunByNpm = (environment: Environment): boolean =>
  environment['npm_lifecycle_event'] === 'npx' ||
  (environment['npm_lifecycle_event'] === 'start' && environment['npm_package_name'] === 'writ');

/**
 * Resolves once the shell in which npm started this command has exited. Never resolves if npm did not start it, or if it
 * runs in the background of that shell (`&`): it outlives its parent on purpose then.
 */
export async function npmParentExited(environment: Environment): Promise<'npm exited'> {
  const parent = process.ppid;
  const isBackground = environment['npm_lifecycle_script']?.includes('&') ?? false;
  if (parent !== 1 && isRunByNpm(environment) && !isBackground)
    for await (const _ of setInterval(interval, undefined, { ref: false }))
      if (process.ppid !== parent) return 'npm exited';
  return new Promise(() => {});
}
