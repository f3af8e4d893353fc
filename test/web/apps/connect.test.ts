import { beforeAll, describe, expect, test } from '@jest/globals';
import { answer, ask } from '../../protocol/authorization/support.ts';
import { openApi } from '../../support/open-api.ts';
import { pythonClientsAreThere } from '../../support/published-clients.ts';
import { onEveryStack, onStack, type Stack } from '../../support/stacks.ts';
import { parseAnswer, paste, runModule, runPython, talkToModule } from './running.ts';
import { codeOf, makeApp, operator, secretOf } from './support.ts';

/** A server client that was just made on its page; the page shows its secret. */
async function makeServerClient(stack: Stack, role = 'Reader') {
  const app = await makeApp(stack);
  const { visitor } = app.owner;
  await visitor.get(`/apps/${app.name}/clients/new`);
  const made = await visitor.submit(`/apps/${app.name}/clients/new`, {
    kind: 'server',
    name: 'script',
    role,
  });
  const path = `/apps/${app.name}/clients/script/connect`;
  const credentials = { id: `${app.name}:script`, secret: secretOf(made) };
  return { app, visitor, made, path, credentials };
}

onEveryStack((stack) => {
  beforeAll(() => openApi(stack(), { isDefault: true }));

  test('the example API is shown where this server has one, and what is shown runs', async () => {
    const { app, visitor, path, credentials } = await makeServerClient(stack(), 'Reader');
    const isThere = stack().name === 'embedded';
    const page = await visitor.get(
      `${path}?resource=${encodeURIComponent('https://api.example.com')}`,
    );
    if (!isThere) {
      expect(page.text).not.toContain('/example/things');
      return;
    }
    const call = async (shown: typeof page, label: string) => {
      const keep = codeOf(shown, 'Terminal: keep a token').replace(
        'YOUR_CLIENT_SECRET',
        credentials.secret,
      );
      return parseAnswer(await paste(`${keep} > /dev/null\n${codeOf(shown, label)}`));
    };
    expect((await call(page, 'Terminal: read')).status).toBe(200);
    expect(page.words).toContain('allows it to read things but not to write them');
    expect(page.text).not.toContain('Terminal: write');
    await stack().domain.appClients.update(operator, app.name, 'script', { role: 'Editor' });
    const asEditor = await visitor.get(`${path}?resource=https%3A%2F%2Fapi.example.com`);
    expect((await call(asEditor, 'Terminal: write')).status).toBe(201);
  });
});

