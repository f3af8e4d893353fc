import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { freePort } from '../../support/process.ts';

/** The same at both starts: it is part of the issuer, which an installation keeps. */
let port: number;
const main = path.resolve(import.meta.dirname, '../../../src/main.ts');
const listening = /^Listening on (http:\/\/\S+)$/m;
let directory: string;

beforeAll(async () => {
  port = await freePort();
  directory = await mkdtemp(path.join(tmpdir(), 'writ-test-start-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const textOf = (stream: ChildProcess['stdout']) => {
  let text = '';
  stream?.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  return () => text;
};

/** Starts `writ serve`, lets `use` call it, stops it, and returns what it printed. */
async function serve(use: (origin: string) => Promise<void>) {
  const child = spawn(process.execPath, [main, 'serve'], {
    env: { PATH: process.env['PATH'], DATA_DIR: directory, PORT: String(port), LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, err] = [textOf(child.stdout), textOf(child.stderr)];
  const closed = once(child, 'close');
  try {
    while (!listening.test(out()))
      await Promise.race([
        once(child.stdout, 'data'),
        closed.then(() => {
          throw new Error(`it ended:\n${out()}\n${err()}`);
        }),
      ]);
    await use(listening.exec(out())?.[1] ?? '');
  } finally {
    child.kill('SIGTERM');
    await closed;
  }
  return { out: out(), err: err(), code: child.exitCode };
}

const useIt = async (origin: string) => {
  for (const place of [
    '/.well-known/openid-configuration',
    '/.well-known/openid-configuration/jwks',
    '/connect/userinfo',
  ])
    await (await fetch(origin + place)).text();
};

test('neither the first start nor the second prints a warning, and both stop when asked to', async () => {
  const first = await serve(useIt);
  expect(first.err).toBe('');
  expect(first.out).not.toMatch(/warning/i);
  expect(first.code).toBe(0);
  const second = await serve(useIt);
  expect(second.err).toBe('');
  expect(second.out).not.toMatch(/warning/i);
  expect(second.code).toBe(0);
});
