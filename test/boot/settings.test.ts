import { availableParallelism } from 'node:os';
import { expect, test } from '@jest/globals';
import { describeSettings, loadSettings } from '../../config/settings.ts';
import { problemsOf } from '../support/settings.ts';

/** For each setting that can be wrong, values that are. */
const wrong: Record<string, string[]> = {
  ISSUER: [
    'login.example.com',
    'ftp://login.example.com',
    'https://login.example.com/',
    'https://example.com//login',
    'https://example.com/login//',
    'https://example.com/../login',
    'https://example.com/log%69n',
    'https://example.com/login?tenant=1',
    'https://example.com/login#here',
    'https://example.com/log;in',
    'https://ada@example.com/login',
    'https://EXAMPLE.com/login',
  ],
  PORT: ['http', '-1', '65536', '1e3', '0x50', ' '],
  ADMIN_PORT: ['console', '-1', '65536'],
  METRICS_PORT: ['prometheus', '-1', '65536'],
  DATABASE_URL: ['mysql://db/writ', 'db'],
  DATABASE_POOL_SIZE: ['1', '3', 'ten', '2.5'],
  REDIS_URL: ['http://cache', 'cache:6379'],
  SECRET_KEYS: ['too short', `${'k'.repeat(32)},`],
  TRUST_PROXY: ['yes', '-1', '11', '1.5', 'TRUE'],
  CLIENT_CERTIFICATE_HEADER: ['Authorization', 'Client Cert', ':cert'],
  CLIENT_CERTIFICATE_PROXIES: ['proxy.internal', '10.0.0.0/33', '0.0.0.0/0', '10.0.0.1,'],
  CLIENT_CERTIFICATE_AUTHORITIES: ['authorities', 'https://example.com/ca'],
  CLIENT_CERTIFICATE_URL: ['mtls.example.com', 'http://mtls.example.com', 'https://a.example/'],
  REFRESH_TOKEN_DAYS: ['0', 'never'],
  REFRESH_TOKEN_IDLE_DAYS: ['-1', 'never'],
  DPOP_NONCE: ['yes', 'ON'],
  PRIVATE_CLIENT_URLS: ['yes', 'ON'],
  CLIENT_METADATA_DOCUMENTS: ['on', 'https://claude.ai', 'claude.ai:443', '*'],
  CLIENT_REGISTRATION: ['yes', 'closed'],
  SESSIONS_PER_ACCOUNT: ['0', '1001', 'some'],
  SECOND_FACTOR: ['yes', 'everybody'],
  SECOND_FACTOR_DAYS: ['-1', '366', 'soon'],
  FACTOR_RESET_HOURS: ['-1', '721', 'a day'],
  PASSKEY_ORIGINS: ['acme.example', 'http://acme.example', 'https://acme.example/login'],
  SIGN_IN_CHALLENGE: ['on', 'always'],
  REMEMBERED_BROWSER_DAYS: ['-1', '366', 'long'],
  CHANGE_RETENTION_DAYS: ['0', 'long'],
  AUDIT_RETENTION_DAYS: ['0', 'long'],
  AUDIT_LOG: ['stderr', 'on', 'syslog://host'],
  SIGNING_KEY_ROTATION_DAYS: ['-1', 'monthly'],
  JWKS_MAX_AGE_SECONDS: ['0', '86401'],
  BRAND_NAME: [' ', 'n'.repeat(61)],
  BRAND_LOGO: ['logo.gif', 'https://example.com/logo'],
  BRAND_COLOR: ['blue', '#fff', '#1a5fb4ff'],
  BRAND_STYLE: ['style.scss', 'https://example.com/style'],
  SUPPORT_URL: ['help', 'mailto:help@acme.com'],
  SUPPORT_EMAIL: ['help', 'https://acme.com/help'],
  TERMS_URL: ['terms', 'ftp://acme.com/terms'],
  PRIVACY_URL: ['privacy', 'javascript:alert(1)'],
  LANGUAGES: ['english', 'de;en', 'en,,de'],
  REGISTRATION: ['yes', 'Open'],
  REGISTRATION_DOMAINS: ['https://acme.com', 'ada@acme.com', '*.'],
  REGISTRATION_ROLES: ['administrator'],
  SMTP_URL: [
    ...['mail.example.com', 'http://mail.example.com', 'smtp://me:secret@', 'smtp://host:70000'],
    ...['smtp://me:50%@host', 'smtp://host/path', 'smtp://host?pool=true', 'smtps:host'],
  ],
  MAIL_FROM: [
    ...['Acme', 'a@', '@b', 'a b@c', 'Acme <a@b', 'a@b, c@d', 'a@b\r\nBcc: c@d', '<>'],
    ...['Acme <a@b> <c@d>', `Ac\nme <a@b>`, `${'a'.repeat(250)}@b.com`],
  ],
  LIMITS: ['pages=1/1', 'pages.network', 'pages.network=1/0', 'grant.network=-1/60'],
  DIALECTS: ['bloq,', 'Squidex', 'squidex bloq', 'all,bloq'],
  DATASETTE_DEVICE_FLOW: ['yes', 'ON'],
  APPS: ['yes', 'ON'],
  LOG_LEVEL: ['loud', 'INFO'],
  LOG_FORMAT: ['xml'],
  WEB_CONCURRENCY: ['0', '-1', '129', '1.5', 'all'],
  MAX_CONNECTIONS: ['0', 'many'],
  MAX_REQUESTS: ['0', '1e3'],
  REQUEST_TIMEOUT_SECONDS: ['0', 'long'],
  HSTS_MAX_AGE_SECONDS: ['-1', 'year'],
  SHUTDOWN_DELAY_SECONDS: ['-1', '5s'],
  SHUTDOWN_TIMEOUT_SECONDS: ['-1', 'ever'],
};

