// The servers that tests run against. There are three stacks, one for each way to run Writ:
//
//     embedded            PGlite in the process, nothing else
//     postgres + redis    Postgres, and Redis for short-lived state
//     postgres            Postgres for everything
//
// Which helper to choose for a new test file:
//
// - `onStack` for a feature: what an endpoint, a page or a command does. It runs once, on Postgres and
//   Redis, as installations do; a machine without Redis runs it on Postgres, one without Postgres embedded.
// - `onEveryStack` if the result depends on the stores: contracts of stores, starts, faults, limits, redemptions,
//   races, expiry, partitions, the search for secrets, features of one stack. Also for test/golden, which has one
//   flow for each grant and each page.
// - `startStack` for a test that needs a server of its own, with settings of its own or on one stack.
// - `onDatabase` and `onEachDatabase` (test/db/each-database.ts) are the same choice for rules that need a
//   database but no server, `onStore` and `onEveryStore` (test/domain/accounts/people.ts) for those of accounts.
//
// `npm test -- --all-stacks` runs every file on all stacks. Run it after a change of db/, of short-lived state or
// limits (src/domain/short-lived, src/domain/limits) or of the engine's adapter, after an upgrade of
// PGlite, pg, ioredis or Kysely, and before a release. It takes about three times as long.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { Redis } from 'ioredis';
import { requestLimits } from '../../config/limits.ts';
import { loadSettings } from '../../config/settings.ts';
import { type Database, openDatabase } from '../../db/database.ts';
import type { RedisConnection } from '../../db/redis.ts';
import { openDataDirectory } from '../../src/boot/data-directory.ts';
import { ensureOperatorFile } from '../../src/boot/first-start.ts';
import { createPasswordHasher } from '../../src/crypto/password.ts';
import { createKeyring } from '../../src/crypto/sealing.ts';
import { currentRequest } from '../../src/domain/audit/request-context.ts';
import { createDomain, type Domain } from '../../src/domain/index.ts';
import { createLog } from '../../src/http/log.ts';
import { urlOf } from '../../src/oauth/issuer.ts';
import { startServer } from '../../src/server.ts';
import { embeddedDatabase, onAllStacks, postgresDatabase, postgresUrl } from './databases.ts';
import { type ApiClient, apiClient, createHttp, type Http } from './http.ts';
import { keepLog, keepSecret } from './run-records.ts';
import { keepingSealed } from './sealed-secrets.ts';
import { secretKey } from './secret-key.ts';
import { unique } from './unique.ts';

export { secretKey };

export type StackName = 'embedded' | 'postgres + redis' | 'postgres';

/** A complete server in this process, over a database of its own, with access to its internals. */
export interface Stack extends Http {
  name: StackName;
  issuer: string;
  /** Identifier of Writ's own API. */
  apiResource: string;
  /** Calls the API as the operator. */
  api: ApiClient;
  /** The server's database. */
  database: Database;
  /** The Redis of the stack, if it has one. */
  redis: RedisConnection | undefined;
  /** The domain over that database, for operations without an endpoint. */
  domain: Domain;
  /** The server's log. */
  logged: () => string;
  close(): Promise<void>;
}

/** Each worker has its own Redis database, so that limits of one test do not affect another. */
export const redisUrl =
  process.env['TEST_REDIS_URL'] &&
  `${process.env['TEST_REDIS_URL'].replace(/\/$/, '')}/${Number(process.env['JEST_WORKER_ID'] ?? 0) % 16}`;

const postgresIsThere = Boolean(postgresUrl);
const redisIsThere = Boolean(redisUrl);

/** All stacks, and whether this machine has the services for each. */
const stacks: Record<StackName, boolean> = {
  embedded: true,
  'postgres + redis': postgresIsThere && redisIsThere,
  postgres: postgresIsThere,
};

/** All tests of a file use one address, so limits are high unless a test sets them. */
const limits = Object.entries(requestLimits)
  .filter(([name]) => name !== 'leak_reports.network')
  .map(([name, { points, seconds }]) => `${name}=${100 * points}/${seconds}`)
  .join(',');

/** argon2id in its lanes at the lowest cost: hundreds of people sign in, and no server test is about the cost. */
const hasher = createPasswordHasher({ memoryCost: 64, timeCost: 2, parallelism: 1 });

