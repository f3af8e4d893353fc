import { describe, expect, test } from '@jest/globals';
import { CompiledQuery, type KyselyPlugin, sql } from 'kysely';
import { usageDays } from '../../../config/apps.ts';
import { actingAs } from '../../../src/domain/audit/actor.ts';
import { inRequestContext } from '../../../src/domain/audit/request-context.ts';
import { onDatabase } from '../../db/each-database.ts';
import { expectRefused, openApps, operator } from './apps.ts';

/** The query plan that Postgres used. */
interface Plan {
  Plan?: Plan;
  Plans?: Plan[];
  'Actual Rows'?: number;
  'Actual Loops'?: number;
}

onDatabase((database) => {
  const open = () => openApps(database());

  describe('the activity', () => {
    test('of an app lists only its own events, newest first, page by page', async () => {
      const apps = open();
      const app = await apps.app();
      await apps.app();
      for (const displayName of ['A', 'B', 'C'])
        await apps.apps.update(app.owner.actor, app.name, { displayName });
      const read = (after?: string) =>
        apps.appActivity.page(app.owner.actor, app.name, { limit: 2, after });
      const first = await read();
      expect(first.items.map(({ details }) => details?.['display_name'])).toEqual([
        { before: 'B', after: 'C' },
        { before: 'A', after: 'B' },
      ]);
      const all = [...first.items];
      for (let { next } = first; next !== null; ) {
        const page = await read(next);
        all.push(...page.items);
        next = page.next;
      }
      expect(all.map(({ action }) => action)).toEqual([
        ...['app.updated', 'app.updated', 'app.updated'],
        ...['client_secret.created', 'client.created', 'app.created'],
      ]);
      await expectRefused(read('x'), 'invalid_request');
    });

    test('shows the origin and the token only to operators', async () => {
      const apps = open();
      const app = await apps.app();
      await inRequestContext({ requestId: 'request-1', ip: '192.0.2.7' }, () =>
        actingAs({ kind: 'account', id: app.owner.id, tokenId: 'tok_1' }, () =>
          apps.apps.disable(app.owner.actor, app.name),
        ),
      );
      const read = async (actor: typeof operator) =>
        (await apps.appActivity.page(actor, app.name, { limit: 1 })).items[0];
      expect(await read(operator)).toMatchObject({
        action: 'app.disabled',
        actor: { kind: 'account', id: app.owner.id, token_id: 'tok_1' },
        ip: '192.0.2.7',
        request_id: 'request-1',
      });
      expect(await read(app.owner.actor)).toMatchObject({
        action: 'app.disabled',
        actor: { kind: 'account', id: app.owner.id, token_id: null },
        ip: null,
        request_id: null,
      });
    });
  });

  describe('the usage', () => {
    const count = (clientId: string, daysAgo: number, tokens: number) =>
      sql`insert into client_usage (client_id, day, access_tokens)
        values (${clientId}::uuid, (now() at time zone 'UTC')::date - ${sql.lit(daysAgo)}, ${sql.lit(tokens)})`.execute(
        database().kysely,
      );

    test('lists the tokens of each client by day, including days without any, and nothing of other apps', async () => {
      const apps = open();
      const app = await apps.app();
      const other = await apps.app();
      const { client: web } = await apps.appClients.create(operator, app.name, {
        name: 'web',
        displayName: 'The website',
        kind: 'device',
        role: 'Reader',
      });
      await count(app.client.id, 0, 7);
      await count(app.client.id, 2, 3_000_000_000);
      await count(app.client.id, 3, 99);
      await count(other.client.id, 0, 5);
      const usage = await apps.appActivity.usage(app.owner.actor, app.name, 3);
      const { rows } = await sql<{ day: string }>`
        select to_char((now() at time zone 'UTC')::date - i, 'YYYY-MM-DD') as day from generate_series(0, 2) i order by 1`.execute(
        database().kysely,
      );
      expect(usage).toEqual({
        days: rows.map(({ day }) => day),
        clients: [
          {
            clientId: app.client.clientId,
            displayName: 'default',
            deleted: false,
            accessTokens: [3_000_000_000, 0, 7],
            apiCalls: [0, 0, 0],
            apiBytes: [0, 0, 0],
          },
          {
            clientId: web.clientId,
            displayName: 'The website',
            deleted: false,
            accessTokens: [0, 0, 0],
            apiCalls: [0, 0, 0],
            apiBytes: [0, 0, 0],
          },
        ],
      });
    });

    test('of a deleted client is listed as long as there is any', async () => {
      const apps = open();
      const app = await apps.app();
      for (const name of ['one', 'two'])
        await apps.appClients.create(operator, app.name, { name, kind: 'device', role: 'Reader' });
      const one = await apps.appClients.find(operator, app.name, 'one');
      await count(one.id, 1, 4);
      for (const name of ['one', 'two']) await apps.appClients.delete(operator, app.name, name);
      const { clients } = await apps.appActivity.usage(app.owner.actor, app.name, 2);
      expect(clients).toMatchObject([
        { clientId: app.client.clientId, deleted: false },
        { clientId: `${app.name}:one`, displayName: 'one', deleted: true, accessTokens: [4, 0] },
      ]);
    });

    test('is read without expanding unused deleted clients to days', async () => {
      const { kysely } = database();
      let asked: CompiledQuery | undefined;
      const watch: KyselyPlugin = {
        transformQuery: ({ node, queryId }) => {
          const query = kysely.getExecutor().compileQuery(node, queryId);
          if (query.sql.includes('client_usage')) asked = query;
          return node;
        },
        transformResult: async ({ result }) => result,
      };
      const apps = openApps({ ...database(), kysely: kysely.withPlugin(watch) });
      const app = await apps.app();
      await sql`insert into client (client_id, app_id, metadata, deleted_at)
        select ${app.name} || ':c' || i, ${app.id}::uuid, '{}', now() from generate_series(1, 500) i`.execute(
        kysely,
      );
      await apps.appActivity.usage(app.owner.actor, app.name, 90);
      const { sql: text = '', parameters = [] } = asked ?? {};
      const { rows } = await kysely.executeQuery<{ 'QUERY PLAN': Plan[] }>(
        CompiledQuery.raw(`explain (analyze, format json) ${text}`, [...parameters]),
      );
      const most = (node: Plan): number =>
        Math.max(
          Number(node['Actual Rows'] ?? 0) * Number(node['Actual Loops'] ?? 1),
          ...(node.Plans ?? []).map(most),
        );
      const [plan] = rows[0]?.['QUERY PLAN'] ?? [];
      expect(plan?.Plan).toBeDefined();
      expect(most(plan?.Plan as Plan)).toBeLessThanOrEqual(501);
    });

    test('covers a month by default, and at most the days that are kept', async () => {
      const apps = open();
      const { owner, name } = await apps.app();
      expect((await apps.appActivity.usage(owner.actor, name)).days).toHaveLength(usageDays.shown);
      expect((await apps.appActivity.usage(owner.actor, name, 90)).days).toHaveLength(90);
      for (const days of [0, -1, 1.5, 91, Number.NaN])
        await expectRefused(apps.appActivity.usage(owner.actor, name, days), 'invalid_request');
    });
  });
});
