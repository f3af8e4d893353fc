import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { actingAs } from '../../../../src/domain/audit/actor.ts';
import { serverActor } from '../../../../src/domain/roles/server-actor.ts';
import { lockNamedToken } from '../../../../src/domain/tokens/named/find.ts';
import { insertNamedToken } from '../../../../src/domain/tokens/named/insert.ts';
import { readShown } from '../../../../src/domain/tokens/named/read.ts';
import type {
  NamedTokenFilter,
  ShownToken,
  TokenActor,
} from '../../../../src/domain/tokens/named/types.ts';
import {
  type NamedTokenKind,
  parsePublicId,
  publicId,
  type TokenId,
} from '../../../../src/domain/tokens/value.ts';
import { onDatabase } from '../../../db/each-database.ts';
import { keepSecret } from '../../../support/run-records.ts';
import { newToken } from '../support.ts';
import {
  backend,
  expectRefused,
  idOf,
  inSeconds,
  type Owned,
  openOwned,
  operator,
  unique,
} from './support.ts';

/** A resource for tests in which it does not matter. */
const things = 'https://things.test';

onDatabase((database) => {
  let opened: Promise<Owned> | undefined;
  const open = (): Promise<Owned> => {
    opened ??= openOwned(database()).then(async (owned) => {
      await owned.resource({ identifier: things });
      return owned;
    });
    return opened;
  };

  /** Stores a token of any named kind, created this long ago. */
  const put = async (
    { database: { kysely } }: Owned,
    clientId: string,
    {
      kind = 'api_token',
      name = 'A token',
      accountId,
      id = randomUUID(),
      ...columns
    }: {
      kind?: NamedTokenKind;
      name?: string;
      accountId?: string;
      /** Of its subject. */
      id?: string;
      issued_at?: Date;
      expires_at?: Date;
      revoked_at?: Date;
    } = {},
  ): Promise<string> => {
    const created = await insertNamedToken(kysely, {
      kind,
      clientId,
      accountId,
      name,
      scope: ['things:read'],
      resource: things,
      ...(kind === 'api_token' && { subject: { type: 'user', id } }),
    });
    keepSecret(kind, created.value);
    if (Object.keys(columns).length > 0)
      await kysely
        .updateTable('token')
        .set(columns)
        .where('shelf', '=', 0)
        .where('key', '=', created.id.key)
        .execute();
    return publicId(created.id);
  };

  const idsOf = (tokens: ShownToken[]): string[] => tokens.map(idOf);

  /** Reads all pages of a list; `between` runs after each. */
  const walk = async (
    { namedTokens }: Owned,
    actor: TokenActor,
    filter: NamedTokenFilter,
    {
      limit = 2,
      between = async () => {},
    }: { limit?: number; between?: (last: string) => Promise<unknown> } = {},
  ): Promise<string[]> => {
    const ids: string[] = [];
    let after: string | undefined;
    do {
      const { items, next } = await namedTokens.page(actor, { ...filter, limit, after });
      expect(items.length).toBeLessThanOrEqual(limit);
      ids.push(...idsOf(items));
      after = next ?? undefined;
      if (after !== undefined) await between(ids.at(-1) ?? '');
    } while (after !== undefined);
    return ids;
  };

  /** Creates seven tokens of a client in each state, and returns them newest first. */
  const manyOf = async (owned: Owned, clientId: string) => {
    const created: Record<'active' | 'expired' | 'revoked', string[]> = {
      active: [],
      expired: [],
      revoked: [],
    };
    const then = inSeconds(-86_400);
    for (let place = 0; place < 7; place++) {
      // Three with the same time, so that the key breaks ties.
      const at = new Date(then.getTime() - Math.floor(place / 3) * 1000);
      created.active.push(await put(owned, clientId, { issued_at: at, name: `Alpha ${place}` }));
      created.expired.push(
        await put(owned, clientId, { issued_at: at, expires_at: at, name: `alphabet ${place}` }),
      );
      created.revoked.push(
        await put(owned, clientId, { issued_at: at, revoked_at: at, name: `Beta ${place}` }),
      );
    }
    return created;
  };

  describe('a list', () => {
    const filters: [string, NamedTokenFilter, ('active' | 'expired' | 'revoked')[]][] = [
      ['of all', {}, ['active', 'expired', 'revoked']],
      ['of active tokens', { status: 'active' }, ['active']],
      ['of expired tokens', { status: 'expired' }, ['expired']],
      ['of revoked tokens', { status: 'revoked' }, ['revoked']],
      ['by a prefix of the name in any case', { name: 'aLPha' }, ['active', 'expired']],
      ['by name and state', { name: 'alpha', status: 'expired' }, ['expired']],
      ['by subject type', { subject: { type: 'user' } }, ['active', 'expired', 'revoked']],
    ];
    test.each(filters)(
      'shows each token once, page by page: %s',
      async (_which, filter, states) => {
        const owned = await open();
        const clientId = await owned.client();
        const created = await manyOf(owned, clientId);
        await manyOf(owned, await owned.client());
        const shown = await walk(owned, operator(), { ...filter, clientId });
        expect(shown.toSorted()).toEqual(states.flatMap((state) => created[state]).toSorted());
        expect(await walk(owned, operator(), { ...filter, clientId }, { limit: 100 })).toEqual(
          shown,
        );
      },
    );

    test.each(filters)(
      'shows each remaining token once if others are created and deleted between pages: %s',
      async (_which, filter, states) => {
        const owned = await open();
        const clientId = await owned.client();
        const created = await manyOf(owned, clientId);
        const all = states.flatMap((state) => created[state]);
        const shown = await walk(
          owned,
          operator(),
          { ...filter, clientId },
          {
            // The token of the cursor is deleted, and others are created.
            between: async (last) => {
              await sql`delete from token_shelf_0 where shelf = 0 and key = ${parsePublicId(last)?.key}`.execute(
                owned.database.kysely,
              );
              await put(owned, clientId, { name: 'Aa' });
            },
          },
        );
        expect(shown.filter((id) => all.includes(id)).toSorted()).toEqual(all.toSorted());
      },
    );

    test('is sorted by creation, newest first, to the microsecond', async () => {
      const owned = await open();
      const clientId = await owned.client();
      const ids: string[] = [];
      for (let place = 0; place < 6; place++) ids.push(await put(owned, clientId));
      for (const [place, id] of ids.entries())
        await sql`update token_shelf_0 set issued_at = '2026-03-04 05:06:07.123456Z'::timestamptz + ${place}::integer * interval '1 microsecond'
          where shelf = 0 and key = ${parsePublicId(id)?.key}`.execute(owned.database.kysely);
      expect(await walk(owned, operator(), { clientId }, { limit: 1 })).toEqual(ids.toReversed());
    });

    test('by name is sorted by name in any case', async () => {
      const owned = await open();
      const clientId = await owned.client();
      const names = ['beta', 'Alpha two', 'alpha', 'ALPHA three', 'Ålpha', 'alph', 'al%ha'];
      const ids = new Map<string, string>();
      for (const name of names) ids.set(await put(owned, clientId, { name }), name);
      const named = async (name: string) =>
        (await walk(owned, operator(), { clientId, name })).map((id) => ids.get(id));
      expect(await named('ALPHA')).toEqual(['alpha', 'ALPHA three', 'Alpha two']);
      expect(await named('al')).toEqual(['al%ha', 'alph', 'alpha', 'ALPHA three', 'Alpha two']);
      expect(await named('al%')).toEqual(['al%ha']);
      expect(await named('alpha t')).toEqual(['ALPHA three', 'Alpha two']);
      expect(await named('_')).toEqual([]);
      expect(await named('Å')).toEqual(['Ålpha']);
    });

    test('of expired or revoked tokens is sorted by that time, latest first', async () => {
      const owned = await open();
      const clientId = await owned.client();
      const ended = { expired: [] as string[], revoked: [] as string[] };
      for (const ago of [50, 10, 30]) {
        const at = inSeconds(-ago);
        const created = { issued_at: inSeconds(-100) };
        ended.expired.push(await put(owned, clientId, { ...created, expires_at: at }));
        ended.revoked.push(await put(owned, clientId, { ...created, revoked_at: at }));
      }
      for (const [status, [a, b, c]] of Object.entries(ended))
        expect(await walk(owned, operator(), { clientId, status: status as 'expired' })).toEqual([
          b,
          c,
          a,
        ]);
    });

    test('contains tokens of every named kind and no others', async () => {
      const owned = await open();
      const clientId = await owned.client();
      const accountId = await owned.person();
      const client = await owned.clients(clientId);
      await owned.issue.insert(newToken({ client: client?.id ?? '' }));
      const tokens = {
        api_token: await put(owned, clientId),
        api_key: await put(owned, clientId, { kind: 'api_key' }),
        personal_access_token: await put(owned, clientId, {
          kind: 'personal_access_token',
          accountId,
        }),
      };
      const all = await walk(owned, operator(), { clientId });
      expect(all.toSorted()).toEqual(Object.values(tokens).toSorted());
      for (const [kind, id] of Object.entries(tokens))
        expect(await walk(owned, operator(), { clientId, kind: kind as NamedTokenKind })).toEqual([
          id,
        ]);
      expect(await walk(owned, operator(), { accountId })).toEqual([tokens.personal_access_token]);
      expect(await walk(owned, operator(), { accountId, status: 'expired' })).toEqual([]);
    });

    test('of a subject has all tokens of that subject, across clients', async () => {
      const owned = await open();
      const [first, second] = [await owned.client(), await owned.client()];
      const id = unique('subject');
      const older = await put(owned, first, { id, issued_at: inSeconds(-60) });
      const newer = await put(owned, second, { id });
      await put(owned, first, { id: `${id}2` });
      const of = (filter: NamedTokenFilter) => walk(owned, operator(), filter, { limit: 1 });
      expect(await of({ subject: { type: 'user', id } })).toEqual([newer, older]);
      expect(await of({ subject: { type: 'user', id }, clientId: first })).toEqual([older]);
      expect(await of({ subject: { type: 'device', id } })).toEqual([]);
    });

    test('accepts only its own cursors', async () => {
      const owned = await open();
      const clientId = await owned.client();
      const created = await manyOf(owned, clientId);
      const page = (filter: NamedTokenFilter, after?: string) =>
        owned.namedTokens.page(operator(), { clientId, ...filter, after, limit: 1 });
      const kinds: NamedTokenFilter[] = [
        {},
        { name: 'a' },
        { status: 'expired' },
        { status: 'revoked' },
      ];
      for (const own of kinds) {
        const { next } = await page(own);
        await expect(page(own, next ?? '')).resolves.toMatchObject({ items: [{}] });
        for (const other of kinds.filter((kind) => kind !== own))
          await expectRefused(page(other, next ?? ''), 'invalid_request', /not a cursor/);
      }
      const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const [id] = created.active;
      for (const wrong of [
        '',
        'x',
        id ?? '',
        encoded(null),
        encoded([]),
        encoded(['made', 1, id]),
        encoded(['made', 'yesterday', id]),
        encoded(['made', '9'.repeat(30), id]),
        encoded(['made', '1', 'tok_1']),
        encoded(['made', '1', id?.replace('tok_000', 'tok_00a')]),
      ])
        await expectRefused(page({}, wrong), 'invalid_request', /not a cursor/);
    });

    test('is empty for values that cannot exist', async () => {
      const owned = await open();
      const filters: NamedTokenFilter[] = [
        { clientId: 'no-such-client' },
        { clientId: 'a\0b' },
        { accountId: 'no uuid' },
        { accountId: randomUUID() },
        { name: '\ud800' },
        { subject: { type: 'user', id: '\0' } },
      ];
      for (const filter of filters)
        expect(await owned.namedTokens.page(operator(), { ...filter, limit: 10 })).toEqual({
          items: [],
          next: null,
        });
    });
  });

  describe('the status of a token', () => {
    test('is active, expired, revoked, or inactive with its client', async () => {
      const owned = await open();
      const clientId = await owned.client();
      const find = (id: string) => owned.namedTokens.find(operator(), id);
      const active = await put(owned, clientId);
      const expired = await put(owned, clientId, { expires_at: inSeconds(-1) });
      const revoked = await put(owned, clientId, {
        expires_at: inSeconds(-1),
        revoked_at: inSeconds(-2),
      });
      expect(await find(active)).toMatchObject({
        status: 'active',
        name: 'A token',
        clientId,
        hint: expect.stringMatching(/^[A-Za-z0-9]{4}$/),
        revokedAt: null,
        lastUsedAt: null,
        successor: null,
      });
      expect(await find(expired)).toMatchObject({ status: 'expired', revokedAt: null });
      expect(await find(revoked)).toMatchObject({
        status: 'revoked',
        revokedAt: expect.any(Number),
      });
      await owned.registry.disable(serverActor, clientId);
      expect(await find(active)).toMatchObject({ status: 'inactive' });
      expect(await find(expired)).toMatchObject({ status: 'expired' });
      expect(await walk(owned, operator(), { clientId, status: 'active' })).toEqual([]);
    });

    test('is read for several partitions at once, and within a transaction as that sees it', async () => {
      const owned = await open();
      const clientId = await owned.client();
      const client = await owned.clients(clientId);
      const access = newToken({ client: client?.id ?? '' });
      await owned.issue.insert(access);
      const id = parsePublicId(await put(owned, clientId)) as TokenId;
      await owned.database.kysely.transaction().execute(async (transaction) => {
        await lockNamedToken(transaction, id);
        await sql`update token_shelf_0 set revoked_at = now(), successor = ${access.id.key} where shelf = 0 and key = ${id.key}`.execute(
          transaction,
        );
        const shown = await readShown(transaction, [access.id, id, newToken().id]);
        expect([...shown.keys()].toSorted()).toEqual(
          [publicId(id), publicId(access.id)].toSorted(),
        );
        expect(shown.get(publicId(access.id))).toMatchObject({ status: 'active', clientId });
        expect(shown.get(publicId(id))).toMatchObject({
          status: 'revoked',
          successor: publicId({ partition: 0, key: access.id.key }),
        });
      });
    });

    test('is available to operators for tokens of every kind, by id and by value', async () => {
      const owned = await open();
      const client = await owned.clients(await owned.client());
      const token = newToken({ client: client?.id ?? '' });
      await owned.issue.insert(token);
      keepSecret('access_token', token.value);
      const shown = { kind: 'access_token', status: 'active', name: null, hint: null };
      expect(await owned.namedTokens.find(operator(), publicId(token.id))).toMatchObject(shown);
      expect(await owned.namedTokens.check(operator(), token.value)).toMatchObject(shown);
      expect(await owned.namedTokens.check(operator(), 'no token')).toBeUndefined();
      for (const id of [publicId(newToken().id), 'tok_1', '', 'tok_00g0000000000000000000000'])
        await expectRefused(owned.namedTokens.find(operator(), id), 'not_found');
    });
  });

  describe('an API key', () => {
    test('finds only the API tokens of its client', async () => {
      const owned = await open();
      const [own, other] = [await owned.backend(), await owned.backend()];
      const ownToken = await own.create();
      const foreignToken = await other.create();
      const key = await put(owned, own.clientId, { kind: 'api_key' });
      const client = await owned.clients(own.clientId);
      const access = newToken({ client: client?.id ?? '' });
      await owned.issue.insert(access);
      const list = (filter: NamedTokenFilter) => walk(owned, own.actor, filter);
      for (const filter of [
        {},
        { clientId: own.clientId },
        { kind: 'api_token' as const },
        { status: 'active' as const },
        { name: 'a' },
      ])
        expect(await list(filter)).toEqual([idOf(ownToken.token)]);
      expect(await list({ clientId: other.clientId })).toEqual([]);
      expect(await list({ kind: 'api_key' })).toEqual([]);
      expect(await list({ subject: foreignToken.token.subject ?? { type: '' } })).toEqual([]);

      expect(idOf(await owned.namedTokens.find(own.actor, idOf(ownToken.token)))).toBe(
        idOf(ownToken.token),
      );
      for (const id of [idOf(foreignToken.token), key, publicId(access.id)]) {
        await expectRefused(owned.namedTokens.find(own.actor, id), 'not_found', id);
        await expectRefused(owned.namedTokens.revoke(own.actor, id), 'not_found', id);
        await expectRefused(owned.apiTokens.update(own.actor, id, { name: 'B' }), 'not_found', id);
        expect(await owned.namedTokens.find(operator(), id)).toMatchObject({ status: 'active' });
      }
      expect(await owned.namedTokens.check(own.actor, ownToken.value)).toMatchObject({
        status: 'active',
      });
      expect(await owned.namedTokens.check(own.actor, foreignToken.value)).toBeUndefined();
      expect(await owned.namedTokens.check(own.actor, access.value)).toBeUndefined();
    });
  });

  describe('a resource', () => {
    test.each(['api_token', 'personal_access_token'] as const)(
      'cannot be deleted while there is an active %s for it',
      async (kind) => {
        const owned = await open();
        const { resources } = owned;
        const [identifier, other] = [await owned.resource(), await owned.resource()];
        const clientId = await owned.client();
        const store = (resource: string, expiresAt?: Date) =>
          insertNamedToken(owned.database.kysely, {
            ...{ kind, clientId, name: unique('token'), scope: [], resource, expiresAt },
            ...(kind === 'api_token' && { subject: { type: 'user', id: randomUUID() } }),
          });
        await store(other);
        const kept = [await store(identifier), await store(identifier, inSeconds(60))];
        for (const { id } of kept) {
          await expectRefused(resources.delete(identifier), 'conflict', 'Revoke them first');
          expect(await resources.find(identifier)).toBeDefined();
          await sql`update token_shelf_0 set expires_at = now() - interval '1 second' where key = ${id.key}`.execute(
            owned.database.kysely,
          );
        }
        const last = await store(identifier);
        await expectRefused(resources.delete(identifier), 'conflict');
        await owned.revoke(last.id);
        expect(await resources.delete(identifier)).toBe(true);
      },
    );

    test('can be deleted once its tokens are inactive with their client', async () => {
      const owned = await open();
      const { create, clientId, resource } = await owned.backend();
      await create();
      await owned.registry.update(serverActor, clientId, { resources: [] });
      await expectRefused(owned.resources.delete(resource), 'conflict');
      await owned.registry.revokeTokens(serverActor, clientId);
      expect(await owned.resources.delete(resource)).toBe(true);
    });
  });

  describe('revoking', () => {
    test('makes a token inactive for every later request, with one event and one change', async () => {
      const owned = await open();
      const { actor, clientId, create } = await owned.backend();
      const { token, value } = await create();
      const id = idOf(token);
      expect(await owned.changesOf(() => owned.namedTokens.revoke(actor, id))).toEqual([
        { kind: 'token.revoked', token_id: id, client_id: clientId },
      ]);
      expect(await owned.introspect(value, clientId)).toEqual({ active: false });
      expect(await owned.namedTokens.check(actor, value)).toMatchObject({ status: 'revoked' });
      expect(await owned.changesOf(() => owned.namedTokens.revoke(actor, id))).toEqual([]);
      expect(await owned.events(id)).toMatchObject([
        { action: 'api_token.created' },
        {
          action: 'token.revoked',
          details: { kind: 'api_token', name: token.name, client_id: clientId },
        },
      ]);
    });

    test('does not change an expired token', async () => {
      const owned = await open();
      const id = await put(owned, await owned.client(), { expires_at: inSeconds(-1) });
      expect(await owned.changesOf(() => owned.namedTokens.revoke(operator(), id))).toEqual([]);
      expect(await owned.namedTokens.find(operator(), id)).toMatchObject({ status: 'expired' });
    });

    test('does not happen if its precondition fails', async () => {
      const owned = await open();
      const { actor, create } = await owned.backend();
      const { token } = await create();
      const changed = new Error('it was changed');
      const refusing = owned.namedTokens.revoke(actor, idOf(token), (current) => {
        expect(current).toMatchObject({ id: token.id, status: 'active' });
        throw changed;
      });
      await expect(refusing).rejects.toBe(changed);
      expect(await owned.namedTokens.find(actor, idOf(token))).toMatchObject({ status: 'active' });
    });

    test('by subject revokes its API tokens of the client, and records each in the app', async () => {
      const owned = await open();
      const [app, other] = [await owned.app(), await owned.backend()];
      await owned.resource();
      const subject = { type: 'user', id: unique('subject') };
      const ownTokens = [
        await owned.create(backend(app.clientId), { subject, expiresAt: inSeconds(3600) }),
        await owned.create(backend(app.clientId), { subject, expiresAt: inSeconds(7200) }),
      ];
      const kept = [
        await owned.create(backend(app.clientId), { expiresAt: inSeconds(3600) }),
        await other.create({ subject }),
      ];
      await put(owned, app.clientId, { id: subject.id, expires_at: inSeconds(-1) });
      const by = { kind: 'client', id: app.clientId, tokenId: 'tok_1' } as const;
      const changes = await owned.changesOf(async () =>
        expect(
          await actingAs(by, () =>
            owned.namedTokens.revokeOfSubject(backend(app.clientId), subject),
          ),
        ).toBe(2),
      );
      expect(changes.map(({ token_id }) => token_id).toSorted()).toEqual(
        ownTokens.map(({ token }) => idOf(token)).toSorted(),
      );
      for (const { token, value } of ownTokens) {
        expect(await owned.introspect(value, app.clientId)).toEqual({ active: false });
        expect((await owned.events(idOf(token))).at(-1)).toMatchObject({
          action: 'token.revoked',
          actor: { kind: 'client', id: app.clientId, token_id: 'tok_1' },
        });
      }
      for (const { token } of kept)
        expect(await owned.namedTokens.find(operator(), idOf(token))).toMatchObject({
          status: 'active',
        });
      const { items } = await owned.audit.page({ app: app.id, action: 'token.revoked', limit: 9 });
      expect(items).toHaveLength(2);
      expect(await owned.namedTokens.revokeOfSubject(backend(app.clientId), subject)).toBe(0);
    });

    test('by subject as an operator revokes those of the named client, otherwise of all', async () => {
      const owned = await open();
      const clients = [await owned.backend(), await owned.backend(), await owned.backend()];
      const subject = { type: 'tenant', id: unique('subject') };
      for (const { create } of clients) await create({ subject });
      const [first] = clients;
      const revoke = (clientId?: string) =>
        owned.namedTokens.revokeOfSubject(operator(), subject, clientId);
      expect(await revoke('no-such-client')).toBe(0);
      expect(await revoke(first?.clientId)).toBe(1);
      expect(await revoke()).toBe(2);
      expect(await walk(owned, operator(), { subject, status: 'active' })).toEqual([]);
      expect(await owned.namedTokens.revokeOfSubject(operator(), { type: 'a', id: '\0' })).toBe(0);
    });

    test('by subject revokes thousands of tokens, each with a number of its own in the change feed', async () => {
      const owned = await open();
      const clientId = await owned.client();
      const first = await put(owned, clientId, { id: 'many' });
      const { kysely } = owned.database;
      await sql`
        insert into token (shelf, key, kind, client_id, client_epoch, app_epoch, account_epoch, grant_epoch, name, subject_type, subject_id, issued_at)
        select 0, decode(md5('many ' || n), 'hex'), kind, client_id, client_epoch, app_epoch, account_epoch, grant_epoch, name, subject_type, subject_id, issued_at
        from token_shelf_0, generate_series(1, 2100) n where shelf = 0 and key = ${parsePublicId(first)?.key}`.execute(
        kysely,
      );
      const subject = { type: 'user', id: 'many' };
      expect(await owned.namedTokens.revokeOfSubject(backend(clientId), subject)).toBe(2101);
      const { rows } = await sql<{ changes: number; tokens: number; events: number }>`
        select count(distinct number)::integer as changes, count(distinct token_id)::integer as tokens,
          (select count(*)::integer from audit_event where action = 'token.revoked' and target_id in (select token_id from change where client_id = ${clientId})) as events
        from change where client_id = ${clientId}`.execute(kysely);
      expect(rows).toEqual([{ changes: 2101, tokens: 2101, events: 2101 }]);
      expect(await walk(owned, operator(), { clientId, status: 'active' })).toEqual([]);
    });
  });

  test('a number belongs to one token, visible to those who can see that; a token without one gets one and keeps it', async () => {
    const owned = await open();
    const { namedTokens } = owned;
    const [clientId, otherClient] = [await owned.client(), await owned.client()];
    const ids = [
      await put(owned, clientId),
      await put(owned, clientId, { kind: 'api_key' }),
      await put(owned, clientId),
      await put(owned, otherClient),
    ];
    const shown = async () => Promise.all(ids.map((id) => namedTokens.find(operator(), id)));
    const before = await shown();
    expect(before.map(({ number }) => typeof number)).toEqual([
      'number',
      'object',
      'number',
      'number',
    ]);
    const numbered = await namedTokens.numbered(before);
    expect(idsOf(numbered)).toEqual(ids);
    const numbers = numbered.map(({ number }) => number);
    expect(new Set(numbers).size).toBe(4);
    expect((await shown()).map(({ number }) => number)).toEqual(numbers);
    const found = (actor: TokenActor) =>
      Promise.all(
        numbers.map(async (number) => {
          const token = await namedTokens.findByNumber(actor, number);
          return token && idOf(token);
        }),
      );
    expect(await found(operator())).toEqual(ids);
    expect(await found(backend(clientId))).toEqual([ids[0], undefined, ids[2], undefined]);
    for (const number of [0, -1, 1.5, Number.MAX_SAFE_INTEGER, Number.NaN])
      expect(await namedTokens.findByNumber(operator(), number)).toBeUndefined();
  });

  test('a list can be limited to the tokens for a resource', async () => {
    const owned = await open();
    const { actor, clientId, resource, create } = await owned.backend();
    await put(owned, clientId);
    const { token } = await create();
    const filter = { kind: 'api_token', subject: { type: 'user' }, resource } as const;
    expect(await walk(owned, actor, filter)).toEqual([idOf(token)]);
  });
});
