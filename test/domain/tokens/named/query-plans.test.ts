import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CompiledQuery, type KyselyPlugin, sql } from 'kysely';
import { type Database, openDatabase } from '../../../../db/database.ts';
import { assertBelowListLimit } from '../../../../src/domain/tokens/named/find.ts';
import { createNamedTokens } from '../../../../src/domain/tokens/named/named-tokens.ts';
import type { NamedTokenFilter } from '../../../../src/domain/tokens/named/types.ts';
import { publicId } from '../../../../src/domain/tokens/value.ts';
import { postgresDatabase, postgresUrl } from '../../../support/databases.ts';
import { type Owned, openOwned, operator } from './support.ts';

/** A node of an executed query plan. */
interface Plan {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Actual Rows'?: number;
  'Actual Loops'?: number;
  'Rows Removed by Filter'?: number;
  Plans?: Plan[];
}

const tokens = 20_000;
const limit = 20;

const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

/** Records the statements that are sent to a database. */
function watch(database: Database): { sent: CompiledQuery[]; watched: Database } {
  const { kysely } = database;
  const sent: CompiledQuery[] = [];
  const compile: KyselyPlugin = {
    transformQuery: ({ node, queryId }) => {
      sent.push(kysely.getExecutor().compileQuery(node, queryId));
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  return { sent, watched: { ...database, kysely: kysely.withPlugin(compile) } };
}

/** The plan of the statement that finds the tokens of a list, executed with its values. */
async function planOf(
  { database, find, lookup, revokeWithGrant }: Owned,
  filter: NamedTokenFilter & { after?: string | undefined },
): Promise<Plan[]> {
  const { kysely } = database;
  const { sent, watched } = watch(database);
  await createNamedTokens({ database: watched, find, lookup, revokeWithGrant }).page(operator(), {
    ...filter,
    limit,
  });
  const search = sent.findIndex(({ sql: text }) => text.includes('order by'));
  const { rows } = await kysely.transaction().execute(async (transaction) => {
    for (const before of sent.slice(0, search)) await transaction.executeQuery(before);
    return transaction.executeQuery<{ 'QUERY PLAN': { Plan: Plan }[] }>(
      CompiledQuery.raw(`explain (analyze, format json) ${sent[search]?.sql}`, [
        ...(sent[search]?.parameters ?? []),
      ]),
    );
  });
  const [plan] = rows[0]?.['QUERY PLAN'] ?? [];
  if (!plan) throw new Error('Postgres gave no plan');
  return nodesOf(plan.Plan);
}

/**
 * Creates tokens for a client that has nearly all, and for one that has few: every fifth revoked, every
 * seventh expired, for a hundred subjects.
 */
async function fill({ database: { kysely }, client, person }: Owned) {
  const [large, small] = [await client(), await client()];
  const account = await person();
  await sql`
    insert into token (shelf, key, kind, client_id, account_id, client_epoch, app_epoch, account_epoch, grant_epoch,
      scope, audience, name, hint, subject_type, subject_id, issued_at, expires_at, revoked_at)
    select 0, decode(md5(n::text), 'hex'), case when n % 500 = 1 then 'personal_access_token' else 'api_token' end,
      c.id, case when n % 500 = 1 then ${account}::uuid end, 0, 0, 0, 0,
      'things:read', '{https://things.test}', 'Token ' || md5('name ' || n), 'abcd',
      case when n % 500 <> 1 then 'user' end, case when n % 500 <> 1 then (n % 100)::text end,
      now() - n * interval '7 seconds',
      case when n % 7 = 0 then now() - n * interval '1 second' when n % 2 = 0 then now() + n * interval '1 minute' end,
      case when n % 5 = 3 then now() - n * interval '2 seconds' end
    from generate_series(1, ${tokens}::integer) as n
    join client c on c.client_id = case when n % 101 = 0 then ${small} else ${large} end`.execute(
    kysely,
  );
  return { large, small, account };
}

const ofClient: [string, NamedTokenFilter, string][] = [
  ['', {}, 'token_shelf_0_client_kind'],
  [', of one kind', { kind: 'api_token' }, 'token_shelf_0_client_kind'],
  [', the active ones', { status: 'active' }, 'token_shelf_0_client_kind'],
  [', the expired ones', { status: 'expired' }, 'token_shelf_0_client_expires'],
  [', the revoked ones', { status: 'revoked' }, 'token_shelf_0_client_revoked'],
  [', by name', { name: 'TOKEN 0' }, 'token_shelf_0_client_name'],
  [
    ', of a subject type without tokens',
    { subject: { type: 'tenant' } },
    'token_shelf_0_client_subject_type',
  ],
  [', of a subject type', { subject: { type: 'user' } }, 'token_shelf_0_client_subject_type'],
  [', of a subject', { subject: { type: 'user', id: '42' } }, 'token_shelf_0_subject'],
];

const lists: [string, NamedTokenFilter, string][] = [
  ['of all', {}, 'token_shelf_0_made'],
  ['of all clients, of a rare kind', { kind: 'personal_access_token' }, 'token_shelf_0_made'],
  [
    'of all clients, of a rare kind, by name',
    { kind: 'personal_access_token', name: 'Token' },
    'token_shelf_0_name',
  ],
  [
    'of a client, of a kind that it has few of',
    { kind: 'personal_access_token', clientId: 'large' },
    'token_shelf_0_client_kind',
  ],
  ['of all clients, the revoked ones', { status: 'revoked' }, 'token_shelf_0_revoked'],
  ['of all clients, the expired ones', { status: 'expired' }, 'token_shelf_0_expires'],
  ['of all clients, by name', { name: 'Token 0' }, 'token_shelf_0_name'],
  ['of a subject type', { subject: { type: 'user' } }, 'token_shelf_0_subject_type'],
  ['of a subject', { subject: { type: 'user', id: '42' } }, 'token_shelf_0_subject'],
  ...['large', 'small'].flatMap((client) =>
    ofClient.map(([which, filter, index]): [string, NamedTokenFilter, string] => [
      `of a ${client} client${which}`,
      { ...filter, clientId: client },
      index,
    ]),
  ),
];

(postgresUrl ? describe : describe.skip)('on Postgres', () => {
  let owned: Owned & Awaited<ReturnType<typeof fill>>;
  beforeAll(async () => {
    const opened = await openOwned(await openDatabase(await postgresDatabase()));
    owned = { ...opened, ...(await fill(opened)) };
  });
  afterAll(() => owned.database.close());

  describe.each(['without statistics', 'with statistics'])('a list of tokens %s', (which) => {
    beforeAll(async () => {
      if (which === 'with statistics')
        await sql`analyze token_shelf_0`.execute(owned.database.kysely);
    });

    test.each(lists)('reads no more rows than it shows: %s', async (_list, filter, index) => {
      const { clientId } = filter;
      const query = { ...filter, ...(clientId && { clientId: owned[clientId as 'large'] }) };
      const { items, next } = await owned.namedTokens.page(operator(), { ...query, limit });
      expect(items.length > 0).toBe(query.subject?.type !== 'tenant');
      for (const after of next === null ? [undefined] : [undefined, next]) {
        const nodes = await planOf(owned, { ...query, after });
        const types = nodes.map(({ 'Node Type': type }) => type);
        // Only what was found of each kind is sorted together.
        for (const { 'Node Type': type, Plans: [sorted] = [] } of nodes)
          if (type === 'Sort') expect(sorted?.['Actual Rows']).toBeLessThanOrEqual(3 * (limit + 1));
        expect(types).not.toContain('Bitmap Heap Scan');
        const onTokens = nodes.filter(({ 'Relation Name': name }) => name === 'token_shelf_0');
        expect(onTokens).not.toEqual([]);
        for (const node of onTokens) {
          expect(node['Node Type']).toMatch(/^Index (Only )?Scan$/);
          expect(node['Index Name']).toBe(index);
          // Conditions outside of the index remove a constant share of the rows.
          const { 'Actual Rows': shown = 0, 'Rows Removed by Filter': left = 0 } = node;
          expect(shown + left).toBeLessThanOrEqual(query.subject ? tokens / 100 : 5 * limit);
        }
      }
    });

    test('of tokens that no index leads to examines 10,000 for a page, and the next page goes on', async () => {
      const none = { name: 'Token', resource: 'https://none.test', clientId: owned.large };
      const pages = [];
      for (let after: string | undefined; ; ) {
        for (const node of await planOf(owned, { ...none, after }))
          expect(node['Actual Rows']).toBeLessThanOrEqual(10_000);
        const { items, next } = await owned.namedTokens.page(operator(), { ...none, after, limit });
        pages.push(items.length);
        if (next === null) break;
        after = next;
      }
      expect(pages).toEqual([0, 0]);
    });

    test('of all clients by name shows every token once, though its kinds are searched in turn', async () => {
      const { kysely } = owned.database;
      const seen: string[] = [];
      for (let after: string | undefined; ; ) {
        const page = await owned.namedTokens.page(operator(), {
          ...{ name: 'Token', status: 'expired' },
          after,
          limit: 500,
        });
        seen.push(...page.items.map(({ id }) => publicId(id)));
        if (page.next === null) break;
        after = page.next;
      }
      const { rows } = await sql<{ count: number }>`
        select count(*)::integer as count from token_shelf_0
        where revoked_at is null and expires_at <= now()`.execute(kysely);
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen).toHaveLength(rows[0]?.count ?? 0);
    });

    test('of a kind that is rare among the tokens of a client shows it on one page', async () => {
      const rare = { name: 'Token', kind: 'personal_access_token', clientId: owned.large } as const;
      const { items, next } = await owned.namedTokens.page(operator(), { ...rare, limit: 500 });
      expect(items).toHaveLength(tokens / 500);
      expect(next).toBeNull();
      const names = items.map(({ name }) => String(name).toLowerCase());
      expect(names).toEqual(names.toSorted());
    });

    test('of a person uses the index on accounts', async () => {
      const nodes = await planOf(owned, { accountId: owned.account });
      const onTokens = nodes.filter(({ 'Relation Name': name }) => name === 'token_shelf_0');
      expect(onTokens).toHaveLength(1);
      expect(onTokens[0]?.['Node Type']).not.toBe('Seq Scan');
      expect(nodes.flatMap(({ 'Index Name': name }) => name ?? [])).toContain(
        'token_shelf_0_account',
      );
    });

    test('of a person is counted by the index on accounts before another token is created', async () => {
      const { sent, watched } = watch(owned.database);
      const { account: accountId } = owned;
      await assertBelowListLimit(watched.kysely, 'personal_access_token', { accountId });
      expect(sent).toHaveLength(1);
      const { rows } = await owned.database.kysely.executeQuery(
        CompiledQuery.raw(`explain ${sent[0]?.sql}`, [...(sent[0]?.parameters ?? [])]),
      );
      const plan = JSON.stringify(rows);
      expect(plan).toContain('token_shelf_0_account');
      expect(plan).not.toContain('Seq Scan');
    });
  });
});
