import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { sql } from 'kysely';
import { allowsHost } from '../../../config/client-documents.ts';
import { freshFor } from '../../../src/domain/clients/documents/document.ts';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import { createDocumentFetch } from '../../../src/upstream/client-documents.ts';
import { type DocumentServer, startDocumentServer } from '../../support/document-server.ts';
import { makeParties } from '../../support/parties.ts';
import { signedIn } from '../../support/people.ts';
import { onStack, type Stack } from '../../support/stacks.ts';
import { allow, answer, ask, type LoginClient, loginClientOf } from './support.ts';

let documents: DocumentServer;

beforeAll(async () => {
  documents = await startDocumentServer();
});
afterAll(() => documents.close());

/** A client with a document, for an API that is open to clients that register themselves. */
async function makeDocumentClient(
  stack: Stack,
  fields: Record<string, unknown> = {},
  {
    redirectUri = 'https://assistant.example/back',
    scopes,
  }: { redirectUri?: string; scopes?: string[] } = {},
): Promise<LoginClient> {
  const { resource, resourceServer } = await makeParties(stack);
  await stack.domain.resources.update(resource, {
    selfRegisteredPolicy: scopes ? { scopes } : {},
  });
  const url = documents.publish(fields);
  return loginClientOf(stack, {
    client: { id: url, secret: '' },
    name: 'Assistant',
    resource,
    resourceServer,
    redirectUri,
  });
}

const offline = { scope: 'things:read offline_access' };

const pathOf = (url: string) => new URL(url).pathname;

const eventsOf = async (stack: Stack, url: string) =>
  (await stack.domain.audit.page({ limit: 50, target: url })).items
    .map(({ action }) => action)
    .reverse();

/** From now on, the document must be read again; or it should have been, so many seconds ago. */
const age = ({ database }: Stack, url: string, seconds = 1) =>
  sql`update client_document set fresh_until = now() - ${seconds} * interval '1 second', retry_at = null
    where client_id = ${url}`.execute(database.kysely);

const apiOf = (url: string) => `/clients/${encodeURIComponent(url)}`;

