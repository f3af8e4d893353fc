import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import type { Database } from '../../db/database.ts';
import { createHealth } from '../../src/boot/health.ts';
import { createHttp } from '../support/http.ts';
import { onEveryStack, onStack } from '../support/stacks.ts';

onEveryStack((stack) => {
  let server: Server | undefined;
  afterEach(() => {
    server?.close();
  });

  /** A process over this database, whose circumstances the test decides. */
  const process = async (circumstances: {
    database?: Database;
    isStopping?: () => boolean;
    keysLoaded?: () => boolean;
    now?: () => number;
    wait?: () => Promise<unknown>;
  }) => {
    const health = createHealth({
      database: stack().database,
      isStopping: () => false,
      keysLoaded: () => true,
      ...circumstances,
    });
    server = createServer((request, response) => void health(request, response));
    server.listen(0, 'localhost');
    await once(server, 'listening');
    return createHttp(`http://localhost:${(server.address() as AddressInfo).port}`);
  };

  test('a server that can serve is alive and ready, also for one who only sends HEAD', async () => {
    expect(await stack().get('/healthz')).toMatchObject({ status: 200, body: { status: 'ok' } });
    expect(await stack().get('/readyz')).toMatchObject({
      status: 200,
      body: { database: 'ok', schema: 'ok', clock: 'ok', keys: 'ok', serving: 'ok' },
    });
    expect((await stack().request('HEAD', '/readyz')).status).toBe(200);
  });

  test('all who ask at once share one look, and a slow one is answered with the look before', async () => {
    const { database } = stack();
    let looks = 0;
    const held = Promise.withResolvers<void>();
    const given = Promise.withResolvers<void>();
    const query: Database['query'] = async (statement, values) => {
      if (++looks > 1) await held.promise;
      return database.query(statement, values);
    };
    const http = await process({
      database: { ...database, query },
      wait: () => given.promise,
    });
    expect((await http.get('/readyz')).status).toBe(200);
    const asked = [http.get('/readyz'), http.get('/readyz'), http.get('/readyz')];
    expect((await http.get('/healthz')).status).toBe(200);
    given.resolve();
    for (const answer of await Promise.all(asked))
      expect(answer).toMatchObject({ status: 200, body: { database: 'ok' } });
    expect(looks).toBe(2);
    held.resolve();
  });

  describe('is alive and not ready', () => {
    test.each([5.5, -5.5])('while its clock is off by %d seconds', async (seconds) => {
      const http = await process({ now: () => Date.now() / 1000 + seconds });
      expect(await http.get('/readyz')).toMatchObject({ status: 503, body: { clock: 'off' } });
      expect((await http.get('/healthz')).status).toBe(200);
    });

    test('while it stops', async () => {
      const http = await process({ isStopping: () => true });
      expect(await http.get('/readyz')).toMatchObject({
        status: 503,
        body: { serving: 'stopping' },
      });
    });

    test('while it has no keys to sign with', async () => {
      const http = await process({ keysLoaded: () => false });
      expect(await http.get('/readyz')).toEqual(
        expect.objectContaining({
          status: 503,
          body: {
            database: 'ok',
            schema: 'ok',
            clock: 'ok',
            keys: 'missing',
            serving: 'ok',
            redis: 'none',
          },
        }),
      );
    });

    test('while the database is away', async () => {
      const away = async () => {
        throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
      };
      const http = await process({ database: { ...stack().database, query: away } });
      expect(await http.get('/readyz')).toMatchObject({
        status: 503,
        body: { database: 'unreachable' },
      });
    });

    test('while the schema is behind what it knows', async () => {
      const { kysely } = stack().database;
      const migrations = kysely.withTables<{
        kysely_migration: { name: string; timestamp: string };
      }>();
      const applied = await migrations.selectFrom('kysely_migration').selectAll().execute();
      await migrations.deleteFrom('kysely_migration').execute();
      const answer = await stack().get('/readyz');
      await migrations.insertInto('kysely_migration').values(applied).execute();
      expect(answer).toMatchObject({ status: 503, body: { schema: 'behind' } });
      expect((await stack().get('/readyz')).status).toBe(200);
    });
  });
});

// PGlite has one connection for everything, which is what a probe then waits for.
describe('while as many requests are in progress as may be, and hold every connection to Postgres', () => {
  onStack(
    (stack) => {
      test('one more is refused at once with Retry-After, and the server stays alive and ready', async () => {
        const client = await stack().api.createClient();
        const held = Promise.withResolvers<void>();
        const taken = Array.from({ length: poolSize }, async () => {
          const begun = Promise.withResolvers<void>();
          const done = stack()
            .database.kysely.connection()
            .execute(async (connection) => {
              // A session takes its connection with its first statement.
              await sql`select 1`.execute(connection);
              begun.resolve();
              await held.promise;
            });
          await begun.promise;
          return { done };
        });
        const connections = await Promise.all(taken);
        const requests = Array.from({ length: 4 }, () => stack().token(client));
        const refused = await Promise.race(requests);
        expect(refused).toMatchObject({
          status: 503,
          body: { error: 'temporarily_unavailable' },
        });
        expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
        expect((await stack().get('/readyz')).status).toBe(200);
        expect((await stack().get('/healthz')).status).toBe(200);
        held.resolve();
        await Promise.all(connections.map(({ done }) => done));
        const statuses = (await Promise.all(requests)).map(({ status }) => status).sort();
        expect(statuses).toEqual([200, 200, 200, 503]);
        expect(stack().logged()).toContain('requests are refused');
      });
    },
    { MAX_REQUESTS: '3' },
  );
});

/** Connections of the pool that a stack opens. */
const poolSize = 10;
