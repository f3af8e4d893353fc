import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Cluster, Redis } from 'ioredis';
import pg from 'pg';
import { until } from '../process.ts';
import { type Service, startPostgres, startRedis, startRedisCluster } from '../services.ts';

const withPostgres = process.env['TEST_POSTGRES_URL'] ? describe : describe.skip;
const withRedis = process.env['TEST_REDIS_URL'] ? describe : describe.skip;

withPostgres('a Postgres for tests', () => {
  let postgres: Service;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());

  test('keeps what was committed when it is killed and started again', async () => {
    await query(postgres.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await postgres.kill();
    await expect(query(postgres.url, 'SELECT 1')).rejects.toThrow('ECONNREFUSED');
    await postgres.start();
    expect(await query(postgres.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    await postgres.restart();
    expect(await query(postgres.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  });

  test('is UTF-8, sorts by byte, and its user is a superuser', async () => {
    const rows = await query(
      postgres.url,
      `SELECT current_setting('server_encoding') AS encoding, 'Z' < 'a' AS bytewise,
        usesuper, current_database() AS database FROM pg_user WHERE usename = current_user`,
    );
    expect(rows).toEqual([{ encoding: 'UTF8', bytewise: true, usesuper: true, database: 'writ' }]);
  });
});

withPostgres('the Postgres that all tests share', () => {
  test('serves', async () => {
    const url = process.env['TEST_POSTGRES_URL'] ?? '';
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });
});

withRedis('a Redis for tests', () => {
  test('forgets everything when it is killed and started again', async () => {
    const server = await startRedis();
    const redis = new Redis(server.url);
    redis.on('error', () => {});
    await redis.set('key', 'value');
    await server.kill();
    await server.start();
    expect(await redis.get('key')).toBeNull();
    redis.disconnect();
    await server.stop();
  });
});

withRedis('a process that is killed', () => {
  test('stops its services and removes their directories', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'writ-test-killed-'));
    const services = new URL('../services.ts', import.meta.url);
    const starter = spawn(
      process.execPath,
      [
        ...['--input-type=module', '--eval'],
        `const { startRedis } = await import('${services}');
        console.log((await startRedis()).url);
        setInterval(() => {}, 1000);`,
      ],
      { env: { ...process.env, TMPDIR: directory }, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const [line] = await once(starter.stdout, 'data');
    const redis = new Redis(String(line).trim(), { lazyConnect: true, retryStrategy: () => null });
    redis.on('error', () => {});
    expect(await redis.ping()).toBe('PONG');
    expect(await readdir(directory)).toHaveLength(1);

    const lost = once(redis, 'end');
    starter.kill('SIGKILL');
    await lost;
    // Fails while the directory is not empty.
    await until('the directory to be gone', () => rmdir(directory));
    await expect(redis.connect()).rejects.toThrow();
  });
});

withRedis('the Redis that all tests share', () => {
  test('serves', async () => {
    const redis = new Redis(process.env['TEST_REDIS_URL'] ?? '');
    expect(await redis.ping()).toBe('PONG');
    redis.disconnect();
  });
});

withRedis('a Redis Cluster for tests', () => {
  test('has keys on each of three nodes, and refuses commands across slots', async () => {
    const server = await startRedisCluster();
    const hosts = server.url.slice('redis://'.length).split(',');
    const cluster = new Cluster(
      hosts.map((host) => ({ host: '127.0.0.1', port: Number(host.split(':')[1]) })),
    );
    const keys = Array.from({ length: 50 }, (_, i) => `key:${i}`);
    await Promise.all(keys.map((key) => cluster.set(key, 'value')));
    const sizes = await Promise.all(cluster.nodes('master').map((node) => node.dbsize()));
    expect(sizes).toHaveLength(3);
    for (const size of sizes) expect(size).toBeGreaterThan(0);
    await expect(cluster.mget('key:1', 'key:2')).rejects.toThrow('CROSSSLOT');
    cluster.disconnect();
    await server.stop();
  });
});

async function query(url: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  try {
    await client.connect();
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}
