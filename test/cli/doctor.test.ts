import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Check } from '../../src/boot/check.ts';
import { checkCertificate } from '../../src/cli/doctor/certificate.ts';
import { writ, writHere } from '../support/command.ts';
import { freePort, until } from '../support/process.ts';
import { spawnServer } from '../support/server-process.ts';
import { startPostgres, startRedis } from '../support/services.ts';
import { onEveryStack, type Stack, secretKey, startStack } from '../support/stacks.ts';
import { operatorKey, writOnTerminal } from './operator.ts';
import { withServer } from './other-server.ts';

const openIdMetadata = '/.well-known/openid-configuration';
const oauthMetadata = '/.well-known/oauth-authorization-server';
const jwks = `${openIdMetadata}/jwks`;

/** A data directory with an operator.json for this server. */
async function dataDirectoryFor(stack: Stack): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'writ-cli-'));
  const content = JSON.stringify({ url: stack.issuer, api_key: await operatorKey(stack) });
  await writeFile(path.join(directory, 'operator.json'), content, { mode: 0o600 });
  return directory;
}

async function examine(environment: Record<string, string>, ...args: string[]) {
  const { code, err, json } = await writHere(['doctor', ...args, '--json'], environment);
  const checks: (Check & { area: string })[] = json.checks;
  return {
    code,
    err,
    checks,
    /** What was found under a name. */
    named: (name: string) => checks.filter((check) => check.name === name),
    failed: checks.filter(({ status }) => status === 'failed').map(({ name }) => name),
  };
}

