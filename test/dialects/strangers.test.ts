// What strangers can send to every route of the dialects: no credentials, credentials of others, wrong methods and random
// bodies.
import { beforeAll, expect, test } from '@jest/globals';
import { dialectRouteTable } from '../../src/dialects/route-table.ts';
import {
  leavesNoTrace,
  numbersFrom,
  type RawAnswer,
  type RawRequest,
  send,
} from '../protocol/bad-input/support.ts';
import { basic, type Credentials } from '../support/http.ts';
import { onStack } from '../support/stacks.ts';

/** Anyone can start a device login, which stores a code: docs/dialects.md. All other routes store nothing. */
const routes = dialectRouteTable().filter(({ path }) => path !== '/-/oauth/device');
const fill = (path: string, value: string) => path.replaceAll(/:\w+/g, value);

/** Routes without credentials, which return only documents, redirects and pages. */
const isOpen = (path: string) =>
  /\/(\.well-known\/|connect\/(authorize|logout)$|authn\/verify\/|-\/actor\.json$|-\/oauth\/(clients|device\/verify)$|\.json$)/.test(
    path,
  );

/** An error in the form of some product, without internal details. */
function expectRefused({ path }: RawRequest, { status, headers, text }: RawAnswer): void {
  if (isOpen(path.split('?')[0] ?? '')) expect(status).toBeLessThan(500);
  // An unknown token is not an error for introspection.
  else if (status === 200)
    expect([path, text]).toEqual([expect.stringMatching(/introspect$/), '{"active":false}']);
  else expect([400, 401, 403, 404, 405, 413, 415, 429]).toContain(status);
  expect(headers['x-request-id']).toBeTruthy();
  expect(text).not.toMatch(/\bat .*\.(js|ts)\b|node_modules|postgres|select /i);
}

onStack(
  (stack) => {
    let client: Credentials;
    beforeAll(async () => {
      client = await stack().api.createClient({
        grant_types: ['refresh_token', 'authorization_code'],
        response_types: ['code'],
        redirect_uris: ['https://client.example/cb'],
      });
    });

    test('no route of a dialect does anything for callers without credentials, or with those of another kind of client', async () => {
      const { id, secret } = client;
      await leavesNoTrace(stack(), async () => {
        for (const { method, path } of routes)
          for (const authorization of [undefined, basic({ id, secret }), 'Bearer writ_tk_none']) {
            const request = {
              method,
              path: fill(path, 'some'),
              headers: {
                'content-type': 'application/json',
                ...(authorization && { authorization }),
              },
              ...(method !== 'GET' && { body: '{}' }),
            };
            const answer = await send(stack(), request);
            try {
              expectRefused(request, answer);
            } catch (cause) {
              throw new Error(JSON.stringify(request), { cause });
            }
          }
      });
    });

    test('300 random requests to the routes of the dialects gain nothing, break nothing and write nothing', async () => {
      const next = numbersFrom(20_261_129);
      const below = (limit: number) => Math.floor(next() * limit);
      const oneOf = <Value>(list: readonly Value[]) => list[below(list.length)] as Value;
      const bytes = (length: number) => Buffer.from(Array.from({ length }, () => below(256)));
      const values: unknown[] = [
        ...[null, true, -1, 1e21, '', 'clientCredentials', 'refreshToken', 'client_credentials'],
        ...['squidex-api', 'writ_rt_none', 'eyJ.e30.x', '\u0000', [], {}, { a: { b: [1] } }],
      ];
      const names = [
        ...['grantType', 'clientId', 'clientSecret', 'refreshToken', 'token', 'userId', 'name'],
        ...['expiresAt', 'attributes', 'accessTokenId', 'oldPassword', 'newPassword', 'id', 'role'],
        ...['grant_type', 'client_id', 'client_secret', 'scope', '__proto__', 'constructor', ''],
      ];
      const object = () =>
        Object.fromEntries(Array.from({ length: below(6) }, () => [oneOf(names), oneOf(values)]));
      const bodies = [
        () => JSON.stringify(object()),
        () => JSON.stringify(object()).replace('}', ',}'),
        () => new URLSearchParams(object() as Record<string, string>).toString(),
        () => bytes(below(200)),
        () => oneOf(['[]', 'null', '"', '{"a":1,"a":2}', '{"n":9007199254740993}', '\ufeff{}']),
      ];
      const authorizations = [
        () => undefined,
        () => basic(client),
        () => `Basic ${bytes(below(40)).toString('base64')}`,
        () => `Bearer ${bytes(below(40)).toString('base64url')}`,
        () => oneOf(['Bearer', 'Bearer sqlitecloud://h?apikey=x', 'ApiKey a:b', 'Basic Og==', ',']),
      ];
      const segments = ['some', '%00', '%2e%2e', 'a%2Fb', '%F0%9F%98%80', 'segment-'.repeat(40)];
      const types = ['application/json', 'application/x-www-form-urlencoded', 'x', undefined];
      await leavesNoTrace(stack(), async () => {
        for (let index = 0; index < 300; index++) {
          const { method, path } = oneOf(routes);
          const type = oneOf(types);
          const authorization = oneOf(authorizations)();
          const request: RawRequest = {
            method: next() < 0.8 ? method : oneOf(['GET', 'POST', 'PUT', 'DELETE', 'PATCH']),
            path: fill(path, oneOf(segments)) + (next() < 0.1 ? '?api_key=a:b&x=%00' : ''),
            headers: {
              ...(type && { 'content-type': type }),
              ...(authorization && { authorization }),
            },
            body: oneOf(bodies)(),
            chunked: next() < 0.2,
          };
          const answer = await send(stack(), request);
          try {
            expectRefused(request, answer);
          } catch (cause) {
            throw new Error(`request ${index}: ${JSON.stringify(request)}`, { cause });
          }
        }
      });
    });
  },
  { DIALECTS: 'all' },
);
