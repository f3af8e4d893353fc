import { describe, expect, test } from '@jest/globals';
import { personalClientId } from '../../../../config/clients.ts';
import { appApiTokenTtl, defaultApiTokenTtl, tokenLimits } from '../../../../config/tokens.ts';
import { serverActor } from '../../../../src/domain/roles/server-actor.ts';
import type {
  ApiTokenChanges,
  NewApiToken,
  TokenActor,
} from '../../../../src/domain/tokens/named/types.ts';
import { onDatabase } from '../../../db/each-database.ts';
import {
  backend,
  expectRefused,
  idOf,
  inSeconds,
  type Owned,
  openOwned,
  operator,
  outcome,
} from './support.ts';

const day = 86_400;

onDatabase((database) => {
  let opened: Promise<Owned> | undefined;
  const open = (): Promise<Owned> => {
    opened ??= openOwned(database());
    return opened;
  };

  describe('a backend creates a token', () => {
    test('whose subject, rights and expiry introspection returns', async () => {
      const owned = await open();
      const { clientId, resource, roles, create } = await owned.backend();
      const expiresAt = inSeconds(3600);
      const [reader] = roles;
      const authorizationDetails = [
        { type: 'project', identifier: 'p1', actions: ['read'], locations: [resource] },
      ];
      const { token, value } = await create({
        subject: { type: 'user', id: '42' },
        name: '  CI of Ada  ',
        attributes: { plan: 'pro', seats: [1, 2], note: '\\u0000 is only spelled' },
        scope: ['things:read', 'things:read'],
        roles: [reader ?? ''],
        authorizationDetails,
        expiresAt,
      });
      expect(value).toMatch(/^writ_tk_000/);
      expect(token).toMatchObject({
        kind: 'api_token',
        status: 'active',
        name: 'CI of Ada',
        clientId,
        accountId: null,
        subject: { type: 'user', id: '42' },
        audience: [resource],
        hint: value.slice(-4),
      });
      expect(await owned.introspect(value, clientId)).toMatchObject({
        active: true,
        client_id: clientId,
        sub: `${clientId}|user|42`,
        subject: { type: 'user', id: '42' },
        name: 'CI of Ada',
        attributes: { plan: 'pro', seats: [1, 2], note: '\\u0000 is only spelled' },
        authorization_details: authorizationDetails,
        aud: resource,
        scope: 'things:read',
        roles: [reader],
        entitlements: ['things.read'],
        exp: Math.floor(expiresAt.getTime() / 1000),
        jti: idOf(token),
      });
    });

    test('that has no rights and expires in a year by default', async () => {
      const owned = await open();
      const { clientId, create } = await owned.backend();
      const { token, value } = await create();
      expect(Number(token.expiresAt) - token.issuedAt).toBeCloseTo(defaultApiTokenTtl, -2);
      const shown = await owned.introspect(value, clientId);
      expect(shown).toMatchObject({ active: true, roles: [], entitlements: [] });
      for (const absent of ['scope', 'attributes', 'authorization_details'])
        expect(JSON.parse(JSON.stringify(shown))).not.toHaveProperty(absent);
    });

    test('that is audited without its value and its attributes', async () => {
      const owned = await open();
      const app = await owned.app();
      const resource = await owned.resource();
      const { token, value } = await owned.create(backend(app.clientId), {
        resource,
        subject: { type: 'device', id: 'd1' },
        attributes: { secret: 'of the customer' },
        roles: ['Owner'],
        expiresAt: inSeconds(3600),
      });
      const events = await owned.events(idOf(token));
      expect(events).toMatchObject([
        {
          action: 'api_token.created',
          result: 'success',
          target: { kind: 'token', id: idOf(token) },
          details: {
            name: 'A token',
            client_id: app.clientId,
            subject: { type: 'device', id: 'd1' },
            scope: '',
            resource,
            roles: ['Owner'],
            expires_at: expect.any(String),
          },
        },
      ]);
      expect(JSON.stringify(events)).not.toContain(value);
      expect(JSON.stringify(events)).not.toContain('of the customer');
      const { items } = await owned.audit.page({ app: app.id, limit: 1 });
      expect(items).toMatchObject([{ action: 'api_token.created' }]);
    });

    test('that has only those of its roles that its client still has', async () => {
      const owned = await open();
      const { clientId, roles, create } = await owned.backend();
      const { value } = await create({ roles });
      const rolesOf = async () => (await owned.introspect(value, clientId))['roles'];
      expect(((await rolesOf()) as string[]).toSorted()).toEqual(roles.toSorted());
      const other = await owned.role(['things.delete']);
      await owned.registry.update(serverActor, clientId, { roles: [roles[0] ?? '', other] });
      expect(await rolesOf()).toEqual([roles[0]]);
      await owned.registry.update(serverActor, clientId, { roles: [other] });
      expect(await rolesOf()).toEqual([]);
      await owned.registry.update(serverActor, clientId, { roles });
      expect(((await rolesOf()) as string[]).toSorted()).toEqual(roles.toSorted());
    });

    test('that becomes inactive with its client and with its app', async () => {
      const owned = await open();
      const { clientId, create } = await owned.backend();
      const { token } = await create();
      await owned.registry.disable(serverActor, clientId);
      expect(await owned.namedTokens.find(operator(), idOf(token))).toMatchObject({
        status: 'inactive',
      });
      await expectRefused(create(), 'conflict', /disabled/);
      await owned.registry.enable(serverActor, clientId);
      expect(await owned.namedTokens.find(operator(), idOf(token))).toMatchObject({
        status: 'inactive',
      });
      expect((await create()).token.status).toBe('active');

      const app = await owned.app();
      await owned.resource();
      const created = await owned.create(backend(app.clientId), { expiresAt: inSeconds(60) });
      await owned.apps.disable(app.actor, app.name);
      expect(await owned.introspect(created.value, (await owned.backend()).clientId)).toEqual({
        active: false,
      });
      await expectRefused(
        owned.create(backend(app.clientId), { expiresAt: inSeconds(60) }),
        'conflict',
      );
    });
  });

  describe('the resource of a token', () => {
    test('is by default that of its client', async () => {
      const owned = await open();
      const { kysely } = owned.database;
      const audienceOf = async (clientId: string, resource?: string) =>
        (
          await owned.create(operator(), {
            clientId,
            expiresAt: inSeconds(60),
            ...(resource && { resource }),
          })
        ).token.audience;
      const [first, second] = [await owned.resource(), await owned.resource()];
      expect(await audienceOf(await owned.client({ resources: [first, second] }))).toEqual([first]);
      await expectRefused(
        audienceOf(await owned.client()),
        'invalid_target',
        /no resource to get tokens for/,
      );
      const standard = await owned.resource({ isDefault: true });
      try {
        expect(await audienceOf(await owned.client())).toEqual([standard]);
        expect(await audienceOf(await owned.client({ resources: [second] }))).toEqual([second]);
      } finally {
        await kysely.updateTable('resource').set({ is_default: false }).execute();
      }
      const app = await owned.app();
      await kysely.updateTable('resource').set({ app_policy: null }).execute();
      await expectRefused(audienceOf(app.clientId), 'invalid_target');
      const openToApps = await owned.resource();
      expect(await audienceOf(app.clientId)).toEqual([openToApps]);
      await expectRefused(audienceOf(app.clientId, first), 'invalid_target');
    });

    test("is never Writ's own API, also for operators", async () => {
      const owned = await open();
      const clientId = await owned.client({
        resources: [owned.apiResource],
        scope: 'tokens:read',
      });
      for (const resource of [owned.apiResource, undefined])
        await expectRefused(owned.create(backend(clientId), { resource }), 'invalid_target');
      const second = await owned.resource();
      await owned.registry.update(serverActor, clientId, {
        resources: [owned.apiResource, second],
      });
      expect((await owned.create(backend(clientId))).token.audience).toEqual([second]);
    });

    test.each([
      ['an unknown resource', { resource: 'https://nobody.test' }, 'invalid_target'],
      ['a scope that its resource does not have', { scope: ['things:burn'] }, 'invalid_scope'],
      ['a role that its client does not have', { roles: ['administrator'] }, 'access_denied'],
      ['no name', { name: '  ' }, 'invalid_request'],
      ['a name with two lines', { name: 'a\nb' }, 'invalid_request'],
      ['a long name', { name: 'a'.repeat(tokenLimits.name + 1) }, 'invalid_request'],
      ['an expiry in the past', { expiresAt: inSeconds(-1) }, 'invalid_request'],
      ['an invalid date as expiry', { expiresAt: new Date(Number.NaN) }, 'invalid_request'],
      [
        'an expiry after the year 9999',
        { expiresAt: new Date(Date.UTC(10_000)) },
        'invalid_request',
      ],
      ['a subject type in upper case', { subject: { type: 'User', id: '1' } }, 'invalid_request'],
      ['a subject type with a bar', { subject: { type: 'a|b', id: '1' } }, 'invalid_request'],
      ['a subject without an id', { subject: { type: 'user', id: '' } }, 'invalid_request'],
      ['a subject with two lines', { subject: { type: 'user', id: 'a\r\nb' } }, 'invalid_request'],
      [
        'a long subject',
        { subject: { type: 'user', id: 'a'.repeat(tokenLimits.subjectId + 1) } },
        'invalid_request',
      ],
      [
        'attributes that are too large',
        { attributes: { all: 'ä'.repeat(tokenLimits.attributes / 2) } },
        'invalid_request',
      ],
      ['attributes that are an array', { attributes: [] as never }, 'invalid_request'],
      ['attributes with a NUL', { attributes: { a: ['\0'] } }, 'invalid_request'],
      ['attributes with an unpaired surrogate', { attributes: { '\ud800': 1 } }, 'invalid_request'],
    ] satisfies [string, Partial<NewApiToken>, string][])(
      'is refused with %s',
      async (_what, given, code) => {
        const owned = await open();
        const { create } = await owned.backend();
        await expectRefused(create(given), code);
      },
    );

    test('has at most the scopes of its client', async () => {
      const owned = await open();
      const clientId = await owned.client({
        resources: [await owned.resource()],
        scope: 'things:read',
      });
      const actor = backend(clientId);
      expect((await owned.create(actor, { scope: ['things:read'] })).token.scope).toBe(
        'things:read',
      );
      await expectRefused(owned.create(actor, { scope: ['things:write'] }), 'invalid_scope');
    });

    test('accepts authorization details only of types that its resource has', async () => {
      const owned = await open();
      const { resource, create } = await owned.backend();
      const attempt = (...details: unknown[]) =>
        outcome(() => create({ authorizationDetails: details as never }));
      const project = { type: 'project' };
      for (const right of [
        project,
        { ...project, identifier: 'p1', actions: ['read', 'write'], locations: [resource] },
        { type: 'table', datatypes: ['rows'], privileges: ['admin'] },
      ])
        expect(await attempt(right)).toBe('done');
      for (const wrong of [
        {},
        { type: 'house' },
        { type: 'table', actions: ['read'] },
        { ...project, locations: ['https://elsewhere.test'] },
        { ...project, color: 'red' },
        { ...project, identifier: 7 },
        { ...project, identifier: 'a\0' },
        { ...project, identifier: '' },
        { ...project, actions: 'read' },
        { ...project, privileges: [{}] },
        { ...project, privileges: [''] },
        ...['actions', 'locations', 'datatypes', 'privileges'].map((list) => ({
          ...project,
          [list]: [],
        })),
      ])
        expect([wrong, await attempt(project, wrong)]).toEqual([
          wrong,
          'invalid_authorization_details',
        ]);
      const many = Array.from({ length: tokenLimits.authorizationDetails + 1 }, () => project);
      expect(await attempt(...many)).toBe('invalid_authorization_details');
      const large = { ...project, identifier: 'a'.repeat(tokenLimits.authorizationDetailsSize) };
      expect(await attempt(large)).toBe('invalid_authorization_details');
    });
  });

  describe('the lifetime of a token of an app', () => {
    const withMaxTtl = async (owned: Owned, longest?: number | null) => {
      const resource = await owned.resource({
        policy: longest === undefined ? {} : { longest_api_token_ttl: longest },
      });
      const { clientId } = await owned.app();
      return (expiresAt?: Date | null) => owned.create(backend(clientId), { resource, expiresAt });
    };

    test('is at most a year and a day by default', async () => {
      const create = await withMaxTtl(await open());
      await expectRefused(create(null), 'invalid_request', /at most 366 days/);
      const { token } = await create();
      expect(Number(token.expiresAt) - token.issuedAt).toBeCloseTo(appApiTokenTtl, -2);
      await expectRefused(create(inSeconds(appApiTokenTtl + 60)), 'invalid_request', /366 days/);
      expect((await create(inSeconds(appApiTokenTtl - 60))).token.status).toBe('active');
    });

    test('is what its resource allows, which can be unlimited', async () => {
      const owned = await open();
      const forADay = await withMaxTtl(owned, day);
      await expectRefused(forADay(null), 'invalid_request', /at most 1 day/);
      await expectRefused(forADay(inSeconds(day + 60)), 'invalid_request');
      expect((await forADay(inSeconds(day - 60))).token.status).toBe('active');
      expect((await (await withMaxTtl(owned, null))(null)).token.expiresAt).toBeNull();
    });

    test('is limited in changes too, counted from the time of the change', async () => {
      const owned = await open();
      const create = await withMaxTtl(owned, day);
      const { token } = await create(inSeconds(60));
      const change = (changes: ApiTokenChanges) =>
        owned.apiTokens.update(backend(token.clientId), idOf(token), changes);
      await expectRefused(change({ expiresAt: null }), 'invalid_request', /1 day/);
      await expectRefused(change({ expiresAt: inSeconds(day + 60) }), 'invalid_request', /1 day/);
      const expiresAt = inSeconds(day - 60);
      expect(await change({ expiresAt })).toMatchObject({ expiresAt: expiresAt.getTime() / 1000 });
    });
  });

  describe('the client of a token', () => {
    test('is the client of the API key', async () => {
      const owned = await open();
      const [own, other] = [await owned.backend(), await owned.backend()];
      expect((await own.create({ clientId: own.clientId })).token.clientId).toBe(own.clientId);
      await expectRefused(own.create({ clientId: other.clientId }), 'access_denied');
    });

    test('can be chosen only by an operator who can create credentials of clients', async () => {
      const owned = await open();
      const [own, other] = [await owned.backend(), await owned.backend()];
      const lesser: TokenActor = {
        ...operator(own.clientId),
        mayChooseClient: false,
        mayChooseAppClient: false,
        manager: serverActor,
      } as TokenActor;
      expect((await owned.create(lesser)).token.clientId).toBe(own.clientId);
      await expectRefused(owned.create(lesser, { clientId: other.clientId }), 'access_denied');
      const { token } = await owned.create(operator(own.clientId), { clientId: other.clientId });
      expect(token.clientId).toBe(other.clientId);
      const app = await owned.app();
      const given = { clientId: app.clientId.replace(':', '~'), expiresAt: inSeconds(60) };
      await owned.resource();
      expect((await owned.create(operator(), given)).token.clientId).toBe(app.clientId);
    });

    test('must be named if it would be a built-in or unknown client', async () => {
      const owned = await open();
      await expectRefused(
        owned.create(operator('writ-operator')),
        'invalid_request',
        /^client_id: .* is a built-in client/,
      );
      await expectRefused(
        owned.create(operator(), { clientId: personalClientId }),
        'invalid_request',
        /client_id/,
      );
      for (const clientId of ['no-such-client', 'a\0b'])
        await expectRefused(owned.create(operator(), { clientId }), 'invalid_request', /client_id/);
    });
  });

  describe('a change', () => {
    test('of every field is returned, audited and in the change feed, with the old and the new value', async () => {
      const owned = await open();
      const { clientId, actor, create } = await owned.backend();
      const { token, value } = await create({
        scope: ['things:read', 'things:write'],
        attributes: { plan: 'free' },
        authorizationDetails: [{ type: 'project' }],
        expiresAt: null,
      });
      const id = idOf(token);
      const expiresAt = inSeconds(600);
      const changes = await owned.changesOf(async () =>
        expect(
          await owned.apiTokens.update(actor, id, {
            name: ' B ',
            scope: ['things:write'],
            attributes: { plan: 'pro' },
            expiresAt,
          }),
        ).toMatchObject({
          name: 'B',
          scope: 'things:write',
          expiresAt: expiresAt.getTime() / 1000,
        }),
      );
      expect(changes).toEqual([{ kind: 'token.changed', token_id: id, client_id: clientId }]);
      expect(await owned.introspect(value, clientId)).toMatchObject({
        name: 'B',
        scope: 'things:write',
        attributes: { plan: 'pro' },
        authorization_details: [{ type: 'project' }],
        exp: Math.floor(expiresAt.getTime() / 1000),
      });
      expect((await owned.events(id)).at(-1)).toMatchObject({
        action: 'api_token.updated',
        details: {
          client_id: clientId,
          name: { before: 'A token', after: 'B' },
          scope: { before: 'things:read things:write', after: 'things:write' },
          expires_at: { before: null, after: expiresAt.toISOString() },
          attributes: 'changed',
        },
      });

      const last = { name: 'B', scope: ['things:write'], expiresAt, attributes: { plan: 'pro' } };
      expect(await owned.changesOf(() => owned.apiTokens.update(actor, id, last))).toEqual([]);
      await owned.apiTokens.update(actor, id, { attributes: null, expiresAt: null, scope: [] });
      const bare = JSON.parse(JSON.stringify(await owned.introspect(value, clientId)));
      expect(bare).toMatchObject({ active: true, authorization_details: [{ type: 'project' }] });
      for (const absent of ['scope', 'exp', 'attributes']) expect(bare).not.toHaveProperty(absent);
    });

    test('leaves fields that are not named unchanged', async () => {
      const owned = await open();
      const { actor, create } = await owned.backend();
      const { token } = await create({
        scope: ['things:read'],
        attributes: { plan: 'free' },
        expiresAt: inSeconds(600),
      });
      expect(await owned.apiTokens.update(actor, idOf(token), { name: 'B' })).toEqual({
        ...token,
        name: 'B',
      });
      expect(await owned.apiTokens.update(actor, idOf(token), {})).toMatchObject({ name: 'B' });
    });

    test.each([
      ['an additional scope', { scope: ['things:read', 'things:write'] }, 'access_denied'],
      ['an expiry in the past', { expiresAt: inSeconds(-1) }, 'invalid_request'],
      ['no name', { name: '' }, 'invalid_request'],
      ['too many attributes', { attributes: { a: 'a'.repeat(5000) } }, 'invalid_request'],
    ] satisfies [string, ApiTokenChanges, string][])(
      'is refused with %s, and changes nothing',
      async (_what, changes, code) => {
        const owned = await open();
        const { actor, create } = await owned.backend();
        const { token } = await create({ scope: ['things:read'] });
        await expectRefused(
          owned.apiTokens.update(actor, idOf(token), { name: 'B', ...changes }),
          code,
        );
        expect(await owned.namedTokens.find(actor, idOf(token))).toEqual(token);
      },
    );

    test('of an inactive token is refused, and of a token of another kind', async () => {
      const owned = await open();
      const { actor, clientId, create } = await owned.backend();
      const { token } = await create();
      await owned.namedTokens.revoke(actor, idOf(token));
      await expectRefused(
        owned.apiTokens.update(actor, idOf(token), { expiresAt: inSeconds(60) }),
        'conflict',
      );
      const key = await owned.apiKeys.create(owned.database.kysely, clientId, { name: 'A key' });
      await expectRefused(
        owned.apiTokens.update(operator(), idOf(key.token), { name: 'B' }),
        'conflict',
        /not an API token/,
      );
    });

    test('is not made if its precondition fails', async () => {
      const owned = await open();
      const { actor, create } = await owned.backend();
      const { token } = await create();
      const changed = new Error('it was changed');
      const update = owned.apiTokens.update(actor, idOf(token), { name: 'B' }, (current) => {
        expect(current).toEqual(token);
        throw changed;
      });
      await expect(update).rejects.toBe(changed);
      expect(await owned.namedTokens.find(actor, idOf(token))).toEqual(token);
    });

    test('waits for a concurrent one, and sees its result', async () => {
      const owned = await open();
      const { actor, create } = await owned.backend();
      const { token } = await create({ scope: ['things:read', 'things:write'] });
      const [one, other] = await Promise.all(
        [{ scope: ['things:read'] }, { scope: ['things:write'] }].map((changes) =>
          outcome(() => owned.apiTokens.update(actor, idOf(token), changes)),
        ),
      );
      expect([one, other].toSorted()).toEqual(['access_denied', 'done']);
    });
  });
});