onEveryStack((stack) => {
  let directory: string;
  /** The tests' own Postgres does not wait for its disk, which is the one thing that is wrong with it. */
  const alwaysFailed = () => (stack().name === 'embedded' ? [] : ['durability']);
  const exitCode = () => Math.sign(alwaysFailed().length);
  beforeAll(async () => {
    directory = await dataDirectoryFor(stack());
    await until('the next keys to be announced, which a server does after its start', async () => {
      const { named } = await examine({ DATA_DIR: directory });
      expect(named('keys')).toMatchObject([{ status: 'ok' }]);
    });
  });
  afterAll(() => rm(directory, { recursive: true }));

  test('what is in order is said, area by area, with exit code 0 where nothing failed', async () => {
    const environment = { DATA_DIR: directory };
    const { code, failed, checks, named } = await examine(environment);
    expect({ failed, code }).toEqual({ failed: alwaysFailed(), code: exitCode() });
    expect([...new Set(checks.map(({ area }) => area))]).toEqual(['machine', 'server', 'outside']);
    for (const name of [
      ...['settings', 'data directory', 'operator file', 'server', 'ready', 'token'],
      ...['database', 'disk', 'schema', 'clock', 'redis', 'keys', 'partitions', 'jobs', 'dialects'],
      ...['https', 'discovery', 'metadata', 'jwks'],
    ])
      expect(named(name)).toEqual([expect.objectContaining({ status: 'ok' })]);
    const process = await writ(['doctor'], environment);
    expect(process.code).toBe(exitCode());
    expect(process.out + process.err).toMatch(
      exitCode() === 0 ? /\nNothing failed, with \d+ warnings?\./ : /1 of \d+ checks failed\.\n$/,
    );
  });

  test('a person reads marks and what to do, within the terminal', async () => {
    const { code, out } = await writOnTerminal(['doctor'], { DATA_DIR: directory });
    expect(code).toBe(exitCode());
    expect(out).toMatch(/^The server$/m);
    expect(out).toMatch(/^ {2}✓ database +Postgres 1\d/m);
    expect(out.split('\n').filter((line) => line.length > 80 && !/https?:/.test(line))).toEqual([]);
    const broken = { DATA_DIR: directory, PORT: 'x', WRIT_TOKEN: 'wrong' };
    const found = await writOnTerminal(['doctor'], broken);
    expect(found).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^writ: 2 of \d+ checks failed/),
    });
    expect(found.out).toMatch(/✗ settings +PORT: must be/);
    expect(found.out).toMatch(/✗ token +.*\n +→ Use one/);
  });

  test('all mistakes in the settings are told at once, and the rest is looked at all the same', async () => {
    const { code, named, failed } = await examine({
      DATA_DIR: directory,
      PORT: 'many',
      LOG_LEVEL: 'loud',
      ISSUER: 'https://x.test/?path',
    });
    expect(code).toBe(1);
    expect(failed).toEqual(['settings', 'settings', 'settings', ...alwaysFailed()]);
    expect(named('settings').map(({ message }) => message.split(':')[0])).toEqual(
      expect.arrayContaining(['PORT', 'LOG_LEVEL', 'ISSUER']),
    );
    expect(named('database')).toHaveLength(1);
  });

  test('without a data directory it says how to get one, unless a server and a token are named', async () => {
    const empty = path.join(directory, 'empty');
    const { code, failed, named } = await examine({ DATA_DIR: empty });
    expect({ code, failed }).toEqual({ code: 1, failed: ['data directory'] });
    expect(named('data directory')[0]).toMatchObject({
      message: `Writ is not set up here yet: there is no ${empty}.`,
      remedy: expect.stringContaining('npx writ serve'),
    });
    const postgres = { DATABASE_URL: 'postgres://db.invalid/writ', SECRET_KEYS: 'k'.repeat(32) };
    expect(
      (await examine({ DATA_DIR: empty, ...postgres })).named('data directory')[0]?.remedy,
    ).toMatch(/^Run: npx writ setup\./);
    const WRIT_TOKEN = await operatorKey(stack());
    const given = { DATA_DIR: empty, WRIT_URL: stack().issuer, WRIT_TOKEN };
    expect((await examine(given)).failed).toEqual(alwaysFailed());
  });

  test('a request through a proxy that TRUST_PROXY does not trust is a warning and no failure, since anyone can send its header', async () => {
    await fetch(stack().issuer, { headers: { 'x-forwarded-for': '192.0.2.1' } });
    const { failed, named } = await examine({ DATA_DIR: directory });
    expect(failed).toEqual(alwaysFailed());
    expect(named('proxy')).toMatchObject([
      { status: 'warning', remedy: expect.stringContaining('TRUST_PROXY') },
    ]);
  });

  test('an operator.json that others can read is told, with the command that mends it', async () => {
    const file = path.join(directory, 'operator.json');
    await chmod(file, 0o644);
    const { code, named } = await examine({ DATA_DIR: directory });
    expect(code).toBe(1);
    expect(named('operator file')).toMatchObject([
      { status: 'failed', remedy: `Run: chmod 600 ${file}` },
    ]);
    await chmod(file, 0o600);
  });

  test('a torn operator.json is told, not stumbled over', async () => {
    const torn = await mkdtemp(path.join(tmpdir(), 'writ-cli-'));
    await writeFile(path.join(torn, 'operator.json'), '{ torn', { mode: 0o600 });
    const { failed } = await examine({ DATA_DIR: torn });
    expect(failed).toEqual(['operator file', 'server']);
    await rm(torn, { recursive: true });
  });

  test('a token that is wrong or lacks the scope is told, and all that needs none is looked at', async () => {
    for (const [token, words] of [
      ['wrong', /does not accept/],
      [await operatorKey(stack(), ['roles:read']), /requires the scope diagnostics:read/],
    ] as const) {
      const { code, failed, named } = await examine({ DATA_DIR: directory, WRIT_TOKEN: token });
      expect({ code, failed }).toEqual({ code: 1, failed: ['token'] });
      expect(named('token')[0]?.message).toMatch(words);
      expect(named('ready')[0]?.status).toBe('ok');
      expect(named('jwks')[0]?.status).toBe('ok');
    }
  });

  test('a server that is away is told once, with what to do', async () => {
    const WRIT_URL = `http://127.0.0.1:${await freePort()}`;
    const environment = { DATA_DIR: directory, WRIT_URL, WRIT_TOKEN: 'x' };
    const { code, failed, named } = await examine(environment);
    expect({ code, failed }).toEqual({ code: 1, failed: ['server'] });
    expect(named('server')).toMatchObject([
      { message: expect.stringContaining('nothing listens there'), remedy: expect.anything() },
    ]);
  });

  test('an issuer without https that others must reach is told, also while the server is away', async () => {
    const WRIT_URL = `http://127.0.0.1:${await freePort()}`;
    const ISSUER = 'http://writ.invalid';
    const { failed } = await examine({ DATA_DIR: directory, WRIT_URL, WRIT_TOKEN: 'x', ISSUER });
    expect(failed).toEqual(['server', 'https', 'discovery']);
  });

  test('an ISSUER of this environment that is not the server’s is worth a warning', async () => {
    const environment = { DATA_DIR: directory, ISSUER: 'https://other.test' };
    const { code, named } = await examine(environment);
    expect(code).toBe(exitCode());
    expect(named('issuer')).toMatchObject([{ status: 'warning' }]);
  });
});

const onPostgres = process.env['TEST_POSTGRES_URL'] ? test : test.skip;
const onRedis = process.env['TEST_REDIS_URL'] ? test : test.skip;

describe('a server whose parts are away', () => {
  onPostgres('a stopped Postgres is told, though nobody can be authenticated', async () => {
    const postgres = await startPostgres();
    const DATA_DIR = await mkdtemp(path.join(tmpdir(), 'writ-cli-'));
    const port = await freePort();
    const env = {
      DATA_DIR,
      DATABASE_URL: postgres.url,
      SECRET_KEYS: secretKey,
      ISSUER: `http://127.0.0.1:${port}`,
      PORT: String(port),
    };
    expect(await writ(['setup'], env)).toMatchObject({ code: 0 });
    const server = await spawnServer({ env });
    expect((await examine(env)).named('database')).toMatchObject([{ status: 'ok' }]);
    await postgres.stop();
    const { code, named } = await examine(env);
    expect(code).toBe(1);
    expect(named('server')).toMatchObject([{ status: 'ok' }]);
    expect(named('ready')).toMatchObject([
      {
        status: 'failed',
        message: 'The server cannot reach its database.',
        remedy: expect.stringContaining('DATABASE_URL'),
      },
    ]);
    expect(named('diagnostics')).toMatchObject([{ status: 'failed' }]);
    await server.kill();
    await rm(DATA_DIR, { recursive: true });
  });

  onRedis('a stopped Redis is told', async () => {
    const redis = await startRedis();
    const stack = await startStack('embedded', { REDIS_URL: redis.url });
    const directory = await dataDirectoryFor(stack);
    expect((await examine({ DATA_DIR: directory })).named('redis')).toMatchObject([
      { status: 'ok' },
    ]);
    await redis.stop();
    const { code, named } = await examine({ DATA_DIR: directory });
    expect(code).toBe(1);
    expect(named('redis')).toMatchObject([{ status: 'failed', remedy: expect.anything() }]);
    await stack.close();
    await rm(directory, { recursive: true });
  });
});

