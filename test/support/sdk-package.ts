import { execFile } from 'node:child_process';
import { copyFile, mkdir } from 'node:fs/promises';
import * as path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, '../..');

/** Builds `writ-sdk` into a directory that does not exist: the files that `npm publish` would pack. */
export async function buildSdk(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const file of ['sdk/node/package.json', 'sdk/node/README.md', 'LICENSE'])
    await copyFile(path.join(root, file), path.join(directory, path.basename(file)));
  await run(path.join(root, 'node_modules/.bin/tsc'), [
    ...['-p', path.join(root, 'sdk/node')],
    ...['--outDir', path.join(directory, 'dist')],
  ]);
}