/** Lists, of which the problem names the entry. */
const inParts = [
  ...['LIMITS', 'DIALECTS', 'LANGUAGES', 'REGISTRATION_DOMAINS', 'REGISTRATION_ROLES'],
  'CLIENT_CERTIFICATE_PROXIES',
];

/** Settings that may be any text. */
const anyText = ['HOST', 'ADMIN_HOST', 'METRICS_HOST', 'DATA_DIR'];

test('every setting stands in this test: with what is wrong for it, or as one that takes any text', () => {
  const names = describeSettings().map(({ name }) => name);
  expect([...Object.keys(wrong), ...anyText].sort()).toEqual(names.sort());
});

test('all wrong settings are told at once, each by its name and once', () => {
  const environment = Object.entries(wrong).map(([name, [value = '']]) => [name, value]);
  const told = problemsOf(Object.fromEntries(environment));
  expect(told.map((problem) => problem.split(': ')[0])).toEqual(Object.keys(wrong));
  expect(problemsOf({ DATABASE_URL: 'postgres://db/writ', ISSUER: 'http://x/?y' })).toHaveLength(2);
});

test.each(Object.entries(wrong).flatMap(([name, values]) => values.map((value) => [name, value])))(
  '%s=%s is refused with what it must be and what it is, once, and without its secrets',
  (name, value) => {
    const told = problemsOf({ [name as string]: value as string });
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(new RegExp(`^${name}: (must |each key needs )`));
    if (['SECRET_KEYS', 'SMTP_URL', 'DATABASE_URL', 'REDIS_URL'].includes(name as string))
      expect(told[0]).not.toContain(value);
    else if (!inParts.includes(name as string))
      expect(told[0]).toContain(
        `; it is ${JSON.stringify((value as string).slice(0, 100)).slice(0, -1)}`,
      );
  },
);

test('client certificates need what says whose header is believed', () => {
  const certificates = { CLIENT_CERTIFICATE_HEADER: 'Client-Cert' };
  const proxies = { CLIENT_CERTIFICATE_PROXIES: '10.0.0.0/8' };
  expect(problemsOf(certificates)).toEqual([
    expect.stringContaining('TRUST_PROXY'),
    expect.stringContaining('CLIENT_CERTIFICATE_PROXIES'),
  ]);
  expect(problemsOf({ ...certificates, ...proxies, TRUST_PROXY: '0' })).toHaveLength(1);
  expect(problemsOf({ ...certificates, ...proxies, TRUST_PROXY: '1' })).toEqual([]);
  expect(problemsOf(proxies)).toEqual([expect.stringContaining('CLIENT_CERTIFICATE_HEADER')]);
});

