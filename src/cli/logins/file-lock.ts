/** A LOCK BETWEEN PROCESSES of one person on one machine: a file that only one of them can create. */
import { randomUUID } from 'node:crypto';
import { link, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { Failure } from '../failure.ts';
import { unwritable } from './unwritable.ts';

/** Milliseconds to wait for the lock: longer than a request that its holder can wait for. */
const patience = 90_000;
/** A lock that its holder did not remove for so long is left over, whatever runs under its process ID now. */
const maxAge = 300_000;
const interval = 50;

/**
 * Runs `work` while no other process holds the lock. A lock whose process no longer runs is removed. Throws Failure if
 * another process holds it for too long.
 */
export async function withFileLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  const mark = `${process.pid} ${randomUUID()}`;
  const giveUp = Date.now() + patience;
  while (!(await create(file, mark))) {
    const holder = await contentOf(file);
    if (await isLeftOver(file, holder)) await remove(file, holder);
    else if (Date.now() > giveUp)
      throw new Failure(`Another writ command has held the lock ${file} for too long.`, {
        remedy: `If none is running, remove the file.`,
      });
    else await pause(interval);
  }
  try {
    return await work();
  } finally {
    if ((await contentOf(file)) === mark) await rm(file, { force: true });
  }
}

async function create(file: string, mark: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx', 0o600);
    try {
      await handle.writeFile(mark);
    } catch (error) {
      await rm(file, { force: true });
      throw error;
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw unwritable(file, error);
  }
}

async function isLeftOver(file: string, content: string | undefined): Promise<boolean> {
  const details = await stat(file).catch(() => undefined);
  if (!details) return false;
  const age = Date.now() - details.mtimeMs;
  // Its holder has just created it and not yet written its process ID.
  if (!content) return age > 5_000;
  return age > maxAge || !isRunning(Number.parseInt(content, 10));
}

/** Removes the lock of this holder. Another process may have done so, and hold it now: then that one stays. */
async function remove(file: string, holder: string | undefined): Promise<void> {
  const taken = `${file}.${randomUUID()}`;
  try {
    await rename(file, taken);
    if ((await contentOf(taken)) !== holder) await link(taken, file).catch(() => {});
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  } finally {
    await rm(taken, { force: true });
  }
}

const contentOf = (file: string): Promise<string | undefined> =>
  readFile(file, 'utf8').catch(() => undefined);

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
