import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import * as path from 'node:path';
import { promisify } from 'node:util';
import type { Order, Outcome } from './order.ts';

/** The program wrk, where it is installed: it leaves the servers more of the CPU than a load in Node does. */
export const wrk = (process.env['PATH'] ?? '')
  .split(path.delimiter)
  .map((directory) => path.join(directory, 'wrk'))
  .find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

/** Whether wrk can follow an order. It takes values at random, keeps nothing, counts whole seconds, and looks at no body. */
export const canTake = ({ vary, until, keep, checked, status }: Order): boolean =>
  (vary?.order ?? 'random') === 'random' &&
  !keep &&
  !checked &&
  status === undefined &&
  'seconds' in until &&
  Number.isInteger(until.seconds);

export async function runWrk(file: string, order: Order): Promise<Outcome> {
  const { port, path: target, form, vary, connections, until } = order;
  if (!('seconds' in until)) throw new Error('wrk takes seconds');
  const { stdout } = await promisify(execFile)(
    file,
    [
      ...['-t', '1', '-c', String(connections), '-d', `${until.seconds}s`, '--timeout', '10s'],
      ...['-s', path.join(import.meta.dirname, 'wrk.lua'), `http://127.0.0.1:${port}${target}`],
    ],
    {
      env: {
        FORM: new URLSearchParams(form).toString(),
        ...(vary && { LINES: vary.file, PARAMETER: vary.parameter }),
      },
    },
  );
  const found = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Outcome;
  return found.errors > 0 ? { ...found, firstError: stdout } : found;
}
