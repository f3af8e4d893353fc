// Records of a run for the test that comes after all others: the logs of all servers, and every secret that was
// issued. run.ts names the directory; without it nothing is recorded.
import { randomUUID } from 'node:crypto';
import { mkdirSync, openSync, writeSync } from 'node:fs';
import * as path from 'node:path';

const directory = process.env['TEST_RUN_DIRECTORY'];

/** Whether this run keeps records. Servers then log at the most detailed level. */
export const keepsRecords = directory !== undefined;

/** Directory of the records. */
export const placesIn = (run: string) => ({
  logs: path.join(run, 'logs'),
  secrets: path.join(run, 'secrets'),
});

/** Returns a function that appends to a file of its own. */
function appender(kind: 'logs' | 'secrets', name: string): (text: string) => void {
  if (!directory) return () => {};
  const place = placesIn(directory)[kind];
  let file: number | undefined;
  return (text) => {
    if (file === undefined) {
      mkdirSync(place, { recursive: true });
      file = openSync(path.join(place, `${name}-${randomUUID().slice(0, 8)}`), 'a');
    }
    writeSync(file, text);
  };
}

/** A log of the run, by the name of its server. */
export const keepLog = (name: string): ((text: string) => void) => appender('logs', name);

const write = appender('secrets', String(process.pid));
const known = new Set<string>();

/** Public ids of tokens: they appear in paths, and tests present them where a token belongs. */
const isPublicId = (value: string): boolean => /^tok_[A-Za-z0-9]{25}$/.test(value);

/** Records a secret and its kind. */
export function keepSecret(kind: string, value: unknown): void {
  if (typeof value !== 'string' || !value || !keepsRecords || known.has(value)) return;
  if (isPublicId(value)) return;
  known.add(value);
  write(`${JSON.stringify([kind, value])}\n`);
}
