import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import Koa from 'koa';
import type { Database } from '../../db/database.ts';
import { createHealth } from '../../src/boot/health.ts';
import { createHttp } from '../support/http.ts';
import { onEveryStack } from '../support/stacks.ts';

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
  }) => {
    const app = new Koa();
    app.use(
      createHealth({
        database: stack().database,
        isStopping: () => false,
        keysLoaded: () => true,
        ...circumstances,
      }),
    );
    server = app.listen(0, 'localhost');
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
          body: { database: 'ok', schema: 'ok', clock: 'ok', keys: 'missing', serving: 'ok' },
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