onStack((stack) => {
  let resource: string;
  beforeAll(async () => {
    resource = await openApi(stack(), { isDefault: true });
  });

  const introspect = async (token: string, credentials: { id: string; secret: string }) =>
    (await stack().introspect(token, credentials)).body;

  const madeServer = (role?: string) => makeServerClient(stack(), role);

  describe('what a server copies', () => {
    test.each(['bash', 'sh'])(
      'gets a token by curl in %s, as it was shown when the client was made',
      async (shell) => {
        const { made, credentials } = await madeServer();
        const body = JSON.parse(await paste(codeOf(made, 'curl'), { shell }));
        // Not things:write, which its role does not permit.
        expect(body).toMatchObject({ token_type: 'Bearer', scope: 'things:read' });
        expect(await introspect(body.access_token, credentials)).toMatchObject({
          active: true,
          aud: resource,
          roles: ['Reader'],
        });
      },
    );

    test('gets a token by openid-client, with the lines of .env', async () => {
      const { visitor, made, path, credentials } = await madeServer();
      const code = codeOf(await visitor.get(path), 'get-token.mjs');
      const token = await runModule(code, codeOf(made, '.env'));
      expect(await introspect(token, credentials)).toMatchObject({ active: true, aud: resource });
    });

    (pythonClientsAreThere() ? test : test.skip)(
      'gets a token by requests, in Python',
      async () => {
        const { visitor, path, credentials } = await madeServer();
        const code = codeOf(await visitor.get(path), 'get_token.py');
        const variables = {
          OAUTH_CLIENT_ID: credentials.id,
          OAUTH_CLIENT_SECRET: credentials.secret,
        };
        const token = (await runPython(code, variables)).trim();
        expect(await introspect(token, credentials)).toMatchObject({ active: true, aud: resource });
      },
    );

    test('holds a place for the secret, which is shown no more', async () => {
      const { visitor, path, credentials } = await madeServer();
      const page = await visitor.get(path);
      expect(page.text).not.toContain(credentials.secret);
      expect(codeOf(page, '.env')).toContain('OAUTH_CLIENT_SECRET=YOUR_CLIENT_SECRET');
      const curl = codeOf(page, 'Terminal');
      const body = JSON.parse(await paste(curl.replace('YOUR_CLIENT_SECRET', credentials.secret)));
      expect(body.access_token).toMatch(/^writ_at_/);
      expect(JSON.parse(await paste(curl))).toMatchObject({ error: 'invalid_client' });
    });

    test('names the API where it is not the default one, whatever its scopes are called', async () => {
      const { visitor, path, credentials } = await madeServer();
      const strange = "it's:$(date)&all*+%41";
      const other = await openApi(stack(), {
        scopes: [
          { name: strange, description: 'Anything' },
          { name: 'plain', description: 'Something' },
        ],
      });
      const page = await visitor.get(`${path}?resource=${encodeURIComponent(other)}`);
      const withSecret = (code: string) => code.replace('YOUR_CLIENT_SECRET', credentials.secret);
      const body = JSON.parse(await paste(withSecret(codeOf(page, 'Terminal'))));
      expect(body.scope).toBe(`${strange} plain`);
      expect(await introspect(body.access_token, credentials)).toMatchObject({ aud: other });
      const token = await runModule(
        codeOf(page, 'get-token.mjs'),
        withSecret(codeOf(page, '.env')),
      );
      expect(await introspect(token, credentials)).toMatchObject({
        aud: other,
        scope: `${strange} plain`,
      });
    });
  });

  test('asks for every scope that the role of the client permits, and for none of an API without scopes', async () => {
    const { visitor, path } = await madeServer('Editor');
    const curl = async (identifier: string) =>
      codeOf(await visitor.get(`${path}?resource=${encodeURIComponent(identifier)}`), 'Terminal');
    expect(await curl(resource)).toMatch(/-d scope=things:read\+things:write$/);
    const bare = await openApi(stack(), { scopes: [] });
    expect(await curl(bare)).not.toContain('scope');
  });

  describe('what a device copies', () => {
    const device = async () => {
      const app = await makeApp(stack());
      const { id } = await app.addClient({ name: 'tv', kind: 'device' });
      const { visitor } = await app.member('Reader');
      const page = await app.owner.visitor.get(`/apps/${app.name}/clients/tv/connect`);
      const approve = async (userCode: string) => {
        const asked = await visitor.get(`/device?user_code=${userCode}`);
        expect(asked.status).toBe(200);
        await visitor.submit('/device/decision', { user_code: userCode, decision: 'approve' });
      };
      return { app, id, page, approve };
    };

    test('logs it in by curl', async () => {
      const { app, page, approve } = await device();
      const begun = await paste(codeOf(page, 'Terminal: get a code'));
      const poll = () =>
        paste(codeOf(page, 'Terminal: get the token'), { variables: { DEVICE: begun } });
      await approve(JSON.parse(begun).user_code);
      const body = JSON.parse(await poll());
      expect(await introspect(body.access_token, app.client)).toEqual({ active: false });
      expect(body).toMatchObject({ token_type: 'Bearer', access_token: expect.any(String) });
    });

    test('logs it in by openid-client', async () => {
      const { page, approve } = await device();
      const code = codeOf(page, 'login.mjs');
      const printed = await talkToModule(code, /enter (\S+)\n/, async ([, userCode = '']) => {
        await approve(userCode);
        return undefined;
      });
      expect(printed).toMatch(/\nwrit_at_\w+\n$/);
    });
  });

  test('what a native app copies lets people sign in, with PKCE', async () => {
    const app = await makeApp(stack());
    await app.addClient({
      name: 'phone',
      kind: 'native',
      redirectUris: ['com.example.app:/callback'],
    });
    const page = await app.owner.visitor.get(`/apps/${app.name}/clients/phone/connect`);
    const { visitor } = await app.member('Reader');
    const printed = await talkToModule(
      codeOf(page, 'sign-in.mjs'),
      /browser: (\S+)\n/,
      async ([, address = '']) => {
        const { path } = await ask(visitor, { path: address.slice(stack().issuer.length) });
        const { url } = await answer(visitor, path);
        expect(url?.protocol).toBe('com.example.app:');
        return url?.href;
      },
    );
    expect(printed).toMatch(/writ_at_\w+\s*$/);
  });

  describe('getting a token on the page', () => {
    const both = { 'scope:things:read': 'on', 'scope:things:write': 'on' };

    test('shows the token, what introspection tells of it, and works at once', async () => {
      const { app, visitor, path, credentials } = await madeServer('Editor');
      await visitor.get(path);
      const page = await visitor.submit(`${path}/token`, { resource, ...both });
      expect([page.status, page.headers.get('cache-control')]).toEqual([200, 'no-store']);
      const [token = ''] = /writ_at_\w+/.exec(page.text) ?? [];
      const told = JSON.parse(codeOf(page, 'Introspection response'));
      expect(told).toMatchObject({
        active: true,
        client_id: credentials.id,
        app: app.name,
        roles: ['Editor'],
        scope: 'things:read things:write',
        aud: resource,
      });
      expect(await introspect(token, credentials)).toEqual(told);
      const activity = await visitor.get(`/apps/${app.name}/activity`);
      expect(activity.words).toContain('Olive Owner');
      expect(
        (await stack().domain.appActivity.page(operator, app.name, { limit: 1 })).items,
      ).toMatchObject([{ action: 'token.tried', actor: { id: app.owner.accountId } }]);
    });

    test('shows what is in it where it is a JWT', async () => {
      const { app, visitor, path, credentials } = await madeServer();
      await stack().domain.appClients.update(operator, app.name, 'script', {
        accessTokenFormat: 'jwt',
      });
      await visitor.get(path);
      const page = await visitor.submit(`${path}/token`, { resource, 'scope:things:read': 'on' });
      expect(JSON.parse(codeOf(page, 'JWT claims'))).toMatchObject({
        client_id: credentials.id,
        roles: ['Reader'],
        scope: 'things:read',
      });
      expect(JSON.parse(codeOf(page, 'JWT header'))).toMatchObject({ typ: 'at+jwt' });
    });

    test.each<[string, (given: Record<string, string>) => Record<string, string>, string]>([
      ['no scope', ({ resource = '' }) => ({ resource }), 'at least one'],
      [
        'a scope that is none',
        ({ resource = '' }) => ({ resource, 'scope:all': 'on' }),
        'at least one',
      ],
      ['no API', () => both, 'no longer open'],
      [
        'an API that is none',
        () => ({ resource: 'https://none.example', ...both }),
        'no longer open',
      ],
    ])('gives none for %s', async (_what, fields, words) => {
      const { visitor, path } = await madeServer();
      await visitor.get(path);
      const page = await visitor.submit(`${path}/token`, fields({ resource }));
      expect([page.status, page.words]).toEqual([400, expect.stringContaining(words)]);
      expect(page.text).not.toMatch(/writ_at_/);
    });

    test('gives none for an API that is not open to apps, nor for Writ’s own', async () => {
      const { visitor, path } = await madeServer();
      const closed = await openApi(stack(), { policy: null });
      await visitor.get(path);
      for (const identifier of [closed, stack().apiResource]) {
        const page = await visitor.submit(`${path}/token`, { resource: identifier, ...both });
        expect([page.status, page.text]).toEqual([400, expect.not.stringMatching(/writ_at_/)]);
      }
    });

    test('gives none while the client or its app is disabled', async () => {
      const { app, visitor, path } = await madeServer();
      await visitor.get(path);
      const { appClients, apps } = stack().domain;
      await appClients.disable(operator, app.name, 'script');
      const client = await visitor.submit(`${path}/token`, { resource, ...both });
      expect([client.status, client.words]).toEqual([409, expect.stringContaining('disabled')]);
      await appClients.enable(operator, app.name, 'script');
      await apps.disable(operator, app.name);
      const whole = await visitor.submit(`${path}/token`, { resource, ...both });
      expect([whole.status, whole.words]).toEqual([409, expect.stringContaining('disabled')]);
    });

    test('gives none of a client that acts for people alone', async () => {
      const app = await makeApp(stack());
      await app.addClient({ name: 'tv', kind: 'device' });
      const { visitor } = app.owner;
      const path = `/apps/${app.name}/clients/tv/connect`;
      expect((await visitor.get(path)).text).not.toContain(`${path}/token`);
      expect((await visitor.submit(`${path}/token`, { resource, ...both })).status).toBe(400);
    });

    test('is for whoever may act as the client: a Developer gets none of what has the role Owner', async () => {
      const { app } = await madeServer();
      const { visitor } = await app.member('Developer');
      const own = `/apps/${app.name}/clients/script/connect`;
      expect((await visitor.get(own)).text).toContain(`${own}/token`);
      expect((await visitor.submit(`${own}/token`, { resource, ...both })).status).toBe(200);
      const first = `/apps/${app.name}/clients/default/connect`;
      expect((await visitor.get(first)).text).not.toContain(`${first}/token`);
      expect((await visitor.submit(`${first}/token`, { resource, ...both })).status).toBe(403);
    });
  });

  test('an API that is open no more leaves the page with the others', async () => {
    const { visitor, path } = await madeServer();
    const passing = await openApi(stack(), { name: 'Passing API' });
    const chosen = `${path}?resource=${encodeURIComponent(passing)}`;
    const code = codeOf(await visitor.get(chosen), 'get-token.mjs');
    expect(code).toContain(`resource: '${passing}'`);
    await stack().domain.resources.update(passing, { appPolicy: null });
    const page = await visitor.get(chosen);
    expect([page.status, page.text]).toEqual([200, expect.not.stringContaining(passing)]);
  });
});
