import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, expect, test } from '@jest/globals';
import { DirectoryInUseError, lockDirectory } from '../../db/lock-file.ts';

const root = mkdtempSync(path.join(tmpdir(), 'writ-test-lock-'));
const children: ChildProcess[] = [];
let directories = 0;

/** A directory that no other test locks. */
const directory = () => path.join(root, `db${++directories}`);
const lockOf = (locked: string) => `${locked}.lock`;

afterEach(async () => {
  for (const child of children.splice(0)) {
    const ended = once(child, 'exit');
    if (child.exitCode === null && child.signalCode === null && child.kill('SIGKILL')) await ended;
  }
});

afterAll(() => rmSync(root, { recursive: true }));

/** Another process, which locks directories on request and reports the result. */
function startTaker() {
  const module = new URL('../../db/lock-file.ts', import.meta.url);
  const child = spawn(
    process.execPath,
    [
      ...['--input-type=module', '--disable-warning=ExperimentalWarning', '--eval'],
      `import { createInterface } from 'node:readline';
      const { lockDirectory } = await import('${module}');
      setInterval(() => {}, 1000);
      for await (const directory of createInterface({ input: process.stdin }))
        console.log(await lockDirectory(directory).then(() => 'taken', (error) => error.name));`,
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  children.push(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    pid: child.pid,
    async take(locked: string): Promise<string> {
      child.stdin.write(`${locked}\n`);
      return String((await lines.next()).value);
    },
    async kill(): Promise<void> {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

test('a second process is refused, with the holder of the lock and the remedies', async () => {
  const locked = directory();
  const holder = startTaker();
  expect(await holder.take(locked)).toBe('taken');
  const refusal = await lockDirectory(locked).catch((error) => error);
  expect(refusal).toBeInstanceOf(DirectoryInUseError);
  expect(refusal.message).toContain(`${locked} is in use by process ${holder.pid}`);
  expect(refusal.message).toContain('DATA_DIR');
  expect(refusal.message).toContain('DATABASE_URL');
});

test('a second lock in the same process is refused', async () => {
  const locked = directory();
  const release = await lockDirectory(locked);
  await expect(lockDirectory(locked)).rejects.toThrow(DirectoryInUseError);
  await release();
});

test('a released directory can be locked again, and no file is left next to it', async () => {
  const locked = directory();
  await (await lockDirectory(locked))();
  const release = await lockDirectory(locked);
  await release();
  const left = await readdir(root);
  expect(left.filter((name) => name.startsWith(path.basename(locked)))).toEqual([]);
});

test('the lock of a killed process is taken over', async () => {
  const locked = directory();
  const holder = startTaker();
  await holder.take(locked);
  await holder.kill();
  const release = await lockDirectory(locked);
  await expect(startTaker().take(locked)).resolves.toBe('DirectoryInUseError');
  await release();
});

test('a malformed lock is taken over', async () => {
  for (const nonsense of ['', '{', 'null', '{"pid":"1"}']) {
    const locked = directory();
    await writeFile(lockOf(locked), nonsense);
    await (await lockDirectory(locked))();
  }
});

test('the lock of a process whose pid another process has now is taken over', async () => {
  const locked = directory();
  const release = await lockDirectory(locked);
  const holder = JSON.parse(await readFile(lockOf(locked), 'utf8'));
  await release();
  await writeFile(lockOf(locked), JSON.stringify({ ...holder, started: '1' }));
  await (await lockDirectory(locked))();
});

test('the lock of another host is respected while its heartbeat is recent, and taken over after that', async () => {
  const locked = directory();
  const release = await lockDirectory(locked);
  const holder = JSON.parse(await readFile(lockOf(locked), 'utf8'));
  await release();
  await writeFile(lockOf(locked), JSON.stringify({ ...holder, host: 'elsewhere' }));
  await expect(lockDirectory(locked)).rejects.toThrow('on elsewhere');
  const longAgo = new Date(Date.now() - 3_600_000);
  await utimes(lockOf(locked), longAgo, longAgo);
  await (await lockDirectory(locked))();
});

test('releasing a lock that was taken over does not remove the new lock', async () => {
  const locked = directory();
  const release = await lockDirectory(locked);
  const other = JSON.stringify({ pid: process.pid, host: 'elsewhere', started: '1' });
  await writeFile(lockOf(locked), other);
  await release();
  expect(await readFile(lockOf(locked), 'utf8')).toBe(other);
});

test('of ten processes that find the same stale lock at once, one takes it', async () => {
  const dead = startTaker();
  const stale = Array.from({ length: 10 }, directory);
  for (const locked of stale) await dead.take(locked);
  await dead.kill();
  const takers = Array.from({ length: 10 }, startTaker);
  await Promise.all(takers.map((taker) => taker.take(directory())));
  for (const locked of stale) {
    const results = await Promise.all(takers.map((taker) => taker.take(locked)));
    expect(results.filter((result) => result === 'taken')).toHaveLength(1);
    expect(results.filter((result) => result === 'DirectoryInUseError')).toHaveLength(9);
  }
});
