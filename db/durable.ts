/**
 * Files that outlast a power cut. A file is on the disk once it was synced, and its name once the
 * directory was that has it; `rename` replaces a file whole, but not durably by itself.
 */
import fs from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import * as path from 'node:path';

/** Writes a file, for its owner's eyes only: whole and on the disk, or not at all. */
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

/** Makes a directory, for its owner alone, and those above it that are missing. */
export async function makeDirectoryDurably(directory: string): Promise<void> {
  const wanted = path.resolve(directory);
  const first = await mkdir(wanted, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = wanted; made.length >= first.length; made = path.dirname(made))
    await syncPath(path.dirname(made));
}

/** Which directory this is, whatever comes to its place later. File systems give the number of one that is gone again. */
export async function identityOf(directory: string): Promise<string> {
  const { ino, birthtimeNs } = await stat(directory, { bigint: true });
  return `${ino} ${birthtimeNs}`;
}

/** Removes a file, if it is there, so that it stays away. */
export async function removeDurably(file: string): Promise<void> {
  await rm(file, { force: true });
  await syncPath(path.dirname(file));
}

/** Syncs a directory and all that is in it: the names and the contents. A few at a time, since most of it is waiting. */
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

/** Syncs a file, or the names in a directory. */
export async function syncPath(file: string): Promise<void> {
  const handle = await open(file, 'r').catch(unlessWindows);
  if (!handle) return;
  try {
    await handle.sync().catch(unlessWindows);
  } finally {
    await handle.close();
  }
}

/** As syncPath, while everything else stands still. */
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

/** Windows opens no directories and syncs nothing that is open for reading; it writes names down by itself. */
function unlessWindows(error: unknown): undefined {
  if (process.platform !== 'win32') throw error;
}
