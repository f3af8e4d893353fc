/**
 * Files that survive a power cut. The content of a file is on disk after a sync of the file, and its name after a sync of
 * its directory. `rename` replaces a file atomically, but is not durable by itself.
 */
import fs from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import * as path from 'node:path';

/** Writes a file with mode 0600, durably and atomically: it is complete and on disk, or not there. */
export async function writeDurably(file: string, content: string): Promise<void> {
  const temporary = `${file}.${process.pid}`;
  try {
    const handle = await open(temporary, 'w', 0o600);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
  await syncPath(path.dirname(file));
}

/** Creates a directory with mode 0700, and its missing parents, durably. */
export async function createDirectoryDurably(directory: string): Promise<void> {
  const wanted = path.resolve(directory);
  const first = await mkdir(wanted, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let created = wanted; created.length >= first.length; created = path.dirname(created))
    await syncPath(path.dirname(created));
}

/** Identifies a directory even if another takes its path. The birth time is included because inode numbers are reused. */
export async function identityOf(directory: string): Promise<string> {
  const { ino, birthtimeNs } = await stat(directory, { bigint: true });
  return `${ino} ${birthtimeNs}`;
}

/** Removes a file if it exists, durably. */
export async function removeDurably(file: string): Promise<void> {
  await rm(file, { force: true });
  await syncPath(path.dirname(file));
}

/** Syncs a directory with all its entries and contents; a few at a time, because most of the time is waiting. */
export async function syncTree(directory: string): Promise<void> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const paths = [
    directory,
    ...entries
      .filter((entry) => entry.isFile() || entry.isDirectory())
      .map((entry) => path.join(entry.parentPath, entry.name)),
  ];
  const next = paths.values();
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      for (const each of next) await syncPath(each);
    }),
  );
}

/** Syncs a file, or the entries of a directory. */
export async function syncPath(file: string): Promise<void> {
  const handle = await open(file, 'r').catch(unlessWindows);
  if (!handle) return;
  try {
    await handle.sync().catch(unlessWindows);
  } finally {
    await handle.close();
  }
}

/** Does the same as `syncPath`, synchronously. */
export function syncPathNow(file: string): void {
  try {
    const descriptor = fs.openSync(file, 'r');
    try {
      fs.fsyncSync(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
  } catch (error) {
    unlessWindows(error);
  }
}

/** Ignores an error on Windows, which cannot sync directories or files opened for reading, and persists names itself. */
function unlessWindows(error: unknown): undefined {
  if (process.platform !== 'win32') throw error;
}
