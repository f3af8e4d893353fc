// The first page of the console, its settings and its limits.

import { adminBrand } from '../../views/admin/brand.ts';
import { adminDialects, type DialectShown } from '../../views/admin/dialects.ts';
import { adminHome, type HomeProps } from '../../views/admin/home.ts';
import { adminJobs } from '../../views/admin/jobs.ts';
import { adminLimits, type LimitShown } from '../../views/admin/limits.ts';
import { adminMail, type MailShown } from '../../views/admin/mail.ts';
import { adminSettings, type SettingShown } from '../../views/admin/settings.ts';
import { here } from './admin-cases.ts';
import { ago, ahead, type Case, day, everyday, frame, long, one, unbroken, worst } from './case.ts';

const hours = Array.from({ length: 24 }, (_, hour) => Math.round(400 + 300 * Math.sin(hour / 4)));
const counts = { last_hour: 412, last_day: 9_876, last_month: 301_234, by_hour: hours };
const none = {
  last_hour: 0,
  last_day: 0,
  last_month: 0,
  by_hour: hours.map(() => 0),
};

const well: HomeProps = {
  health: [
    { name: 'database', status: 'ok', message: 'Postgres 17.2 answers in 0.4 ms.' },
    { name: 'redis', status: 'ok', message: 'Redis 7.4.1 answers in 0.3 ms.' },
  ],
  figures: { tokens: counts, introspections: counts, signIns: counts, refusals: none },
  checkedAt: ago(4),
  refusedClients: [],
  limits: [],
  secrets: [],
  logouts: [],
  streams: [],
  leaked: 0,
};

const troubled: HomeProps = {
  ...well,
  health: [
    {
      name: 'database latency',
      status: 'warning',
      message: 'A query takes 48 ms, and every token request needs several.',
      remedy: 'Run the servers and Postgres close to each other.',
    },
    {
      name: 'redis',
      status: 'failed',
      message:
        'Redis does not respond (connect ECONNREFUSED 10.0.0.7:6379). Until it does, logins of clients, device codes and client assertions get 503.',
      remedy: 'Start Redis, and check whether this server reaches the host of REDIS_URL.',
    },
  ],
  refusedClients: [
    {
      clientId: 'acme:backend',
      count: 1_240,
      last: [
        {
          error: 'too_many_requests',
          reason: 'the limit client_authentication.client is reached',
          address: null,
          at: ago(20),
        },
        {
          error: 'invalid_client',
          reason: 'invalid secret provided',
          address: '10.0.0.7',
          at: ago(90),
        },
      ],
    },
  ],
  limits: [
    { name: 'client_authentication.client', count: 9_865, countsFailures: true },
    { name: 'token.client', count: 17, countsFailures: false },
  ],
  secrets: [{ clientId: 'acme:website', expiresAt: ahead(3 * day) }],
  logouts: [{ clientId: 'acme:shop', count: 4 }],
  streams: [{ id: 'failing', clientId: 'things-api', failingSince: ago(5 * 3_600) }],
  leaked: 2,
};

const dialect: DialectShown = {
  name: 'squidex',
  product: 'Squidex',
  on: true,
  resource: 'scp:squidex-api',
  clientId: null,
  moving: {
    set: '`DIALECTS=squidex`. Create an app at `/apps` and give its clients roles.',
    point:
      'Writ’s URL, as the `url` of the SDKs. Your API verifies tokens with [the guard](guard.md).',
    differs: [
      'A secret is shown once, when it is created.',
      '`/identity-server/connect/logout` redirects to the account page.',
    ],
  },
  features: [
    { id: 'Q1', feature: 'OpenID Connect under `/identity-server`', missing: null },
    { id: 'Q2', feature: 'The implicit flow', missing: 'RFC 9700 §2.1.2 forbids it.' },
  ],
  paths: [
    { method: 'POST', path: '/identity-server/connect/token' },
    { method: 'GET', path: '/api/apps/:app/clients' },
  ],
};

const otherDialect: Partial<DialectShown> = {
  name: 'datasette',
  product: 'Datasette',
  on: false,
  resource: 'https://datasette.io',
  clientId: 'writ-datasette',
};

const limit: LimitShown = {
  name: 'authorization.network',
  meaning: 'Authorization requests (RFC 6749 §4.1.1), and the returns from the consent page.',
  by: 'network',
  counts: 'calls',
  now: { points: 1200, seconds: 60 },
  isDefault: true,
  refused: 0,
};

const setting: SettingShown = {
  name: 'PORT',
  group: 'Address',
  meaning: 'The port to listen on; 0 takes any free port at each start, so set ISSUER as well',
  usual: '3000',
  value: '3000',
  origin: 'default',
  follows: [],
  secret: false,
  changed: false,
  change: 'Clients and proxies need the new port',
};

const settings: SettingShown[] = [
  {
    ...setting,
    name: 'ISSUER',
    meaning: 'The public URL of this server. Clients compare it character by character',
    usual: 'http://localhost:PORT',
    value: 'http://localhost:3000',
    origin: 'derived',
    follows: ['PORT'],
  },
  setting,
  { ...setting, name: 'REDIS_URL', usual: 'none', value: null },
  {
    ...setting,
    name: 'SMTP_URL',
    group: 'Emails',
    meaning: 'The mail server',
    usual: 'none',
    value: null,
    origin: 'environment',
    secret: true,
    changed: true,
  },
  {
    ...setting,
    name: 'BRAND_NAME',
    group: 'Brand and links',
    meaning: 'The name of this server on pages and in emails',
    usual: 'Writ',
    value: unbroken,
    origin: 'environment',
    changed: true,
  },
];

