import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { loadSettings } from '../../config/settings.ts';
import { type Database, openDatabase } from '../../db/database.ts';
import { openRedis, type RedisConnection } from '../../db/redis.ts';
import { openDataDirectory } from '../../src/boot/data-directory.ts';
import { ensureOperatorFile } from '../../src/boot/first-start.ts';
import { createKeyring } from '../../src/crypto/sealing.ts';
import { currentRequest } from '../../src/domain/audit/request-context.ts';
import { createDomain, type Domain } from '../../src/domain/index.ts';
import { createLog } from '../../src/http/log.ts';
import { startServer } from '../../src/server.ts';
import { embeddedDatabase, postgresDatabase, postgresUrl } from './databases.ts';
import { type ApiClient, apiClient, createHttp, type Http } from './http.ts';
import { keepLog, keepSecret } from './run-records.ts';
import { keepingSealed } from './sealed-secrets.ts';
import { unique } from './unique.ts';

export type StackName = 'embedded' | 'postgres + redis';

/** A whole server in this process, over a database of its own, with the means to look behind it. */
export interface Stack extends Http {
  name: StackName;
  issuer: string;
  /** The audience of Writ's own API. */
  apiResource: string;
  /** Calls the API as the operator. */
  api: ApiClient;
  /** The server's own database: what a test reads here is what the server stored. */
  database: Database;
  /** The Redis of the stack, where it has one. */
  redis: RedisConnection | undefined;
  /** The rules over that database, for what no endpoint does yet, such as making accounts. */
  domain: Domain;
  /** Everything that the server has logged. */
  logged: () => string;
  close(): Promise<void>;
}

/** Each worker has a database of its own in Redis: who is slowed down in one test is not in another. */
export const redisUrl =
  process.env['TEST_REDIS_URL'] &&
  `${process.env['TEST_REDIS_URL'].replace(/\/$/, '')}/${Number(process.env['JEST_WORKER_ID'] ?? 0) % 16}`;
/** What seals in every stack. */
export const secretKey = 'a key that seals what the tests store';

const present: Record<StackName, boolean> = {
  embedded: true,
  'postgres + redis': Boolean(postgresUrl && redisUrl),
};

/** Starts a server on a free port. `settings` are environment variables on top of the stack's own. */
export async function startStack(
  name: StackName,
  settings: Record<string, string> = {},
): Promise<Stack> {
  const dataDirectory = await mkdtemp(path.join(tmpdir(), 'writ-test-'));
  const url = name === 'embedded' ? 'pglite:' : await postgresDatabase();
  const database = name === 'embedded' ? await embeddedDatabase() : await openDatabase(url);
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
      ...(name !== 'embedded' && { REDIS_URL: redisUrl, HOST: 'localhost' }),
      ...settings,
    }),
    {
      log,
      bootstrap: { database, keyring, directory, migrated: [], close: () => database.close() },
    },
  );
  const redis = name === 'embedded' ? undefined : openRedis(redisUrl ?? '');
  if (redis) await forgetLimits(redis);
  const domain = await createDomain({
    database,
    keyring,
    redis,
    onError: (error) => {
      throw error;
    },
  });
  await ensureOperatorFile({ directory, domain, issuer: server.issuer });
  const operator = await directory.readOperatorFile();
  keepSecret('api_key', operator?.api_key);
  return {
    ...createHttp(server.origin),
    name,
    issuer: server.issuer,
    apiResource: `${server.issuer}/api/v1`,
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

/** Attempts that earlier tests in this worker have used up, from the one address that all tests have. */
async function forgetLimits(redis: RedisConnection): Promise<void> {
  const keys = await redis.keys('writ:limit:*');
  if (keys.length > 0) await redis.del(...keys);
}

/**
 * Defines the same tests over each stack, with one server for them all. A stack that this machine has
 * no services for is skipped; run.ts says so loudly.
 */
export function onEveryStack(
  define: (stack: () => Stack) => void,
  settings: Record<string, string> = {},
): void {
  for (const name of Object.keys(present) as StackName[])
    (present[name] ? describe : describe.skip)(`on ${name}`, () => {
      let stack: Stack;
      beforeAll(async () => {
        stack = await startStack(name, settings);
      });
      afterAll(() => stack.close());
      define(() => stack);
    });
}

export { unique };
