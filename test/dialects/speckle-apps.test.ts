import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import type { Browser } from 'playwright-core';
import { sha256 } from '../../src/crypto/digest.ts';
import { createKeyring } from '../../src/crypto/sealing.ts';
import { actingAs } from '../../src/domain/audit/actor.ts';
import { createApproveByToken } from '../../src/domain/grants/consent/by-token.ts';
import { apiResource } from '../../src/domain/installation/installation.ts';
import { ephemeralPlace } from '../../src/domain/short-lived/sealing.ts';
import {
  mintToken,
  parseToken,
  partitionFor,
  type TokenKind,
} from '../../src/domain/tokens/value.ts';
import { answer, ask } from '../protocol/authorization/support.ts';
import { ephemeralOf } from '../protocol/device/support.ts';
import {
  checkAccessibility,
  chromiumPath,
  openBrowser,
  openPage,
  screenshot,
  sidewaysOverflow,
} from '../support/browser.ts';
import type { Answer, Credentials } from '../support/http.ts';
import { logIn as logInAt } from '../support/login.ts';
import { makePerson, signedIn, type TestPerson } from '../support/people.ts';
import { keepSecret } from '../support/run-records.ts';
import { onStack, secretKey, unique } from '../support/stacks.ts';
import type { Visitor } from '../support/visitor.ts';

const resource = 'https://speckle.systems';

/** The app's own page, on another origin. */
let website: http.Server;
let redirectUrl: string;
let browser: Browser | undefined;
beforeAll(async () => {
  website = http.createServer((_request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(
      '<!doctype html><link rel="icon" href="data:,"><title>Back</title><h1>Back at the app</h1>',
    );
  });
  website.listen(0, '127.0.0.1');
  await once(website, 'listening');
  redirectUrl = `http://127.0.0.1:${(website.address() as AddressInfo).port}/back`;
  if (chromiumPath) browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  website.close();
  website.closeAllConnections();
});

