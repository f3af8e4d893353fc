import { beforeAll, describe, expect, test } from '@jest/globals';
import { type KyselyPlugin, sql } from 'kysely';
import { administratorRole } from '../../../../config/roles.ts';
import { apiScopes, isPersonalScope, personalTokenScopes } from '../../../../config/scopes.ts';
import { tokenLimits } from '../../../../config/tokens.ts';
import type { Idempotency } from '../../../../src/domain/database/idempotency.ts';
import { defaultPersonalPolicy } from '../../../../src/domain/resources/resources.ts';
import { serverActor } from '../../../../src/domain/roles/server-actor.ts';
import { effectiveScope } from '../../../../src/domain/tokens/effective-scope.ts';
import type { NewPersonalToken, Rotation } from '../../../../src/domain/tokens/named/types.ts';
import { onEachDatabase } from '../../../db/each-database.ts';
import { openApi } from '../../../support/open-api.ts';
import { keepSecret } from '../../../support/run-records.ts';
import {
  expectRefused,
  idOf,
  inSeconds,
  type Owned,
  once,
  openOwned,
  outcome,
  unique,
} from './support.ts';

const day = 86_400;

onEachDatabase((database) => {
  let owned: Owned;
  beforeAll(async () => {
    owned = await openOwned(database());
  });

  /** A person, an API that is open to personal access tokens, and its resource server. */
  const setUp = async (given: Parameters<Owned['resource']>[0] = {}) => {
    const resource = await owned.resource(given);
    const asker = await owned.client({ resourceServerFor: [resource] });
    const accountId = await owned.person();
    const create = async (more: Partial<NewPersonalToken> = {}, by?: Idempotency) => {
      const created = await owned.personalTokens.create(
        accountId,
        {
          name: unique('token'),
          resource,
          scope: ['things:read'],
          expiresAt: inSeconds(30 * day),
          ...more,
        },
        by,
      );
      keepSecret('personal_access_token', created.value);
      return { ...created, id: idOf(created.token) };
    };
    const roll = async (id: string, how: Rotation = { overlap: 0 }, by?: Idempotency) => {
      const rolled = await owned.personalTokens.rotate(accountId, id, how, by);
      keepSecret('personal_access_token', rolled.value);
      return { ...rolled, id: idOf(rolled.token) };
    };
    return {
      resource,
      accountId,
      create,
      roll,
      introspect: (value: string) => owned.introspect(value, asker),
      isActive: async (value: string) => (await owned.introspect(value, asker)).active,
      find: (id: string) => owned.personalTokens.find(accountId, id),
    };
  };

  const administrator = async () => {
    const { id } = await owned.accounts.create(serverActor, {
      name: 'Grace',
      roles: [administratorRole],
    });
    return id;
  };

  const mailsTo = async (accountId: string) =>
    (
      await database()
        .kysely.selectFrom('mail')
        .select(['kind', 'details'])
        .where('account_id', '=', accountId)
        .orderBy('created_at')
        .execute()
    ).map(({ kind, details }) => ({ kind, id: details['token_id'] }));

  /** Stores so many copies of a token. */
  const copy = (id: Buffer, times: number) =>
    sql`insert into token (shelf, key, kind, client_id, account_id, client_epoch, app_epoch, account_epoch, grant_epoch, scope, audience, name, issued_at, expires_at)
      select shelf, substring(sha256(key || i::text::bytea) for 16), kind, client_id, account_id, client_epoch, app_epoch, account_epoch, grant_epoch, scope, audience, name || i, issued_at, expires_at
      from token cross join generate_series(1, ${times}::integer) i where shelf = 0 and key = ${id}`.execute(
      database().kysely,
    );

  const expire = (id: Buffer) =>
    sql`update token_shelf_0 set expires_at = now() - interval '1 second' where key = ${id}`.execute(
      database().kysely,
    );

  describe('the choice', () => {
    test('is the resources that are open to people, the default one first, with all scopes and the maximum lifetime', async () => {
      const open = await owned.resource({ personalPolicy: { longest_ttl: null }, policy: null });
      const closed = await owned.resource({ personalPolicy: null });
      const standard = await owned.resource({ isDefault: true });
      const choices = await owned.personalTokens.choices(await owned.person());
      expect(choices[0]).toMatchObject({ identifier: standard, isDefault: true });
      expect(choices.map(({ identifier }) => identifier)).not.toContain(closed);
      expect(choices.find(({ identifier }) => identifier === open)).toEqual({
        identifier: open,
        name: 'Things API',
        scopes: [
          { name: 'things:read', description: 'See your things' },
          { name: 'things:write', description: 'Create, change and delete your things' },
        ],
        detailsTypes: expect.arrayContaining([expect.objectContaining({ type: 'project' })]),
        isDefault: false,
        maxTtl: null,
      });
    });

    test('has none of the scopes that the resource withholds from personal access tokens', async () => {
      const { resource, accountId, create } = await setUp({
        personalPolicy: { longest_ttl: null, withheld_scopes: ['things:write'] },
      });
      const choices = await owned.personalTokens.choices(accountId);
      const choice = choices.find(({ identifier }) => identifier === resource);
      expect(choice?.scopes.map(({ name }) => name)).toEqual(['things:read']);
      await expectRefused(create({ scope: ['things:read', 'things:write'] }), 'invalid_scope');
    });

    test('of Writ’s own API is scopes that read, more of them for administrators, and never scopes that create credentials', async () => {
      const scopesFor = async (accountId: string) =>
        (await owned.personalTokens.choices(accountId))
          .find(({ identifier }) => identifier === owned.apiResource)
          ?.scopes.map(({ name }) => name);
      const all = Object.keys(apiScopes).filter((name) =>
        (personalTokenScopes as readonly string[]).includes(name),
      );
      expect(await scopesFor(await administrator())).toEqual(all);
      expect(await scopesFor(await owned.person())).toEqual(all.filter(isPersonalScope));
      expect(all).toContain('apps:read');
      // Every scope that writes creates credentials or rights.
      expect(all.filter((name) => !name.endsWith(':read'))).toEqual([]);
      expect(all).not.toContain('roles:write');
    });

    test('does not widen: a token created with more scopes by an older version has only scopes that read', () => {
      const state = {
        kind: 'personal_access_token' as const,
        clientId: 'writ-account',
        accountId: crypto.randomUUID(),
        audience: [owned.apiResource],
        roles: [[administratorRole, []] as never],
        scope: 'roles:read roles:write resources:write apps:read',
        clientScope: 'roles:read roles:write resources:write apps:read',
      };
      expect(effectiveScope(state, owned.apiResource)).toBe('roles:read apps:read');
      const login = { ...state, kind: 'access_token' as const };
      expect(effectiveScope(login, owned.apiResource)).toBe(state.scope);
    });

    test('is only Writ’s own API until another resource is opened', async () => {
      const accountId = await owned.person();
      const resource = await openApi({ domain: owned });
      const offered = async () =>
        (await owned.personalTokens.choices(accountId)).map(({ identifier }) => identifier);
      expect(await offered()).toContain(owned.apiResource);
      expect(await offered()).not.toContain(resource);
      const given = { name: 'x', resource, scope: ['things:read'], expiresAt: inSeconds(day) };
      await expectRefused(owned.personalTokens.create(accountId, given), 'invalid_target');
      await owned.resources.update(resource, { personalPolicy: defaultPersonalPolicy });
      expect(await offered()).toContain(resource);
    });

    test('is empty for unknown accounts', async () => {
      for (const nobody of [crypto.randomUUID(), 'nobody'])
        expect(await owned.personalTokens.choices(nobody)).toEqual([]);
    });
  });

  describe('creating a token', () => {
    test('returns its value once; the token acts for its owner, who gets an email', async () => {
      const { create, introspect, accountId, resource } = await setUp();
      const role = await owned.role(['things.read']);
      await owned.accounts.update(serverActor, accountId, { roles: [role] });
      const expiresAt = inSeconds(30 * day);
      const { token, value, id } = await create({
        name: ' My laptop ',
        scope: ['things:write', 'things:read', 'things:read'],
        authorizationDetails: [{ type: 'project', identifier: 'apollo', actions: ['read'] }],
        expiresAt,
      });
      expect(value).toMatch(/^writ_pat_[0-9A-Za-z]+$/);
      expect(token).toMatchObject({
        kind: 'personal_access_token',
        name: 'My laptop',
        clientId: 'writ-account',
        accountId,
        scope: 'things:read things:write',
        audience: [resource],
        status: 'active',
        hint: value.slice(-4),
        successor: null,
        lastUsedAt: null,
      });
      expect(await introspect(value)).toMatchObject({
        active: true,
        sub: accountId,
        client_id: 'writ-account',
        scope: 'things:read things:write',
        roles: [role],
        entitlements: ['things.read'],
        authorization_details: [{ type: 'project', identifier: 'apollo', actions: ['read'] }],
        exp: Math.floor(expiresAt.getTime() / 1000),
      });
      expect(await owned.events(id)).toMatchObject([
        {
          action: 'personal_access_token.created',
          actor: { kind: 'account', id: accountId },
          details: {
            name: 'My laptop',
            client_id: 'writ-account',
            resource,
            scope: 'things:read things:write',
            expires_at: expiresAt.toISOString(),
          },
        },
      ]);
      expect(await mailsTo(accountId)).toEqual([{ kind: 'token_created', id }]);
      const { rows } = await sql<{ text: string }>`
        select json_build_object('t', t, 'e', (select json_agg(e) from audit_event e where target_id = ${id}))::text as text
        from token_shelf_0 t where key = ${token.id.key}`.execute(database().kysely);
      expect(rows[0]?.text).not.toContain(value);
    });

    test('twice from the same form creates one token and returns its value again', async () => {
      const { create, accountId } = await setUp();
      const by = once();
      const given = { name: 'once' };
      const [first, second] = await Promise.all([create(given, by), create(given, by)]);
      expect(second.value).toBe(first.value);
      const third = await create(given, by);
      expect({ ...third, token: third.token.id }).toEqual({ ...first, token: first.token.id });
      expect(await owned.personalTokens.list(accountId)).toHaveLength(1);
      expect(await mailsTo(accountId)).toHaveLength(1);
    });

    test.each<[what: string, given: Partial<NewPersonalToken>, code: string]>([
      ['no name', { name: '  ' }, 'invalid_request'],
      ['a name with two lines', { name: 'a\nb' }, 'invalid_request'],
      ['a name that is too long', { name: 'n'.repeat(101) }, 'invalid_request'],
      ['an unknown resource', { resource: 'https://nowhere.test' }, 'invalid_target'],
      [
        'a scope that the resource does not have',
        { scope: ['things:read', 'nothing'] },
        'invalid_scope',
      ],
      ['no scope', { scope: [] }, 'invalid_scope'],
      ['an expiry in the past', { expiresAt: new Date(Date.now() - 1000) }, 'invalid_request'],
      ['an expiry after more than a year', { expiresAt: inSeconds(367 * day) }, 'invalid_request'],
      ['no end', { expiresAt: null }, 'invalid_request'],
      [
        'details that the resource does not have',
        { authorizationDetails: [{ type: 'nothing' }] },
        'invalid_authorization_details',
      ],
    ])('is refused with %s, and leaves nothing', async (_what, given, code) => {
      const { create, accountId } = await setUp();
      await expectRefused(create(given), code);
      expect(await owned.personalTokens.list(accountId)).toEqual([]);
      expect(await mailsTo(accountId)).toEqual([]);
    });

    test('is refused for an API that is closed to people', async () => {
      const { create } = await setUp({ personalPolicy: null });
      await expectRefused(create(), 'invalid_target');
    });

    test('allows no expiry if the API does, and no scope if the API has none', async () => {
      const { create } = await setUp({ personalPolicy: { longest_ttl: null }, scopes: [] });
      expect((await create({ expiresAt: null, scope: [] })).token).toMatchObject({
        expiresAt: null,
        scope: null,
        status: 'active',
      });
    });

    test('is refused to disabled people', async () => {
      const { create, accountId } = await setUp();
      await owned.accounts.disable(serverActor, accountId);
      await expectRefused(create(), 'conflict');
    });

    test('with scopes of Writ’s own API that only administrators can have is refused to others', async () => {
      const { create } = await setUp();
      const given = { resource: owned.apiResource };
      await expectRefused(create({ ...given, scope: ['clients:read'] }), 'invalid_scope');
      await expectRefused(create({ ...given, scope: ['apps:write'] }), 'invalid_scope');
      expect((await create({ ...given, scope: ['apps:read'] })).token.scope).toBe('apps:read');
    });
  });

  describe('a name', () => {
    test('is unique in any case among active tokens', async () => {
      const { create, accountId } = await setUp();
      const { id } = await create({ name: 'Straße' });
      await expectRefused(create({ name: 'STRASSE'.replace('SS', 'ß') }), 'conflict');
      await owned.personalTokens.revoke(accountId, id);
      const again = await create({ name: 'straße' });
      await expire(again.token.id.key);
      await create({ name: 'straße' });
    });

    test('is free again after all tokens of the person were revoked', async () => {
      const { create, accountId } = await setUp();
      await create({ name: 'a' });
      await owned.accounts.revokeTokens(serverActor, accountId);
      await create({ name: 'a' });
    });

    test('can be used by several people', async () => {
      const [one, other] = [await setUp(), await setUp()];
      await one.create({ name: 'laptop' });
      await other.create({ name: 'laptop' });
    });

    test('goes to one of two concurrent requests', async () => {
      const { create } = await setUp();
      const outcomes = await Promise.all(
        ['Backup', 'backup'].map((name) => outcome(() => create({ name }))),
      );
      expect(outcomes.sort()).toEqual(['conflict', 'done']);
    });

    test('can be changed, also in case only, but not to the name of another token', async () => {
      const { create, accountId } = await setUp();
      const { id } = await create({ name: 'one' });
      await create({ name: 'two' });
      const update = (name: string) => owned.personalTokens.update(accountId, id, { name });
      expect((await update('ONE')).name).toBe('ONE');
      await expectRefused(update('TWO'), 'conflict');
      await expectRefused(update(' '), 'invalid_request');
    });

    test('moves to the new token when one is regenerated', async () => {
      const { create, roll, accountId, isActive } = await setUp();
      const { id, value } = await create({ name: 'rolled' });
      const rolled = await roll(id, { overlap: 3600 });
      expect(rolled.token.name).toBe('rolled');
      await expectRefused(create({ name: 'Rolled' }), 'conflict');
      await owned.personalTokens.revoke(accountId, rolled.id);
      await create({ name: 'Rolled' });
      expect(await isActive(value)).toBe(true);
    });
  });

  test('a person has a maximum number of active tokens, also with two concurrent requests', async () => {
    const { create, roll, accountId } = await setUp();
    const { token, id } = await create();
    await copy(token.id.key, tokenLimits.ofAccount - 2);
    const outcomes = await Promise.all([outcome(() => create()), outcome(() => create())]);
    expect(outcomes.sort()).toEqual(['conflict', 'done']);
    await expectRefused(roll(id, { overlap: 3600 }), 'conflict', String(tokenLimits.ofAccount));
    const rolled = await roll(id);
    await expectRefused(create(), 'conflict');
    await owned.personalTokens.revoke(accountId, rolled.id);
    await create();
  });

  test('the list has a maximum length that includes inactive tokens; another can be created once they have left it', async () => {
    const { create, roll, accountId } = await setUp();
    const ended = await create();
    const { id } = await create();
    await owned.personalTokens.revoke(accountId, ended.id);
    await copy(ended.token.id.key, tokenLimits.listed - 3);
    await sql`update token_shelf_0 set revoked_at = now() where account_id = ${accountId}::uuid and name like ${`${ended.token.name}%`}`.execute(
      database().kysely,
    );
    const outcomes = await Promise.all([outcome(() => create()), outcome(() => create())]);
    expect(outcomes.sort()).toEqual(['conflict', 'done']);
    await expectRefused(create(), 'conflict', '30 days');
    await expectRefused(roll(id), 'conflict', String(tokenLimits.listed));
    await (await setUp()).create();
    await sql`delete from token where account_id = ${accountId}::uuid and revoked_at is not null`.execute(
      database().kysely,
    );
    await roll(id);
  });

  test('the tokens of a person are listed newest first, including inactive ones, and no one else’s', async () => {
    const { create, accountId, roll } = await setUp();
    const other = await setUp();
    await other.create();
    const [first, second, third] = [await create(), await create(), await create()];
    await expire(first.token.id.key);
    await owned.personalTokens.revoke(accountId, second.id);
    const last = await roll(third.id);
    const listed = await owned.personalTokens.list(accountId);
    expect(listed.map((token) => [idOf(token), token.status])).toEqual([
      [last.id, 'active'],
      [third.id, 'revoked'],
      [second.id, 'revoked'],
      [first.id, 'expired'],
    ]);
  });

  test('tokens of other people and of other kinds are not found', async () => {
    const { create, find } = await setUp();
    const { id } = await create();
    const stranger = await owned.person();
    const backend = await owned.backend();
    const ofBackend = await backend.create();
    const { personalTokens } = owned;
    for (const [accountId, no] of [
      [stranger, id],
      [stranger, idOf(ofBackend.token)],
      [stranger, `tok_${'0'.repeat(25)}`],
      [stranger, 'nothing'],
      ['nobody', id],
    ] as const)
      for (const run of [
        () => personalTokens.find(accountId, no),
        () => personalTokens.update(accountId, no, { name: 'x' }),
        () => personalTokens.rotate(accountId, no, { overlap: 0 }),
        () => personalTokens.revoke(accountId, no),
      ])
        expect(await outcome(run)).toBe('not_found');
    expect(await personalTokens.list('nobody')).toEqual([]);
    expect(await find(id)).toMatchObject({ status: 'active', successor: null });
  });

  describe('changing a token', () => {
    test('removes scopes at once, with a change and an event that has the old scope', async () => {
      const { create, accountId, introspect } = await setUp();
      const { id, value } = await create({ scope: ['things:read', 'things:write'] });
      const changes = await owned.changesOf(() =>
        owned.personalTokens.update(accountId, id, { scope: ['things:read'] }),
      );
      expect(changes).toEqual([{ kind: 'token.changed', token_id: id, client_id: 'writ-account' }]);
      expect(await introspect(value)).toMatchObject({ active: true, scope: 'things:read' });
      expect((await owned.events(id)).at(-1)).toMatchObject({
        action: 'personal_access_token.updated',
        actor: { kind: 'account', id: accountId },
        details: { scope: { before: 'things:read things:write', after: 'things:read' } },
      });
      const again = (scope: string[]) => owned.personalTokens.update(accountId, id, { scope });
      await expectRefused(again(['things:read', 'things:write']), 'access_denied');
      await expectRefused(again([]), 'invalid_scope');
    });

    test('moves its expiry in both directions, within the maximum lifetime counted from now', async () => {
      const { create, accountId } = await setUp({ personalPolicy: { longest_ttl: 90 * day } });
      const { id } = await create();
      const update = (expiresAt: Date | null) =>
        owned.personalTokens.update(accountId, id, { expiresAt });
      for (const days of [1, 89]) {
        const end = inSeconds(days * day);
        expect((await update(end)).expiresAt).toBeCloseTo(end.getTime() / 1000, 2);
      }
      for (const end of [inSeconds(91 * day), new Date(Date.now() - 1), null])
        await expectRefused(update(end), 'invalid_request');
    });

    test('cannot move the expiry once the API is closed to people', async () => {
      const { create, accountId, resource } = await setUp();
      const { id } = await create();
      await owned.resources.update(resource, { personalPolicy: null });
      const { personalTokens } = owned;
      const expiresAt = inSeconds(day);
      await expectRefused(personalTokens.update(accountId, id, { expiresAt }), 'invalid_target');
      await expectRefused(personalTokens.rotate(accountId, id, { overlap: 0 }), 'invalid_target');
      expect((await personalTokens.update(accountId, id, { name: 'x' })).name).toBe('x');
    });

    test('is refused once it is inactive or was regenerated', async () => {
      const { create, accountId, roll } = await setUp();
      const [revoked, expired, replaced] = [await create(), await create(), await create()];
      await owned.personalTokens.revoke(accountId, revoked.id);
      await expire(expired.token.id.key);
      await roll(replaced.id, { overlap: 3600 });
      for (const { id } of [revoked, expired, replaced]) {
        const { personalTokens } = owned;
        const expiresAt = inSeconds(day);
        await expectRefused(personalTokens.update(accountId, id, { name: 'x' }), 'conflict');
        await expectRefused(personalTokens.update(accountId, id, { expiresAt }), 'conflict');
        await expectRefused(personalTokens.rotate(accountId, id, { overlap: 0 }), 'conflict');
      }
    });
  });

  describe('regenerating a token', () => {
    test('with an overlap creates a new value, and the old one remains valid for that long', async () => {
      const { create, roll, find, isActive, introspect, accountId } = await setUp();
      const details = [{ type: 'table', identifier: 'users' }];
      const old = await create({ scope: ['things:write'], authorizationDetails: details });
      let rolled: Awaited<ReturnType<typeof roll>> | undefined;
      const changes = await owned.changesOf(async () => {
        rolled = await roll(old.id, { overlap: 3600 });
      });
      const { id, value, token } = rolled as NonNullable<typeof rolled>;
      expect(changes).toEqual([
        { kind: 'token.changed', token_id: old.id, client_id: 'writ-account' },
      ]);
      expect(value).not.toBe(old.value);
      expect([await isActive(old.value), await isActive(value)]).toEqual([true, true]);
      const now = Date.now() / 1000;
      expect(await find(old.id)).toMatchObject({ status: 'active', successor: id });
      expect(((await find(old.id)).expiresAt ?? 0) - now - 3600).toBeCloseTo(0, -1);
      expect(token).toMatchObject({
        name: old.token.name,
        scope: 'things:write',
        audience: old.token.audience,
        hint: value.slice(-4),
        successor: null,
      });
      // The lifetime that the old one was created with.
      expect((token.expiresAt ?? 0) - now - 30 * day).toBeCloseTo(0, -1);
      expect(await introspect(value)).toMatchObject({ authorization_details: details });
      expect((await owned.events(old.id)).at(-1)).toMatchObject({
        action: 'personal_access_token.rolled',
        actor: { kind: 'account', id: accountId },
        details: { successor: id, overlap_seconds: 3600 },
      });
      expect(await mailsTo(accountId)).toEqual([
        { kind: 'token_created', id: old.id },
        { kind: 'token_created', id },
      ]);
    });

    test('leaves out scopes that the resource withholds now', async () => {
      const { resource, create, roll } = await setUp();
      const both = await create({ scope: ['things:read', 'things:write'] });
      const only = await create({ name: 'only', scope: ['things:write'] });
      await owned.resources.update(resource, {
        personalPolicy: { withheld_scopes: ['things:write'] },
      });
      expect((await roll(both.id)).token.scope).toBe('things:read');
      await expectRefused(roll(only.id), 'invalid_scope');
    });

    test('without an overlap revokes the old value at once', async () => {
      const { create, roll, find, isActive } = await setUp();
      const old = await create();
      const expiresAt = inSeconds(7 * day);
      let value = '';
      const changes = await owned.changesOf(async () => {
        ({ value } = await roll(old.id, { overlap: 0, expiresAt }));
      });
      expect(changes).toMatchObject([{ kind: 'token.revoked', token_id: old.id }]);
      expect([await isActive(old.value), await isActive(value)]).toEqual([false, true]);
      const { status, successor } = await find(old.id);
      expect(status).toBe('revoked');
      expect((await find(String(successor))).expiresAt).toBeCloseTo(expiresAt.getTime() / 1000, 2);
    });

    test('does not extend the life of the old value', async () => {
      const { create, roll, find } = await setUp();
      const { id, token } = await create({ expiresAt: inSeconds(600) });
      await roll(id, { overlap: 3600 });
      expect((await find(id)).expiresAt).toBe(token.expiresAt);
    });

    test('limits the new one to the current maximum lifetime of the API', async () => {
      const { create, roll, resource } = await setUp({ personalPolicy: { longest_ttl: null } });
      const { id } = await create({ expiresAt: null });
      const second = await roll(id);
      expect(second.token.expiresAt).toBeNull();
      await owned.resources.update(resource, { personalPolicy: { longest_ttl: 7 * day } });
      await expectRefused(roll(second.id, { overlap: 0, expiresAt: null }), 'invalid_request');
      const { token } = await roll(second.id);
      expect((token.expiresAt ?? 0) - Date.now() / 1000 - 7 * day).toBeCloseTo(0, -1);
    });

    test('accepts only the offered overlaps', async () => {
      const { create, roll } = await setUp();
      const { id } = await create();
      for (const overlap of [1, -3600, Number.NaN, 365 * day])
        await expectRefused(roll(id, { overlap }), 'invalid_request');
    });

    test('twice at once creates one new value', async () => {
      const { create, roll, accountId } = await setUp();
      const { id } = await create();
      const rolls = [1, 2].map(() => outcome(() => roll(id, { overlap: 3600 })));
      expect((await Promise.all(rolls)).sort()).toEqual(['conflict', 'done']);
      expect(await owned.personalTokens.list(accountId)).toHaveLength(2);
    });

    test('twice from the same form returns the same value', async () => {
      const { create, roll, accountId } = await setUp();
      const { id } = await create();
      const by = once();
      const how = { overlap: 3600 };
      const [first, second] = await Promise.all([roll(id, how, by), roll(id, how, by)]);
      expect(second.value).toBe(first.value);
      expect(await owned.personalTokens.list(accountId)).toHaveLength(2);
    });

    test('is atomic: after a failure the old value stays valid, and the form can be sent again', async () => {
      const { create, accountId, find, isActive } = await setUp();
      const { id, value } = await create();
      let broken = true;
      const failing: KyselyPlugin = {
        transformQuery: ({ node }) => node,
        transformResult: async ({ result }) => result,
      };
      const { kysely } = database();
      failing.transformQuery = ({ node, queryId }) => {
        if (broken && kysely.getExecutor().compileQuery(node, queryId).sql.includes('into change'))
          throw new Error('cut off');
        return node;
      };
      const cutOff = await openOwned({ ...database(), kysely: kysely.withPlugin(failing) });
      const by = once();
      const roll = () => cutOff.personalTokens.rotate(accountId, id, { overlap: 0 }, by);
      await expect(roll()).rejects.toThrow('cut off');
      expect(await find(id)).toMatchObject({ status: 'active', successor: null });
      expect(await isActive(value)).toBe(true);
      expect(await owned.personalTokens.list(accountId)).toHaveLength(1);
      expect(await mailsTo(accountId)).toHaveLength(1);
      broken = false;
      const rolled = await roll();
      keepSecret('personal_access_token', rolled.value);
      expect(await isActive(rolled.value)).toBe(true);
    });
  });

  describe('revoking a token', () => {
    test('makes it inactive at once, with one event and one change', async () => {
      const { create, accountId, isActive, find } = await setUp();
      const { id, value } = await create();
      const revoke = () => owned.personalTokens.revoke(accountId, id);
      expect(await owned.changesOf(revoke)).toEqual([
        { kind: 'token.revoked', token_id: id, client_id: 'writ-account' },
      ]);
      expect(await isActive(value)).toBe(false);
      const { revokedAt } = await find(id);
      expect(await owned.changesOf(revoke)).toEqual([]);
      expect((await find(id)).revokedAt).toBe(revokedAt);
      expect((await owned.events(id)).slice(1)).toMatchObject([
        { action: 'token.revoked', actor: { kind: 'account', id: accountId } },
      ]);
    });

    test('does not change an expired one', async () => {
      const { create, accountId, find } = await setUp();
      const { id, token } = await create();
      await expire(token.id.key);
      await owned.personalTokens.revoke(accountId, id);
      expect(await find(id)).toMatchObject({ status: 'expired', revokedAt: null });
    });
  });

  describe('a token never has more rights than its owner:', () => {
    test('one for Writ’s own API loses the scopes of administrators as soon as its owner is no longer one', async () => {
      const accountId = await administrator();
      const { value } = await owned.personalTokens.create(accountId, {
        name: 'all of it',
        resource: owned.apiResource,
        scope: [...personalTokenScopes],
        expiresAt: inSeconds(day),
      });
      keepSecret('personal_access_token', value);
      const asker = await owned.client({ resourceServerFor: [owned.apiResource] });
      const scope = async () => (await owned.introspect(value, asker))['scope'];
      expect(await scope()).toBe(
        Object.keys(apiScopes)
          .filter((name) => (personalTokenScopes as readonly string[]).includes(name))
          .join(' '),
      );
      await administrator();
      await owned.accounts.update(serverActor, accountId, { roles: [] });
      expect(await scope()).toBe('apps:read');
    });

    test('it shows the current roles of its owner, and becomes inactive with them', async () => {
      const { create, introspect, accountId, find } = await setUp();
      const role = await owned.role();
      await owned.accounts.update(serverActor, accountId, { roles: [role] });
      const { value, id } = await create();
      expect(await introspect(value)).toMatchObject({ roles: [role] });
      await owned.accounts.update(serverActor, accountId, { roles: [] });
      expect(await introspect(value)).toMatchObject({ active: true, entitlements: [] });
      await owned.accounts.disable(serverActor, accountId);
      expect(await introspect(value)).toEqual({ active: false });
      await owned.accounts.enable(serverActor, accountId);
      expect(await introspect(value)).toEqual({ active: false });
      expect((await find(id)).status).toBe('inactive');
    });
  });
});
