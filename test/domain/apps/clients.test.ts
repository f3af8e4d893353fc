import { describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { appLimits } from '../../../config/apps.ts';
import { plainSignIn } from '../../../src/domain/apps/client-sign-in.ts';
import { noUrls } from '../../../src/domain/apps/client-urls.ts';
import type { AppActor, AppClientChanges, ClientKind } from '../../../src/domain/apps/types.ts';
import type { SigningAlg } from '../../../src/domain/keys/signing-keys.ts';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import { OAuthError } from '../../../src/oauth/errors.ts';
import { onDatabase } from '../../db/each-database.ts';
import { keepSecret } from '../../support/run-records.ts';
import { expectRefused, openApps, operator, outcome, unique } from './apps.ts';

const redirectUris = ['https://app.example.com/callback'];

onDatabase((database) => {
  const open = () => openApps(database());

  describe('a client', () => {
    test.each([
      [
        'server',
        {
          application_type: 'web',
          grant_types: ['client_credentials'],
          response_types: [],
          token_endpoint_auth_method: 'client_secret_basic',
          redirect_uris: [],
        },
      ],
      [
        'website',
        {
          application_type: 'web',
          grant_types: ['authorization_code', 'refresh_token'],
          response_types: ['code'],
          token_endpoint_auth_method: 'none',
          redirect_uris: redirectUris,
        },
      ],
      [
        'website_with_server',
        {
          application_type: 'web',
          grant_types: ['authorization_code', 'refresh_token'],
          response_types: ['code'],
          token_endpoint_auth_method: 'client_secret_basic',
          require_pkce: true,
          redirect_uris: redirectUris,
        },
      ],
      [
        'native',
        {
          application_type: 'native',
          grant_types: ['authorization_code', 'refresh_token'],
          response_types: ['code'],
          token_endpoint_auth_method: 'none',
          redirect_uris: redirectUris,
        },
      ],
      [
        'device',
        {
          application_type: 'native',
          grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
          response_types: [],
          token_endpoint_auth_method: 'none',
          redirect_uris: [],
          device_lifetimes: [31_536_000, 2_592_000, 86_400],
        },
      ],
    ])(
      'of the kind %s has the metadata that the protocol needs, and is found as that kind',
      async (kind, metadata) => {
        const apps = open();
        const { owner, name, id } = await apps.app();
        const uris = metadata.redirect_uris;
        const displayName = unique('My client');
        const { client, secret } = await apps.appClients.create(owner.actor, name, {
          name: 'my-client',
          displayName,
          kind: kind as ClientKind,
          role: 'Editor',
          ...(uris.length > 0 && { redirectUris: uris }),
        });
        expect(client).toEqual({
          id: expect.any(String),
          clientId: `${name}:my-client`,
          name: 'my-client',
          displayName,
          kind,
          role: 'Editor',
          redirectUris: uris,
          idTokenAlg: kind === 'server' ? null : 'RS256',
          accessTokenTtl: null,
          accessTokenFormat: null,
          apiCallsLimit: null,
          apiTrafficLimit: null,
          allowAnonymous: false,
          urls: noUrls,
          security: { profile: null, jwks: null, requirePushedRequests: false, dpopBound: false },
          signIn: plainSignIn,
          tokenExchange: false,
          agent: null,
          firstParty: false,
          disabledAt: null,
          disabledBy: null,
          createdAt: expect.any(Date),
        });
        expect(await apps.appClients.find(owner.actor, name, 'my-client')).toEqual(client);
        expect(typeof secret).toBe(kind.includes('server') ? 'string' : 'undefined');
        keepSecret('client_secret', secret);
        expect(await apps.registry.find(`${name}:my-client`)).toEqual({
          id: client.id,
          client_id: `${name}:my-client`,
          app: name,
          account_id: null,
          author_id: null,
          metadata: {
            ...metadata,
            client_name: displayName,
            ...(kind !== 'server' && { id_token_signed_response_alg: 'RS256' }),
          },
          roles: ['Editor'],
          resources: [],
          resource_server_for: [],
          disabled_at: null,
          disabled_by: null,
          taken_over_at: null,
          origin: null,
          document: null,
          created_at: client.createdAt,
        });
        expect(
          (await apps.events(id)).filter(({ target }) => target?.id === client.clientId),
        ).toEqual(
          expect.arrayContaining([
            expect.objectContaining({
              action: 'client.created',
              actor: expect.objectContaining({ kind: 'account', id: owner.id }),
            }),
          ]),
        );
      },
    );

    test.each([
      ['an invalid name', { name: 'My client' }],
      ['no name', { name: '' }],
      ['a name that is a page', { name: 'new' }],
      ['a name that is too long', { name: 'x'.repeat(41) }],
      ['an unknown kind', { kind: 'robot' as ClientKind }],
      ['an unknown role', { role: 'editor' }],
      ['a role with a NUL', { role: 'Editor\0' }],
      ['a display name of spaces', { displayName: ' ' }],
      ['redirect URIs of a server', { redirectUris }],
      ['a website without redirect URIs', { kind: 'website' as const }],
      ['a native one without redirect URIs', { kind: 'native' as const }],
      ['what signs ID tokens, of a server', { idTokenAlg: 'RS256' as const }],
      ['what signs no ID token', { kind: 'device' as const, idTokenAlg: 'HS256' as SigningAlg }],
      [
        'a logout URL of a server',
        { urls: { backchannelLogoutUri: 'https://app.example.com/logout' } },
      ],
      [
        'a post-logout URI of a device',
        { kind: 'device' as const, urls: { postLogoutRedirectUris: redirectUris } },
      ],
      ['optional scopes of a server', { signIn: { optionalScopes: ['email'] } }],
      ['ID tokens without claims, of a server', { signIn: { claimsInIdToken: false } }],
      [
        'an age of sign-ins at a device',
        { kind: 'device' as const, signIn: { defaultMaxAge: 60 } },
      ],
      [
        'an unknown algorithm of userinfo',
        { kind: 'device' as const, signIn: { userinfoAlg: 'HS256' as SigningAlg } },
      ],
      ['redirect URIs of a device', { kind: 'device' as const, redirectUris }],
    ])('with %s is refused, and nothing is created', async (_, wrong) => {
      const apps = open();
      const { owner, name } = await apps.app();
      const given = { name: 'c', kind: 'server' as const, role: 'Editor', ...wrong };
      await expectRefused(apps.appClients.create(owner.actor, name, given), 'invalid_request');
      expect(await apps.appClients.list(owner.actor, name)).toHaveLength(1);
    });

    test('every problem with its sign-ins is named at once', async () => {
      const apps = open();
      const { owner, name } = await apps.app();
      const signIn = {
        optionalScopes: ['openid'],
        defaultMaxAge: 0,
        userinfoAlg: 'HS256' as SigningAlg,
      };
      const website = { kind: 'website', redirectUris, role: 'Reader' } as const;
      const parametersOf = async (given: object) =>
        apps.appClients.create(owner.actor, name, { name: 'c', ...website, ...given }).then(
          () => [],
          ({ details }) => details.map(({ parameter }: { parameter: string }) => parameter),
        );
      expect(await parametersOf({ signIn })).toEqual([
        'optional_scopes',
        'default_max_age',
        'userinfo_signed_response_alg',
      ]);
      const all = { ...signIn, requireAuthTime: true, claimsInIdToken: false };
      const forPeople = { ...all, requireSecondFactor: true };
      expect(await parametersOf({ kind: 'server', redirectUris: [], signIn: forPeople })).toEqual([
        'optional_scopes',
        'default_max_age',
        'require_auth_time',
        'require_second_factor',
        'claims_in_id_token',
        'userinfo_signed_response_alg',
      ]);
    });

    test('is first-party only by an operator, until a member changes its redirect URIs', async () => {
      const apps = open();
      const { owner, name, id } = await apps.app();
      const { client } = await apps.appClients.create(owner.actor, name, {
        name: 'site',
        kind: 'website',
        role: 'Reader',
        redirectUris,
        signIn: { optionalScopes: ['email'] },
      });
      const update = (actor: AppActor, changes: AppClientChanges) =>
        apps.appClients.update(actor, name, 'site', changes);
      const isMarked = async () =>
        (await apps.registry.find(client.clientId))?.metadata['first_party'] === true;
      for (const firstParty of [true, false])
        await expectRefused(update(owner.actor, { firstParty }), 'access_denied', /administrator/);
      expect(await isMarked()).toBe(false);
      expect(await update(operator, { firstParty: true })).toMatchObject({
        firstParty: true,
        signIn: { optionalScopes: ['email'] },
      });
      await update(owner.actor, { displayName: unique('Site'), redirectUris });
      await update(operator, { redirectUris: [...redirectUris, 'https://app.example.com/2'] });
      expect(await isMarked()).toBe(true);
      expect(await update(owner.actor, { redirectUris })).toMatchObject({ firstParty: false });
      expect(await isMarked()).toBe(false);
      expect(await apps.events(id)).toContainEqual(
        expect.objectContaining({
          action: 'client.updated',
          actor: expect.objectContaining({ kind: 'account', id: owner.id }),
          details: expect.objectContaining({
            first_party: { before: true, after: null },
            redirect_uris: expect.anything(),
          }),
        }),
      );
      await expectRefused(
        apps.appClients.update(operator, name, 'default', { firstParty: true }),
        'invalid_request',
      );
    });

    test('is created once by a double click', async () => {
      const apps = open();
      const { owner, name } = await apps.app();
      const click = () =>
        apps.appClients.create(owner.actor, name, { name: 'c', kind: 'server', role: 'Reader' });
      const clicks = await Promise.all([outcome(click), outcome(click), outcome(click)]);
      expect(clicks.sort()).toEqual(['conflict', 'conflict', 'done']);
      expect(await apps.appClients.list(owner.actor, name)).toHaveLength(2);
      expect(await apps.appClients.secrets(owner.actor, name, 'c')).toHaveLength(1);
    });

    test('that was deleted leaves a name that is never reused', async () => {
      const apps = open();
      const { owner, name } = await apps.app();
      const given = { name: 'default', kind: 'server', role: 'Reader' } as const;
      await apps.appClients.delete(owner.actor, name, 'default');
      await expectRefused(apps.appClients.create(owner.actor, name, given), 'conflict', /never/);
      await expectRefused(apps.appClients.find(owner.actor, name, 'default'), 'not_found');
    });

    test.each(['nothing', 'Default', 'acme:default', 'default\0', ''])(
      'that does not exist is not_found: %j',
      async (client) => {
        const apps = open();
        const { owner, name } = await apps.app();
        const { actor } = owner;
        for (const run of [
          () => apps.appClients.find(actor, name, client),
          () => apps.appClients.update(actor, name, client, {}),
          () => apps.appClients.disable(actor, name, client),
          () => apps.appClients.enable(actor, name, client),
          () => apps.appClients.delete(actor, name, client),
          () => apps.appClients.secrets(actor, name, client),
          () => apps.appClients.addSecret(actor, name, client),
          () => apps.appClients.revokeSecret(actor, name, client, 'x'),
          () => apps.appClients.authorizeTrial(actor, name, client),
        ])
          expect(await outcome(run)).toBe('not_found');
      },
    );

    test('of another app, or of none, is not found in this app', async () => {
      const apps = open();
      const { owner, name } = await apps.app();
      const { name: other } = await apps.app();
      await apps.appClients.create(operator, other, { name: 'c', kind: 'server', role: 'Reader' });
      await apps.registry.create(serverActor, { clientId: unique('plain'), metadata: {} });
      await expectRefused(apps.appClients.find(owner.actor, name, 'c'), 'not_found');
      expect(await apps.appClients.list(owner.actor, name)).toHaveLength(1);
    });

    test('cannot exceed the maximum, even with concurrent requests', async () => {
      const apps = open();
      const { owner, name, id } = await apps.app();
      await sql`
        insert into client (client_id, app_id, metadata, roles)
        select ${name} || ':c' || i, ${id}::uuid, '{"grant_types": []}', '{Reader}' from generate_series(1, ${sql.lit(appLimits.clients - 3)}) i`.execute(
        database().kysely,
      );
      const made = await Promise.all(
        ['x', 'y', 'z', 'v'].map((client) =>
          outcome(() =>
            apps.appClients.create(owner.actor, name, {
              name: client,
              kind: 'server',
              role: 'Reader',
            }),
          ),
        ),
      );
      expect(made.sort()).toEqual(['conflict', 'conflict', 'done', 'done']);
    });

    test('cannot exceed the lifetime maximum that includes deleted ones, not even by operators', async () => {
      const apps = open();
      const { owner, name, id } = await apps.app();
      await sql`
        insert into client (client_id, app_id, metadata, deleted_at)
        select ${name} || ':c' || i, ${id}::uuid, '{}', now() from generate_series(1, ${sql.lit(appLimits.clientsEver - 2)}) i`.execute(
        database().kysely,
      );
      const make = (by: typeof owner.actor | typeof operator, client: string) =>
        apps.appClients.create(by, name, { name: client, kind: 'device', role: 'Reader' });
      const [one, another] = await Promise.all(
        ['x', 'y'].map((client) => outcome(() => make(owner.actor, client))),
      );
      expect([one, another].sort()).toEqual(['conflict', 'done']);
      await apps.appClients.delete(owner.actor, name, one === 'done' ? 'x' : 'y');
      for (const by of [owner.actor, operator])
        await expectRefused(make(by, 'z'), 'conflict', /1000 clients, including deleted ones/);
    });
  });

  describe('changing a client', () => {
    test('replaces the given fields and keeps the others, with an event and a change record', async () => {
      const apps = open();
      const { owner, name, id } = await apps.app();
      await apps.openResource();
      const given = { name: 'web', kind: 'website', role: 'Reader', redirectUris } as const;
      const { client } = await apps.appClients.create(owner.actor, name, given);
      const change = {
        displayName: unique('The website'),
        role: 'Editor',
        redirectUris: ['https://app.example.com/other'],
        idTokenAlg: 'EdDSA' as const,
        accessTokenTtl: 600,
        accessTokenFormat: 'jwt' as const,
      };
      const kinds = await apps.changesOf(() =>
        apps.appClients.update(owner.actor, name, 'web', change),
      );
      expect(kinds).toEqual([{ kind: 'client.changed', app: null, client_id: `${name}:web` }]);
      expect(await apps.appClients.find(owner.actor, name, 'web')).toEqual({
        ...client,
        ...change,
      });
      expect((await apps.events(id)).at(-1)).toMatchObject({
        action: 'client.updated',
        target: { id: `${name}:web` },
        details: {
          client_name: { before: client.displayName, after: change.displayName },
          roles: { before: ['Reader'], after: ['Editor'] },
          id_token_signed_response_alg: { before: 'RS256', after: 'EdDSA' },
          access_token_format: { before: null, after: 'jwt' },
        },
      });
      await apps.appClients.update(owner.actor, name, 'web', {
        accessTokenTtl: null,
        idTokenAlg: null,
      });
      expect(await apps.appClients.find(owner.actor, name, 'web')).toEqual({
        ...client,
        ...change,
        accessTokenTtl: null,
        idTokenAlg: 'RS256',
      });
    });

    test('without a difference writes nothing', async () => {
      const apps = open();
      const { owner, name, client } = await apps.app();
      const kinds = await apps.changesOf(() =>
        apps.appClients.update(owner.actor, name, 'default', {
          displayName: client.displayName,
          role: client.role,
        }),
      );
      expect(kinds).toEqual([]);
    });

    test('calls the precondition with the current client', async () => {
      const apps = open();
      const { owner, name, client } = await apps.app();
      const precondition = (current: unknown) => {
        expect(current).toEqual(client);
        throw new OAuthError('precondition_failed', 'no');
      };
      await expectRefused(
        apps.appClients.update(owner.actor, name, 'default', { role: 'Reader' }, precondition),
        'precondition_failed',
      );
      await expectRefused(
        apps.appClients.delete(owner.actor, name, 'default', precondition),
        'precondition_failed',
      );
      expect(await apps.appClients.find(owner.actor, name, 'default')).toEqual(client);
    });

    test('through the registry to a role that its app does not have is refused', async () => {
      const apps = open();
      const { name } = await apps.app();
      await apps.roles.set(serverActor, { name: 'plain-role', permissions: ['*'] });
      await expectRefused(
        apps.registry.update(serverActor, `${name}:default`, { roles: ['plain-role'] }),
        'invalid_request',
      );
    });
  });

  describe('the token settings of a client', () => {
    test('are limited by the policies of the APIs', async () => {
      const apps = open();
      const { owner, name } = await apps.app();
      await apps.openResource({ token_formats: ['opaque'], longest_access_token_ttl: 3600 });
      const set = (change: object) => apps.appClients.update(owner.actor, name, 'default', change);
      for (const accessTokenTtl of [59, 3601, 60.5, Number.NaN, -60, 1e20])
        await expectRefused(set({ accessTokenTtl }), 'invalid_request', /between 60 and 3600/);
      for (const accessTokenTtl of [60, 3600, null])
        expect(await set({ accessTokenTtl })).toMatchObject({ accessTokenTtl });
      await expectRefused(set({ accessTokenFormat: 'jwt' }), 'invalid_request', /opaque/);
      await expectRefused(set({ accessTokenFormat: 'paper' }), 'invalid_request');
      expect(await set({ accessTokenFormat: 'opaque' })).toMatchObject({
        accessTokenFormat: 'opaque',
      });
    });

    test('stay valid after administrators disallow them, until they are changed', async () => {
      const apps = open();
      const { owner, name } = await apps.app();
      const resource = await apps.openResource();
      const set = (change: object) => apps.appClients.update(owner.actor, name, 'default', change);
      await set({ accessTokenTtl: 3000, accessTokenFormat: 'jwt' });
      await apps.resources.update(resource, {
        appPolicy: { token_formats: ['opaque'], longest_access_token_ttl: 600 },
      });
      expect(
        await set({ displayName: unique('B'), accessTokenTtl: 3000, accessTokenFormat: 'jwt' }),
      ).toMatchObject({ accessTokenTtl: 3000 });
      await expectRefused(set({ accessTokenTtl: 2999 }), 'invalid_request');
      await apps.resources.update(resource, { appPolicy: null });
      await expectRefused(set({ accessTokenTtl: 60 }), 'invalid_request', /No API/);
    });

    test('open APIs are listed with their policies, the default one first', async () => {
      const apps = open();
      const first = await apps.openResource({ longest_access_token_ttl: 600 });
      const closed = `https://${unique('closed')}.test`;
      const resource = {
        name: 'B',
        scopes: [],
        signingAlg: 'ES256',
        tokenFormat: 'jwt' as const,
        accessTokenTtl: 60,
        isDefault: false,
      };
      await apps.resources.create({ ...resource, identifier: closed, appPolicy: null });
      const standard = `https://${unique('z')}.test`;
      const policy = { token_formats: ['jwt' as const], longest_access_token_ttl: 60 };
      await apps.resources.create({
        ...resource,
        identifier: standard,
        isDefault: true,
        appPolicy: policy,
      });
      expect(await apps.apps.openResources()).toEqual([
        {
          identifier: standard,
          name: 'B',
          scopes: [],
          tokenFormat: 'jwt',
          accessTokenTtl: 60,
          isDefault: true,
          policy,
        },
        expect.objectContaining({
          identifier: first,
          isDefault: false,
          policy: { token_formats: ['opaque', 'jwt'], longest_access_token_ttl: 600 },
        }),
      ]);
    });
  });

  describe('secrets', () => {
    test('at most two are valid at a time, even with concurrent requests', async () => {
      const apps = open();
      const { owner, name, secret } = await apps.app();
      const made = await Promise.allSettled(
        [1, 2, 3, 4].map(() => apps.appClients.addSecret(owner.actor, name, 'default')),
      );
      expect(made.map(({ status }) => status).sort()).toEqual([
        'fulfilled',
        'rejected',
        'rejected',
        'rejected',
      ]);
      for (const each of made)
        if (each.status === 'rejected')
          expect(each.reason).toMatchObject({
            code: 'conflict',
            message: expect.stringContaining('at most 2 secrets'),
          });
        else {
          keepSecret('client_secret', each.value.value);
          expect(each.value.value).not.toBe(secret);
          expect(each.value.secret.hint).toBe(each.value.value.slice(-4));
        }
      const secrets = await apps.appClients.secrets(owner.actor, name, 'default');
      expect(secrets).toHaveLength(2);
      expect(secrets[0]).toEqual({
        id: expect.any(String),
        hint: secret.slice(-4),
        createdAt: expect.any(Date),
        expiresAt: null,
        lastUsedAt: null,
        createdBy: { id: owner.id, name: 'Ada Lovelace' },
      });
      await apps.appClients.revokeSecret(owner.actor, name, 'default', secrets[0]?.id ?? '');
      await expectRefused(
        apps.appClients.revokeSecret(owner.actor, name, 'default', secrets[0]?.id ?? ''),
        'not_found',
      );
      expect(await outcome(() => apps.appClients.addSecret(owner.actor, name, 'default'))).toBe(
        'done',
      );
    });

    test('a client without an app can have more', async () => {
      const apps = open();
      await apps.app();
      const { client } = await apps.registry.create(serverActor, {
        clientId: unique('plain'),
        metadata: {},
      });
      const { kysely } = database();
      for (let i = 1; i < 20; i++) await apps.secrets.generate(kysely, client.id);
      await expectRefused(apps.secrets.generate(kysely, client.id), 'conflict', /at most 20/);
    });

    test('of another client cannot be deleted through this one', async () => {
      const apps = open();
      const { owner, name } = await apps.app();
      const { owner: other, name: elsewhere } = await apps.app();
      const [secret] = await apps.appClients.secrets(owner.actor, name, 'default');
      await expectRefused(
        apps.appClients.revokeSecret(other.actor, elsewhere, 'default', secret?.id ?? ''),
        'not_found',
      );
      expect(await apps.appClients.secrets(owner.actor, name, 'default')).toEqual([secret]);
    });

    test.each(['website', 'native', 'device'] as const)('a %s has none', async (kind) => {
      const apps = open();
      const { owner, name } = await apps.app();
      const uris = kind === 'device' ? undefined : redirectUris;
      await apps.appClients.create(owner.actor, name, {
        name: 'c',
        kind,
        role: 'Reader',
        redirectUris: uris,
      });
      await expectRefused(apps.appClients.addSecret(owner.actor, name, 'c'), 'invalid_request');
      await expectRefused(
        apps.appClients.authorizeTrial(owner.actor, name, 'c'),
        'invalid_request',
      );
      expect(await apps.appClients.secrets(owner.actor, name, 'c')).toEqual([]);
    });
  });

  describe('a member cannot gain rights through a client', () => {
    const arrange = async () => {
      const apps = open();
      const app = await apps.app();
      await apps.appRoles.set(operator, app.name, {
        name: 'Things',
        permissions: ['things'],
        manages: 'clients',
      });
      const maker = await app.member('Things');
      return { apps, app, maker };
    };
    const roles = {
      Owner: 'access_denied',
      Developer: 'access_denied',
      Editor: 'access_denied',
      Things: 'done',
      Narrow: 'done',
    };

    test.each(Object.entries(roles))('assigning the role %s: %s', async (role, expected) => {
      const { apps, app, maker } = await arrange();
      await apps.appRoles.set(operator, app.name, { name: 'Narrow', permissions: ['things.read'] });
      const given = { name: 'c', kind: 'server', role } as const;
      expect(await outcome(() => apps.appClients.create(maker.actor, app.name, given))).toBe(
        expected,
      );
      const own = { ...given, name: 'own', role: 'Things' };
      await apps.appClients.create(operator, app.name, own);
      expect(
        await outcome(() => apps.appClients.update(maker.actor, app.name, 'own', { role })),
      ).toBe(expected);
    });

    test('a client with a wider role cannot be changed in any way', async () => {
      const { apps, app, maker } = await arrange();
      const { actor } = maker;
      const developer = await app.member('Developer');
      const owned = await apps.appClients.update(operator, app.name, 'default', { role: 'Owner' });
      const [secret] = await apps.appClients.secrets(operator, app.name, 'default');
      for (const run of [
        (by: typeof actor) => apps.appClients.update(by, app.name, 'default', { role: 'Reader' }),
        (by: typeof actor) => apps.appClients.update(by, app.name, 'default', { displayName: 'x' }),
        (by: typeof actor) => apps.appClients.disable(by, app.name, 'default'),
        (by: typeof actor) => apps.appClients.enable(by, app.name, 'default'),
        (by: typeof actor) => apps.appClients.delete(by, app.name, 'default'),
        (by: typeof actor) => apps.appClients.addSecret(by, app.name, 'default'),
        (by: typeof actor) =>
          apps.appClients.revokeSecret(by, app.name, 'default', secret?.id ?? ''),
        (by: typeof actor) => apps.appClients.authorizeTrial(by, app.name, 'default'),
      ]) {
        expect(await outcome(() => run(actor))).toBe('access_denied');
        // The permissions are as wide, but a role that does not manage the app is less than Owner.
        expect(await outcome(() => run(developer.actor))).toBe('access_denied');
      }
      expect(await apps.appClients.find(operator, app.name, 'default')).toEqual(owned);
    });

    test('widening a role protects its client from members with less', async () => {
      const { apps, app, maker } = await arrange();
      await apps.appRoles.set(operator, app.name, {
        name: 'Growing',
        permissions: ['things.read'],
      });
      await apps.appClients.create(maker.actor, app.name, {
        name: 'c',
        kind: 'server',
        role: 'Growing',
      });
      await apps.appRoles.set(operator, app.name, { name: 'Growing', permissions: ['*'] });
      await expectRefused(apps.appClients.addSecret(maker.actor, app.name, 'c'), 'access_denied');
    });
  });

  test('no trial token is issued for a disabled client, or a client of a disabled app', async () => {
    const apps = open();
    const { owner, name, id } = await apps.app();
    const { actor } = owner;
    expect(await apps.appClients.authorizeTrial(actor, name, 'default')).toMatchObject({
      clientId: `${name}:default`,
    });
    expect((await apps.events(id)).at(-1)).toMatchObject({
      action: 'token.tried',
      actor: { kind: 'account', id: owner.id },
      target: { kind: 'client', id: `${name}:default` },
    });
    await apps.appClients.disable(actor, name, 'default');
    await expectRefused(apps.appClients.authorizeTrial(actor, name, 'default'), 'conflict');
    await apps.appClients.enable(actor, name, 'default');
    await apps.apps.disable(actor, name);
    await expectRefused(apps.appClients.authorizeTrial(actor, name, 'default'), 'conflict');
  });

  test('disabling or enabling twice writes one event', async () => {
    const apps = open();
    const { owner, name } = await apps.app();
    const { actor } = owner;
    const once = await apps.changesOf(async () => {
      await apps.appClients.disable(actor, name, 'default');
      await apps.appClients.disable(actor, name, 'default');
      await apps.appClients.enable(actor, name, 'default');
      await apps.appClients.enable(actor, name, 'default');
    });
    expect(once.map(({ kind }) => kind)).toEqual(['client.disabled', 'client.enabled']);
  });

  test.each([
    [
      'its app',
      (apps: ReturnType<typeof open>, app: string) =>
        apps.appClients.delete(operator, app, 'default'),
    ],
    [
      'the registry',
      (apps: ReturnType<typeof open>, app: string) =>
        apps.registry.delete(serverActor, `${app}:default`),
    ],
  ])('a client that is deleted through %s is deleted the same way', async (_, end) => {
    const apps = open();
    const { owner, name, id, client } = await apps.app();
    const kinds = await apps.changesOf(() => Promise.resolve(end(apps, name)));
    expect(kinds).toEqual([{ kind: 'client.deleted', app: null, client_id: `${name}:default` }]);
    expect((await apps.events(id)).at(-1)).toMatchObject({
      action: 'client.deleted',
      target: { id: `${name}:default` },
    });
    expect(await apps.appClients.list(owner.actor, name)).toEqual([]);
    expect(await apps.secrets.list(database().kysely, client.id)).toEqual([]);
    expect(await apps.apps.find(owner.actor, name)).toMatchObject({ clients: 0 });
  });

  test('a role of the installation can be deleted while an app has a role of the same name', async () => {
    const apps = open();
    await apps.app();
    await apps.roles.set(serverActor, { name: 'Owner', permissions: ['*'] });
    expect(await apps.roles.delete(serverActor, 'Owner')).toBe(true);
  });
});