onStack(
  (stack) => {
    /** An app that an administrator registered, a confidential client. */
    const makeApp = (
      scope = 'streams:read profile:read offline_access',
      given: Record<string, unknown> = {},
    ): Promise<Credentials> =>
      stack().api.createClient({
        client_name: unique('App'),
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        rotate_refresh_tokens: true,
        refresh_token_ttl: 15_770_000,
        application_type: 'native',
        redirect_uris: [redirectUrl],
        resources: [resource],
        scope,
        ...given,
      });

    /** Challenges as apps send them: shorter than in PKCE, or with other characters. */
    const newChallenge = (): string => {
      const challenge = `a ${randomBytes(12).toString('base64')}!`;
      keepSecret('challenge', challenge);
      return challenge;
    };

    const verifyPath = (app: Credentials, challenge: string): string =>
      `/authn/verify/${app.id}/${encodeURIComponent(challenge)}`;

    /** From the app and back: a signed-in person decides. Returns the redirect. */
    const decide = async (
      visitor: Visitor,
      app: Credentials,
      challenge: string,
      decision: 'allow' | 'deny' = 'allow',
    ): Promise<URL> => {
      const sent = await visitor.get(verifyPath(app, challenge));
      const path = sent.location ?? '';
      // They have allowed as much before.
      if (URL.canParse(path)) return new URL(path);
      await visitor.get(path);
      const { url, page } = await answer(visitor, path, decision);
      if (!url) throw new Error(`it leads nowhere: ${page.status} ${page.words}`);
      return url;
    };

    const codeIn = (url: URL): string => url.searchParams.get('access_code') ?? '';

    const authToken = (body: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
      stack().request('POST', '/auth/token', {
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });

    const redeem = (
      { id: appId, secret: appSecret }: Credentials,
      accessCode: string,
      challenge: string,
    ): Promise<Answer> => authToken({ accessCode, appId, appSecret, challenge });

    const refresh = (
      { id: appId, secret: appSecret }: Credentials,
      refreshToken: string,
    ): Promise<Answer> => authToken({ refreshToken, appId, appSecret });

    const logout = (body: unknown): Promise<Answer> =>
      stack().request('POST', '/auth/logout', {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });

    interface LoggedIn {
      person: TestPerson & { visitor: Visitor };
      app: Credentials;
      challenge: string;
      code: string;
      token: string;
      refreshToken: string;
    }

    const logIn = async (app?: Credentials): Promise<LoggedIn> => {
      const [person, asks] = await Promise.all([signedIn(stack()), app ?? makeApp()]);
      const challenge = newChallenge();
      const code = codeIn(await decide(person.visitor, asks, challenge));
      const { status, body } = await redeem(asks, code, challenge);
      if (status !== 200) throw new Error(`no tokens: ${status} ${JSON.stringify(body)}`);
      return { person, app: asks, challenge, code, ...body };
    };

    let resourceServer: Credentials;
    const introspect = async (token: string) =>
      (await stack().introspect(token, resourceServer)).body;

    /** A token of a person with any scope and any limits, which no client could get. */
    const insertToken = async (
      kind: TokenKind,
      accountId: string,
      scope: string,
      authorizationDetails?: object[],
    ): Promise<string> => {
      const client = await stack().domain.clients('writ-account');
      const now = Math.floor(Date.now() / 1000);
      const { value, id } = mintToken(kind, partitionFor(kind, now, now + 3600));
      await stack().domain.issue.insert({
        id,
        kind,
        ...(kind === 'personal_access_token' && { name: unique('token') }),
        client: client?.id ?? '',
        accountId,
        epochs: { client: client?.epoch ?? 0, app: 0, account: 0, grant: 0 },
        scope,
        audience: [resource],
        ...(authorizationDetails && { payload: { rar: authorizationDetails } }),
        issuedAt: now,
        expiresAt: now + 3600,
      });
      keepSecret(kind, value);
      return value;
    };

    /** Lets the window pass in which a lost response is repeated. */
    const letTheWindowPass = async (): Promise<void> => {
      await sql`update redemption set redeemed_at = redeemed_at - interval '31 seconds'`.execute(
        stack().database.kysely,
      );
      await sql`update token set consumed_at = consumed_at - interval '31 seconds'
        where consumed_at is not null`.execute(stack().database.kysely);
    };

    const refused = ({ status, body }: Answer) => [status, body];
    const noCode = {
      err: 'Access code not found: it was used, has expired, is of another app, or the challenge is another.',
    };
    const noSecret = { err: 'Invalid app secret. Ensure the app secret is correct.' };
    const noRefresh = {
      err: 'Invalid refresh token: it was used, has expired, was revoked, or is of another app.',
    };

    beforeAll(async () => {
      resourceServer = await stack().api.createClient({ resource_server_for: [resource] });
    });

    test('an app sends a person to its page, who allows it, and gets a token and a refresh token for its code', async () => {
      const person = await signedIn(stack());
      const app = await makeApp();
      const challenge = newChallenge();
      const page = await ask(person.visitor, { path: verifyPath(app, challenge) });
      for (const words of [
        'Read your streams',
        'Read your profile',
        'Only allow this if you started it',
      ])
        expect(page.words).toContain(words);
      const { url } = await answer(person.visitor, page.path);
      expect([url?.origin + String(url?.pathname), [...(url?.searchParams.keys() ?? [])]]).toEqual([
        redirectUrl,
        ['access_code'],
      ]);
      const redeemed = await redeem(app, codeIn(url as URL), challenge);
      expect([redeemed.status, Object.keys(redeemed.body)]).toEqual([
        200,
        ['token', 'refreshToken'],
      ]);
      expect(redeemed.headers.get('cache-control')).toContain('no-store');
      expect(redeemed.headers.get('access-control-allow-origin')).toBe('*');
      expect(await introspect(redeemed.body.token)).toMatchObject({
        active: true,
        sub: person.accountId,
        client_id: app.id,
        aud: resource,
        scope: 'offline_access streams:read profile:read',
      });
    });

    test('a person who is not signed in signs in first, and then sees the same request', async () => {
      const app = await makeApp();
      const challenge = newChallenge();
      const { visitor, ...person } = await signedIn(stack());
      visitor.cookies.clear();
      const sent = await visitor.get(verifyPath(app, challenge));
      expect(sent.location).toMatch(/^\/sign-in\?/);
      await visitor.get(sent.location ?? '');
      const returnTo = new URLSearchParams(sent.location?.split('?')[1]).get('return_to') ?? '';
      const back = await visitor.submit('/sign-in', { ...person, return_to: returnTo });
      const question = await visitor.get(back.location ?? '');
      expect(question.location).toMatch(/^\/consent\//);
      expect((await visitor.get(question.location ?? '')).words).toContain('Read your streams');
    });

    test('a person who denies is sent back with denied=true, and nothing is connected', async () => {
      const person = await signedIn(stack());
      const app = await makeApp();
      const url = await decide(person.visitor, app, newChallenge(), 'deny');
      expect(url.href).toBe(`${redirectUrl}?denied=true`);
      expect(await stack().domain.connectedClients.list(person.accountId)).toEqual([]);
    });

    test('a form of another site is refused and decides nothing', async () => {
      const person = await signedIn(stack());
      const { path } = await ask(person.visitor, { path: verifyPath(await makeApp(), 'x') });
      const forged = await person.visitor.submit(path, { csrf: 'forged', decision: 'allow' });
      expect(forged.status).toBe(403);
      expect(await stack().domain.connectedClients.list(person.accountId)).toEqual([]);
    });

    test('an unknown app, a public one, one without a scope and one for another API get an error page without a redirect', async () => {
      const { visitor } = await signedIn(stack());
      const apps = [
        { id: 'no-such-app', secret: '' },
        await stack().api.createClient({
          grant_types: ['authorization_code'],
          response_types: ['code'],
          redirect_uris: ['https://app.test/back'],
          resources: [resource],
        }),
        await makeApp('streams:read', { resources: [] }),
        await makeApp('streams:read', {
          token_endpoint_auth_method: 'none',
          rotate_refresh_tokens: undefined,
        }),
      ];
      for (const app of apps) {
        const page = await visitor.get(verifyPath(app, 'x'));
        expect([page.status, page.location]).toEqual([400, null]);
        expect(page.headers.get('content-type')).toContain('text/html');
      }
    });

    test('the response mode access_code is for apps of Speckle with a secret, pushed or not', async () => {
      const { visitor } = await signedIn(stack());
      const challenge = sha256('a verifier'.padEnd(43, '-')).toString('base64url');
      const outcome = async (given: Record<string, unknown>) => {
        const app = await makeApp('openid streams:read', given);
        const request = {
          client_id: app.id,
          response_type: 'code',
          response_mode: 'access_code',
          redirect_uri: redirectUrl,
          scope: 'openid',
          code_challenge: challenge,
          code_challenge_method: 'S256',
        };
        const page = await visitor.get(`/connect/authorize?${new URLSearchParams(request)}`);
        const isPublic = given['token_endpoint_auth_method'] === 'none';
        const pushed = await stack().post('/connect/par', {
          ...request,
          ...(!isPublic && { client_secret: app.secret }),
        });
        return [page.status, page.location?.split('/')[1], pushed.status];
      };
      expect(await outcome({})).toEqual([303, 'consent', 201]);
      expect(await outcome({ resources: [] })).toEqual([400, undefined, 400]);
      const withoutSecret = {
        token_endpoint_auth_method: 'none',
        rotate_refresh_tokens: undefined,
      };
      expect(await outcome(withoutSecret)).toEqual([400, undefined, 400]);
    });

    test('a code is redeemed once: an immediate repetition gets the same tokens, a later one revokes the grant', async () => {
      const { app, code, challenge, token, refreshToken } = await logIn();
      expect(refused(await redeem(app, code, challenge))).toEqual([200, { token, refreshToken }]);
      await letTheWindowPass();
      expect(refused(await redeem(app, code, challenge))).toEqual([401, noCode]);
      expect(await introspect(token)).toEqual({ active: false });
      expect(refused(await refresh(app, refreshToken))).toEqual([401, noRefresh]);
    });

    test('ten concurrent requests for one code get one pair of tokens', async () => {
      const person = await signedIn(stack());
      const app = await makeApp();
      const challenge = newChallenge();
      const code = codeIn(await decide(person.visitor, app, challenge));
      const answers = await Promise.all(
        Array.from({ length: 10 }, () => redeem(app, code, challenge)),
      );
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
      expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    });

    test('a wrong secret, a wrong challenge and another app get nothing for a code, which stays valid', async () => {
      const person = await signedIn(stack());
      const [app, other] = [await makeApp(), await makeApp()];
      const challenge = newChallenge();
      const code = codeIn(await decide(person.visitor, app, challenge));
      expect(refused(await redeem({ ...app, secret: other.secret }, code, challenge))).toEqual([
        401,
        noSecret,
      ]);
      expect(refused(await redeem({ ...app, id: 'no-such-app' }, code, challenge))).toEqual([
        401,
        noSecret,
      ]);
      expect(refused(await redeem(app, code, `${challenge} `))).toEqual([401, noCode]);
      expect(refused(await redeem(other, code, challenge))).toEqual([401, noCode]);
      expect((await redeem(app, code, challenge)).status).toBe(200);
    });

    test('a code expires after ten minutes', async () => {
      const person = await signedIn(stack());
      const app = await makeApp();
      const challenge = newChallenge();
      const code = codeIn(await decide(person.visitor, app, challenge));
      const [kind, id] = ['AuthorizationCode', sha256(code)];
      const place = ephemeralPlace(kind, id);
      const keyring = createKeyring([secretKey]);
      const { sealed = Buffer.of() } = (await ephemeralOf(stack()).get(kind, id)) ?? {};
      const payload = JSON.parse(keyring.open(place, sealed).toString());
      expect(payload.exp - payload.iat).toBe(600);
      const over = keyring.seal(place, JSON.stringify({ ...payload, exp: payload.iat - 1 }));
      await ephemeralOf(stack()).put(kind, id, over, 600);
      expect(refused(await redeem(app, code, challenge))).toEqual([401, noCode]);
    });

    test('a public client cannot redeem a code, because its id alone would suffice', async () => {
      const app = await makeApp('streams:read offline_access', {
        token_endpoint_auth_method: 'none',
        rotate_refresh_tokens: undefined,
      });
      for (const secret of ['', app.id, 'anything'])
        expect((await redeem({ id: app.id, secret }, 'code', 'challenge')).status).toBe(401);
    });

    test('missing fields are named, whatever the body', async () => {
      const app = await makeApp();
      const whole = { appId: app.id, appSecret: app.secret, accessCode: 'c', challenge: 'd' };
      const without = (field: keyof typeof whole) =>
        authToken({ ...whole, [field]: undefined }).then(refused);
      const err = (sentence: string) => [
        401,
        { err: `Invalid request, insufficient information provided. ${sentence}` },
      ];
      expect(await without('appId')).toEqual(err('App Id is required.'));
      expect(await without('appSecret')).toEqual(err('App Secret is required.'));
      expect(await without('accessCode')).toEqual(err('Access Code is required.'));
      expect(await without('challenge')).toEqual(err('Challenge is required.'));
      expect(refused(await authToken({ ...whole, refreshToken: '' }))).toEqual(
        err('A valid refresh token is required.'),
      );
      for (const appId of [7, null, [app.id], { id: app.id }])
        expect(refused(await authToken({ ...whole, appId }))).toEqual(err('App Id is required.'));
    });

    test('a refresh issues new tokens and invalidates the old refresh token', async () => {
      const { app, token, refreshToken } = await logIn();
      const first = await refresh(app, refreshToken);
      expect([first.status, Object.keys(first.body)]).toEqual([200, ['token', 'refreshToken']]);
      expect(first.body.refreshToken).not.toBe(refreshToken);
      expect(first.headers.get('cache-control')).toContain('no-store');
      expect((await introspect(first.body.token)).active).toBe(true);
      expect((await introspect(token)).active).toBe(true);
      await letTheWindowPass();
      expect(refused(await refresh(app, refreshToken))).toEqual([401, noRefresh]);
      // The value was copied: the whole login is revoked.
      expect(await introspect(first.body.token)).toEqual({ active: false });
    });

    test('a refresh token works for its own app with its secret, for six months', async () => {
      const { app, refreshToken } = await logIn();
      const other = await makeApp();
      expect(refused(await refresh(other, refreshToken))).toEqual([401, noRefresh]);
      expect(refused(await refresh({ ...app, secret: other.secret }, refreshToken))).toEqual([
        401,
        noSecret,
      ]);
      const { partition, key } = parseToken(refreshToken)?.id ?? {};
      const { rows } = await sql<{ seconds: number }>`
        select extract(epoch from expires_at - issued_at)::integer as seconds from token
        where shelf = ${partition} and key = ${key}`.execute(stack().database.kysely);
      expect(rows).toEqual([{ seconds: 15_770_000 }]);
      await sql`update token set expires_at = now() - interval '1 second'
        where shelf = ${partition} and key = ${key}`.execute(stack().database.kysely);
      expect(refused(await refresh(app, refreshToken))).toEqual([401, noRefresh]);
    });

    test('logging out revokes the token and the refresh token, and can be repeated', async () => {
      const { app, token, refreshToken } = await logIn();
      expect(refused(await logout({ token, refreshToken }))).toEqual([
        200,
        { message: 'You have logged out.' },
      ]);
      expect(await introspect(token)).toEqual({ active: false });
      expect(refused(await refresh(app, refreshToken))).toEqual([401, noRefresh]);
      expect((await logout({ token, refreshToken })).status).toBe(200);
    });

    test('logging out with a value that is not a token of Speckle revokes nothing', async () => {
      const { token } = await logIn();
      const others = [
        {},
        { token: '' },
        { token: 'no-token' },
        { token: 7 },
        { token, refreshToken: 'none' },
      ];
      for (const body of others)
        expect(refused(await logout(body))).toEqual([
          400,
          'Something went wrong while trying to logout.',
        ]);
      expect((await introspect(token)).active).toBe(true);
    });

    test('the person sees the app on the page of connected devices, and disconnects it there', async () => {
      const { person, app, token, refreshToken } = await logIn();
      const page = await person.visitor.get('/account/connected');
      expect(page.words).toContain('Read your streams');
      const [{ grantId } = { grantId: '' }] = await stack().domain.connectedClients.list(
        person.accountId,
      );
      expect(page.text).toContain(grantId);
      expect(await stack().domain.connectedClients.disconnect(person.accountId, grantId)).toBe(
        true,
      );
      expect(await introspect(token)).toEqual({ active: false });
      expect(refused(await refresh(app, refreshToken))).toEqual([401, noRefresh]);
    });

    test('a code cannot be redeemed after its grant is revoked', async () => {
      const person = await signedIn(stack());
      const app = await makeApp();
      const challenge = newChallenge();
      const code = codeIn(await decide(person.visitor, app, challenge));
      const [{ grantId } = { grantId: '' }] = await stack().domain.connectedClients.list(
        person.accountId,
      );
      await stack().domain.connectedClients.disconnect(person.accountId, grantId);
      expect(refused(await redeem(app, code, challenge))).toEqual([401, noCode]);
    });

    describe('GET /auth/accesscode', () => {
      const accessCode = (query: Record<string, string>): Promise<Answer> =>
        stack().get(`/auth/accesscode?${new URLSearchParams(query)}`);

      /** A person's own program, which can approve apps. */
      const loginOfConsole = (scope = 'streams:read profile:read tokens:write offline_access') =>
        makeApp(scope).then(logIn);

      test('the token of a login with tokens:write approves an app without a page', async () => {
        const { person, token } = await loginOfConsole();
        const app = await makeApp();
        const challenge = newChallenge();
        const asked = { appId: app.id, challenge, token };
        const told = await accessCode({ ...asked, preventRedirect: 'true' });
        expect([told.status, Object.keys(told.body)]).toEqual([200, ['redirectUrl']]);
        const url = new URL(told.body.redirectUrl);
        expect(url.href.replace(codeIn(url), '')).toBe(`${redirectUrl}?access_code=`);
        const sent = await accessCode(asked);
        expect([sent.status, sent.headers.get('location')?.split('access_code=')[0]]).toEqual([
          302,
          `${redirectUrl}?`,
        ]);
        const redeemed = await redeem(app, codeIn(url), challenge);
        expect(redeemed.status).toBe(200);
        expect(await introspect(redeemed.body.token)).toMatchObject({
          sub: person.accountId,
          client_id: app.id,
          scope: 'offline_access streams:read profile:read',
        });
        expect((await refresh(app, redeemed.body.refreshToken)).status).toBe(200);
        const connected = await stack().domain.connectedClients.list(person.accountId);
        expect(connected.map(({ clientId }) => clientId)).toContain(app.id);
      });

      test('errors are plain text', async () => {
        const { token } = await loginOfConsole();
        const app = await makeApp();
        const whole = { appId: app.id, challenge: 'c', token };
        const asked = async (query: Record<string, string>) => refused(await accessCode(query));
        expect(await asked({ challenge: 'c', token })).toEqual([
          400,
          'appId missing from querystring.',
        ]);
        expect(await asked({ ...whole, appId: 'none' })).toEqual([400, 'App does not exist.']);
        expect(await asked({ appId: app.id, token })).toEqual([400, 'Missing challenge']);
        expect(await asked({ appId: app.id, challenge: 'c' })).toEqual([400, 'Missing token']);
        expect(await asked({ ...whole, token: 'none' })).toEqual([400, 'Invalid token']);
      });

      test('a token without tokens:write, one with fewer scopes than the app requests, and a revoked one approve nothing', async () => {
        const app = await makeApp();
        const [plain, narrow, ended] = [
          await logIn(),
          await loginOfConsole('streams:read tokens:write'),
          await loginOfConsole(),
        ];
        const asked = async (token: string) =>
          refused(await accessCode({ appId: app.id, challenge: 'c', token }));
        expect(await asked(plain.token)).toEqual([
          400,
          'Your auth token does not have the required scope: tokens:write.',
        ]);
        expect(await asked(narrow.token)).toEqual([
          400,
          'Your token cannot grant scopes that it does not have: profile:read',
        ]);
        await logout({ token: ended.token });
        expect(await asked(ended.token)).toEqual([400, 'Invalid token']);
        const people = [plain, narrow, ended].map(({ person }) => person.accountId);
        for (const accountId of people) {
          const connected = await stack().domain.connectedClients.list(accountId);
          expect(connected.map(({ clientId }) => clientId)).not.toContain(app.id);
        }
      });

      test('a personal access token approves nothing, whatever its scopes', async () => {
        const person = await signedIn(stack());
        const value = await insertToken(
          'personal_access_token',
          person.accountId,
          'streams:read profile:read tokens:write',
        );
        expect((await introspect(value)).active).toBe(true);
        const app = await makeApp();
        expect(refused(await accessCode({ appId: app.id, challenge: 'c', token: value }))).toEqual([
          400,
          'Only an access token of your own login can approve an app.',
        ]);
      });

      /** An app that was approved with a token: its tokens, and its grants of the person. */
      const letIn = async ({ person, token }: LoggedIn, app: Credentials) => {
        const challenge = newChallenge();
        const asked = { appId: app.id, challenge, token, preventRedirect: 'true' };
        const told = await accessCode(asked);
        if (told.status !== 200) throw new Error(`not let in: ${told.text}`);
        const { body } = await redeem(app, codeIn(new URL(told.body.redirectUrl)), challenge);
        const { rows: grants } = await sql<{ scope: string; ends: number | null }>`
          select g.payload->'openid'->>'scope' as scope, (g.payload->>'ends_at')::integer as ends
          from oauth_grant g join client c on c.id = g.client_id
          where g.account_id = ${person.accountId}::uuid and c.client_id = ${app.id}`.execute(
          stack().database.kysely,
        );
        return { token: body.token, refreshToken: body.refreshToken, grants };
      };

      const curious = 'openid email profile streams:read offline_access';

      test('an app approved this way has the OpenID scopes and the expiry of the login, and the person gets an email', async () => {
        const login = await loginOfConsole(
          'openid streams:read profile:read tokens:write offline_access',
        );
        const { accountId } = login.person;
        const { kysely } = stack().database;
        const end = Math.floor(Date.now() / 1000) + 3_600;
        await sql`update oauth_grant set payload = payload || ${JSON.stringify({ ends_at: end })}::jsonb
          where account_id = ${accountId}::uuid`.execute(kysely);
        const app = await makeApp(curious);
        const { token, refreshToken, grants } = await letIn(login, app);
        expect(grants).toEqual([{ scope: 'openid offline_access', ends: end }]);
        const refreshed = await refresh(app, refreshToken);
        for (const each of [token, refreshed.body.token])
          expect((await introspect(each)).exp).toBeLessThanOrEqual(end);
        const { rows } = await sql`select kind, details->>'ip' as ip from mail
          where account_id = ${accountId}::uuid and kind <> 'password_changed'`.execute(kysely);
        expect(rows).toEqual([{ kind: 'app_let_in', ip: expect.any(String) }]);
      });

      test('a login without refresh tokens approves an app for the lifetime of its own token', async () => {
        const login = await loginOfConsole('streams:read profile:read tokens:write');
        const { exp } = await introspect(login.token);
        const { token, refreshToken, grants } = await letIn(login, await makeApp(curious));
        expect([refreshToken, grants]).toEqual([undefined, [{ scope: '', ends: exp }]]);
        expect((await introspect(token)).exp).toBeLessThanOrEqual(exp);
      });

      test('a token that is revoked after it was read approves, registers, changes and deletes no app', async () => {
        const { domain, issuer } = stack();
        const { person, token } = await loginOfConsole(
          'streams:read profile:read tokens:write apps:write offline_access',
        );
        const { accountId } = person;
        const principal = await domain.findPrincipal(token, 'self');
        if (!principal) throw new Error('no token');
        const approve = createApproveByToken({
          ...domain,
          apiResource: apiResource(issuer),
          issueCode: async () => 'a code',
        });
        const settings = {
          name: unique('Drawings'),
          redirectUri: redirectUrl,
          scopes: ['streams:read'],
        };
        const act = <Result>(run: () => Promise<Result>) => actingAs(principal.actor, run);
        const register = (name: string) =>
          act(() =>
            domain.thirdPartyApps.create(
              accountId,
              { ...settings, name },
              { resource, refreshTokenIdleTtl: 3_600 },
            ),
          );
        const { clientId } = await register(settings.name);
        const client = await domain.clients((await makeApp()).id);
        if (!client) throw new Error('no app');
        await domain.accounts.revokeTokens(accountId);
        const attempts = [
          () =>
            approve(
              principal,
              {
                ...{ client, resource, redirectUri: redirectUrl, scope: 'streams:read' },
                ...{ codeChallenge: 'c', lifetime: 60 },
              },
              { userAgent: null, ip: null },
            ),
          () => register(unique('Drawings')),
          () =>
            act(() => domain.thirdPartyApps.update(accountId, clientId, settings, { resource })),
          () => act(() => domain.thirdPartyApps.delete(accountId, clientId, { resource })),
        ];
        for (const attempt of attempts)
          await expect(attempt()).rejects.toMatchObject({ code: 'invalid_token' });
        expect(await domain.connectedClients.list(accountId)).toEqual([]);
        const left = await domain.thirdPartyApps.ofAuthor(resource, accountId);
        expect(left.map((app) => app.clientId)).toEqual([clientId]);
      });

      test('neither the token in the query nor the challenge in the path is logged', async () => {
        const { person, token } = await loginOfConsole();
        const app = await makeApp();
        const challenge = unique('challenge-that-is-not-logged');
        await accessCode({ appId: app.id, challenge, token, preventRedirect: 'true' });
        await accessCode({ appId: 'none', challenge, token });
        await decide(person.visitor, app, challenge);
        const log = stack().logged();
        expect(log).toContain('/auth/accesscode');
        expect(log).toContain(`/authn/verify/${app.id}/[…]`);
        expect(log.includes(token)).toBe(false);
        expect(log.includes(challenge)).toBe(false);
      });
    });

    test('the routes of apps refuse an invalid token with Speckle’s message, whatever the request', async () => {
      const authorization = 'Bearer writ_at_nothing';
      const answers = [
        await authToken({ appId: 'any' }, { authorization }),
        await stack().get('/auth/accesscode', { authorization }),
        await stack().request('POST', '/auth/logout', { headers: { authorization }, body: '{}' }),
      ];
      for (const each of answers)
        expect(refused(each)).toEqual([403, { error: 'Your token is not valid.' }]);
    });

    test('pages of other origins can call /auth/token, and a wrong method gets 405', async () => {
      const preflight = await stack().request('OPTIONS', '/auth/token', {
        headers: { origin: 'https://app.test', 'access-control-request-method': 'POST' },
      });
      expect([preflight.status, preflight.headers.get('access-control-allow-methods')]).toEqual([
        204,
        'POST',
      ]);
      expect((await stack().get('/auth/token')).status).toBe(405);
    });

    test('/auth/token responds to Bloq and to Speckle, to each in its own form', async () => {
      const bloq = await authToken({
        grantType: 'clientCredentials',
        clientId: 'none',
        clientSecret: 'none',
      });
      expect([bloq.status, bloq.body.code]).toEqual([401, 'Unauthorized']);
      expect((await authToken('{')).body.code).toBe('BadRequest');
      expect(refused(await authToken({ appId: 'none', appSecret: 'none' }))).toEqual([
        401,
        { err: 'Invalid request, insufficient information provided. Access Code is required.' },
      ]);
      const { app, refreshToken } = await logIn();
      expect((await refresh(app, refreshToken)).status).toBe(200);
    });

    describe('registration by people', () => {
      interface Author extends TestPerson {
        visitor: Visitor;
        /** The token of a login with apps:read and apps:write. */
        token: string;
      }

      const makeAuthor = async (
        given: { name?: string; roles?: string[] } = {},
      ): Promise<Author> => {
        const app = await makeApp('apps:read apps:write profile:read streams:read offline_access');
        const person = await signedIn(stack(), given);
        const challenge = newChallenge();
        const code = codeIn(await decide(person.visitor, app, challenge));
        const { body } = await redeem(app, code, challenge);
        return { ...person, token: body.token };
      };

      const graphql = async (
        query: string,
        variables: Record<string, unknown> = {},
        token?: string,
      ) => {
        const { body } = await stack().request('POST', '/graphql', {
          headers: {
            'content-type': 'application/json',
            ...(token !== undefined && { authorization: `Bearer ${token}` }),
          },
          body: JSON.stringify({ query, variables }),
        });
        return body;
      };

      const input = (given: Record<string, unknown> = {}) => ({
        name: unique('Drawings'),
        description: 'It draws what your streams hold.',
        redirectUrl,
        scopes: ['streams:read'],
        ...given,
      });

      const create = 'mutation($app: AppCreateInput!) { appCreate(app: $app) }';
      const update = 'mutation($app: AppUpdateInput!) { appUpdate(app: $app) }';
      const remove = 'mutation($id: String!) { appDelete(appId: $id) }';
      const revokeAccess = 'mutation($id: String!) { appRevokeAccess(appId: $id) }';
      const show = `query($id: String!) { app(id: $id) { id secret name description
        termsAndConditionsLink logo public trustByDefault redirectUrl scopes { name description }
        author { id name avatar } createdAt } }`;

      const register = async (
        author: Author,
        given: Record<string, unknown> = {},
      ): Promise<Credentials> => {
        const { data, errors } = await graphql(create, { app: input(given) }, author.token);
        if (!data?.appCreate) throw new Error(JSON.stringify(errors));
        const id: string = data.appCreate;
        const shown = await graphql(show, { id }, author.token);
        return { id, secret: shown.data.app.secret };
      };

      const codeOf = ({
        errors: [error] = [{}],
      }: {
        errors?: { message?: string; extensions?: { code?: string } }[];
      }) => [error?.message, error?.extensions?.code];
      const notTheirs = ['You are not authorized to edit this app.', 'FORBIDDEN'];

      let author: Author;
      beforeAll(async () => {
        author = await makeAuthor({ name: 'Grace Hopper' });
      });

      test('a person registers an app and reads its secret; others approve it and see its author', async () => {
        const app = await register(author, {
          public: true,
          termsAndConditionsLink: 'https://drawings.example/terms',
          scopes: ['streams:read', 'profile:read'],
        });
        const { data } = await graphql(show, { id: app.id }, author.token);
        expect(data.app).toMatchObject({
          id: app.id,
          description: 'It draws what your streams hold.',
          termsAndConditionsLink: 'https://drawings.example/terms',
          public: true,
          trustByDefault: false,
          redirectUrl,
          author: { id: author.accountId, name: 'Grace Hopper', avatar: null },
        });
        expect(data.app.scopes.map(({ name }: { name: string }) => name)).toEqual([
          'streams:read',
          'profile:read',
        ]);
        const other = await signedIn(stack());
        const challenge = newChallenge();
        const page = await ask(other.visitor, { path: verifyPath(app, challenge) });
        for (const words of ['Grace Hopper', 'drawings.example', 'Read your streams'])
          expect(page.words).toContain(words);
        const { url } = await answer(other.visitor, page.path);
        const redeemed = await redeem(app, codeIn(url as URL), challenge);
        expect(Object.keys(redeemed.body)).toEqual(['token', 'refreshToken']);
        expect(await introspect(redeemed.body.token)).toMatchObject({ sub: other.accountId });
        const refreshed = await refresh(app, redeemed.body.refreshToken);
        expect(refreshed.body.refreshToken).not.toBe(redeemed.body.refreshToken);
      });

      test('the secret of an app is shown only to its author, and only for a short time', async () => {
        const app = await register(author);
        const secretFor = async (token?: string) =>
          (await graphql(show, { id: app.id }, token)).data.app.secret;
        const hidden = 'App secrets are only revealed to their author 😉';
        expect(await secretFor()).toBe(hidden);
        expect(await secretFor((await makeAuthor()).token)).toBe(hidden);
        expect(await secretFor(author.token)).toBe(app.secret);
        const project = [{ type: 'project', identifier: 'p' }];
        for (const [kind, scope, details] of [
          ['access_token', 'apps:read streams:read'],
          ['access_token', 'apps:read apps:write', project],
          ['personal_access_token', 'apps:read apps:write'],
        ] as const) {
          const token = await insertToken(kind, author.accountId, scope, details && [...details]);
          expect(await secretFor(token)).toBe(hidden);
        }
        const id = sha256(JSON.stringify([author.accountId, app.id]));
        await ephemeralOf(stack()).delete('NewSecret', id);
        expect(await secretFor(author.token)).toBe(
          'App secrets are only revealed in the first ten minutes after the app was created.',
        );
      });

      test('an embed token, which is public, cannot read apps', async () => {
        const app = await register(author);
        const embed = await insertToken('personal_access_token', author.accountId, 'streams:read', [
          { type: 'project', identifier: 'p', datatypes: ['m'], privileges: ['embed'] },
        ]);
        const ask = async (query: string) =>
          (
            await stack().request('POST', `/graphql?embedToken=${embed}`, {
              headers: { 'content-type': 'application/json' },
              body: JSON.stringify({ query }),
            })
          ).body;
        const reads = await ask(`{ app(id: "${app.id}") { id secret author { id } } }`);
        expect([reads.data, codeOf(reads)[1]]).toEqual([{ app: null }, 'FORBIDDEN']);
        expect((await ask('{ project(id: "p") { id } serverInfo { name } }')).errors).toBe(
          undefined,
        );
      });

      test('anonymous callers see of an app what the consent page shows, without its author and full redirect URL', async () => {
        const app = await register(author);
        const { data } = await graphql(show, { id: app.id });
        expect(data.app).toMatchObject({
          id: app.id,
          author: null,
          redirectUrl: new URL(redirectUrl).origin,
          scopes: [{ name: 'streams:read' }],
        });
      });

      test('a personal access token cannot register, change or delete apps, but can revoke their access', async () => {
        const given = input();
        const app = await register(author, given);
        const value = await insertToken(
          'personal_access_token',
          author.accountId,
          'apps:read apps:write',
        );
        const refusals = [
          await graphql(create, { app: input() }, value),
          await graphql(update, { app: { ...given, id: app.id } }, value),
          await graphql(remove, { id: app.id }, value),
        ];
        for (const refusal of refusals)
          expect(codeOf(refusal)).toEqual([
            'Only the token of a login can register or change apps.',
            'FORBIDDEN',
          ]);
        expect((await graphql(revokeAccess, { id: app.id }, value)).data).toEqual({
          appRevokeAccess: false,
        });
      });

      test('a token that is limited to a project cannot access apps, or tokens outside of the project', async () => {
        const value = await insertToken(
          'access_token',
          author.accountId,
          'profile:read streams:read apps:read apps:write tokens:read tokens:write',
          [{ type: 'project', identifier: 'p' }],
        );
        const embeds = (id: string) => `{ project(id: "${id}") { embedTokens { totalCount } } }`;
        const endEmbeds = (id: string) =>
          `mutation { projectMutations { revokeEmbedTokens(projectId: "${id}") } }`;
        for (const query of [
          '{ activeUser { apiTokens { id } } }',
          '{ activeUser { createdApps { id } } }',
          '{ activeUser { authorizedApps { id } } }',
          'mutation { apiTokenRevoke(token: "0000000000") }',
          'mutation { appDelete(appId: "any") }',
          'mutation { appRevokeAccess(appId: "any") }',
          embeds('q'),
          endEmbeds('q'),
        ]) {
          const [message, code] = codeOf(await graphql(query, {}, value));
          expect([message, code]).toEqual([
            expect.stringContaining('Your auth token is limited to'),
            'FORBIDDEN',
          ]);
        }
        for (const query of [embeds('p'), endEmbeds('p')])
          expect((await graphql(query, {}, value)).errors).toBe(undefined);
      });

      test('changing the scopes of an app revokes its tokens and codes; changing its description does not', async () => {
        const given = input({ name: unique('Drawings') });
        const app = await register(author, given);
        const { token, refreshToken, person } = await logIn(app);
        const challenge = newChallenge();
        const code = codeIn(await decide(person.visitor, app, challenge));
        const change = (changed: Record<string, unknown>) =>
          graphql(update, { app: { ...given, id: app.id, ...changed } }, author.token);
        expect((await change({ description: 'It draws.' })).data).toEqual({ appUpdate: true });
        expect((await introspect(token)).active).toBe(true);
        expect((await change({ scopes: ['streams:read', 'streams:write'] })).data).toEqual({
          appUpdate: true,
        });
        expect(await introspect(token)).toEqual({ active: false });
        expect(refused(await refresh(app, refreshToken))).toEqual([401, noRefresh]);
        expect(refused(await redeem(app, code, challenge))).toEqual([401, noCode]);
        const again = await logIn(app);
        expect((await introspect(again.token)).scope).toBe(
          'offline_access streams:read streams:write',
        );
        expect((await change({ redirectUrl: 'https://elsewhere.example/back' })).data).toEqual({
          appUpdate: true,
        });
        expect(await introspect(again.token)).toEqual({ active: false });
      });

      test('only the author can change or delete an app with a token of Speckle; others, administrators included, do not learn whether it exists', async () => {
        const app = await register(author);
        const others = [await makeAuthor(), await makeAuthor({ roles: ['administrator'] })];
        for (const { token } of others)
          for (const id of [app.id, 'no-such-app', (await makeApp()).id]) {
            expect(codeOf(await graphql(update, { app: { ...input(), id } }, token))).toEqual(
              notTheirs,
            );
            expect(codeOf(await graphql(remove, { id }, token))).toEqual(notTheirs);
          }
        expect((await graphql(show, { id: app.id })).data.app.id).toBe(app.id);
      });

      test('deleting an app revokes all of its tokens', async () => {
        const app = await register(author);
        const { token, refreshToken } = await logIn(app);
        expect((await graphql(remove, { id: app.id }, author.token)).data).toEqual({
          appDelete: true,
        });
        expect(await introspect(token)).toEqual({ active: false });
        expect(refused(await refresh(app, refreshToken))).toEqual([401, noSecret]);
        expect((await graphql(show, { id: app.id })).data).toEqual({ app: null });
      });

      test('a person lists the apps that they authorized, and revokes one with all of its tokens', async () => {
        const app = await register(author);
        const { person, token } = await logIn(app);
        const reader = await makeApp('apps:read apps:write profile:read offline_access');
        const challenge = newChallenge();
        const code = codeIn(await decide(person.visitor, reader, challenge));
        const { body } = await redeem(reader, code, challenge);
        const listed = async () =>
          (
            await graphql(
              '{ activeUser { authorizedApps { id name author { name } } } }',
              {},
              body.token,
            )
          ).data.activeUser.authorizedApps.map(({ id }: { id: string }) => id);
        expect((await listed()).sort()).toEqual([app.id, reader.id].sort());
        expect((await graphql(revokeAccess, { id: app.id }, body.token)).data).toEqual({
          appRevokeAccess: true,
        });
        expect(await introspect(token)).toEqual({ active: false });
        expect(await listed()).toEqual([reader.id]);
        expect((await graphql(revokeAccess, { id: app.id }, body.token)).data).toEqual({
          appRevokeAccess: false,
        });
      });

      test('revoking the access of an app revokes its grants for Speckle, but not for other APIs', async () => {
        const other = `https://${unique('api')}.test`;
        await stack().api.call('POST', '/resources', {
          identifier: other,
          name: other,
          scopes: [{ name: 'read', description: 'Read' }],
        });
        const app = await makeApp(undefined, { resources: [resource, other], scope: undefined });
        const { accountId } = author;
        await logInAt(stack(), app.id, { resource, scope: 'streams:read', accountId });
        const kept = await logInAt(stack(), app.id, { resource: other, scope: 'read', accountId });
        expect((await graphql(revokeAccess, { id: app.id }, author.token)).data).toEqual({
          appRevokeAccess: true,
        });
        const live = (await stack().domain.connectedClients.list(accountId)).filter(
          ({ clientId }) => clientId === app.id,
        );
        expect(live.map(({ grantId }) => grantId)).toEqual([kept.grantId]);
      });

      test('the list of all apps contains only public ones, and authors see their own', async () => {
        const person = await makeAuthor();
        const [shown, hidden] = [await register(person, { public: true }), await register(person)];
        const all = await graphql('{ apps { id } }', {}, person.token);
        const ids = all.data.apps.map(({ id }: { id: string }) => id);
        expect([ids.includes(shown.id), ids.includes(hidden.id)]).toEqual([true, false]);
        const own = await graphql('{ activeUser { createdApps { id } } }', {}, person.token);
        expect(own.data.activeUser.createdApps.map(({ id }: { id: string }) => id)).toEqual([
          hidden.id,
          shown.id,
        ]);
      });

      test('the list of all apps has a maximum length', async () => {
        await sql`insert into client (client_id, metadata, resources, listed, created_at)
          select ${unique('many')} || n, jsonb_build_object('client_name', 'Many', 'grant_types', '["authorization_code"]'::jsonb,
            'redirect_uris', jsonb_build_array('https://many.example/back')), array[${resource}], true, now() - interval '1 year'
          from generate_series(1, 250) as n`.execute(stack().database.kysely);
        const { data } = await graphql('{ apps { id } }', {}, author.token);
        expect(data.apps).toHaveLength(200);
      });

      test('a token without apps:write and an anonymous caller cannot register an app', async () => {
        const { token } = await logIn();
        for (const [asked, code] of [
          [token, 'FORBIDDEN'],
          [undefined, 'UNAUTHORIZED'],
        ] as const)
          expect(codeOf(await graphql(create, { app: input() }, asked))[1]).toBe(code);
      });

      test('unknown scopes are dropped and reported; an app without known scopes is refused', async () => {
        const some = await graphql(
          create,
          { app: input({ scopes: ['streams:read', 'streams:eat'] }) },
          author.token,
        );
        expect(some.extensions.writ).toEqual([{ dropped_scopes: ['streams:eat'] }]);
        const { data } = await graphql(show, { id: some.data.appCreate });
        expect(data.app.scopes).toHaveLength(1);
        expect(
          codeOf(
            await graphql(create, { app: input({ scopes: ['streams:eat'] }) }, author.token),
          )[0],
        ).toBe('No scopes provided');
      });

      test('an app cannot have the name of another, or a redirect URL without TLS', async () => {
        const name = unique('Drawings');
        await register(author, { name });
        const other = await makeAuthor();
        expect(codeOf(await graphql(create, { app: input({ name }) }, other.token))[0]).toContain(
          'looks too similar to a name that is already in use',
        );
        const redirect = { app: input({ redirectUrl: 'http://drawings.example/' }) };
        expect(codeOf(await graphql(create, redirect, other.token))[0]).toContain('https://');
      });

      test('an error of an app that a person registered is shown on a page without a redirect', async () => {
        const app = await register(author);
        const { visitor } = await signedIn(stack());
        const page = await visitor.get(
          `/connect/authorize?${new URLSearchParams({
            client_id: app.id,
            response_type: 'code',
            redirect_uri: redirectUrl,
            scope: 'streams:read',
            resource,
          })}`,
        );
        expect([page.status, page.location]).toEqual([400, null]);
        expect(page.words).toContain('PKCE');
      });

      test('deleting an account deletes its apps and revokes their tokens', async () => {
        const person = await makeAuthor();
        const app = await register(person);
        const { token } = await logIn(app);
        const { status } = await stack().api.call('DELETE', `/accounts/${person.accountId}`);
        expect(status).toBe(204);
        expect(await introspect(token)).toEqual({ active: false });
        expect((await graphql(show, { id: app.id })).data).toEqual({ app: null });
      });

      test('an app that a person registered cannot approve other apps, whatever its scopes', async () => {
        const scopes = ['streams:read', 'tokens:write'];
        const [first, second] = [await register(author, { scopes }), await register(author)];
        const { token, person } = await logIn(first);
        const query = new URLSearchParams({ appId: second.id, challenge: 'c', token });
        expect(refused(await stack().get(`/auth/accesscode?${query}`))).toEqual([
          400,
          'An app that a person registered cannot approve other apps.',
        ]);
        const connected = await stack().domain.connectedClients.list(person.accountId);
        expect(connected.map(({ clientId }) => clientId)).toEqual([first.id]);
      });

      test('the apps of a person are disabled with the account, and enabled with it unless an administrator disabled them', async () => {
        const person = await makeAuthor();
        const [app, other] = [await register(person), await register(person)];
        const { token, refreshToken, person: user } = await logIn(app);
        const challenge = newChallenge();
        const code = codeIn(await decide(user.visitor, app, challenge));
        const call = async (path: string) => {
          const { status } = await stack().api.call('POST', path);
          expect([path, status < 300]).toEqual([path, true]);
        };
        await call(`/clients/${other.id}/disable`);
        await call(`/accounts/${person.accountId}/disable`);
        expect(await introspect(token)).toEqual({ active: false });
        expect(refused(await refresh(app, refreshToken))).toEqual([401, noSecret]);
        expect(refused(await redeem(app, code, challenge))).toEqual([401, noSecret]);
        expect((await user.visitor.get(verifyPath(app, newChallenge()))).status).toBe(400);
        expect((await graphql(show, { id: app.id })).data).toEqual({ app: null });
        await call(`/accounts/${person.accountId}/enable`);
        expect(await introspect(token)).toEqual({ active: false });
        expect(refused(await redeem(app, code, challenge))).toEqual([401, noCode]);
        expect((await introspect((await logIn(app)).token)).active).toBe(true);
        expect((await graphql(show, { id: other.id })).data).toEqual({ app: null });
      });

      test('an author cannot undo the changes of an administrator, but can delete the app', async () => {
        const given = input({ scopes: ['streams:read', 'streams:write'] });
        const app = await register(author, given);
        const change = () =>
          graphql(
            update,
            { app: { ...given, id: app.id, description: 'It draws.' } },
            author.token,
          );
        expect((await change()).data).toEqual({ appUpdate: true });
        const path = `/clients/${app.id}`;
        expect((await stack().api.call('GET', path)).body.taken_over_at).toBeNull();
        const limited = await stack().api.call('PATCH', path, {
          scope: 'streams:read offline_access',
        });
        expect([limited.status, typeof limited.body.taken_over_at]).toEqual([200, 'string']);
        expect(codeOf(await change())).toEqual(notTheirs);
        expect((await stack().api.call('GET', path)).body.scope).toBe(
          'streams:read offline_access',
        );
        expect((await graphql(remove, { id: app.id }, author.token)).data).toEqual({
          appDelete: true,
        });
      });

      test('administrators see the author of an app, and can disable it like any client', async () => {
        const app = await register(author);
        const { token } = await logIn(app);
        const shown = await stack().api.call('GET', `/clients/${app.id}`);
        expect([shown.status, shown.body.author_id]).toEqual([200, author.accountId]);
        expect((await stack().api.call('POST', `/clients/${app.id}/disable`)).status).toBeLessThan(
          300,
        );
        expect(await introspect(token)).toEqual({ active: false });
      });
    });

    for (const javaScriptEnabled of [true, false])
      (chromiumPath ? describe : describe.skip)(
        `in Chromium ${javaScriptEnabled ? 'with' : 'without'} JavaScript`,
        () => {
          const open = async (theme: 'light' | 'dark' = 'light', width = 1280) => {
            const opened = await openPage(browser as Browser, { javaScriptEnabled, theme, width });
            const { page } = opened;
            return {
              ...opened,
              go: (path: string) => page.goto(stack().issuer + path),
              signIn: async ({ email, password }: TestPerson) => {
                await page.getByLabel(/^E-?mail/).fill(email);
                await page.getByLabel('Password').fill(password);
                await page.getByRole('button', { name: 'Sign in', exact: true }).click();
              },
            };
          };

          test('a person signs in, allows an app with a double click, and returns to it with one code', async () => {
            const person = await makePerson(stack());
            const app = await makeApp();
            const challenge = newChallenge();
            const { page, go, signIn, complaints, close } = await open();
            await go(verifyPath(app, challenge));
            await signIn(person);
            await page.getByRole('button', { name: 'Allow', exact: true }).dblclick();
            await page.getByRole('heading', { name: 'Back at the app' }).waitFor();
            const url = new URL(page.url());
            expect((await redeem(app, codeIn(url), challenge)).status).toBe(200);
            expect(await stack().domain.connectedClients.list(person.accountId)).toHaveLength(1);
            expect(complaints).toEqual([]);
            await close();
          });

          test('a person who denies returns to the app, which gets the error', async () => {
            const { page, go, signIn, complaints, close } = await open();
            await go(verifyPath(await makeApp(), newChallenge()));
            await signIn(await makePerson(stack()));
            await page.getByRole('button', { name: 'Deny' }).click();
            await page.getByRole('heading', { name: 'Back at the app' }).waitFor();
            expect(page.url()).toBe(`${redirectUrl}?denied=true`);
            expect(complaints).toEqual([]);
            await close();
          });

          if (javaScriptEnabled)
            test.each([
              ['light', 1280],
              ['dark', 1280],
              ['light', 320],
            ] as const)(
              'the page fits and is accessible: %s, %i pixels wide',
              async (theme, width) => {
                const { page, go, signIn, close } = await open(theme, width);
                await go(
                  verifyPath(
                    await makeApp('streams:read streams:write users:read tokens:write'),
                    'x',
                  ),
                );
                await signIn(await makePerson(stack()));
                await page.getByRole('button', { name: 'Allow', exact: true }).waitFor();
                expect(await sidewaysOverflow(page)).toBe(0);
                expect(await checkAccessibility(page)).toEqual([]);
                await screenshot(page, `speckle-consent-${theme}-${width}`);
                await close();
              },
            );
        },
      );
  },
  { DIALECTS: 'bloq,speckle' },
);
