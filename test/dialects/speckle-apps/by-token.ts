import { describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { actingAs } from '../../../src/domain/audit/actor.ts';
import { createApproveByToken } from '../../../src/domain/grants/consent/by-token.ts';
import { apiResource } from '../../../src/domain/installation/installation.ts';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import type { Answer, Credentials } from '../../support/http.ts';
import { signedIn } from '../../support/people.ts';
import { type Stack, unique } from '../../support/stacks.ts';
import { type LoggedIn, resource, type SpeckleApps, website } from './support.ts';

/** Approving an app with a token, without a page. */
export function byTokenTests(stack: () => Stack, apps: SpeckleApps): void {
  const {
    makeApp,
    newChallenge,
    decide,
    codeIn,
    redeem,
    refresh,
    logout,
    logIn,
    introspect,
    insertToken,
    refused,
  } = apps;

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
      expect(url.href.replace(codeIn(url), '')).toBe(`${website.redirectUrl}?access_code=`);
      const sent = await accessCode(asked);
      expect([sent.status, sent.headers.get('location')?.split('access_code=')[0]]).toEqual([
        302,
        `${website.redirectUrl}?`,
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

    test('an app that requires a second factor is approved by the token of a login with one only', async () => {
      const { token } = await loginOfConsole();
      const app = await makeApp();
      await sql`update client set metadata = metadata || '{"require_second_factor": true}'
        where client_id = ${app.id}`.execute(stack().database.kysely);
      const said = refused(await accessCode({ appId: app.id, challenge: newChallenge(), token }));
      expect(said).toEqual([
        400,
        'The app requires a second factor, which the login of your token did not prove.',
      ]);
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
        redirectUri: website.redirectUrl,
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
      await domain.accounts.revokeTokens(serverActor, accountId);
      const attempts = [
        () =>
          approve(
            principal,
            {
              ...{ client, resource, redirectUri: website.redirectUrl, scope: 'streams:read' },
              ...{ codeChallenge: 'c', lifetime: 60 },
            },
            { userAgent: null, ip: null },
          ),
        () => register(unique('Drawings')),
        () => act(() => domain.thirdPartyApps.update(accountId, clientId, settings, { resource })),
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
}
