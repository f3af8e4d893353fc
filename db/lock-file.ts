import { readFileSync } from 'node:fs';
import { link, mkdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import * as path from 'node:path';
import { setTimeout } from 'node:timers/promises';

/** Milliseconds between two heartbeats of a lock's holder. */
const heartbeat = 10_000;

/** Another process uses the directory. */
export class DirectoryInUseError extends Error {
  constructor(directory: string, holder: Holder) {
    super(
      `${directory} is in use by process ${holder.pid} on ${holder.host}. Two processes would corrupt an embedded database. Stop the other process, set DATA_DIR to another directory for this one, or run both on Postgres (DATABASE_URL).`,
    );
    this.name = 'DirectoryInUseError';
  }
}

interface Holder {
  pid: number;
  host: string;
  /** Distinguishes the process from a later one with the same pid. */
  started: string;
}

/**
 * Locks a database directory for this process, because PGlite takes no lock itself. The lock is a file next to the
 * directory. A lock that a killed process left behind is detected and taken over. Returns a function that releases the
 * lock; throws `DirectoryInUseError`.
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  const file = `${path.resolve(directory)}.lock`;
  const own = `${file}.${process.pid}`;
  const self: Holder = { pid: process.pid, host: hostname(), started: startOf(process.pid) };
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(own, JSON.stringify(self), { mode: 0o600 });
  try {
    for (;;) {
      if (await linked(own, file)) return hold(file, self);
      const found = await read(file);
      if (found === undefined) continue;
      const holder = parse(found);
      if (holder && (await isAlive(holder, file))) throw new DirectoryInUseError(directory, holder);
      await removeStale(file, found, own);
    }
  } finally {
    await rm(own, { force: true });
  }
}

/**
 * Removes a stale lock. Several processes can find the same one, and a slower process must not remove the new lock of a
 * faster one, so removal requires a second, short-lived lock.
 */
async function removeStale(file: string, stale: string, own: string): Promise<void> {
  const turn = `${file}.turn`;
  if (await linked(own, turn)) {
    if ((await read(file)) === stale) await rm(file, { force: true });
    await rm(turn, { force: true });
    return;
  }
  const found = await read(turn);
  const holder = found === undefined ? undefined : parse(found);
  if (holder && !(await isAlive(holder, turn))) await rm(turn, { force: true });
  else await setTimeout(10);
}

/** Refreshes the lock while it is held, for processes on other hosts. */
async function hold(file: string, self: Holder): Promise<() => Promise<void>> {
  const touch = () => utimes(file, new Date(), new Date()).catch(() => {});
  const timer = setInterval(touch, heartbeat).unref();
  return async () => {
    clearInterval(timer);
    await release(file, self);
  };
}

async function release(file: string, self: Holder): Promise<void> {
  if ((await read(file)) === JSON.stringify(self)) await rm(file, { force: true });
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

/** Of a process on another host or in another container, only the heartbeat is visible. */
async function isAlive(holder: Holder, file: string): Promise<boolean> {
  if (holder.host !== hostname()) {
    const touched = await stat(file).catch(unless('ENOENT'));
    return touched !== undefined && Date.now() - touched.mtimeMs < 3 * heartbeat;
  }
  if (holder.pid === process.pid) return holder.started === startOf(process.pid);
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return holder.started === startOf(holder.pid);
}

/** The start time of a process according to the kernel (Linux: /proc/PID/stat field 22); elsewhere empty. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

/** Creates a hard link, which is atomic: a partly written lock is never visible. False if the target exists. */
const linked = (from: string, to: string): Promise<boolean> =>
  link(from, to).then(
    () => true,
    (error) => unless('EEXIST')(error) ?? false,
  );

const read = (file: string): Promise<string | undefined> =>
  readFile(file, 'utf8').catch(unless('ENOENT'));

const unless =
  (code: string) =>
  (error: NodeJS.ErrnoException): undefined => {
    if (error.code !== code) throw error;
  };