/** Starts a server on a free port. `settings` are environment variables in addition to the stack's own. */
export async function startStack(
  name: StackName,
  settings: Record<string, string> = {},
): Promise<Stack> {
  const dataDirectory = await mkdtemp(path.join(tmpdir(), 'writ-test-'));
  const isEmbedded = name === 'embedded';
  const hasRedis = name === 'postgres + redis';
  const url = isEmbedded ? 'pglite:' : await postgresDatabase();
  const database = isEmbedded ? await embeddedDatabase() : await openDatabase(url);
  const keyring = keepingSealed(createKeyring([secretKey]));
  keepSecret('SECRET_KEYS', secretKey);
  let logged = '';
  const keep = keepLog(path.basename(expect.getState().testPath ?? 'stack', '.test.ts'));
  const log = createLog('debug', {
    request: currentRequest,
    destination: {
      write: (line) => {
        logged += line;
        keep(line);
      },
    },
  });
  const directory = openDataDirectory(dataDirectory);
  const server = await startServer(
    loadSettings({
      PORT: '0',
      DATA_DIR: dataDirectory,
      DATABASE_URL: url,
      SECRET_KEYS: secretKey,
      LIMITS: limits,
      ...(!isEmbedded && { HOST: 'localhost' }),
      ...(hasRedis && { REDIS_URL: redisUrl }),
      ...settings,
    }),
    {
      log,
      bootstrap: { database, keyring, directory, migrated: [], close: () => database.close() },
      hasher,
      environment: settings,
    },
  );
  // Without time limits, because this machine may be busy.
  const redis = hasRedis ? new Redis(redisUrl ?? '') : undefined;
  if (redis) await forgetLimits(redis);
  const domain = await createDomain({
    database,
    product: { brand: 'Writ', issuer: 'http://localhost' },
    keyring,
    redis,
    hasher,
    validateMetadata: () => {},
    onError: (error) => {
      throw error;
    },
  });
  await ensureOperatorFile({ directory, domain, issuer: server.issuer });
  // As in an embedded installation, which has that of the sample: a client without a resource gets no token.
  if (!(await domain.resources.findDefault())) await createDefaultResource(domain);
  const operator = await directory.readOperatorFile();
  keepSecret('api_key', operator?.api_key);
  return {
    ...createHttp(server.origin),
    name,
    issuer: server.issuer,
    apiResource: urlOf(server.issuer, '/api/v1'),
    api: apiClient(server.origin, operator?.api_key ?? ''),
    database,
    redis,
    domain,
    logged: () => logged,
    async close() {
      await domain.lastUsed.close();
      redis?.disconnect();
      await server.close();
      await rm(dataDirectory, { recursive: true, force: true });
    },
  };
}

/** Not open to apps nor to people: tests open resources of their own. */
const createDefaultResource = ({ resources }: Pick<Stack['domain'], 'resources'>) =>
  resources.create({
    identifier: 'https://default.test',
    name: 'Default API',
    scopes: [],
    tokenFormat: 'opaque',
    signingAlg: 'ES256',
    accessTokenTtl: null,
    isDefault: true,
    appPolicy: null,
  });

/** Resets the limits that earlier tests in this worker have used up with the shared address. */
async function forgetLimits(redis: RedisConnection): Promise<void> {
  const keys = await redis.keys('writ:limit:*');
  if (keys.length > 0) await redis.del(...keys);
}

type Define = (stack: () => Stack) => void;
type Settings = Record<string, string>;

/**
 * Defines the tests of a feature: over Postgres and Redis, with one server for them all. A machine without
 * Redis runs them over Postgres, one without Postgres embedded. With `--all-stacks` it is `onEveryStack`.
 */
export function onStack(define: Define, settings: Settings = {}): void {
  if (onAllStacks) onEveryStack(define, settings);
  else describeOn(preferred, define, settings);
}

/**
 * Defines the same tests over each stack, with one server for them all. A stack that this machine has
 * no services for is skipped; run.ts warns about that.
 */
export function onEveryStack(define: Define, settings: Settings = {}): void {
  for (const name of Object.keys(stacks) as StackName[]) describeOn(name, define, settings);
}

/** The stack for feature tests: of those that this machine has, the most similar to an installation. */
const preferred: StackName =
  (['postgres + redis', 'postgres'] as const).find((name) => stacks[name]) ?? 'embedded';

function describeOn(name: StackName, define: Define, settings: Settings): void {
  (stacks[name] ? describe : describe.skip)(`on ${name}`, () => {
    let stack: Stack;
    beforeAll(async () => {
      stack = await startStack(name, settings);
    });
    afterAll(() => stack.close());
    define(() => stack);
  });
}

export { unique };
