import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as path from 'node:path';
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

test('another ISSUER and other SECRET_KEYS on the same data are refused at once, with the right issuer, and nothing is changed', async () => {
  const env = await starts.copyOf(template);
  const said = await refusal({
    ...env,
    ISSUER: 'https://other.example.com',
    SECRET_KEYS: 'x'.repeat(32),
  });
  expect(said).toMatch(/^ +ISSUER: is https:\/\/other\.example\.com, but/m);
  expect(said).toContain(`set ISSUER=${env['ISSUER']}`);
  expect(said).toMatch(/^ +SECRET_KEYS: none of these keys encrypts the secrets of this database/m);
  expect((await starts.start(env)).stderr()).toBe('');
});

test('a lost secret-keys file is reported, and not replaced by a key that opens nothing', async () => {
  const env = await starts.copyOf(template);
  const file = path.join(env['DATA_DIR'] ?? '', 'secret-keys');
  const key = await readFile(file, 'utf8');
  await rm(file);
  expect(await refusal(env)).toMatch(/SECRET_KEYS: .*secret-keys is missing.*backup/);
  expect(existsSync(file)).toBe(false);
  await writeFile(file, `${'x'.repeat(32)}\n`);
  expect(await refusal(env)).toMatch(/SECRET_KEYS: .*secret-keys is not the one that encrypts/);
  await writeFile(file, key);
  expect((await starts.start(env)).stderr()).toBe('');
});

test('a port that is in use and a logo that cannot be read are reported along with the rest, before anything is created', async () => {
  const other = createServer().listen(0, 'localhost');
  await once(other, 'listening');
  try {
    const env = await starts.fresh();
    const taken = String((other.address() as AddressInfo).port);
    const said = await refusal({
      ...env,
      PORT: taken,
      BRAND_LOGO: '/nowhere/logo.svg',
      LOG_LEVEL: 'loud',
    });
    expect(said).toMatch(new RegExp(`^ +PORT: ${taken} is in use by another process; choose`, 'm'));
    expect(said).toMatch(/^ +BRAND_LOGO: the file \/nowhere\/logo\.svg does not exist/m);
    expect(said).toMatch(/^ +LOG_LEVEL: /m);
    expect(await refusal({ ...env, PORT: taken })).toContain(`PORT: ${taken} is in use`);
    expect(existsSync(env['DATA_DIR'] ?? '')).toBe(false);
  } finally {
    other.close();
  }
});

test('settings that are wrong are reported all at once, and nothing is created', async () => {
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

test('on Postgres, missing SECRET_KEYS and an issuer in clear are reported at once, along with what else is wrong', async () => {
  const said = await refusal({
    DATABASE_URL: 'postgres://localhost/writ',
    ISSUER: 'http://auth.example.com',
    PORT: 'abc',
  });
  for (const name of ['SECRET_KEYS', 'ISSUER', 'PORT'])
    expect(said).toMatch(new RegExp(`^ +${name}: `, 'm'));
});

(postgresUrl ? describe : describe.skip)('on Postgres', () => {
  const secrets = { SECRET_KEYS: 'x'.repeat(32) };

  test('a database that cannot be used is reported by its setting, with the reason, along with the rest', async () => {
    const url = new URL(await emptyPostgresDatabase());
    const reason = async (DATABASE_URL: string) =>
      /^ +DATABASE_URL: (.*)$/m.exec(
        await refusal({ ...secrets, DATABASE_URL, PORT: '0', BRAND_LOGO: '/nowhere/logo.svg' }),
      )?.[1];
    expect(await reason('postgres://writ@127.0.0.1:1/writ')).toMatch(
      /^nothing listens at 127\.0\.0\.1:1; is Postgres running/,
    );
    expect(await reason('postgres://writ@nowhere.invalid/writ')).toMatch(
      /^the host of nowhere\.invalid:5432 is unknown/,
    );
    const absent = Object.assign(new URL(url), { pathname: '/absent' });
    expect(await reason(String(absent))).toMatch(/has no database absent; create it: createdb/);
  });

  test('other SECRET_KEYS than those of the database are reported before a migration runs, and by setup too', async () => {
    const env = {
      ...secrets,
      DATABASE_URL: await emptyPostgresDatabase(),
      PORT: '7',
      DATA_DIR: (await starts.fresh())['DATA_DIR'] ?? '',
    };
    expect(await runWrit(['setup'], env)).toMatchObject({ code: 0, stderr: '' });
    const other = await runWrit(['setup'], { ...env, SECRET_KEYS: 'y'.repeat(32), PORT: '8' });
    expect(other).toMatchObject({ code: 1, stdout: '' });
    expect(other.stderr).toMatch(
      /^ +SECRET_KEYS: none of these keys encrypts the secrets of this database/m,
    );
    expect(other.stderr).toMatch(
      /^ +ISSUER: is http:\/\/localhost:8, but .*ISSUER=http:\/\/localhost:7,/m,
    );
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
