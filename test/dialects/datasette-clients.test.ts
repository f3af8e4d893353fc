import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { answer, challengeOf } from '../protocol/authorization/support.ts';
import {
  checkAccessibility,
  chromiumPath,
  openBrowser,
  openPage,
  screenshot,
  sidewaysOverflow,
} from '../support/browser.ts';
import type { Answer, Credentials } from '../support/http.ts';
import { makePerson, signedIn } from '../support/people.ts';
import { keepSecret } from '../support/run-records.ts';
import { onStack, type Stack, unique } from '../support/stacks.ts';
import type { Visitor } from '../support/visitor.ts';

const resource = 'https://datasette.io';
const redirectUri = 'https://app.example/callback';
const scopes = [
  ['view-table', 'db1'],
  ['insert-row', 'db1', 'dogs'],
  ['execute-sql', 'db1'],
];

let browser: Browser | undefined;
beforeAll(async () => {
  if (chromiumPath) browser = await openBrowser();
});
afterAll(() => browser?.close());

onStack(
  (stack) => {
    /** The role with the permission to register clients. */
    const role = 'registrar';
    let resourceServer: Credentials;
    beforeAll(async () => {
      await stack().api.call('PUT', `/roles/${role}`, { permissions: ['oauth-manage-clients'] });
      resourceServer = await stack().api.createClient({ resource_server_for: [resource] });
    });

    const registrar = () => signedIn(stack(), { roles: [role] });

    /** A request with the cookies of a browser, as a page of Datasette sends it. */
    const call = (
      visitor: Visitor | undefined,
      method: string,
      path: string,
      form?: Record<string, string>,
      headers: Record<string, string> = {},
    ): Promise<Answer> =>
      stack().request(method, path, {
        headers: {
          ...(visitor && {
            cookie: [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
          }),
          ...headers,
        },
        ...(form && { body: new URLSearchParams(form) }),
      });

    const told = ({ status, body }: Answer) => [status, body];

    interface Registered {
      client_id: string;
      client_secret: string;
      client_name: string;
      redirect_uri: string;
    }

    const register = async (visitor: Visitor, given = {}): Promise<Registered> => {
      const { status, body, text } = await call(visitor, 'POST', '/-/oauth/clients.json', {
        client_name: unique('App'),
        redirect_uri: redirectUri,
        ...given,
      });
      if (status !== 200) throw new Error(text);
      keepSecret('client_secret', body.client_secret);
      return body;
    };

    const authorizePath = (client: Registered, changed: Record<string, string> = {}) =>
      `/-/oauth/authorize?${new URLSearchParams({
        client_id: client.client_id,
        redirect_uri: client.redirect_uri,
        scope: JSON.stringify(scopes),
        state: 'the-state',
        response_type: 'code',
        ...changed,
      })}`;

    /** The consent page for a request, and the redirect of a decision. */
    const ask = async (visitor: Visitor, path: string) => {
      const { location, text } = await visitor.get(path);
      if (!location?.startsWith('/consent/')) throw new Error(`nothing was asked: ${text}`);
      return { ...(await visitor.get(location)), path: location };
    };

    const ticked = (...places: number[]) =>
      Object.fromEntries(places.map((place) => [`detail_${place}`, 'on']));

    const codeFor = async (
      visitor: Visitor,
      client: Registered,
      changed: Record<string, string> = {},
    ): Promise<string> => {
      const { path } = await ask(visitor, authorizePath(client, changed));
      const { url, page } = await answer(visitor, path, 'allow', ticked(0, 1, 2));
      const code = url?.searchParams.get('code');
      if (!code) throw new Error(`no code: ${page.words}`);
      return code;
    };

    const redeem = (client: Registered, code: string, changed: Record<string, string> = {}) =>
      call(undefined, 'POST', '/-/oauth/token', {
        grant_type: 'authorization_code',
        code,
        client_id: client.client_id,
        client_secret: client.client_secret,
        redirect_uri: client.redirect_uri,
        ...changed,
      });

    const introspect = async (token: string) =>
      (await stack().introspect(token, resourceServer)).body;

    describe('the registry', () => {
      test('a registered client is created with its secret shown once, listed, changed and deleted', async () => {
        const { visitor, accountId } = await registrar();
        const made = await register(visitor, { client_name: 'My App' });
        expect(made).toEqual({
          client_id: expect.any(String),
          client_secret: expect.stringMatching(/^writ_cs_/),
          client_name: 'My App',
          redirect_uri: redirectUri,
        });
        const { client_id, client_name } = made;
        const shown = { client_id, client_name, redirect_uri: redirectUri };
        expect(told(await call(visitor, 'GET', '/-/oauth/clients.json'))).toEqual([
          200,
          [
            {
              ...shown,
              created_by: accountId,
              created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
            },
          ],
        ]);
        const one = `/-/oauth/clients/${client_id}.json`;
        const changed = { client_name: 'Other', redirect_uri: 'http://localhost:8000/back' };
        expect(told(await call(visitor, 'POST', one, changed))).toEqual([
          200,
          { client_id, ...changed },
        ]);
        expect(told(await call(visitor, 'DELETE', one))).toEqual([200, { ok: true }]);
        expect(told(await call(visitor, 'GET', '/-/oauth/clients.json'))).toEqual([200, []]);
        expect(told(await call(visitor, 'DELETE', one))).toEqual([
          404,
          { error: 'Client not found' },
        ]);
      });

      test('a registered client is a client of Writ, audited as its person’s, and can have only scopes of Datasette', async () => {
        const { visitor, accountId } = await registrar();
        const { client_id } = await register(visitor);
        const { body } = await stack().api.call('GET', `/clients/${client_id}`);
        expect(body).toMatchObject({
          grant_types: ['authorization_code'],
          resources: [resource],
          scope: '',
          roles: [],
          authorization_code_ttl: 600,
        });
        const { items } = await stack().domain.audit.page({ target: client_id, limit: 10 });
        expect(items.map(({ action, actor }) => [action, actor.id])).toEqual([
          ['client_secret.created', accountId],
          ['client.created', accountId],
        ]);
        const scope = await visitor.get(
          `/connect/authorize?${new URLSearchParams({ client_id, redirect_uri: redirectUri, response_type: 'code', scope: 'unrestricted', resource })}`,
        );
        expect([scope.status, scope.words]).toEqual([
          400,
          expect.stringContaining('invalid_scope'),
        ]);
      });

      const everyChange = (id: string) =>
        [
          ['GET', '/-/oauth/clients.json'],
          ['POST', '/-/oauth/clients.json'],
          ['POST', `/-/oauth/clients/${id}.json`],
          ['DELETE', `/-/oauth/clients/${id}.json`],
        ] as const;

      test('without a session or the permission, or with a token, clients can be neither seen nor changed', async () => {
        const owner = await registrar();
        const { client_id } = await register(owner.visitor);
        const { visitor } = await signedIn(stack());
        const form = { client_name: 'Mine', redirect_uri: redirectUri };
        for (const [method, path] of everyChange(client_id)) {
          const given = method === 'POST' ? form : undefined;
          expect(told(await call(undefined, method, path, given))).toEqual([
            403,
            { error: 'Authentication required' },
          ]);
          expect(told(await call(visitor, method, path, given))).toEqual([
            403,
            { error: 'Permission denied' },
          ]);
          const token = { authorization: 'Bearer anything' };
          expect(told(await call(owner.visitor, method, path, given, token))).toEqual([
            403,
            { error: 'Token authentication cannot be used here' },
          ]);
        }
        const page = await visitor.get('/-/oauth/clients');
        expect([page.status, page.words]).toEqual([
          403,
          expect.stringContaining('Permission denied'),
        ]);
        const stranger = await call(undefined, 'GET', '/-/oauth/clients');
        expect([stranger.status, stranger.headers.get('location')]).toEqual([
          303,
          '/sign-in?return_to=%2Faccount%2Fclients',
        ]);
      });

      test('a client of another person is neither changed nor deleted', async () => {
        const { client_id } = await register((await registrar()).visitor);
        const { visitor } = await registrar();
        const form = { client_name: 'Mine', redirect_uri: redirectUri };
        const one = `/-/oauth/clients/${client_id}.json`;
        expect(told(await call(visitor, 'POST', one, form))).toEqual([403, { error: 'Forbidden' }]);
        expect(told(await call(visitor, 'DELETE', one))).toEqual([403, { error: 'Forbidden' }]);
        expect((await call(visitor, 'GET', '/-/oauth/clients.json')).body).toEqual([]);
      });

      test('a client can be neither registered with nor renamed to a name that looks like Writ’s or another client’s', async () => {
        const taken = unique('Notebook');
        await stack().api.createClient({ client_name: taken });
        const { visitor } = await registrar();
        const mine = await register(visitor);
        const one = `/-/oauth/clients/${mine.client_id}.json`;
        const looksLike = taken.replace('o', 'о').replace('N', 'Ｎ');
        for (const client_name of [taken, looksLike, taken.toUpperCase(), 'Writ'])
          for (const path of ['/-/oauth/clients.json', one]) {
            const form = { client_name, redirect_uri: redirectUri };
            const { status, body } = await call(visitor, 'POST', path, form);
            expect([client_name, path, status, body]).toEqual([
              ...[client_name, path, client_name === 'Writ' ? 400 : 409],
              { error: expect.stringContaining('looks') },
            ]);
          }
        expect((await call(visitor, 'GET', '/-/oauth/clients.json')).body).toMatchObject([
          { client_name: mine.client_name },
        ]);
        // Its own name does not count as taken.
        const kept = { client_name: mine.client_name, redirect_uri: 'https://app.example/new' };
        expect((await call(visitor, 'POST', one, kept)).status).toBe(200);
      });

      test('pages of other sites cannot change anything for the person', async () => {
        const { visitor } = await registrar();
        const form = { client_name: 'Evil', redirect_uri: 'https://evil.example/' };
        for (const headers of [
          { 'sec-fetch-site': 'cross-site' },
          { 'sec-fetch-site': 'same-site' },
          { origin: 'https://evil.example' },
          { origin: 'null' },
        ] as Record<string, string>[])
          expect((await call(visitor, 'POST', '/-/oauth/clients.json', form, headers)).status).toBe(
            403,
          );
        expect((await call(visitor, 'GET', '/-/oauth/clients.json')).body).toEqual([]);
        const own = { 'sec-fetch-site': 'same-origin' };
        expect((await call(visitor, 'POST', '/-/oauth/clients.json', form, own)).status).toBe(200);
      });

      test('missing and invalid fields and wrong methods are refused in Datasette’s form', async () => {
        const { visitor } = await registrar();
        const create = (form: Record<string, string>) =>
          call(visitor, 'POST', '/-/oauth/clients.json', form);
        const required = [400, { error: 'client_name and redirect_uri are required' }];
        expect(told(await create({ client_name: ' ', redirect_uri: redirectUri }))).toEqual(
          required,
        );
        expect(told(await create({ client_name: 'App' }))).toEqual(required);
        const uris = ['javascript:alert(1)', 'http://app.example/', 'https://app.example/#x', 'x'];
        for (const uri of uris) {
          const refused = await create({ client_name: 'App', redirect_uri: uri });
          expect([uri, ...told(refused)]).toEqual([uri, 400, { error: expect.any(String) }]);
        }
        expect(told(await call(visitor, 'PUT', '/-/oauth/clients.json'))).toEqual([
          405,
          { error: 'Method not allowed' },
        ]);
      });
    });

    describe('the code flow', () => {
      test('a person unticks single scopes; the token has the others, is listed, and is revoked with the client', async () => {
        const { visitor } = await registrar();
        const client = await register(visitor);
        const person = await signedIn(stack());
        const page = await ask(person.visitor, authorizePath(client));
        for (const words of [client.client_name, 'Insert rows into the table dogs of db1'])
          expect(page.words).toContain(words);
        const { url } = await answer(person.visitor, page.path, 'allow', ticked(0, 1));
        expect(`${url?.origin}${url?.pathname}`).toBe(redirectUri);
        expect(url?.searchParams.get('state')).toBe('the-state');
        const answered = await redeem(client, url?.searchParams.get('code') ?? '');
        expect(told(answered)).toEqual([
          200,
          { access_token: expect.stringMatching(/^writ_at_/), token_type: 'bearer' },
        ]);
        const { access_token: token } = answered.body;
        const state = await introspect(token);
        expect(state).toMatchObject({
          active: true,
          sub: person.accountId,
          client_id: client.client_id,
          authorization_details: [
            { type: 'datasette_database', identifier: 'db1', actions: ['view-table'] },
            { type: 'datasette_table', identifier: 'db1/dogs', actions: ['insert-row'] },
          ],
        });
        expect(state.scope).toBeUndefined();
        expect(Number(state.exp) - Number(state.iat)).toBe(30 * 86_400);
        expect((await person.visitor.get('/account/connected')).words).toContain(
          'Insert rows into the table dogs of db1',
        );
        await call(visitor, 'DELETE', `/-/oauth/clients/${client.client_id}.json`);
        expect(await introspect(token)).toEqual({ active: false });
      });

      test('denying, or unticking everything, redirects with access_denied and the state', async () => {
        const { visitor } = await registrar();
        const client = await register(visitor);
        for (const decision of ['deny', 'allow'] as const) {
          const { path } = await ask(visitor, authorizePath(client));
          const { url } = await answer(visitor, path, decision);
          expect(url?.searchParams.get('error')).toBe('access_denied');
          expect(url?.searchParams.get('state')).toBe('the-state');
        }
      });

      test('a person signs in first, and then decides on the same request', async () => {
        const client = await register((await registrar()).visitor);
        const person = await makePerson(stack());
        const sent = await call(undefined, 'GET', authorizePath(client));
        const location = new URL(sent.headers.get('location') ?? '', stack().origin);
        expect([sent.status, location.pathname]).toEqual([303, '/sign-in']);
        const { visitor } = await signedIn(stack());
        const page = await visitor.follow(
          await visitor.signIn(
            person.email,
            person.password,
            location.searchParams.get('return_to') ?? '',
          ),
        );
        expect(page.words).toContain('Insert rows into the table dogs of db1');
      });

      test('an invalid request is refused with Datasette’s error, without a redirect', async () => {
        const { visitor } = await registrar();
        const client = await register(visitor);
        const refused = async (changed: Record<string, string>, headers = {}) => {
          const got = await call(
            visitor,
            'GET',
            authorizePath(client, changed),
            undefined,
            headers,
          );
          return [got.status, got.body, got.headers.get('location')];
        };
        const other = await stack().api.createClient({
          grant_types: ['authorization_code'],
          response_types: ['code'],
          redirect_uris: [redirectUri],
        });
        for (const client_id of ['', 'nobody', other.id])
          expect(await refused({ client_id })).toEqual([400, { error: 'Invalid client_id' }, null]);
        for (const redirect_uri of [
          '',
          `${redirectUri}/`,
          `${redirectUri}?x=1`,
          'https://evil.example/',
        ])
          expect(await refused({ redirect_uri })).toEqual([
            400,
            { error: 'redirect_uri mismatch' },
            null,
          ]);
        for (const scope of ['', '[]', 'view-table', '{}', '[[]]', '[["a","b","c","d"]]', '[[1]]'])
          expect(await refused({ scope })).toEqual([400, { error: 'Invalid scope' }, null]);
        expect(await refused({}, { authorization: 'Bearer anything' })).toEqual([
          403,
          { error: 'Token authentication cannot be used here' },
          null,
        ]);
      });

      test('a wrong secret, an unknown client and one of another API get invalid_client', async () => {
        const { visitor } = await registrar();
        const client = await register(visitor);
        const code = await codeFor(visitor, client);
        const other = await stack().api.createClient();
        for (const changed of [
          { client_secret: 'wrong' },
          { client_secret: '' },
          { client_id: 'nobody' },
          { client_id: other.id, client_secret: other.secret },
        ] as Record<string, string>[])
          expect(told(await redeem(client, code, changed))).toEqual([
            401,
            { error: 'invalid_client' },
          ]);
        expect(told(await redeem(client, code, { grant_type: 'password' }))).toEqual([
          400,
          { error: 'unsupported_grant_type' },
        ]);
        expect((await redeem(client, code)).status).toBe(200);
      });

      test('a code works only for its client, its redirect URI and its verifier', async () => {
        const { visitor } = await registrar();
        const client = await register(visitor);
        const other = await register(visitor);
        const invalid = [400, { error: 'invalid_grant' }];
        expect(told(await redeem(other, await codeFor(visitor, client)))).toEqual(invalid);
        for (const changed of [
          { redirect_uri: `${redirectUri}/` },
          { redirect_uri: '' },
          { code: '' },
        ])
          expect(
            told(
              await redeem(
                client,
                await codeFor(visitor, client),
                changed as Record<string, string>,
              ),
            ),
          ).toEqual(invalid);
        const verifier = 'v'.repeat(43);
        keepSecret('code_verifier', verifier);
        const asked = { code_challenge: challengeOf(verifier), code_challenge_method: 'S256' };
        const code = await codeFor(visitor, client, asked);
        expect(told(await redeem(client, code))).toEqual(invalid);
        const wrong = { code_verifier: 'w'.repeat(43) };
        expect(told(await redeem(client, await codeFor(visitor, client, asked), wrong))).toEqual(
          invalid,
        );
        const right = { code_verifier: verifier };
        const answered = await redeem(client, await codeFor(visitor, client, asked), right);
        expect(answered.status).toBe(200);
      });

      test('concurrent requests for one code get the same token; a later one is refused and revokes it', async () => {
        const { visitor } = await registrar();
        const client = await register(visitor);
        const code = await codeFor(visitor, client);
        const answers = await Promise.all([1, 2, 3].map(() => redeem(client, code)));
        const tokens = new Set(answers.map(({ body }) => body.access_token));
        expect(tokens.size).toBe(1);
        const [token = ''] = tokens;
        await letRedemptionsAge(stack());
        expect(told(await redeem(client, code))).toEqual([400, { error: 'invalid_grant' }]);
        expect(await introspect(token)).toEqual({ active: false });
      });

      test('a code expires after ten minutes', async () => {
        const { visitor } = await registrar();
        const client = await register(visitor);
        const [code, late] = [await codeFor(visitor, client), await codeFor(visitor, client)];
        const at = (seconds: number) => {
          const now = Date.now();
          jest.spyOn(Date, 'now').mockReturnValue(now + seconds * 1000);
        };
        try {
          at(9 * 60 + 55);
          expect((await redeem(client, code)).status).toBe(200);
          jest.restoreAllMocks();
          at(10 * 60 + 1);
          expect(told(await redeem(client, late))).toEqual([400, { error: 'invalid_grant' }]);
        } finally {
          jest.restoreAllMocks();
        }
      });

      test('a double click allows once', async () => {
        const { visitor } = await registrar();
        const client = await register(visitor);
        const person = await signedIn(stack());
        const { path } = await ask(person.visitor, authorizePath(client));
        const [first, second] = await Promise.all([
          answer(person.visitor, path, 'allow', ticked(1)),
          answer(person.visitor, path, 'allow', ticked(1)),
        ]);
        expect(first.url?.searchParams.get('code')).toBeTruthy();
        expect(second.url?.searchParams.get('code')).toBeTruthy();
        expect(await stack().domain.connectedClients.list(person.accountId)).toHaveLength(1);
      });
    });

    (chromiumPath ? describe : describe.skip).each([true, false])(
      'in Chromium, JavaScript %s',
      (javaScriptEnabled) => {
        const open = async () => {
          if (!browser) throw new Error('there is no browser');
          const { email, password } = await makePerson(stack(), { roles: [role] });
          const opened = await openPage(browser, { javaScriptEnabled });
          const signIn = async () => {
            await opened.page.getByLabel(/^E-?mail/).fill(email);
            await opened.page.getByLabel('Password').fill(password);
            await opened.page.getByRole('button', { name: 'Sign in', exact: true }).click();
          };
          return { ...opened, signIn };
        };

        test('a person registers, changes and deletes a client', async () => {
          const { page, complaints, close, signIn } = await open();
          await page.goto(`${stack().origin}/-/oauth/clients`);
          await signIn();
          await page.getByLabel('Name').fill('***');
          await page.getByLabel('Redirect URI').fill('ftp://x');
          await page.getByRole('button', { name: 'Register client' }).click();
          // Every problem at once, with the first wrong field in focus.
          expect(await page.locator('.field-problem').allTextContents()).toEqual([
            expect.stringContaining('letter'),
            expect.stringContaining('redirect URI'),
          ]);
          expect(await page.locator('input:focus').getAttribute('name')).toBe('client_name');
          await page.getByLabel('Name').fill('Acme Notebook');
          await page.getByLabel('Redirect URI').fill(redirectUri);
          await page.getByRole('button', { name: 'Register client' }).click();
          const text = (await page.locator('main').textContent()) ?? '';
          const [secret = ''] = /writ_cs_\w+/.exec(text) ?? [];
          keepSecret('client_secret', secret);
          expect(text).toContain('shown only once');
          await look(page, 'registered-client');
          await page.getByRole('link', { name: 'Done' }).click();
          expect(await page.locator('main').textContent()).not.toContain(secret);
          await page.getByText('Edit…').click();
          await page.locator('details[open]').getByLabel('Name').fill('Acme Reader');
          await look(page, 'registered-clients');
          await page.getByRole('button', { name: 'Save' }).click();
          expect(await page.locator('main').textContent()).toContain('Acme Reader');
          await page.getByText('Delete…').click();
          await page.getByRole('button', { name: 'Delete Acme Reader' }).click();
          expect(await page.locator('main').textContent()).toContain(
            'You have not registered a client yet',
          );
          // A refused form gets 400, which the browser's console reports.
          expect(complaints.filter((text) => !text.includes('400'))).toEqual([]);
          await close();
        });

        test('a person unticks a scope and allows the rest', async () => {
          const client = await register((await registrar()).visitor);
          const { page, close, signIn } = await open();
          await page.route(`${redirectUri}*`, (route) =>
            route.fulfill({ body: 'Back at the app' }),
          );
          await page.goto(`${stack().origin}${authorizePath(client)}`);
          await signIn();
          await look(page, 'consent');
          await page.getByLabel('Run any SQL that reads the database db1').uncheck();
          await page.getByRole('button', { name: 'Allow', exact: true }).click();
          await page.waitForURL(`${redirectUri}*`);
          const code = new URL(page.url()).searchParams.get('code') ?? '';
          const { body } = await redeem(client, code);
          expect((await introspect(body.access_token)).authorization_details).toEqual([
            { type: 'datasette_database', identifier: 'db1', actions: ['view-table'] },
            { type: 'datasette_table', identifier: 'db1/dogs', actions: ['insert-row'] },
          ]);
          await close();
        });

        /** Checks accessibility and takes screenshots: light, dark and on a phone. */
        const look = async (page: Parameters<typeof screenshot>[0], name: string) => {
          if (!javaScriptEnabled) return;
          expect(await checkAccessibility(page)).toEqual([]);
          await screenshot(page, `datasette-${name}-light`);
          await page.emulateMedia({ colorScheme: 'dark' });
          await screenshot(page, `datasette-${name}-dark`);
          await page.emulateMedia({ colorScheme: 'light' });
          await page.setViewportSize({ width: 360, height: 740 });
          expect(await sidewaysOverflow(page)).toBe(0);
          await screenshot(page, `datasette-${name}-phone`);
          await page.setViewportSize({ width: 1280, height: 860 });
        };
      },
    );
  },
  { DIALECTS: 'datasette' },
);

/** Moves the redemption of every code into the past. */
const letRedemptionsAge = ({ database }: Stack) =>
  database.kysely
    .updateTable('redemption')
    .set({ redeemed_at: new Date(Date.now() - 60_000) as never })
    .execute();
