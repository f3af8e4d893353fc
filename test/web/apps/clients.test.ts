import { beforeAll, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair } from 'jose';
import { plainSignIn } from '../../../src/domain/apps/client-sign-in.ts';
import { noUrls } from '../../../src/domain/apps/client-urls.ts';
import { openApi } from '../../support/open-api.ts';
import { onStack, unique } from '../../support/stacks.ts';
import type { Visitor } from '../../support/visitor.ts';
import {
  codeOf,
  expectDone,
  filledIn,
  makeApp,
  operator,
  secretOf,
  type TestApp,
} from './support.ts';

onStack((stack) => {
  beforeAll(async () => {
    await openApi(stack(), { isDefault: true });
  });

  const find = ({ name }: TestApp, client: string) =>
    stack().domain.appClients.find(operator, name, client);

  const clientsOf = async ({ name }: TestApp) =>
    (await stack().domain.appClients.list(operator, name)).map(({ name }) => name);

  const introspect = async (token: string, credentials: { id: string; secret: string }) =>
    (await stack().introspect(token, credentials)).body;

  describe('making a client', () => {
    const making = async () => {
      const app = await makeApp(stack());
      const path = `/apps/${app.name}/clients/new`;
      await app.owner.visitor.get(path);
      return {
        app,
        send: (fields: Record<string, string>) => app.owner.visitor.submit(path, fields),
      };
    };

    test('of a server shows its secret this once, with which it gets tokens', async () => {
      const { app, send } = await making();
      const page = await send({
        kind: 'server',
        name: 'importer',
        display_name: 'The <importer>',
        role: 'Editor',
      });
      expect(page.status).toBe(200);
      const credentials = { id: `${app.name}:importer`, secret: secretOf(page) };
      expect(codeOf(page, 'curl')).toContain(credentials.secret);
      expect(page.text).toContain('The &lt;importer&gt;');
      const { body } = await stack().token(credentials);
      expect(await introspect(body.access_token, credentials)).toMatchObject({
        app: app.name,
        roles: ['Editor'],
      });
      expect(await find(app, 'importer')).toMatchObject({
        kind: 'server',
        displayName: 'The <importer>',
        redirectUris: [],
      });
    });

    test.each([
      ['website', 'https://www.example.com/callback'],
      ['native', 'com.example.app:/callback'],
      ['device', ''],
    ])('of a %s shows no secret, since it has none', async (kind, redirectUri) => {
      const { app, send } = await making();
      const page = await send({
        kind,
        name: kind,
        role: 'Reader',
        redirect_uris: `\r\n  ${redirectUri} \r\n\r\n`,
      });
      expect([page.status, secretOf(page)]).toEqual([200, '']);
      expect(page.words).toContain(`${app.name}:${kind}`);
      expect(await find(app, kind)).toMatchObject({
        kind,
        redirectUris: redirectUri ? [redirectUri] : [],
      });
    });

    test('of a website with a server shows its secret, and signs people in with PKCE', async () => {
      const { app, send } = await making();
      const page = await send({
        kind: 'website_with_server',
        name: 'shop',
        role: 'Reader',
        redirect_uris: 'https://shop.example.com/callback',
      });
      expect([page.status, secretOf(page)]).toEqual([200, expect.stringMatching(/^writ_cs_/)]);
      expect(codeOf(page, '.env')).toContain(secretOf(page));
      const { metadata } = (await stack().domain.registry.find(`${app.name}:shop`)) ?? {};
      expect(metadata).toMatchObject({
        grant_types: ['authorization_code', 'refresh_token'],
        token_endpoint_auth_method: 'client_secret_basic',
        require_pkce: true,
      });
    });

    test('of a server ignores redirect URIs, whose field is hidden', async () => {
      const { app, send } = await making();
      const uri = 'https://example.com/cb';
      await send({ kind: 'server', name: 'job', role: 'Reader', redirect_uris: uri });
      expect(await find(app, 'job')).toMatchObject({ kind: 'server', redirectUris: [] });
    });

    test('with several problems names each at its field', async () => {
      const { send } = await making();
      const page = await send({ kind: 'website', name: '', role: 'King', redirect_uris: '' });
      expect(page.status).toBe(400);
      for (const field of ['name', 'role', 'redirect_uris'])
        expect(page.text).toContain(`id="${field}-problem"`);
    });

    test.each<[string, string, Record<string, string>]>([
      ['no kind', 'kind', { name: 'made', role: 'Reader' }],
      ['a kind that is none', 'kind', { kind: 'toaster', name: 'made', role: 'Reader' }],
      ['no name', 'name', { kind: 'server', role: 'Reader' }],
      ['a wrong name', 'name', { kind: 'server', name: 'Made it', role: 'Reader' }],
      ['a name that is a page', 'name', { kind: 'server', name: 'new', role: 'Reader' }],
      ['a name that is taken', 'name', { kind: 'server', name: 'default', role: 'Reader' }],
      ['no role', 'role', { kind: 'server', name: 'made' }],
      ['a role that is none', 'role', { kind: 'server', name: 'made', role: 'King' }],
      ['no redirect URI', 'redirect_uris', { kind: 'website', name: 'made', role: 'Reader' }],
      [
        'a redirect URI that is none',
        'redirect_uris',
        { kind: 'website', name: 'made', role: 'Reader', redirect_uris: 'javascript:alert(1)' },
      ],
      [
        'plain http elsewhere',
        'redirect_uris',
        { kind: 'website', name: 'made', role: 'Reader', redirect_uris: 'http://example.com/cb' },
      ],
      [
        'a display name that is none',
        'display_name',
        { kind: 'server', name: 'made', role: 'Reader', display_name: 'x'.repeat(101) },
      ],
    ])(
      'with %s is refused at the field, and what was typed is kept',
      async (what, field, fields) => {
        const { app, send } = await making();
        const page = await send({ display_name: 'Typed', ...fields });
        expect(page.status).toBe(what === 'a name that is taken' ? 409 : 400);
        expect(page.text).toContain(`id="${field}-problem"`);
        expect(filledIn(page, 'display_name')).toBe(fields['display_name'] ?? 'Typed');
        if (fields['name']) expect(filledIn(page, 'name')).toBe(fields['name']);
        if (fields['redirect_uris'])
          expect(filledIn(page, 'redirect_uris')).toBe(fields['redirect_uris']);
        if (fields['kind'] === 'website') expect(filledIn(page, 'kind')).toBe('website');
        expect(await clientsOf(app)).toEqual(['default']);
      },
    );

    test('by two clicks makes one, and the second says that it is there', async () => {
      const { app, send } = await making();
      const fields = { kind: 'server', name: 'twice', role: 'Reader' };
      const answers = await Promise.all([send(fields), send(fields)]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
      const again = answers.find(({ status }) => status === 409);
      expect(again?.text).toContain(`href="/apps/${app.name}/clients/twice"`);
      expect(secretOf(again ?? { text: '' })).toBe('');
      expect(await clientsOf(app)).toEqual(['default', 'twice']);
    });

    test('with the name of a deleted one is refused', async () => {
      const { app, send } = await making();
      await app.addClient({ name: 'gone' });
      await stack().domain.appClients.delete(operator, app.name, 'gone');
      const page = await send({ kind: 'server', name: 'gone', role: 'Reader' });
      expect([page.status, page.words]).toEqual([409, expect.stringContaining('never reused')]);
    });

    test('offers the roles that whoever makes it may give, and no others', async () => {
      const app = await makeApp(stack());
      await stack().domain.appRoles.set(operator, app.name, {
        name: 'Helper',
        permissions: ['things.read'],
        manages: 'clients',
      });
      const { visitor } = await app.member('Helper');
      await stack().domain.appRoles.set(operator, app.name, {
        name: 'Peeper',
        permissions: ['things.read.names'],
      });
      const path = `/apps/${app.name}/clients/new`;
      const page = await visitor.get(path);
      const offered = [...page.text.matchAll(/<option value="([^"]+)"/g)].map(([, name]) => name);
      expect(offered).toEqual(['Helper', 'Peeper']);
      const more = await visitor.submit(path, { kind: 'server', name: 'more', role: 'Reader' });
      expect([more.status, more.words]).toEqual([
        403,
        expect.stringContaining('permits more than your role'),
      ]);
      expect(await clientsOf(app)).toEqual(['default']);
    });
  });

  describe('the page of a client', () => {
    const open = async () => {
      const app = await makeApp(stack());
      const credentials = await app.addClient({ name: 'script', displayName: unique('Script') });
      const path = `/apps/${app.name}/clients/script`;
      const { visitor } = app.owner;
      await visitor.get(path);
      return { app, credentials, path, visitor };
    };

    test('changes what a client is called, its role and its tokens; tokens that are out show the role at once', async () => {
      const { app, credentials, path, visitor } = await open();
      const name = unique('Night script');
      const { body } = await stack().token(credentials);
      const answer = await visitor.submit(`${path}/settings`, {
        display_name: name,
        role: 'Editor',
        lifetime: '3',
        lifetime_unit: '3600',
        token_format: 'jwt',
      });
      const page = await expectDone(visitor, answer, path, 'The client is saved');
      expect([filledIn(page, 'display_name'), filledIn(page, 'role')]).toEqual([name, 'Editor']);
      expect([filledIn(page, 'lifetime'), filledIn(page, 'lifetime_unit')]).toEqual(['3', '3600']);
      expect(filledIn(page, 'token_format')).toBe('jwt');
      expect(await introspect(body.access_token, credentials)).toMatchObject({ roles: ['Editor'] });
      const next = await stack().token(credentials);
      expect([next.body.expires_in, next.body.access_token]).toEqual([
        3 * 3600,
        expect.stringMatching(/^eyJ/),
      ]);
      await visitor.submit(`${path}/settings`, { display_name: name, role: 'Editor' });
      expect(await find(app, 'script')).toMatchObject({
        accessTokenTtl: null,
        accessTokenFormat: null,
        apiCallsLimit: null,
        apiTrafficLimit: null,
        allowAnonymous: false,
      });
    });

    test.each<[string, string, Record<string, string>]>([
      ['display_name', 'nothing', { display_name: '' }],
      ['display_name', 'x'.repeat(101), { display_name: 'x'.repeat(101) }],
      ['role', 'King', { role: 'King' }],
      ['lifetime', '0', { lifetime: '0', lifetime_unit: '60' }],
      ['lifetime', 'soon', { lifetime: 'soon', lifetime_unit: '60' }],
      ['lifetime', '1.5', { lifetime: '1.5', lifetime_unit: '60' }],
      ['lifetime', 'no unit', { lifetime: '5' }],
      ['lifetime', 'a unit of one second', { lifetime: '5', lifetime_unit: '1' }],
      ['lifetime', 'longer than the API lets', { lifetime: '31', lifetime_unit: '86400' }],
      ['token_format', 'xml', { token_format: 'xml' }],
    ])('refuses for its %s: %s', async (field, _what, fields) => {
      const { app, path, visitor } = await open();
      const before = await find(app, 'script');
      const page = await visitor.submit(`${path}/settings`, {
        display_name: 'Typed',
        role: 'Editor',
        ...fields,
      });
      expect(page.status).toBe(400);
      expect(page.text).toContain(`id="${field}-problem"`);
      expect(filledIn(page, 'display_name')).toBe(fields['display_name'] ?? 'Typed');
      if (field === 'lifetime') expect(filledIn(page, 'lifetime')).toBe(fields['lifetime']);
      expect(await find(app, 'script')).toEqual(before);
    });

    test('changes where a website leads back to', async () => {
      const { app, visitor } = await open();
      await app.addClient({
        name: 'site',
        kind: 'website',
        redirectUris: ['https://a.example/cb'],
      });
      const path = `/apps/${app.name}/clients/site`;
      const page = await visitor.get(path);
      expect([filledIn(page, 'redirect_uris'), page.text]).toEqual([
        'https://a.example/cb',
        expect.not.stringContaining(`${path}/secrets`),
      ]);
      const fields = { display_name: app.displayName, role: 'Reader' };
      const none = await visitor.submit(`${path}/settings`, fields);
      expect([none.status, filledIn(none, 'redirect_uris')]).toEqual([400, '']);
      await visitor.submit(`${path}/settings`, {
        ...fields,
        redirect_uris: 'https://b.example/cb\r\nhttps://c.example/cb',
      });
      expect((await find(app, 'site')).redirectUris).toEqual([
        'https://b.example/cb',
        'https://c.example/cb',
      ]);
    });

    test('changes where people sign out of a website and open it', async () => {
      const { app, visitor } = await open();
      const redirect_uris = 'https://a.example/cb';
      await app.addClient({ name: 'site', kind: 'website', redirectUris: [redirect_uris] });
      const path = `/apps/${app.name}/clients/site`;
      await visitor.get(path);
      const fields = {
        display_name: app.displayName,
        role: 'Reader',
        redirect_uris,
        post_logout_uris: 'https://a.example/bye',
        backchannel_uri: 'https://a.example/logout',
        frontchannel_uri: 'https://a.example/out',
        initiate_uri: 'https://a.example/login',
      };
      const saved = await visitor.submit(`${path}/settings`, fields);
      const page = await expectDone(visitor, saved, path, 'The client is saved');
      const names = [
        'post_logout_uris',
        'backchannel_uri',
        'frontchannel_uri',
        'initiate_uri',
      ] as const;
      expect(names.map((name) => filledIn(page, name))).toEqual(names.map((name) => fields[name]));
      const wrong = await visitor.submit(`${path}/settings`, {
        ...fields,
        frontchannel_uri: 'https://b.example/out',
        initiate_uri: 'http://a.example/login',
      });
      expect(wrong.status).toBe(400);
      expect(wrong.text).toContain('id="frontchannel_uri-problem"');
      await visitor.submit(`${path}/settings`, {
        display_name: app.displayName,
        role: 'Reader',
        redirect_uris,
      });
      expect((await find(app, 'site')).urls).toEqual(noUrls);
    });

    test('changes how people sign in to a website, and shows that it is first-party', async () => {
      const { app, visitor } = await open();
      const redirect_uris = 'https://a.example/cb';
      await app.addClient({ name: 'site', kind: 'website', redirectUris: [redirect_uris] });
      const path = `/apps/${app.name}/clients/site`;
      expect((await visitor.get(path)).words).not.toContain('first-party');
      const plain = { display_name: app.displayName, role: 'Reader', redirect_uris };
      const fields = {
        ...plain,
        optional_scopes: 'email\nphone',
        ask_again: '3600',
        auth_time: 'on',
        second_factor: 'on',
        only_userinfo: 'on',
        userinfo_alg: 'ES256',
      };
      const saved = await visitor.submit(`${path}/settings`, fields);
      const page = await expectDone(visitor, saved, path, 'The client is saved');
      expect(filledIn(page, 'ask_again')).toBe('3600');
      expect(filledIn(page, 'optional_scopes')).toBe('email\nphone');
      expect((await find(app, 'site')).signIn).toEqual({
        optionalScopes: ['email', 'phone'],
        defaultMaxAge: 3600,
        requireAuthTime: true,
        requireSecondFactor: true,
        claimsInIdToken: false,
        userinfoAlg: 'ES256',
      });
      const marked = await stack().api.call('PATCH', path, { first_party: true });
      expect(marked.status).toBe(200);
      expect((await visitor.get(path)).words).toContain('first-party');
      const wrong = await visitor.submit(`${path}/settings`, {
        ...fields,
        optional_scopes: 'openid',
        ask_again: 'soon',
      });
      expect(wrong.status).toBe(400);
      for (const name of ['optional_scopes', 'ask_again'])
        expect(wrong.text).toContain(`id="${name}-problem"`);
      expect((await visitor.submit(`${path}/settings`, plain)).status).toBe(303);
      expect(await find(app, 'site')).toMatchObject({ signIn: plainSignIn, firstParty: true });
    });

    test('changes what signs the ID tokens of a website, and a form without it leaves it', async () => {
      const { app, visitor } = await open();
      const redirectUris = ['https://a.example/cb'];
      await app.addClient({ name: 'site', kind: 'website', redirectUris });
      const path = `/apps/${app.name}/clients/site`;
      expect(filledIn(await visitor.get(path), 'id_token_alg')).toBe('RS256');
      const save = async (fields: Record<string, string>) => {
        const kept = {
          display_name: app.displayName,
          role: 'Reader',
          redirect_uris: redirectUris.join(),
        };
        const page = await visitor.submit(`${path}/settings`, { ...kept, ...fields });
        return [page.status, (await find(app, 'site')).idTokenAlg];
      };
      expect(await save({ id_token_alg: 'EdDSA' })).toEqual([303, 'EdDSA']);
      expect(await save({})).toEqual([303, 'EdDSA']);
      expect(await save({ id_token_alg: 'none' })).toEqual([400, 'EdDSA']);
    });

    test('makes a client strict with one switch, and says at each field what it lacks', async () => {
      const { app, visitor } = await open();
      const redirectUris = ['https://bank.example/cb'];
      await app.addClient({ name: 'bank', kind: 'website_with_server', redirectUris });
      const path = `/apps/${app.name}/clients/bank`;
      await visitor.get(path);
      const save = (fields: Record<string, string>) =>
        visitor.submit(`${path}/settings`, {
          display_name: app.displayName,
          role: 'Reader',
          redirect_uris: redirectUris.join(),
          id_token_alg: 'RS256',
          ...fields,
        });
      const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
      const keys = async (key: typeof publicKey) =>
        JSON.stringify({ keys: [await exportJWK(key)] });
      for (const [fields, problem] of [
        [{ profile: 'on' }, 'needs the public keys'],
        [{ jwks: 'no keys' }, 'must be a JWK Set'],
        [{ jwks: await keys(privateKey) }, 'private key'],
        [{ jwks: '{"keys":[{"kty":"EC"}]}' }, 'is not a public key'],
      ] as const) {
        const page = await save(fields);
        expect([page.status, page.words]).toEqual([400, expect.stringContaining(problem)]);
      }
      const jwks = await keys(publicKey);
      expect((await save({ profile: 'on', jwks })).status).toBe(303);
      expect(await find(app, 'bank')).toMatchObject({
        idTokenAlg: 'ES256',
        security: { profile: 'fapi2', requirePushedRequests: true, dpopBound: true },
      });
      const { metadata } = (await stack().domain.registry.find(`${app.name}:bank`)) ?? {};
      expect(metadata).toMatchObject({
        profile: 'fapi2',
        token_endpoint_auth_method: 'private_key_jwt',
        require_pushed_authorization_requests: true,
        dpop_bound_access_tokens: true,
        require_pkce: true,
        id_token_signed_response_alg: 'ES256',
      });
      const shown = await visitor.get(path);
      expect(shown.text).not.toContain('id="secrets"');
      expect(JSON.parse(filledIn(shown, 'jwks') ?? '')).toEqual(JSON.parse(jwks));
      const weaker = await save({ profile: 'on', jwks, dpop_bound: 'on', require_pushed: 'on' });
      expect([weaker.status, weaker.words]).toEqual([
        400,
        expect.stringContaining('must be ES256 or EdDSA'),
      ]);
      const back = await save({ id_token_alg: 'ES256' });
      expect(back.status).toBe(303);
      expect(await find(app, 'bank')).toMatchObject({
        security: { profile: null, jwks: null, requirePushedRequests: false, dpopBound: false },
      });
      expect((await visitor.get(path)).text).toContain('id="secrets"');
    });

    test('makes a second secret beside the first, and no third; a deleted one opens nothing', async () => {
      const { credentials, path, visitor } = await open();
      const made = await visitor.submit(`${path}/secrets`);
      const second = { ...credentials, secret: secretOf(made) };
      expect([made.status, made.headers.get('cache-control')]).toEqual([200, 'no-store']);
      for (const each of [credentials, second])
        expect((await stack().token(each)).status).toBe(200);
      const full = await visitor.submit(`${path}/secrets`);
      expect([full.status, full.words, secretOf(full)]).toEqual([
        409,
        expect.stringContaining('at most 2 secrets'),
        '',
      ]);
      const [, oldest = ''] = [...full.text.matchAll(/name="secret_id" value="([^"]+)"/g)].map(
        ([, id]) => id,
      );
      const gone = await visitor.submit(`${path}/secrets/delete`, { secret_id: oldest });
      await expectDone(visitor, gone, path, 'The secret is revoked');
      const again = await visitor.submit(`${path}/secrets/delete`, { secret_id: oldest });
      await expectDone(visitor, again, path, 'The secret is revoked');
      expect((await stack().token(credentials)).status).toBe(401);
      expect((await stack().token(second)).status).toBe(200);
    });

    test.each(['', 'x', '0198c0de-0000-7000-8000-000000000000'])(
      'deletes no secret for the id %j',
      async (secret_id) => {
        const { credentials, path, visitor } = await open();
        expect((await visitor.submit(`${path}/secrets/delete`, { secret_id })).status).toBe(303);
        expect((await stack().token(credentials)).status).toBe(200);
      },
    );

    test('deletes no secret of another client', async () => {
      const { app, path, visitor } = await open();
      const page = await visitor.get(`/apps/${app.name}/clients/default`);
      const id = /name="secret_id" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
      await visitor.submit(`${path}/secrets/delete`, { secret_id: id });
      expect((await stack().token(app.client)).status).toBe(200);
    });

    test('ends all tokens by disabling, and lets it have new ones by enabling, however often it is clicked', async () => {
      const { credentials, path, visitor } = await open();
      const { body } = await stack().token(credentials);
      const toggle = async (way: string, words: string) =>
        expectDone(visitor, await visitor.submit(`${path}/${way}`), path, words);
      for (let click = 0; click < 2; click++) await toggle('disable', 'The client is disabled');
      expect((await stack().token(credentials)).status).toBe(401);
      for (let click = 0; click < 2; click++) await toggle('enable', 'The client is enabled');
      expect(await introspect(body.access_token, credentials)).toEqual({ active: false });
      expect((await stack().token(credentials)).status).toBe(200);
    });

    test('deletes it, and everything that it had', async () => {
      const { app, credentials, path, visitor } = await open();
      const answer = await visitor.submit(`${path}/delete`);
      await expectDone(visitor, answer, `/apps/${app.name}`, 'The client is deleted');
      await expectDone(
        visitor,
        await visitor.submit(`${path}/delete`),
        `/apps/${app.name}`,
        'deleted',
      );
      expect((await stack().token(credentials)).status).toBe(401);
      expect((await visitor.get(path)).status).toBe(404);
      expect(await clientsOf(app)).toEqual(['default']);
    });

    const formsOf = (text: string, path: string) =>
      [...text.matchAll(/<form method="post" action="([^"]+)"/g)]
        .map(([, action = '']) => action)
        .filter((action) => action.startsWith(path));

    test('lets a Developer change what covers no more than they may, and look at the rest', async () => {
      const { app, path } = await open();
      const { visitor } = await app.member('Developer');
      expect(formsOf((await visitor.get(path)).text, path)).toContain(`${path}/settings`);
      const roleTooBig = await visitor.submit(`${path}/settings`, {
        display_name: unique('Script'),
        role: 'Owner',
      });
      expect(roleTooBig.status).toBe(403);
      const first = `/apps/${app.name}/clients/default`;
      const page = await visitor.get(first);
      expect([page.status, formsOf(page.text, first)]).toEqual([200, []]);
      expect(page.text).toContain(app.client.secret.slice(-4));
    });

    test('shows a Reader nothing of secrets', async () => {
      const { app, path } = await open();
      const { visitor }: { visitor: Visitor } = await app.member('Reader');
      const page = await visitor.get(path);
      expect([page.status, formsOf(page.text, path)]).toEqual([200, []]);
      expect(page.text).not.toMatch(/id="secrets"/);
    });
  });

  test('without an API that is open to apps, clients are made and shown all the same', async () => {
    const open = await stack().domain.resources.openToApps();
    for (const { identifier } of open)
      await stack().domain.resources.update(identifier, { appPolicy: null });
    try {
      const app = await makeApp(stack());
      const { visitor } = app.owner;
      await visitor.get(`/apps/${app.name}/clients/new`);
      const name = unique('lonely');
      const page = await visitor.submit(`/apps/${app.name}/clients/new`, {
        kind: 'server',
        name,
        role: 'Reader',
      });
      expect([page.status, secretOf(page)]).toEqual([200, expect.stringMatching(/^writ_cs_/)]);
      expect((await visitor.get(`/apps/${app.name}/clients/${name}`)).status).toBe(200);
      const connect = await visitor.get(`/apps/${app.name}/clients/${name}/connect`);
      expect([connect.status, connect.words]).toEqual([
        200,
        expect.stringContaining('administrator'),
      ]);
    } finally {
      for (const { identifier, appPolicy } of open)
        await stack().domain.resources.update(identifier, { appPolicy });
    }
  });
});
