import { beforeAll, describe, expect, test } from '@jest/globals';
import { CompiledQuery, type KyselyPlugin, sql } from 'kysely';
import { tokenLimits } from '../../../../config/tokens.ts';
import type { Idempotency } from '../../../../src/domain/database/idempotency.ts';
import { serverActor } from '../../../../src/domain/roles/server-actor.ts';
import { effectiveScope } from '../../../../src/domain/tokens/effective-scope.ts';
import { issueApiKey } from '../../../../src/domain/tokens/named/api-keys.ts';
import type { NewApiKey, Rotation } from '../../../../src/domain/tokens/named/types.ts';
import { OAuthError } from '../../../../src/oauth/errors.ts';
import { onEachDatabase } from '../../../db/each-database.ts';
import { keepSecret } from '../../../support/run-records.ts';
import { expectRefused, idOf, inSeconds, type Owned, once, openOwned, outcome } from './support.ts';

const day = 86_400;

onEachDatabase((database) => {
  let owned: Owned;
  beforeAll(async () => {
    owned = await openOwned(database());
  });
  const kysely = () => database().kysely;

  /** A client, and the operations on its keys. */
  const setUp = async () => {
    const clientId = await owned.client();
    const { apiKeys } = owned;
    const create = async (given: Partial<NewApiKey> = {}, by?: Idempotency) => {
      const created = await apiKeys.create(kysely(), clientId, { name: 'backend', ...given }, by);
      keepSecret('api_key', created.value);
      return { ...created, id: idOf(created.token) };
    };
    const regenerate = async (id: string, roll: Rotation = { overlap: 0 }, by?: Idempotency) => {
      const created = await apiKeys.regenerate(kysely(), clientId, id, roll, by);
      keepSecret('api_key', created.value);
      return { ...created, id: idOf(created.token) };
    };
    return {
      clientId,
      create,
      regenerate,
      find: (id: string) => apiKeys.find(kysely(), clientId, id),
      list: () => apiKeys.list(kysely(), clientId),
      update: (id: string, ...rest: Rest<typeof apiKeys.update>) =>
        apiKeys.update(kysely(), clientId, id, ...rest),
      delete: (id: string, ...rest: Rest<typeof apiKeys.delete>) =>
        apiKeys.delete(kysely(), clientId, id, ...rest),
    };
  };

  const isActive = async (value: string) => (await owned.find(value))?.alive;
  /** The scopes that the key has at Writ's own API. */
  const opens = async (value: string) => {
    const state = await owned.find(value);
    return state && effectiveScope(state, owned.apiResource);
  };

  test('a key authenticates at the token API, shows its last characters, and expires in 90 days unless another expiry is requested', async () => {
    const { create, clientId } = await setUp();
    const { token, value, id } = await create({ name: ' my backend ' });
    expect(value).toMatch(/^writ_ak_[0-9A-Za-z]+$/);
    expect(token).toMatchObject({
      kind: 'api_key',
      name: 'my backend',
      clientId,
      accountId: null,
      scope: 'tokens:read tokens:write',
      audience: [owned.apiResource],
      status: 'active',
      hint: value.slice(-4),
      expiresAt: expect.any(Number),
      successor: null,
    });
    expect((token.expiresAt ?? 0) - token.issuedAt).toBeCloseTo(90 * 86_400, -2);
    expect((await create({ name: 'for ever', expiresAt: null })).token.expiresAt).toBeNull();
    expect(await opens(value)).toBe('tokens:read tokens:write');
    expect(await owned.events(id)).toMatchObject([
      {
        action: 'api_key.created',
        details: {
          name: 'my backend',
          client_id: clientId,
          scope: 'tokens:read tokens:write',
          expires_at: expect.any(String),
        },
      },
    ]);
  });

  test('a key can be limited to reading and have an expiry', async () => {
    const { create } = await setUp();
    const end = inSeconds(day);
    const { token } = await create({ scope: ['tokens:read'], expiresAt: end });
    expect(token.scope).toBe('tokens:read');
    expect(token.expiresAt).toBeCloseTo(end.getTime() / 1000, 2);
  });

  test.each<[what: string, given: Partial<NewApiKey>, code: string]>([
    ['no name', { name: '' }, 'invalid_request'],
    ['a scope of another part of the API', { scope: ['clients:write'] }, 'invalid_scope'],
    [
      'an additional scope of another part',
      { scope: ['tokens:read', 'apps:read'] },
      'invalid_scope',
    ],
    ['an unknown scope', { scope: ['things:read'] }, 'invalid_scope'],
    ['no scope', { scope: [] }, 'invalid_scope'],
    ['an expiry in the past', { expiresAt: new Date(Date.now() - 1) }, 'invalid_request'],
  ])('a key with %s is refused and not stored', async (_what, given, code) => {
    const { create, list } = await setUp();
    await expectRefused(create(given), code);
    expect(await list()).toEqual([]);
  });

  test('a key has only scopes of the token API, whatever is stored; the operator’s has all that it was created with', async () => {
    const { clientId } = await setUp();
    const scopes = ['clients:write', 'keys:write', 'tokens:read'];
    const keyOf = async (owner: string) => {
      const { value } = await issueApiKey(kysely(), { clientId: owner, name: 'a key', scopes });
      keepSecret('api_key', value);
      return value;
    };
    expect(await opens(await keyOf(clientId))).toBe('tokens:read');
    expect(await opens(await keyOf('writ-operator'))).toBe(scopes.join(' '));
  });

  test('a repeated request gets the same key, also after it was renamed', async () => {
    const { create, update, list } = await setUp();
    const by = once();
    const given = { expiresAt: inSeconds(day) };
    const [first, second] = await Promise.all([create(given, by), create(given, by)]);
    expect(second.value).toBe(first.value);
    await update(first.id, { name: 'renamed' });
    const again = await create(given, by);
    expect([again.value, again.token.name]).toEqual([first.value, 'renamed']);
    expect(await list()).toHaveLength(1);
  });

  test('a client has a maximum number of active keys, also with two concurrent requests', async () => {
    const { create, regenerate, delete: remove, clientId } = await setUp();
    const { token, id } = await create();
    await sql`insert into token (shelf, key, kind, client_id, client_epoch, app_epoch, account_epoch, grant_epoch, scope, audience, name, issued_at)
      select shelf, substring(sha256(key || i::text::bytea) for 16), kind, client_id, client_epoch, app_epoch, account_epoch, grant_epoch, scope, audience, name, issued_at
      from token cross join generate_series(1, ${tokenLimits.apiKeys - 2}::integer) i where shelf = 0 and key = ${token.id.key}`.execute(
      kysely(),
    );
    const outcomes = await Promise.all([outcome(() => create()), outcome(() => create())]);
    expect(outcomes.sort()).toEqual(['conflict', 'done']);
    await expectRefused(regenerate(id, { overlap: 3600 }), 'conflict');
    const { id: replacing } = await regenerate(id);
    await expectRefused(create(), 'conflict', String(tokenLimits.apiKeys));
    await remove(replacing);
    await create();
    await owned.registry.revokeTokens(serverActor, clientId);
    await create();
  });

  test('the list has a maximum length that includes inactive keys; another can be created once they have left it', async () => {
    const { create, regenerate, clientId } = await setUp();
    const { token, id } = await create();
    await sql`insert into token (shelf, key, kind, client_id, client_epoch, app_epoch, account_epoch, grant_epoch, scope, audience, name, issued_at, revoked_at)
      select shelf, substring(sha256(key || i::text::bytea) for 16), kind, client_id, client_epoch, app_epoch, account_epoch, grant_epoch, scope, audience, 'ended', issued_at, now()
      from token cross join generate_series(1, ${tokenLimits.listed - 2}::integer) i where shelf = 0 and key = ${token.id.key}`.execute(
      kysely(),
    );
    const by = once();
    const last = await create({}, by);
    await expectRefused(create(), 'conflict', '30 days');
    await expectRefused(regenerate(id), 'conflict', String(tokenLimits.listed));
    expect((await create({}, by)).value).toBe(last.value);
    const other = await setUp();
    await other.create();
    await sql`delete from token where name = 'ended' and client_id = (select id from client where client_id = ${clientId})`.execute(
      kysely(),
    );
    await regenerate(id);
  });

  test('keys are listed newest first, including inactive ones, and no other tokens of the client', async () => {
    const { clientId, actor, create: makeToken } = await owned.backend();
    const { apiKeys } = owned;
    await makeToken();
    const created = [];
    for (const name of ['first', 'second', 'third'])
      created.push(await apiKeys.create(kysely(), clientId, { name }));
    for (const { value } of created) keepSecret('api_key', value);
    await apiKeys.delete(kysely(), clientId, idOf((created[1] as (typeof created)[0]).token));
    const listed = await apiKeys.list(kysely(), clientId);
    expect(listed.map(({ name, status }) => [name, status])).toEqual([
      ['third', 'active'],
      ['second', 'revoked'],
      ['first', 'active'],
    ]);
    expect(await apiKeys.list(kysely(), `${actor.kind}-nobody`)).toEqual([]);
  });

  test.each(['uncounted', 'counted'])(
    'listing keys does not read the tokens that were created with them, %s',
    async (which) => {
      const { clientId, create, list } = await setUp();
      await sql`insert into token (shelf, key, kind, client_id, client_epoch, app_epoch, account_epoch, grant_epoch, name, issued_at)
        select 0, substring(sha256((${clientId} || i)::bytea) for 16), 'api_token', id, 0, 0, 0, 0, 'a token', now()
        from client cross join generate_series(1, 5000) i where client_id = ${clientId}`.execute(
        kysely(),
      );
      if (which === 'counted') await sql`analyze token_shelf_0`.execute(kysely());
      const sent: CompiledQuery[] = [];
      const watch: KyselyPlugin = {
        transformQuery: ({ node, queryId }) => {
          const query = kysely().getExecutor().compileQuery(node, queryId);
          if (query.sql.includes(`t.kind = 'api_key'`)) sent.push(query);
          return node;
        },
        transformResult: async ({ result }) => result,
      };
      const { value } = await create();
      keepSecret('api_key', value);
      const watched = kysely().withPlugin(watch);
      expect(await owned.apiKeys.list(watched, clientId)).toEqual(await list());
      keepSecret(
        'api_key',
        (await owned.apiKeys.create(watched, clientId, { name: 'another' })).value,
      );
      expect(sent).toHaveLength(3);
      for (const { sql: text, parameters } of sent) {
        const { rows } = await kysely().executeQuery<{ 'QUERY PLAN': string }>(
          CompiledQuery.raw(`explain ${text}`, [...parameters]),
        );
        const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
        expect(plan).toContain('token_shelf_0_client_kind');
      }
      await sql`delete from token where kind = 'api_token' and name = 'a token'`.execute(kysely());
    },
  );

  test('keys of other clients and tokens of other kinds are not found', async () => {
    const { clientId } = await setUp();
    const other = await setUp();
    const { id } = await other.create();
    const backend = await owned.backend();
    const ofBackend = idOf((await backend.create()).token);
    const { apiKeys } = owned;
    for (const [owner, no] of [
      [clientId, id],
      [backend.clientId, ofBackend],
      [clientId, 'nothing'],
      [clientId, `tok_${'0'.repeat(25)}`],
      ['nobody', id],
    ] as const)
      for (const run of [
        () => apiKeys.find(kysely(), owner, no),
        () => apiKeys.update(kysely(), owner, no, { name: 'x' }),
        () => apiKeys.regenerate(kysely(), owner, no, { overlap: 0 }),
        () => apiKeys.delete(kysely(), owner, no),
      ])
        expect(await outcome(run)).toBe('not_found');
    expect(await other.find(id)).toMatchObject({ status: 'active', name: 'backend' });
    await expectRefused(apiKeys.create(kysely(), 'nobody', { name: 'x' }), 'not_found');
  });

  test('a disabled client gets no keys, and its keys become inactive', async () => {
    const { clientId, create, find } = await setUp();
    const { id, value } = await create();
    await owned.registry.disable(serverActor, clientId);
    await expectRefused(create(), 'conflict');
    expect(await isActive(value)).toBe(false);
    await owned.registry.enable(serverActor, clientId);
    expect((await find(id)).status).toBe('inactive');
    await create();
  });

  test('a key can be renamed and its expiry changed while it is active', async () => {
    const { clientId, create, update, regenerate, delete: remove } = await setUp();
    const { id } = await create();
    const end = inSeconds(900 * day);
    const changes = await owned.changesOf(async () => {
      const updated = await update(id, { name: 'other', expiresAt: end });
      expect(updated).toMatchObject({ name: 'other', scope: 'tokens:read tokens:write' });
      expect(updated.expiresAt).toBeCloseTo(end.getTime() / 1000, 2);
    });
    expect(changes).toEqual([{ kind: 'token.changed', token_id: id, client_id: clientId }]);
    expect((await owned.events(id)).at(-1)).toMatchObject({
      action: 'api_key.updated',
      details: { name: { before: 'backend', after: 'other' }, client_id: clientId },
    });
    expect((await update(id, { expiresAt: null })).expiresAt).toBeNull();
    await expectRefused(update(id, { expiresAt: new Date() }), 'invalid_request');
    await expectRefused(update(id, { name: 'a\tb' }), 'invalid_request');
    const replacing = await regenerate(id, { overlap: 3600 });
    await expectRefused(update(id, { expiresAt: null }), 'conflict', replacing.id);
    await remove(replacing.id);
    await expectRefused(update(replacing.id, { name: 'x' }), 'conflict');
  });

  describe('regenerating a key', () => {
    test('creates a new value, and the old one remains valid for the overlap', async () => {
      const { clientId, create, regenerate, find } = await setUp();
      const old = await create({ scope: ['tokens:read'], expiresAt: inSeconds(90 * day) });
      const { id, value, token } = await regenerate(old.id, { overlap: day });
      expect([await isActive(old.value), await isActive(value)]).toEqual([true, true]);
      expect(token).toMatchObject({ name: 'backend', scope: 'tokens:read', clientId });
      const now = Date.now() / 1000;
      expect((token.expiresAt ?? 0) - now - 90 * day).toBeCloseTo(0, -1);
      const before = await find(old.id);
      expect(before).toMatchObject({ status: 'active', successor: id });
      expect((before.expiresAt ?? 0) - now - day).toBeCloseTo(0, -1);
      expect((await owned.events(old.id)).at(-1)).toMatchObject({
        action: 'api_key.rolled',
        details: {
          name: 'backend',
          client_id: clientId,
          scope: 'tokens:read',
          successor: id,
          overlap_seconds: day,
        },
      });
      await expectRefused(regenerate(old.id), 'conflict', id);
    });

    test('without an overlap revokes the old value at once, and can set another expiry', async () => {
      const { clientId, create, regenerate } = await setUp();
      const old = await create();
      const expiresAt = inSeconds(day);
      let created: Awaited<ReturnType<typeof regenerate>> | undefined;
      const changes = await owned.changesOf(async () => {
        created = await regenerate(old.id, { overlap: 0, expiresAt });
      });
      expect(changes).toEqual([{ kind: 'token.revoked', token_id: old.id, client_id: clientId }]);
      expect(await isActive(old.value)).toBe(false);
      expect(await isActive(created?.value ?? '')).toBe(true);
      expect(created?.token.expiresAt).toBeCloseTo(expiresAt.getTime() / 1000, 2);
    });

    test('gives a repeated request the same value, and refuses a different one with the same key', async () => {
      const { create, regenerate, list } = await setUp();
      const { id } = await create();
      const by = once({ key: id, request: 'one' });
      const [first, second] = [
        await regenerate(id, undefined, by),
        await regenerate(id, undefined, by),
      ];
      expect(second.value).toBe(first.value);
      const other = once({ key: id, request: 'other' });
      await expectRefused(regenerate(id, undefined, other), 'unprocessable_content');
      expect(await list()).toHaveLength(2);
    });

    test('happens once for two concurrent requests', async () => {
      const { create, regenerate } = await setUp();
      const { id } = await create();
      const outcomes = await Promise.all([1, 2].map(() => outcome(() => regenerate(id))));
      expect(outcomes.sort()).toEqual(['conflict', 'done']);
    });
  });

  test('a deleted key is inactive at once; deleting it again records nothing', async () => {
    const { clientId, create, delete: remove, find } = await setUp();
    const { id, value } = await create();
    expect(await owned.changesOf(() => remove(id))).toEqual([
      { kind: 'token.revoked', token_id: id, client_id: clientId },
    ]);
    expect(await isActive(value)).toBe(false);
    expect((await find(id)).status).toBe('revoked');
    expect(await owned.changesOf(() => remove(id))).toEqual([]);
  });

  test('a precondition that fails prevents every change', async () => {
    const { create, update, delete: remove, find } = await setUp();
    const { id } = await create();
    const precondition = (current: { name: string | null } | undefined) => {
      throw new OAuthError('precondition_failed', String(current?.name));
    };
    await expectRefused(update(id, { name: 'x' }, precondition), 'precondition_failed', 'backend');
    await expectRefused(remove(id, precondition), 'precondition_failed', 'backend');
    expect(await find(id)).toMatchObject({ name: 'backend', status: 'active' });
  });

  test('operations in a transaction that fails have no effect', async () => {
    const { clientId, create, list } = await setUp();
    const { id, value } = await create();
    const { apiKeys } = owned;
    const failing = kysely()
      .transaction()
      .execute(async (transaction) => {
        const { value: other } = await apiKeys.create(transaction, clientId, { name: 'lost' });
        keepSecret('api_key', other);
        await apiKeys.delete(transaction, clientId, id);
        throw new Error('cut off');
      });
    await expect(failing).rejects.toThrow('cut off');
    expect(await list()).toHaveLength(1);
    expect(await isActive(value)).toBe(true);
  });
});

/** The parameters after the connection, the client and the id. */
type Rest<Method> = Method extends (
  connection: never,
  clientId: string,
  id: string,
  ...rest: infer Others
) => unknown
  ? Others
  : never;
