import { beforeAll, describe, expect, test } from '@jest/globals';
import { apiScopes } from '../../../config/scopes.ts';
import { maxStoredBytes, parametersOf } from '../../../src/oauth/parameters.ts';
import { tokenWith } from '../../api/routes.ts';
import { basic, type Credentials } from '../../support/http.ts';
import { onStack, unique } from '../../support/stacks.ts';
import { expectRefusal, form, leavesNoTrace, send } from './support.ts';

/** The default headers of Java’s HttpURLConnection. */
const javasAccept = 'text/html, image/gif, image/jpeg, */*; q=0.2';

const redirectUri = 'https://client.example/cb';

const requests: Record<string, string> = {
  '/connect/authorize': `response_type=code&redirect_uri=${encodeURIComponent(redirectUri)}&scope=openid&code_challenge=${'x'.repeat(43)}&code_challenge_method=S256`,
  '/connect/par': `response_type=code&redirect_uri=${encodeURIComponent(redirectUri)}&scope=openid&code_challenge=${'x'.repeat(43)}&code_challenge_method=S256`,
  '/connect/deviceauthorization': 'scope=openid',
};

onStack((stack) => {
  let client: Credentials;
  beforeAll(async () => {
    client = await stack().api.createClient({
      grant_types: [
        'client_credentials',
        'refresh_token',
        'authorization_code',
        'urn:ietf:params:oauth:grant-type:device_code',
      ],
      response_types: ['code'],
      redirect_uris: [redirectUri],
    });
  });

  const ask = (path: string, more: string, headers: Record<string, string> = {}) => {
    const text = `${requests[path]}&client_id=${client.id}${more}`;
    return path === '/connect/authorize'
      ? send(stack(), { method: 'GET', path: `${path}?${text}`, headers })
      : send(stack(), {
          path,
          headers: { ...form, authorization: basic(client), ...headers },
          body: text,
        });
  };

  describe.each(Object.keys(requests))('%s', (path) => {
    const rules = Object.entries(parametersOf[path] ?? {});
    const kept = rules.filter(
      ([name, { stored, max }]) => stored && max && !requests[path]?.includes(`${name}=`),
    );

    test.each(kept.filter(([name]) => name !== 'client_id'))(
      'refuses a %s that is longer than its rule allows, by name, and stores nothing of it',
      async (name, { max = 0 }) => {
        await leavesNoTrace(stack(), async () => {
          const answer = await ask(path, `&${name}=${'1'.repeat(max + 1)}`);
          expectRefusal(answer);
          expect(answer.status).toBe(400);
          expect(JSON.parse(answer.text)).toEqual({
            error: 'invalid_request',
            error_description: `The parameter ${name} is longer than ${max} characters.`,
          });
        });
      },
    );

    test.each([
      ['a NUL', 'a%00b'],
      ['a line break', 'a%0Ab'],
      ['a byte that is not UTF-8', 'caf%E9'],
      ['a malformed escape', '100%'],
    ])('refuses %s in a stored parameter, by name', async (_what, value) => {
      await leavesNoTrace(stack(), async () => {
        for (const name of ['nonce', 'acr_values', 'login_hint']) {
          const answer = await ask(path, `&${name}=${value}`);
          expectRefusal(answer);
          expect(JSON.parse(answer.text)).toMatchObject({
            error: 'invalid_request',
            error_description: expect.stringContaining(` ${name} `),
          });
        }
      });
    });

    test('stores at most a fixed size per request, over however many parameters', async () => {
      await leavesNoTrace(stack(), async () => {
        const resources = `&resource=${'x'.repeat(490)}`.repeat(19);
        expect(resources.length).toBeGreaterThan(maxStoredBytes);
        const answer = await ask(path, resources);
        expectRefusal(answer);
        expect(JSON.parse(answer.text).error_description).toMatch(/8 KiB/);
      });
    });
  });

  describe('programs get JSON whatever they accept', () => {
    const accept = { accept: javasAccept };
    test.each([
      ['/connect/token', 'POST'],
      ['/connect/token', 'GET'],
      ['/connect/token/', 'GET'],
      ['/connect/introspect', 'POST'],
      ['/connect/revocation', 'POST'],
      ['/connect/deviceauthorization', 'POST'],
      ['/connect/par', 'POST'],
      ['/connect/userinfo', 'GET'],
      ['/connect/register', 'GET'],
      ['/connect/nothing', 'GET'],
      ['/.well-known/nothing', 'GET'],
      ['/.well-known/openid-configuration/jwks', 'DELETE'],
      ['/api/v1/clients', 'GET'],
      ['/api/v1/nothing', 'GET'],
      ['/api/nothing', 'GET'],
    ])('%s by %s', async (path, method) => {
      for (const headers of [accept, { accept: 'text/html' }])
        expectJson(await send(stack(), { method, path, headers }));
    });

    test('also if the engine refuses: a grant, a scope, a token', async () => {
      const headers = { ...form, ...accept, authorization: basic(client) };
      for (const body of ['grant_type=authorization_code&code=x', 'grant_type=nothing', 'scope=x'])
        expectJson(await send(stack(), { path: '/connect/token', headers, body }));
      expectJson(
        await send(stack(), {
          method: 'GET',
          path: '/connect/userinfo',
          headers: { ...accept, authorization: 'Bearer none' },
        }),
      );
    });

    const expectJson = (answer: Awaited<ReturnType<typeof send>>) => {
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.headers['content-type']).toMatch(/^application\/json/);
      expect(JSON.parse(answer.text)).toEqual({
        error: expect.any(String),
        error_description: expect.any(String),
      });
    };

    test('a person whom an app sent to /connect/authorize gets a page', async () => {
      for (const more of ['&state=a%00b', '&scope=b', `&state=${'x'.repeat(3_000)}`]) {
        const answer = await ask('/connect/authorize', more, { accept: 'text/html' });
        expect(answer.status).toBe(400);
        expect(answer.headers['content-type']).toMatch(/^text\/html/);
      }
    });
  });

  describe('a page of another origin can read refusals that precede the endpoint', () => {
    const origin = { origin: 'https://page.example' };
    test.each([
      ['an encoding', 415, { ...form, 'content-encoding': 'gzip' }, 'x'],
      ['a type', 415, { 'content-type': 'text/plain' }, 'x'],
      ['a size', 413, form, 'x'.repeat(60_000)],
      ['text', 400, form, 'client_id=a%00b'],
    ])('%s: %d', async (_what, status, headers, body) => {
      for (const path of ['/connect/token', '/connect/revocation', '/connect/userinfo']) {
        const sent =
          path === '/connect/userinfo' ? body.replace('client_id', 'access_token') : body;
        const answer = await send(stack(), {
          path,
          headers: { ...headers, ...origin },
          body: sent,
        });
        expect(answer.status).toBe(status);
        expect(answer.headers['access-control-allow-origin']).toBe('*');
        expect(answer.headers['access-control-expose-headers']).toMatch(/Retry-After/);
      }
    });

    test('a method: 405', async () => {
      const answer = await send(stack(), {
        method: 'PUT',
        path: '/connect/token',
        headers: origin,
      });
      expect(answer.status).toBe(405);
      expect(answer.headers['access-control-allow-origin']).toBe('*');
    });
  });

  describe('the API', () => {
    const call = (body: string | Buffer, headers: Record<string, string> = {}) =>
      send(stack(), {
        method: 'POST',
        path: '/api/v1/clients',
        headers: { 'content-type': 'application/json', ...headers, authorization: operator },
        body,
      });
    let operator: string;
    beforeAll(async () => {
      operator = `Bearer ${await tokenWith(stack(), Object.keys(apiScopes))}`;
    });

    test('never treats two subjects as equal that differ in a byte', async () => {
      for (const byte of [0xe9, 0xe8]) {
        const body = Buffer.concat([
          Buffer.from('{"client_name":"caf'),
          Buffer.from([byte]),
          Buffer.from('"}'),
        ]);
        expect((await call(body)).status).toBe(400);
        const path = `/api/v1/tokens?subject_id=caf%${byte.toString(16)}`;
        const answer = await send(stack(), {
          method: 'GET',
          path,
          headers: { authorization: operator },
        });
        expect(answer.status).toBe(400);
      }
    });

    test('refuses numbers that it would return changed, and repeated names', async () => {
      for (const body of [
        '{"client_name":"a","access_token_ttl":9007199254740993}',
        '{"client_name":"a","client_name":"b"}',
      ]) {
        const answer = await call(body);
        expect(answer.status).toBe(400);
        expect(JSON.parse(answer.text).error).toBe('invalid_request');
      }
    });

    test('refuses a body in an unsupported encoding or charset: 415', async () => {
      const body = '{"client_name":"a"}';
      for (const headers of [
        { 'content-encoding': 'gzip' },
        { 'content-encoding': 'br' },
        { 'content-type': 'application/json; charset=utf-16' },
      ])
        expect((await call(body, headers)).status).toBe(415);
      expect((await call(body, { 'content-encoding': 'identity' })).status).toBe(201);
    });
  });

  test('an ASCII form declared as ISO-8859-1 is accepted, as old HTTP libraries send it', async () => {
    const type = 'application/x-www-form-urlencoded; charset=ISO-8859-1';
    const ask = (body: string) =>
      send(stack(), {
        path: '/connect/token',
        headers: { 'content-type': type, authorization: basic(client) },
        body,
      });
    expect((await ask('grant_type=client_credentials')).status).toBe(200);
    expect((await ask('grant_type=client_credentials&scope=%C3%A9')).status).toBe(415);
  });

  test('an app name in a path that is not UTF-8 is 404, never another app', async () => {
    const name = unique('none');
    for (const path of [`/api/v1/apps/${name}%E9`, '/connect/token%00', '/%ff'])
      expect((await send(stack(), { method: 'GET', path })).status).toBe(404);
  });
});