const mail: MailShown = {
  id: '0198c0de-0000-7000-8000-000000000001',
  kind: 'token_expiring',
  accountId: '0198c0de-0000-7000-8000-000000000000',
  state: 'sent',
  attempts: 1,
  createdAt: ago(day),
  nextAttemptAt: null,
};

const job = {
  name: 'sweep',
  meaning: 'deletes expired rows',
  failures: 0,
  lastRunAt: ago(20),
  seconds: 0.042,
  result: { session: 12, change: 1204 },
  nextRunAt: ahead(40),
  lastError: null,
};

export const adminHomeCases: Case[] = [
  everyday('admin-home', (brand) => adminHome(frame(brand, here), well)),
  everyday('admin-home-troubled', (brand) => adminHome(frame(brand, here), troubled)),
  one('admin-home-running', (brand) =>
    adminHome(frame(brand, here), { ...well, health: 'running', figures: undefined }),
  ),
  one('admin-home-extreme', (brand) =>
    adminHome(frame(worst(brand), here), {
      ...troubled,
      refusedClients: [
        {
          clientId: long('c', 100),
          count: 123_456_789,
          last: [{ error: '', reason: unbroken, address: '2001:db8::8a2e:370:7334', at: ago(20) }],
        },
      ],
      health: [{ name: 'mail', status: 'failed', message: unbroken, remedy: unbroken }],
    }),
  ),
  everyday('admin-settings', (brand) =>
    adminSettings(frame(brand, here), {
      settings,
      count: { all: 65, changed: 2 },
      filter: { search: '', onlyChanged: false },
    }),
  ),
  everyday('admin-settings-found', (brand) =>
    adminSettings(frame(brand, here), {
      settings: [settings[0] ?? setting, ...settings.slice(-2)],
      count: { all: 65, changed: 2 },
      filter: { search: 'name', onlyChanged: true },
    }),
  ),
  everyday('admin-brand', (brand) =>
    adminBrand(frame(brand, { ...here, copies: true }), {
      page: 'sign-in',
      values: { name: 'Acme & Sons', color: '#1a5fb4' },
      tried: { name: 'Acme & Sons', color: '#1a5fb4' },
      problems: {},
      files: { logo: true, style: true },
    }),
  ),
  one('admin-brand-refused', (brand) =>
    adminBrand(frame(brand, { ...here, copies: true }), {
      page: 'mail',
      values: { name: unbroken, color: 'blue' },
      tried: {},
      problems: { name: 'must have 1 to 60 characters', color: 'must be a colour such as #1a5fb4' },
      files: { logo: false, style: false },
    }),
  ),
  one('admin-settings-none', (brand) =>
    adminSettings(frame(brand, here), {
      settings: [],
      count: { all: 65, changed: 0 },
      filter: { search: 'nothing', onlyChanged: false },
    }),
  ),
  everyday('admin-mail', (brand) =>
    adminMail(frame(brand, here), {
      hasServer: true,
      email: 'ada@example.com',
      mails: [
        { ...mail, state: 'waiting', attempts: 3, nextAttemptAt: ahead(600) },
        { ...mail, state: 'waiting', attempts: 1, nextAttemptAt: ahead(60) },
        { ...mail, kind: 'registration_confirm', accountId: null, state: 'dropped' },
        mail,
      ],
    }),
  ),
  one('admin-mail-nothing', (brand) =>
    adminMail(frame(brand, here), { hasServer: false, email: null, mails: [] }),
  ),
  everyday('admin-jobs', (brand) =>
    adminJobs(frame(brand, here), {
      jobs: [
        job,
        {
          ...job,
          name: 'mail',
          meaning: 'sends emails',
          failures: 12,
          result: {},
          lastError: { message: 'connect ECONNREFUSED 10.0.0.7:587', at: ago(20) },
        },
        {
          ...job,
          name: 'keys',
          result: {},
          lastError: { message: 'timeout', at: ago(day) },
        },
      ],
    }),
  ),
  one('admin-jobs-extreme', (brand) =>
    adminJobs(frame(worst(brand), here), {
      jobs: [
        {
          ...job,
          failures: 12_345,
          lastRunAt: ago(day),
          nextRunAt: ago(86_000),
          lastError: { message: unbroken, at: ago(20) },
        },
        { ...job, lastRunAt: null, seconds: null, result: {}, nextRunAt: null },
      ],
    }),
  ),
  everyday('admin-dialects', (brand) =>
    adminDialects(frame(brand, here), { dialects: [dialect, { ...dialect, ...otherDialect }] }),
  ),
  one('admin-dialects-extreme', (brand) =>
    adminDialects(frame(worst(brand), here), {
      dialects: [
        {
          ...dialect,
          on: false,
          product: long('Product', 80),
          paths: [{ method: 'GET', path: `/${unbroken}` }],
        },
      ],
    }),
  ),
  everyday('admin-limits', (brand) =>
    adminLimits(frame(brand, here), {
      limits: [
        limit,
        {
          ...limit,
          name: 'token.client',
          now: { points: 5, seconds: 3600 },
          isDefault: false,
          refused: 12_345,
        },
        { ...limit, name: 'device_authorization.network', now: undefined, isDefault: false },
      ],
    }),
  ),
];
