import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { emptyPostgresDatabase, postgresUrl } from '../support/databases.ts';
import { type ProcessEnvironment, runWrit } from '../support/server-process.ts';
import { createStarts } from './data-directories.ts';

const starts = createStarts();
let template: ProcessEnvironment;

beforeAll(async () => {
  template = await starts.fresh();
  expect((await runWrit(['setup'], template)).code).toBe(0);
});
afterAll(() => starts.end());

/** Starts a server that must not start, and gives what it says. */
async function refusal(env: ProcessEnvironment): Promise<string> {
  const { code, stdout, stderr } = await runWrit(['serve'], env);
  expect({ code, stdout }).toEqual({ code: 1, stdout: expect.not.stringContaining('Listening') });
  expect(stderr).toMatch(/^writ: /);
  expect(stderr).not.toMatch(/^\s+at /m);
  return stderr;
}

test('another ISSUER on the same data is refused, and both are named', async () => {
  const env = await starts.copyOf(template);
  const said = await refusal({ ...env, ISSUER: 'https://other.example.com' });
  expect(said).toContain(env['ISSUER']);
  expect(said).toContain('https://other.example.com');
  expect((await starts.start(env)).stderr()).toBe('');
});

test('SECRET_KEYS that did not seal the data are refused', async () => {
  const env = await starts.copyOf(template);
  expect(await refusal({ ...env, SECRET_KEYS: 'x'.repeat(32) })).toContain('SECRET_KEYS');
});

test('a port that is taken is told, and the data is let go', async () => {
  const other = createServer().listen(0, 'localhost');
  await once(other, 'listening');
  try {
    const env = await starts.fresh();
    const taken = String((other.address() as AddressInfo).port);
    expect(await refusal({ ...env, PORT: taken })).toMatch(/port is taken.*PORT/);
    expect(await readdir(env['DATA_DIR'] ?? '')).not.toContainEqual(
      expect.stringContaining('lock'),
    );
  } finally {
    other.close();
  }
});

test('settings that are wrong are told all at once, and nothing is made', async () => {
  const env = await starts.fresh();
  const said = await refusal({
    ...env,
    PORT: 'abc',
    ISSUER: 'not a URL',
    DATABASE_URL: 'mysql://localhost/writ',
    REDIS_URL: 'http://localhost',
    SECRET_KEYS: 'short',
    LOG_LEVEL: 'loud',
  });
  for (const name of ['PORT', 'ISSUER', 'DATABASE_URL', 'REDIS_URL', 'SECRET_KEYS', 'LOG_LEVEL'])
    expect(said).toMatch(new RegExp(`^ +${name}: `, 'm'));
  expect(said).not.toContain('short\n');
  await expect(readdir(env['DATA_DIR'] ?? '')).rejects.toThrow('ENOENT');
});

test('on Postgres, missing SECRET_KEYS and an issuer in clear are told at once, beside what else is wrong', async () => {
  const said = await refusal({
    DATABASE_URL: 'postgres://localhost/writ',
    ISSUER: 'http://auth.example.com',
    PORT: 'abc',
  });
  for (const name of ['SECRET_KEYS', 'ISSUER', 'PORT'])
    expect(said).toMatch(new RegExp(`^ +${name}: `, 'm'));
});

(postgresUrl ? describe : describe.skip)('on Postgres', () => {
  test('a server whose database cannot be reached says so', async () => {
    const away = { DATABASE_URL: 'postgres://writ@127.0.0.1:1/writ', SECRET_KEYS: 'x'.repeat(32) };
    expect(await refusal(away)).toContain('127.0.0.1:1');
  });

  test('a server that was not set up starts, and writes nothing to standard error', async () => {
    const server = await starts.start({
      DATABASE_URL: await emptyPostgresDatabase(),
      SECRET_KEYS: 'x'.repeat(32),
      HOST: 'localhost',
      PORT: '0',
    });
    expect((await server.get('/.well-known/openid-configuration')).status).toBe(200);
    expect(server.stderr()).toBe('');
    expect(server.stdout()).not.toMatch(/writ_(cs|ak)_/);
  });
});
