import * as path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { describeSettings, loadSettings } from '../../config/settings.ts';
import { problemsOf } from '../support/settings.ts';

const postgres = { DATABASE_URL: 'postgres://writ@db/writ', SECRET_KEYS: 'k'.repeat(32) };

test('without any setting the server uses an embedded database', () => {
  expect(loadSettings({})).toMatchObject({
    PORT: 3000,
    DATABASE_URL: `pglite:${path.resolve('data/db')}`,
    embedded: true,
    LOG_LEVEL: 'info',
  });
});

test('an empty variable counts as absent', () => {
  expect(loadSettings({ PORT: '', REDIS_URL: '', ISSUER: '' })).toEqual(loadSettings({}));
});

test('DATABASE_URL selects a server, and several SECRET_KEYS are read newest first', () => {
  const newest = 'n'.repeat(40);
  expect(loadSettings({ ...postgres, SECRET_KEYS: `${newest}, ${'o'.repeat(40)}` })).toMatchObject({
    embedded: false,
    SECRET_KEYS: [newest, 'o'.repeat(40)],
  });
});

test.each([
  ['ISSUER', 'not a url'],
  ['ISSUER', 'ftp://writ.example'],
  ['ISSUER', 'https://writ.example/'],
  ['ISSUER', 'https://writ.example/a path'],
  ['ISSUER', 'https://writ.example?x'],
  ['PORT', '65536'],
  ['PORT', '-1'],
  ['PORT', 'http'],
  ['DATABASE_URL', 'mysql://db'],
  ['DATABASE_POOL_SIZE', '1'],
  ['REDIS_URL', 'http://cache'],
  ['REDIS_URL', 'rediss-sentinel://a/primary'],
  ['SECRET_KEYS', 'too short'],
  ['SECRET_KEYS', `${'k'.repeat(32)},`],
  ['TRUST_PROXY', 'yes'],
  ['REFRESH_TOKEN_DAYS', '0'],
  ['REFRESH_TOKEN_IDLE_DAYS', 'never'],
  ['CHANGE_RETENTION_DAYS', '0'],
  ['LOG_LEVEL', 'loud'],
  ['REGISTRATION', 'on'],
  ['REGISTRATION_DOMAINS', 'acme.com,@acme.com'],
  ['REGISTRATION_DOMAINS', '*'],
  ['REGISTRATION_DOMAINS', 'acme.com, *.*.com'],
  ['REGISTRATION_ROLES', 'reader, administrator'],
])('%s=%s is refused by its name', (name, value) => {
  const found = problemsOf({ [name]: value });
  expect(found).toHaveLength(1);
  expect(found[0]).toMatch(new RegExp(`^${name}: `));
});

test('all mistakes are reported at once', () => {
  const found = problemsOf({
    PORT: 'http',
    LOG_LEVEL: 'loud',
    REDIS_URL: 'cache',
    DATABASE_URL: 'postgres://db/writ',
    ISSUER: 'http://writ.example',
  });
  expect(found.map((problem) => problem.split(':')[0]).sort()).toEqual([
    'ISSUER',
    'LOG_LEVEL',
    'PORT',
    'REDIS_URL',
    'SECRET_KEYS',
  ]);
});

test('a mistake in a secret is reported without the secret', () => {
  expect(problemsOf({ SECRET_KEYS: 'hunter2' }).join()).not.toContain('hunter2');
});

test('people register with an outbox or a mail server: without either, the setting is refused', () => {
  const settings = {
    REGISTRATION: 'open',
    REGISTRATION_DOMAINS: 'Acme.com, *.b\u00fccher.example,acme.com',
    REGISTRATION_ROLES: 'reader,editor',
  };
  expect(loadSettings(settings)).toMatchObject({
    REGISTRATION_DOMAINS: ['acme.com', '*.xn--bcher-kva.example'],
    REGISTRATION_ROLES: ['reader', 'editor'],
  });
  expect(problemsOf({ ...postgres, ...settings })).toEqual([
    expect.stringMatching(/^REGISTRATION: needs SMTP_URL/),
  ]);
  expect(problemsOf({ ...postgres, ...settings, SMTP_URL: 'smtp://mail.acme.test' })).toEqual([]);
});

describe('on a server', () => {
  test('missing SECRET_KEYS are refused, with the command that creates one', () => {
    expect(problemsOf({ DATABASE_URL: postgres.DATABASE_URL })).toEqual([
      expect.stringMatching(/^SECRET_KEYS: .*openssl rand -hex 32/),
    ]);
  });

  test.each(['http://writ.example', 'http://10.0.0.1', 'http://localhost.example'])(
    'the issuer %s is refused: tokens would be sent in clear text',
    (ISSUER) => {
      expect(problemsOf({ ...postgres, ISSUER })).toEqual([expect.stringMatching(/^ISSUER: /)]);
    },
  );

  test.each([
    'https://writ.example',
    'http://localhost:3000',
    'http://127.0.0.1:3000',
    'http://[::1]:3000',
  ])('the issuer %s is accepted', (ISSUER) => {
    expect(loadSettings({ ...postgres, ISSUER })).toMatchObject({ ISSUER });
  });
});

test('every setting has a description, and no name is used twice', () => {
  const settings = describeSettings();
  for (const { name, meaning } of settings) expect(`${name} ${meaning}`.length).toBeGreaterThan(20);
  expect(new Set(settings.map(({ name }) => name)).size).toBe(settings.length);
});
