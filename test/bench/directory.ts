import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import * as path from 'node:path';

/** Runs a bench in a temporary directory, which is removed however that ends. */
export async function inDirectory(
  prefix: string,
  run: (directory: string) => Promise<number>,
): Promise<number> {
  const directory = mkdtempSync(path.join(tmpdir(), prefix));
  const remove = () => rmSync(directory, { recursive: true, force: true });
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      remove();
      process.exit(128 + constants.signals[signal]);
    });
  try {
    return await run(directory);
  } finally {
    remove();
  }
}
