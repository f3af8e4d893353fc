import { expect, test } from '@jest/globals';
import { sha256 } from '../../../src/crypto/digest.ts';
import { answer, ask } from '../../protocol/authorization/support.ts';
import { signedIn } from '../../support/people.ts';
import type { Stack } from '../../support/stacks.ts';
import { resource, type SpeckleApps, website } from './support.ts';

/** The page on which a person allows an app, and the redirect back. */
export function consentTests(stack: () => Stack, apps: SpeckleApps): void {
  const { makeApp, newChallenge, verifyPath, decide, codeIn, redeem, introspect } = apps;

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
      website.redirectUrl,
      ['access_code'],
    ]);
    const redeemed = await redeem(app, codeIn(url as URL), challenge);
    expect([redeemed.status, Object.keys(redeemed.body)]).toEqual([200, ['token', 'refreshToken']]);
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
    expect(url.href).toBe(`${website.redirectUrl}?denied=true`);
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
        redirect_uri: website.redirectUrl,
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
}