onStack(
  (stack) => {
    const begin = (app: LoginClient, changed: Record<string, string | null> = {}) =>
      app.begin({ resource: app.resource, scope: 'things:read', ...changed });

    const refresh = (app: LoginClient, refreshToken: string) =>
      stack().post('/connect/token', {
        grant_type: 'refresh_token',
        refresh_token: refreshToken,
        client_id: app.client.id,
      });

    const logIn = async (app: LoginClient, changed: Record<string, string | null> = {}) => {
      const person = await signedIn(stack());
      const begun = begin(app, changed);
      const { body, status } = await app.redeem(begun, await allow(person.visitor, begun));
      expect([status, body.error_description]).toEqual([200, undefined]);
      return { ...person, tokens: body };
    };

    test('the metadata says that documents are supported', async () => {
      for (const path of ['openid-configuration', 'oauth-authorization-server'])
        expect((await stack().get(`/.well-known/${path}`)).body).toHaveProperty(
          'client_id_metadata_document_supported',
          true,
        );
    });

    test('a person sees the host first and what the document calls itself; the client gets tokens that name its URL', async () => {
      const app = await makeDocumentClient(stack());
      const { visitor, accountId } = await signedIn(stack());
      const begun = begin(app, { scope: 'things:read offline_access' });
      const page = await ask(visitor, begun);
      const { host } = new URL(app.client.id);
      expect(page.words).toMatch(
        new RegExp(
          `Allow ${host} to use your .* account\\?.*Calls itself Assistant \\(not verified by `,
        ),
      );
      const { url } = await answer(visitor, page.path);
      const { body } = await app.redeem(begun, url as URL);
      expect((await app.introspect(body.access_token)).body).toMatchObject({
        active: true,
        sub: accountId,
        client_id: app.client.id,
        aud: app.resource,
        scope: 'offline_access things:read',
      });
      // A day, unless the operator decides otherwise.
      expect(body.expires_in).toBe(86_400);
      const refreshed = await refresh(app, body.refresh_token);
      expect(refreshed.status).toBe(200);
      const connected = await visitor.get('/account/connected');
      expect(connected.words).toContain(`by ${host}`);
      expect(
        (
          await stack().post('/connect/revocation', {
            token: refreshed.body.refresh_token,
            client_id: app.client.id,
          })
        ).status,
      ).toBe(200);
      expect((await app.introspect(refreshed.body.access_token)).body).toEqual({ active: false });
      expect(await eventsOf(stack(), app.client.id)).toEqual(['client.created', 'consent.granted']);
    });

    test('a request creates no client, and a denial neither: only what a person allows', async () => {
      const app = await makeDocumentClient(stack());
      const { visitor } = await signedIn(stack());
      const { path } = await ask(visitor, begin(app));
      await answer(visitor, path, 'deny');
      expect(await stack().domain.registry.find(app.client.id)).toBeUndefined();
      expect((await stack().api.call('GET', apiOf(app.client.id))).status).toBe(404);
      await allow(visitor, begin(app));
      expect((await stack().api.call('GET', apiOf(app.client.id))).body).toMatchObject({
        client_id: app.client.id,
        origin: 'document',
        document: { failed_since: null, failure: null },
        redirect_uris: ['https://assistant.example/back'],
      });
    });

    test('pushed requests and the device grant work', async () => {
      const app = await makeDocumentClient(stack(), {
        grant_types: ['authorization_code', 'urn:ietf:params:oauth:grant-type:device_code'],
      });
      const query = new URL(begin(app).path, stack().issuer).searchParams;
      const pushed = await stack().post('/connect/par', Object.fromEntries(query));
      expect(pushed.status).toBe(201);
      const { visitor } = await signedIn(stack());
      const page = await ask(visitor, {
        path: `/connect/authorize?${new URLSearchParams({ client_id: app.client.id, request_uri: pushed.body.request_uri })}`,
      });
      expect(page.words).toContain(new URL(app.client.id).host);
      const device = await stack().post('/connect/deviceauthorization', {
        client_id: app.client.id,
        scope: 'things:read',
        resource: app.resource,
      });
      expect(device.body).toMatchObject({ user_code: expect.any(String) });
      const code = await visitor.get(`/device?user_code=${device.body.user_code}`);
      expect(code.words).toContain('Calls itself Assistant');
    });

    test('only resources and scopes that the operator has opened are within reach, and never the API of this server', async () => {
      const app = await makeDocumentClient(stack(), {}, { scopes: ['things:read'] });
      const { visitor } = await signedIn(stack());
      const refused = async (changed: Record<string, string>) =>
        (await visitor.get(begin(app, changed).path)).words;
      expect(await refused({ scope: 'things:read things:write' })).toContain('invalid_scope');
      const { resource: closed } = await makeParties(stack());
      expect(await refused({ resource: closed })).toContain('invalid_target');
      expect(await refused({ resource: stack().apiResource, scope: 'clients:read' })).toContain(
        'invalid_target',
      );
      await stack().domain.resources.update(app.resource, { selfRegisteredPolicy: null });
      expect(await refused({})).toContain('invalid_target');
    });

    test('a loopback redirect URI has any port, and people are told that any program can use it', async () => {
      const app = await makeDocumentClient(
        stack(),
        { redirect_uris: ['http://127.0.0.1/callback', 'https://assistant.example/back'] },
        { redirectUri: 'http://127.0.0.1:49152/callback' },
      );
      const { visitor } = await signedIn(stack());
      const page = await ask(visitor, begin(app));
      expect(page.words).toContain('Any program on this device can use the name of this app.');
      const other = await visitor.get(
        begin(app, { redirect_uri: 'http://127.0.0.1:49152/other' }).path,
      );
      expect(other.status).toBe(400);
    });

    test('errors go to no redirect URI of a client that the person has not allowed', async () => {
      const app = await makeDocumentClient(stack());
      const { visitor } = await signedIn(stack());
      const page = await visitor.get(begin(app, { scope: 'unknown' }).path);
      expect([page.status, page.location]).toEqual([400, null]);
    });

    test('a client with keys authenticates with them; new keys replace the old ones at once', async () => {
      const pair = async () => {
        const { privateKey, publicKey } = await generateKeyPair('ES256');
        return { privateKey, jwks: { keys: [{ ...(await exportJWK(publicKey)), alg: 'ES256' }] } };
      };
      const [first, second] = [await pair(), await pair()];
      const fields = { token_endpoint_auth_method: 'private_key_jwt' };
      const app = await makeDocumentClient(stack(), { ...fields, jwks: first.jwks });
      const assertion = (key: Awaited<ReturnType<typeof pair>>) =>
        new SignJWT({ jti: randomUUID() })
          .setProtectedHeader({ alg: 'ES256' })
          .setIssuer(app.client.id)
          .setSubject(app.client.id)
          .setAudience(stack().issuer)
          .setIssuedAt()
          .setExpirationTime('1m')
          .sign(key.privateKey);
      const authenticated = async (key: Awaited<ReturnType<typeof pair>>) => ({
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: await assertion(key),
      });
      const { visitor } = await signedIn(stack());
      const begun = begin(app, offline);
      const url = await allow(visitor, begun);
      expect((await app.redeem(begun, url)).body.error).toBe('invalid_client');
      const { body } = await app.redeem(begun, url, await authenticated(first));
      expect(body).toHaveProperty('refresh_token');
      const renew = async (key: Awaited<ReturnType<typeof pair>>) =>
        (
          await stack().post('/connect/token', {
            grant_type: 'refresh_token',
            refresh_token: body.refresh_token,
            ...(await authenticated(key)),
          })
        ).status;
      documents.publish({ ...fields, jwks: second.jwks }, { path: pathOf(app.client.id) });
      expect(await renew(first)).toBe(200);
      await age(stack(), app.client.id);
      expect(await renew(first)).toBe(401);
      expect(await renew(second)).toBe(200);
    });

    test('a document is read once however many ask, and again only once it is due', async () => {
      const app = await makeDocumentClient(stack());
      const { visitor } = await signedIn(stack());
      let release = () => {};
      const wait = new Promise<void>((resolve) => {
        release = resolve;
      });
      documents.publish({}, { path: pathOf(app.client.id), wait });
      const all = Array.from({ length: 8 }, () => visitor.get(begin(app).path));
      setTimeout(release, 300);
      for (const { location } of await Promise.all(all)) expect(location).toMatch(/^\/consent\//);
      const count = () => documents.requests.get(pathOf(app.client.id));
      expect(count()).toBe(1);
      await visitor.get(begin(app).path);
      expect(count()).toBe(1);
      await age(stack(), app.client.id);
      await visitor.get(begin(app).path);
      expect(count()).toBe(2);
    });

    test('a changed document applies at once, is in the audit, and people are asked again', async () => {
      const app = await makeDocumentClient(stack());
      const { visitor, tokens } = await logIn(app, offline);
      expect((await visitor.get(begin(app).path)).location).toContain('code=');
      documents.publish(
        { redirect_uris: ['https://assistant.example/new'] },
        { path: pathOf(app.client.id) },
      );
      await age(stack(), app.client.id);
      expect((await visitor.get(begin(app).path)).status).toBe(400);
      const moved = begin(app, { redirect_uri: 'https://assistant.example/new' });
      expect((await ask(visitor, moved)).words).toContain('assistant.example');
      expect((await refresh(app, tokens.refresh_token)).status).toBe(200);
      expect(await eventsOf(stack(), app.client.id)).toEqual([
        'client.created',
        'consent.granted',
        'consent.granted',
        'client.updated',
        'metadata_document.changed',
      ]);
    });

    test('a document that asks for another authentication ends the tokens', async () => {
      const app = await makeDocumentClient(stack());
      const { tokens } = await logIn(app, offline);
      const { publicKey } = await generateKeyPair('ES256');
      const jwks = { keys: [{ ...(await exportJWK(publicKey)), alg: 'ES256' }] };
      documents.publish(
        { token_endpoint_auth_method: 'private_key_jwt', jwks },
        { path: pathOf(app.client.id) },
      );
      await age(stack(), app.client.id);
      expect((await refresh(app, tokens.refresh_token)).status).toBe(401);
      expect((await app.introspect(tokens.access_token)).body).toEqual({ active: false });
    });

    test('a client whose document vanishes goes on for a day, then gets no more tokens; the first failure is in the audit', async () => {
      const app = await makeDocumentClient(stack());
      const { tokens } = await logIn(app, offline);
      documents.serve(pathOf(app.client.id), undefined);
      await age(stack(), app.client.id);
      const first = await refresh(app, tokens.refresh_token);
      expect(first.status).toBe(200);
      const reads = documents.requests.get(pathOf(app.client.id));
      const second = await refresh(app, first.body.refresh_token);
      expect(second.status).toBe(200);
      expect(documents.requests.get(pathOf(app.client.id))).toBe(reads);
      await age(stack(), app.client.id, 86_401);
      const last = await refresh(app, second.body.refresh_token);
      expect([last.status, last.body]).toEqual([
        401,
        {
          error: 'invalid_client',
          error_description: `The metadata document of the client ${app.client.id} cannot be used: the response has the status 404, not 200.`,
        },
      ]);
      expect((await eventsOf(stack(), app.client.id)).slice(2)).toEqual([
        'metadata_document.unreadable',
      ]);
      expect((await stack().api.call('GET', apiOf(app.client.id))).body.document).toMatchObject({
        failed_since: expect.any(String),
        failure: 'the response has the status 404, not 200',
      });
      documents.publish({}, { path: pathOf(app.client.id) });
      await age(stack(), app.client.id, 86_401);
      expect((await refresh(app, second.body.refresh_token)).status).toBe(200);
    });

    test('an administrator disables such a client for good, and deletes it until a person allows it again', async () => {
      const app = await makeDocumentClient(stack());
      const { visitor, tokens } = await logIn(app);
      expect((await stack().api.call('POST', `${apiOf(app.client.id)}/disable`)).status).toBe(200);
      expect((await app.introspect(tokens.access_token)).body).toEqual({ active: false });
      expect((await visitor.get(begin(app).path)).words).toContain('invalid_client');
      expect((await stack().api.call('DELETE', apiOf(app.client.id))).status).toBe(204);
      expect((await stack().api.call('GET', apiOf(app.client.id))).status).toBe(404);
      const begun = begin(app);
      const again = await app.redeem(begun, await allow(visitor, begun));
      expect(again.status).toBe(200);
      expect((await app.introspect(again.body.access_token)).body.active).toBe(true);
      expect((await app.introspect(tokens.access_token)).body).toEqual({ active: false });
    });

    test('a client without logins is deleted after 30 days, and one with a login or disabled stays', async () => {
      const [left, disabled, used] = [
        await makeDocumentClient(stack()),
        await makeDocumentClient(stack()),
        await makeDocumentClient(stack()),
      ];
      for (const app of [left, disabled, used]) await logIn(app, offline);
      const ids = [left, disabled].map((app) => app.client.id);
      await stack().domain.registry.disable(serverActor, disabled.client.id);
      await sql`update oauth_grant set revoked_at = now() where client_id in
        (select id from client where client_id = any (${ids}::text[]))`.execute(
        stack().database.kysely,
      );
      const isThere = async () =>
        Promise.all(
          [left, disabled, used].map(
            async (app) => (await stack().domain.registry.find(app.client.id)) !== undefined,
          ),
        );
      await stack().domain.unusedClients.delete();
      expect(await isThere()).toEqual([true, true, true]);
      await sql`update client set created_at = now() - interval '31 days' where client_id = any (${[...ids, used.client.id]}::text[])`.execute(
        stack().database.kysely,
      );
      await sql`update client_usage set day = day - 31`.execute(stack().database.kysely);
      await stack().domain.unusedClients.delete();
      expect(await isThere()).toEqual([false, true, true]);
    });

    test('a token of a stranger that names it as its audience fetches nothing', async () => {
      const app = await makeDocumentClient(stack());
      const { body: client } = await stack().api.call('POST', '/clients', {
        grant_types: ['urn:ietf:params:oauth:grant-type:token-exchange'],
      });
      const { privateKey } = await generateKeyPair('RS256');
      const forged = await new SignJWT({ iss: stack().issuer, sub: 'ada', aud: app.client.id })
        .setProtectedHeader({ alg: 'RS256' })
        .setExpirationTime('5m')
        .sign(privateKey);
      const { status } = await stack().post(
        '/connect/token',
        {
          grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
          subject_token: forged,
          subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
        },
        { id: client.client_id, secret: client.client_secret },
      );
      expect(status).toBe(400);
      await stack().get(`/connect/endsession?id_token_hint=${forged}`);
      expect(documents.requests.get(pathOf(app.client.id)) ?? 0).toBe(0);
    });

    test('its metadata cannot be changed here', async () => {
      const app = await makeDocumentClient(stack());
      await logIn(app);
      const { status, body } = await stack().api.call('PATCH', apiOf(app.client.id), {
        client_name: 'Trusted',
      });
      expect([status, body.error]).toEqual([409, 'conflict']);
    });

    describe('a document is refused with a sentence, and no client is created:', () => {
      const bad: Record<string, [fields: Record<string, unknown>, sentence: string]> = {
        'another client_id': [
          { client_id: 'https://other.example/' },
          'its client_id is not the URL',
        ],
        'no client_id': [{ client_id: undefined }, 'its client_id is not the URL'],
        'a secret': [{ client_secret: 's' }, 'it must not have client_secret'],
        'an expiry of a secret': [
          { client_secret_expires_at: 0 },
          'it must not have client_secret_expires_at',
        ],
        'authentication by secret': [
          { token_endpoint_auth_method: 'client_secret_basic' },
          'must be none or private_key_jwt',
        ],
        'authentication by HMAC': [
          { token_endpoint_auth_method: 'client_secret_jwt' },
          'must be none or private_key_jwt',
        ],
        'keys that are private': [
          {
            token_endpoint_auth_method: 'private_key_jwt',
            jwks: {
              keys: [
                {
                  kty: 'EC',
                  crv: 'P-256',
                  x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
                  y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
                  d: 'jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI',
                },
              ],
            },
          },
          'client JSON Web Key Set is invalid',
        ],
        'no keys': [{ token_endpoint_auth_method: 'private_key_jwt' }, 'jwks'],
        'keys in two places': [
          {
            token_endpoint_auth_method: 'private_key_jwt',
            jwks: { keys: [] },
            jwks_uri: 'https://assistant.example/keys',
          },
          'jwks',
        ],
        'keys at a plain address': [{ jwks_uri: 'http://assistant.example/keys' }, 'jwks_uri'],
        'no redirect URI': [
          { redirect_uris: [] },
          'it has no redirect_uris that this server accepts',
        ],
        'redirect URIs that no client can have': [
          {
            redirect_uris: [
              'http://assistant.example/back',
              'javascript:alert(1)',
              'https://*.example/',
            ],
          },
          'it has no redirect_uris that this server accepts',
        ],
        'a redirect URI that is a number': [
          { redirect_uris: [1] },
          'its redirect_uris is not a list of strings',
        ],
        'redirect URIs that are no list': [
          { redirect_uris: 'https://assistant.example/back' },
          'is not a list of strings',
        ],
        'too many redirect URIs': [
          {
            redirect_uris: Array.from(
              { length: 51 },
              (_, index) => `https://assistant.example/${index}`,
            ),
          },
          'more than 50',
        ],
        'only grants that are not supported': [
          { grant_types: ['implicit', 'client_credentials'] },
          'its grant_types has none of',
        ],
        'a strange type of application': [{ application_type: 'spaceship' }, 'application_type'],
        'a scope that is a list': [{ scope: ['things:read'] }, 'its scope is not a string'],
        'a home page that is a script': [{ client_uri: 'javascript:alert(1)' }, 'client_uri'],
        'a character that cannot be stored': [
          { client_uri: 'https://assistant.example/\0' },
          'cannot be used',
        ],
        'half a character': [{ jwks: { keys: [], x: '\ud800' } }, 'cannot be used'],
      };

      test.each(Object.entries(bad))('%s', async (_name, [fields, sentence]) => {
        const url = documents.publish(fields);
        const { status, body } = await stack().post('/connect/par', {
          client_id: url,
          response_type: 'code',
        });
        expect([status, body.error]).toEqual([401, 'invalid_client']);
        expect(body.error_description).toContain(sentence);
        expect(await stack().domain.registry.find(url)).toBeUndefined();
      });

      const answers: Record<
        string,
        [
          served: { status?: number; headers?: Record<string, string>; body?: string },
          sentence: string,
        ]
      > = {
        'an error': [{ status: 500 }, 'the response has the status 500, not 200'],
        'a redirect': [
          { status: 302, headers: { Location: '/elsewhere' } },
          'the response has the status 302, not 200',
        ],
        'another success': [{ status: 203 }, 'the response has the status 203, not 200'],
        'a page': [
          { headers: { 'Content-Type': 'text/html' } },
          'its content type is not application/json',
        ],
        'no JSON': [{ body: '<!doctype html>' }, 'it is not JSON'],
        nothing: [{ body: '' }, 'it is not JSON'],
        'a list': [{ body: '[]' }, 'it is not a JSON object'],
        null: [{ body: 'null' }, 'it is not a JSON object'],
        'more than 5 KiB': [{ body: `{"a":"${'x'.repeat(6_000)}"}` }, 'it could not be fetched'],
      };

      test.each(Object.entries(answers))(
        'a response with %s',
        async (_name, [served, sentence]) => {
          const url = documents.publish({}, served);
          const { status, body } = await stack().post('/connect/par', {
            client_id: url,
            response_type: 'code',
          });
          expect([status, body.error]).toEqual([401, 'invalid_client']);
          expect(body.error_description).toContain(sentence);
        },
      );

      test('a failed document is read again with the next request', async () => {
        const url = documents.publish({}, { status: 500 });
        const send = async () =>
          (await stack().post('/connect/par', { client_id: url, response_type: 'code' })).body
            .error;
        expect(await send()).toBe('invalid_client');
        documents.publish({}, { path: pathOf(url) });
        expect(await send()).not.toBe('invalid_client');
      });

      test.each([
        ['without a path', (origin: string) => origin],
        ['with a fragment', (origin: string) => `${origin}/c.json#a`],
        ['with a user', (origin: string) => `${origin.replace('//', '//user@')}/c.json`],
        ['with dot segments', (origin: string) => `${origin}/a/../c.json`],
        ['with escaped dot segments', (origin: string) => `${origin}/a/%2e%2e/c.json`],
        [
          'with upper case in its host',
          (origin: string) => `${origin.replace('localhost', 'LOCALHOST')}/c.json`,
        ],
        ['over http', (origin: string) => `${origin.replace('https', 'http')}/c.json`],
      ])('a URL %s', async (_name, of) => {
        const before = [...documents.requests.values()].reduce((sum, one) => sum + one, 0);
        const { status, body } = await stack().post('/connect/par', {
          client_id: of(documents.origin),
          response_type: 'code',
        });
        expect([status, body.error]).toEqual([401, 'invalid_client']);
        expect([...documents.requests.values()].reduce((sum, one) => sum + one, 0)).toBe(before);
      });
    });

    test('an unsupported value is ignored, and so is what only an operator decides', async () => {
      const app = await makeDocumentClient(stack(), {
        grant_types: ['authorization_code', 'refresh_token', 'implicit'],
        response_types: ['code', 'token'],
        logo_uri: 'https://assistant.example/logo.png',
        first_party: true,
        access_token_ttl: 1e9,
        require_pkce: false,
        subject_type: 'pairwise',
        backchannel_logout_uri: 'https://assistant.example/logout',
        client_name: 'A\u202ess\u0000',
        unknown: { deeply: ['nested'] },
      });
      await logIn(app);
      const { metadata } = (await stack().domain.registry.find(app.client.id)) ?? {};
      expect(metadata).toEqual({
        application_type: 'web',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        redirect_uris: ['https://assistant.example/back'],
        token_endpoint_auth_method: 'none',
        require_pkce: true,
        id_token_signed_response_alg: 'RS256',
      });
    });
  },
  { CLIENT_METADATA_DOCUMENTS: 'open', PRIVATE_CLIENT_URLS: 'on' },
);

test('a document at an address of the own network is not fetched unless the setting allows it', async () => {
  const url = documents.publish();
  await expect(createDocumentFetch({ allowPrivate: false })(url)).rejects.toThrow(
    'private network',
  );
  await expect(
    createDocumentFetch({ allowPrivate: false })(url.replace('localhost', '127.0.0.1')),
  ).rejects.toThrow('private network');
  expect(documents.requests.get(pathOf(url))).toBeUndefined();
  expect((await createDocumentFetch({ allowPrivate: true })(url)).status).toBe(200);
});

test.each([
  ['max-age=600', { 'Cache-Control': 'max-age=600' }, 600],
  ['an age', { 'Cache-Control': 'public, max-age=600', Age: '100' }, 500],
  ['no-store', { 'Cache-Control': 'no-store' }, 60],
  ['less than a minute', { 'Cache-Control': 'max-age=1' }, 60],
  ['a year', { 'Cache-Control': 'max-age=31536000' }, 86_400],
  [
    'Expires',
    { Date: 'Mon, 02 Jan 2034 15:00:00 GMT', Expires: 'Mon, 02 Jan 2034 15:10:00 GMT' },
    600,
  ],
  ['an Expires that is no date', { Expires: '0' }, 60],
  ['nothing', {}, 300],
])('a document is fresh as its headers say, within bounds: %s', (_name, headers, seconds) => {
  expect(freshFor(new Headers(headers as Record<string, string>))).toBe(seconds);
});

test.each([
  ['off', 'a.example', false],
  ['open', 'a.example', true],
  [['a.example'], 'a.example', true],
  [['a.example'], 'b.a.example', false],
  [['*.a.example'], 'b.a.example', true],
  [['*.a.example'], 'a.example', false],
  [['a.example'], 'evil-a.example', false],
  [['*.a.example'], 'evila.example', false],
] as const)('the policy %j and the host %s: %s', (policy, host, allowed) => {
  expect(allowsHost(policy, host)).toBe(allowed);
});
