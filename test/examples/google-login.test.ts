import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair } from 'jose';
import { Provider } from 'oidc-provider';
import { type Data, openData } from '../../examples/google-login/src/database.ts';
import type { Listening } from '../../examples/google-login/src/listen.ts';
import { startLoginApp } from '../../examples/google-login/src/login-app.ts';
import { startSqlApi } from '../../examples/google-login/src/sql-api.ts';
import { sqlitecloud } from '../../src/dialects/sqlitecloud/description.ts';
import { makeKey } from '../api/backend.ts';
import { checkAccessibility, chromiumPath, openBrowser, openPage } from '../support/browser.ts';
import { keepSecret } from '../support/run-records.ts';
import { onStack, unique } from '../support/stacks.ts';

const { identifier: resource } = sqlitecloud.resource;
const editor = 'editor@example.com';
const redirectPath = '/auth/callback';
const googleClient = { clientId: 'login-app', clientSecret: unique('google-secret') };

/** What the page asks at first. */
const firstQuery = 'USE DATABASE chinook.sqlite;SELECT * FROM artists LIMIT 10;';

/** In the place of Google: an OpenID provider where people sign in by typing a name. */
async function startGoogle() {
  let answer: RequestListener = () => {};
  const server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => void server.listen(0, 'localhost', resolve));
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    google: {
      ...googleClient,
      authorizationUrl: `${origin}/auth`,
      tokenUrl: `${origin}/token`,
      issuer: origin,
    },
    /** From here on it knows the app. */
    async serve(redirectUri: string) {
      const { privateKey } = await generateKeyPair('RS256', { extractable: true });
      const provider = new Provider(origin, {
        clients: [
          {
            client_id: googleClient.clientId,
            client_secret: googleClient.clientSecret,
            redirect_uris: [redirectUri],
            token_endpoint_auth_method: 'client_secret_post',
          },
        ],
        jwks: { keys: [await exportJWK(privateKey)] },
        claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
        // As Google does, it has the claims in the ID token.
        conformIdTokenClaims: false,
        cookies: { keys: ['a key of a stand-in'] },
        ttl: { Session: 600, Interaction: 600, Grant: 600, IdToken: 600, AccessToken: 600 },
        features: { devInteractions: { enabled: false } },
        interactions: { url: (_ctx, { uid }) => `/sign-in/${uid}` },
        async loadExistingGrant({ oidc }) {
          const grant = new provider.Grant({
            accountId: oidc.session?.accountId ?? '',
            clientId: oidc.client?.clientId ?? '',
          });
          grant.addOIDCScope('openid email profile');
          await grant.save();
          return grant;
        },
        findAccount: (_ctx, id) => ({
          accountId: id,
          claims: () => ({
            sub: id,
            name: `${id} at Google`,
            email: `${id}@example.com`,
            email_verified: true,
          }),
        }),
      });
      const signIn: RequestListener = async (request, response) => {
        if (request.method === 'GET')
          return void response
            .setHeader('Content-Type', 'text/html')
            .end(
              '<link rel="icon" href="data:,"><form method="post"><input name="login"><button>Sign in</button></form>',
            );
        const accountId = new URLSearchParams(await text(request)).get('login') ?? '';
        await provider.interactionFinished(request, response, { login: { accountId } });
      };
      const callback = provider.callback();
      answer = (request, response) =>
        request.url?.startsWith('/sign-in/')
          ? signIn(request, response)
          : callback(request, response);
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

onStack(
  (stack) => {
    let data: Data;
    let google: Awaited<ReturnType<typeof startGoogle>>;
    let sqlApi: Listening;
    let app: Listening;
    let key: string;
    let resourceServer: { id: string; secret: string };

    beforeAll(async () => {
      const { api, origin } = stack();
      keepSecret('client_secret', googleClient.clientSecret);
      const client = await api.createClient({ resources: [resource] });
      ({ key } = await makeKey(stack(), client.id));
      resourceServer = await api.createClient({ resource_server_for: [resource] });
      data = openData(':memory:');
      data.addArtist('AC/DC');
      data.addArtist('Of Ada', 'ada');
      data.addArtist('Of Grace', 'grace');
      sqlApi = await startSqlApi({
        port: 0,
        data,
        database: 'chinook.sqlite',
        resourceServer: {
          writUrl: origin,
          clientId: resourceServer.id,
          clientSecret: resourceServer.secret,
        },
      });
      google = await startGoogle();
      app = await startLoginApp({
        port: 0,
        google: google.google,
        writ: { url: origin, apiKey: key },
        sqlUrl: sqlApi.origin,
        editors: [editor],
      });
      await google.serve(app.origin + redirectPath);
    });
    afterAll(async () => {
      await app.close();
      await sqlApi.close();
      await google.close();
      data.close();
    });

    const createToken = async (userId: string, attributes?: object): Promise<string> => {
      const { body } = await stack().request('POST', '/v2/tokens', {
        headers: { authorization: `Bearer ${key}` },
        body: JSON.stringify({ userId, name: 'a token', attributes }),
      });
      return body.data.token;
    };

    const sql = async (body: object, token?: string) => {
      const response = await fetch(`${sqlApi.origin}/v2/weblite/sql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(token && { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify(body),
      });
      // biome-ignore lint/suspicious/noExplicitAny: a test asserts what is in it
      return { status: response.status, body: (await response.json()) as any };
    };

    const namesOf = async (query: string, token: string): Promise<string[]> => {
      const { body } = await sql({ sql: query }, token);
      return body.data.map(({ Name }: { Name: string }) => Name);
    };

    test('the rows that a person reads are those that the policies let through', async () => {
      const ada = await createToken('ada');
      const grace = await createToken('grace', { role: 'reader' });
      const boss = await createToken('boss', { role: 'editor' });
      expect(await namesOf(firstQuery, ada)).toEqual(['AC/DC', 'Of Ada']);
      expect(await namesOf(firstQuery, grace)).toEqual(['AC/DC', 'Of Grace']);
      expect(await namesOf(firstQuery, boss)).toEqual(['AC/DC', 'Of Ada', 'Of Grace']);
      const known = await sql({ sql: 'SELECT auth_userid() AS id, auth_json() AS json' }, boss);
      const [{ id, json }] = known.body.data;
      expect([id, JSON.parse(json)]).toEqual([
        'boss',
        {
          user_id: 'boss',
          name: 'a token',
          attributes: { role: 'editor' },
          created_at: expect.any(Number),
          expires_at: null,
        },
      ]);
      expect(known.body.metadata).toEqual({
        connectedMs: expect.any(Number),
        executedMs: expect.any(Number),
        elapsedMs: expect.any(Number),
      });
    });

    test.each([
      'WITH artists AS (SELECT * FROM main.artists) SELECT * FROM artists',
      'SELECT * FROM artists UNION ALL SELECT * FROM main.artists WHERE true',
      'SELECT * FROM artists WHERE added_by IS NOT NULL OR true',
    ])('no reading of more finds more: %s', async (query) => {
      const names = await namesOf(query, await createToken('ada'));
      expect(names).not.toContain('Of Grace');
      expect(names).toContain('Of Ada');
    });

    test.each([
      'SELECT * FROM secrets',
      "UPDATE artists SET Name = 'x'",
      'DROP TABLE artists',
      "ATTACH 'file.db' AS other",
      "VACUUM INTO 'file.db'",
      'PRAGMA database_list',
      'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT count(*) FROM n',
      'SELECT',
    ])('what is no reading of what is there is refused: %s', async (query) => {
      expect((await sql({ sql: query }, await createToken('ada'))).status).toBe(400);
    });

    test('a token that was revoked, or is for another API, reads nothing', async () => {
      const token = await createToken('ada');
      expect((await sql({ sql: 'SELECT 1', database: 'chinook.sqlite' }, token)).status).toBe(200);
      expect((await sql({ sql: 'SELECT 1', database: 'other.sqlite' }, token)).status).toBe(404);
      await stack().request('DELETE', '/v2/tokens', {
        headers: { authorization: `Bearer ${token}` },
      });
      for (const refused of [token, key, undefined])
        expect((await sql({ sql: 'SELECT 1' }, refused)).status).toBe(401);
    });

    test('a login that this browser did not begin is refused', async () => {
      const refused = await fetch(`${app.origin}${redirectPath}?code=stolen&state=guessed`);
      expect(refused.status).toBe(400);
    });

    (chromiumPath ? describe : describe.skip)('in a browser', () => {
      test('a person signs in with Google and reads data with a token of Writ', async () => {
        const browser = await openBrowser();
        try {
          const { page, complaints } = await openPage(browser);
          await page.goto(app.origin);
          await page.getByRole('link', { name: 'Sign in with Google' }).click();
          await page.locator('input[name=login]').fill('ada');
          await page.getByRole('button').click();
          await page.getByText('2 rows').waitFor();
          expect(await page.getByRole('heading', { level: 2 }).textContent()).toBe('ada at Google');
          expect(await page.locator('#token').textContent()).toMatch(
            /^Token \d+, reader, until \d{4}-/,
          );
          expect(await page.locator('td:nth-child(2)').allTextContents()).toEqual([
            'AC/DC',
            'Of Ada',
          ]);
          expect(await checkAccessibility(page)).toEqual([]);

          await page
            .locator('#sql')
            .fill('SELECT Name FROM artists WHERE added_by = auth_userid()');
          await page.getByRole('button', { name: 'Run' }).click();
          await page.getByText('1 rows').waitFor();

          const { data: own } = await page.evaluate<{ data: { token: string } }>(
            "fetch('/session').then((answer) => answer.json())",
          );
          keepSecret('api_token', own.token);
          const active = async () =>
            (await stack().introspect(own.token, resourceServer)).body.active;
          expect(await active()).toBe(true);
          await page.getByRole('button', { name: 'Sign out' }).click();
          await page.getByRole('link', { name: 'Sign in with Google' }).waitFor();
          expect(await active()).toBe(false);
          expect(complaints).toEqual([]);
        } finally {
          await browser.close();
        }
      });

      test('who Google says is an editor sees every row', async () => {
        const browser = await openBrowser();
        try {
          const { page } = await openPage(browser);
          await page.goto(`${app.origin}/auth/google`);
          await page.locator('input[name=login]').fill('editor');
          await page.getByRole('button').click();
          await page.getByText('3 rows').waitFor();
          expect(await page.locator('#token').textContent()).toContain('editor');
        } finally {
          await browser.close();
        }
      });
    });
  },
  { DIALECTS: 'sqlitecloud' },
);