describe('an issuer that leads elsewhere', () => {
  let stack: Stack;
  let issuer: string;
  let environment: Record<string, string>;
  let port: number;
  beforeAll(async () => {
    port = await freePort();
    issuer = `http://127.0.0.1:${port}`;
    stack = await startStack('embedded', { ISSUER: issuer });
    environment = { WRIT_URL: stack.origin, WRIT_TOKEN: await operatorKey(stack) };
  });
  afterAll(() => stack.close());

  /** What the doctor finds while this stands where the issuer leads. */
  const behind = (proxy: RequestListener) => withServer(proxy, () => examine(environment), port);

  /** Passes everything on, but for what `change` makes of a path. */
  const passing =
    (change: (path: string) => { status?: number; headers?: object; body?: string } | undefined) =>
    async (...[request, response]: Parameters<RequestListener>) => {
      const answer = await stack.get(request.url ?? '');
      const { status, headers, body } = change(request.url ?? '') ?? {};
      const cacheControl = answer.headers.get('cache-control') ?? 'no-store';
      response
        .writeHead(status ?? answer.status, { 'cache-control': cacheControl, ...headers })
        .end(body ?? answer.text);
    };

  test('is in order where a proxy passes everything on', async () => {
    const { code, failed } = await behind(passing(() => undefined));
    expect({ code, failed }).toEqual({ code: 0, failed: [] });
  });

  test('is told where nobody answers', async () => {
    const { code, failed } = await examine(environment);
    expect({ code, failed }).toEqual({ code: 1, failed: ['discovery'] });
  });

  test.each<[string, Parameters<typeof passing>[0], string, RegExp]>([
    [
      'another issuer is named there',
      (path) => (path === openIdMetadata ? { body: '{"issuer":"https://other.test"}' } : undefined),
      'discovery',
      /names the issuer https:\/\/other\.test, but tokens name/,
    ],
    [
      'it redirects',
      (path) =>
        path === openIdMetadata ? { status: 301, headers: { location: '/x' } } : undefined,
      'discovery',
      /redirects to \/x/,
    ],
    [
      'a proxy answers by itself',
      (path) => (path === openIdMetadata ? { status: 404, body: '<h1>No</h1>' } : undefined),
      'discovery',
      /responds with 404/,
    ],
    [
      'the metadata of RFC 8414 is not passed on',
      (path) => (path === oauthMetadata ? { status: 404, body: '' } : undefined),
      'metadata',
      /responds with 404/,
    ],
    [
      'the keys are not passed on',
      (path) => (path === jwks ? { status: 502, body: '' } : undefined),
      'jwks',
      /answered 502/,
    ],
    [
      'there are no keys',
      (path) => (path === jwks ? { body: '{"keys":[]}' } : undefined),
      'jwks',
      /no keys/,
    ],
  ])('is told where %s', async (_what, change, name, words) => {
    const { code, failed, named } = await behind(passing(change));
    expect({ code, failed }).toEqual({ code: 1, failed: [name] });
    expect(named(name)[0]?.message).toMatch(words);
    expect(named(name)[0]?.remedy).toBeDefined();
  });

  test('gets a warning where the max-age of the keys is lost', async () => {
    const { code, named } = await behind(
      passing((path) => (path === jwks ? { headers: { 'cache-control': 'no-cache' } } : undefined)),
    );
    expect(code).toBe(0);
    expect(named('jwks')).toMatchObject([{ status: 'warning' }]);
  });
});

test('a certificate that ends within 14 days is a warning, and one that has ended a failure', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'writ-cli-'));
  const [key, cert] = ['key', 'cert'].map((name) => path.join(directory, name)) as [string, string];
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-keyout', key, '-out', cert, '-days', '100', '-subj', '/CN=localhost'],
    ],
    { stdio: 'ignore' },
  );
  const server = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const inDays = (days: number) => new Date(Date.now() + days * 86_400_000);
  for (const [days, status] of [
    [0, 'ok'],
    [85, 'ok'],
    [87, 'warning'],
    [101, 'failed'],
  ] as const)
    expect(await checkCertificate(origin, inDays(days))).toMatchObject([{ status }]);
  server.close();
  await rm(directory, { recursive: true });
});