test('a process waits before it stops where a proxy may stand before it', () => {
  const delay = (environment: Record<string, string>) =>
    loadSettings(environment).SHUTDOWN_DELAY_SECONDS;
  const postgres = { DATABASE_URL: 'postgres://db/writ', SECRET_KEYS: 'k'.repeat(32) };
  expect(delay({})).toBe(0);
  expect(delay(postgres)).toBe(5);
  expect(delay({ ...postgres, SHUTDOWN_DELAY_SECONDS: '30' })).toBe(30);
});

test('several processes need Postgres; auto is as many as there are processors, and one on the embedded database', () => {
  const postgres = { DATABASE_URL: 'postgres://db/writ', SECRET_KEYS: 'k'.repeat(32) };
  const processes = (environment: Record<string, string>) =>
    loadSettings(environment).WEB_CONCURRENCY;
  expect(problemsOf({ WEB_CONCURRENCY: '2' })).toEqual([
    expect.stringMatching(/^WEB_CONCURRENCY: must be 1 on the embedded database.*it is "2"$/),
  ]);
  expect(processes({})).toBe(1);
  expect(processes(postgres)).toBe(1);
  expect(processes({ WEB_CONCURRENCY: 'auto' })).toBe(1);
  expect(processes({ ...postgres, WEB_CONCURRENCY: '3' })).toBe(3);
  expect(processes({ ...postgres, WEB_CONCURRENCY: 'auto' })).toBe(
    Math.min(availableParallelism(), 128),
  );
});

test('mails come from an address, or from a name and an address', () => {
  const from = (MAIL_FROM: string) => loadSettings({ MAIL_FROM }).MAIL_FROM;
  expect(from('no-reply@acme.com')).toEqual({ address: 'no-reply@acme.com' });
  expect(from('<no-reply@acme.com>')).toEqual({ address: 'no-reply@acme.com' });
  const named = { name: 'Acme, the API', address: 'no-reply@acme.com' };
  expect(from(' Acme, the API <no-reply@acme.com>')).toEqual(named);
  expect(from('"Acme, the API" <no-reply@acme.com>')).toEqual(named);
  expect(loadSettings({}).MAIL_FROM).toBeUndefined();
});

test.each([
  'smtp://localhost',
  'smtp://mail.acme.com:25',
  'smtps://writ:p%40ss@mail.acme.com:465',
  'smtp://[::1]:2525',
])('%s names a mail server', (SMTP_URL) => {
  expect(loadSettings({ SMTP_URL })).toMatchObject({ SMTP_URL });
});

test.each(['0.0.0.0', '::', '192.168.1.5', 'writ.lan'])(
  'on the embedded database at HOST=%s, a plain-http issuer that others use is refused',
  (HOST) => {
    expect(problemsOf({ HOST, ISSUER: 'http://192.168.1.5:3000' })).toEqual([
      expect.stringContaining('ISSUER: must be https'),
    ]);
    expect(loadSettings({ HOST, ISSUER: 'https://login.example.com' }).HOST).toBe(HOST);
    expect(loadSettings({ HOST, ISSUER: 'http://localhost:3000' }).HOST).toBe(HOST);
  },
);

test.each(['localhost', '127.0.0.1', '::1'])(
  'at HOST=%s, where a proxy on this machine may speak TLS, it is not',
  (HOST) => {
    expect(loadSettings({ HOST, ISSUER: 'http://writ.lan' }).HOST).toBe(HOST);
  },
);

test.each([
  'https://example.com/login',
  'https://example.com/a/b.c/',
  'http://localhost:3000/~ada',
])('the issuer %s has a path, and is kept as it is written', (ISSUER) => {
  expect(loadSettings({ ISSUER }).ISSUER).toBe(ISSUER);
});
