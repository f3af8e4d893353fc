import { readFileSync } from 'node:fs';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import * as path from 'node:path';

/** Another process has the directory. */
export class DirectoryInUseError extends Error {
  constructor(directory: string, holder: Holder) {
    super(
      `${directory} is in use by process ${holder.pid} on ${holder.host}. Two processes on one embedded database would ruin it: stop that one, give this one a DATA_DIR of its own, or run both on Postgres (DATABASE_URL).`,
    );
    this.name = 'DirectoryInUseError';
  }
}

interface Holder {
  pid: number;
  host: string;
  /** Tells this process from a later one with the same id. */
  started: string;
}

/**
 * Takes the directory for this process alone, since PGlite takes no lock itself. A lock that a killed
 * process left behind is recognised and taken over. Gives a function that lets the directory go;
 * throws DirectoryInUseError.
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  const file = path.join(directory, 'lock');
  const own = path.join(directory, `lock.${process.pid}`);
  const self: Holder = { pid: process.pid, host: hostname(), started: startOf(process.pid) };
  await writeFile(own, JSON.stringify(self), { mode: 0o600 });
  try {
    for (;;) {
      // A hard link appears whole or not at all, so nobody ever reads half a lock.
      const taken = await link(own, file).then(() => true, isCode('EEXIST'));
      if (taken === true) return () => release(file, self);
      const found = await readFile(file, 'utf8').catch(isCode('ENOENT'));
      if (typeof found !== 'string') continue;
      const holder = parse(found);
      if (holder && isAlive(holder)) throw new DirectoryInUseError(directory, holder);
      await removeStale(file, found);
    }
  } finally {
    await rm(own, { force: true });
  }
}

/** Two processes may find the same stale lock; the slower must not remove the new lock of the faster. */
async function removeStale(file: string, expected: string): Promise<void> {
  const aside = `${file}.stale.${process.pid}`;
  if ((await rename(file, aside).then(() => true, isCode('ENOENT'))) !== true) return;
  if ((await readFile(aside, 'utf8')) !== expected) await link(aside, file).catch(isCode('EEXIST'));
  await rm(aside, { force: true });
}

async function release(file: string, self: Holder): Promise<void> {
  const found = await readFile(file, 'utf8').catch(isCode('ENOENT'));
  if (found === JSON.stringify(self)) await rm(file, { force: true });
}

function parse(text: string): Holder | undefined {
  try {
    const { pid, host, started } = JSON.parse(text);
    return Number.isInteger(pid)
      ? { pid, host: String(host), started: String(started) }
      : undefined;
  } catch {
    return undefined;
  }
}

/** On another host nothing can be known of a process, so its lock counts as held. */
function isAlive(holder: Holder): boolean {
  if (holder.host !== hostname()) return true;
  if (holder.pid === process.pid) return holder.started === startOf(process.pid);
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return holder.started === startOf(holder.pid);
}

/** When the process started, in the kernel's words (Linux, /proc/PID/stat field 22); elsewhere nothing. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

const isCode = (code: string) => (error: NodeJS.ErrnoException) => {
  if (error.code !== code) throw error;
  return code;
};
