import { expect, test } from '@jest/globals';
import { basic } from '../../support/http.ts';
import { onStack } from '../../support/stacks.ts';
import {
  expectNothingGained,
  formEndpoints,
  leavesNoTrace,
  numbersFrom,
  type RawRequest,
  send,
} from './support.ts';

const names = [
  ...['grant_type', 'client_id', 'client_secret', 'client_assertion', 'client_assertion_type'],
  ...['scope', 'resource', 'token', 'token_type_hint', 'refresh_token', 'code', 'redirect_uri'],
  ...['code_verifier', 'access_token', 'request', 'request_uri', 'response_type', 'claims'],
  ...['authorization_details', 'device_code', 'audience', '__proto__', '', 'a[b]', '%00'],
];

const values = [
  ...['client_credentials', 'refresh_token', 'authorization_code', 'password', 'code', 'openid'],
  ...['urn:ietf:params:oauth:client-assertion-type:jwt-bearer', 'https://api.example.com', '{}'],
  ...['urn:ietf:params:oauth:grant-type:device_code', 'e30.e30.e30', 'writ_at_', 'tok_0', 'null'],
  ...[
    '%00',
    '%',
    '%zz',
    '%ff',
    '%0d%0a',
    '%F0%9F%98%80',
    '',
    '+',
    '[]',
    '-1',
    '1e999',
    '%ED%A0%80',
  ],
];

const types = [
  ...Array(6).fill('application/x-www-form-urlencoded'),
  ...['application/json', 'text/plain', 'multipart/form-data', 'x', undefined],
  'application/x-www-form-urlencoded; charset=utf-16',
];

onStack((stack) => {
  test('300 random requests gain nothing, break nothing and write nothing', async () => {
    // The client has no grant but codes and refresh tokens, and there are none; its valid credentials
    // let the requests reach further.
    const client = await stack().api.createClient({
      grant_types: ['refresh_token', 'authorization_code'],
      response_types: ['code'],
      redirect_uris: ['https://client.example/cb'],
    });
    const next = numbersFrom(20_260_101);
    const below = (limit: number) => Math.floor(next() * limit);
    const oneOf = <Value>(list: readonly Value[]) => list[below(list.length)] as Value;
    const bytes = (length: number) => Buffer.from(Array.from({ length }, () => below(256)));

    const value = () =>
      next() < 0.2 ? encodeURIComponent(bytes(20).toString('latin1')) : oneOf(values);
    const body = () =>
      next() < 0.1
        ? bytes(below(300))
        : Array.from({ length: below(8) }, () => `${oneOf(names)}=${value()}`).join('&');
    const authorizations = [
      () => undefined,
      () => basic(client),
      () => basic({ id: client.id, secret: 'wrong' }),
      () => `Basic ${bytes(below(40)).toString('base64')}`,
      () => `Bearer ${bytes(below(40)).toString('base64url')}`,
      () => oneOf(['Basic', 'Bearer', 'DPoP x', 'Basic =', ',']),
    ];
    const randomRequest = (): RawRequest => {
      const type = oneOf(types);
      const authorization = oneOf(authorizations)();
      return {
        method: next() < 0.85 ? 'POST' : oneOf(['GET', 'PUT', 'DELETE', 'PATCH']),
        path: oneOf([
          ...formEndpoints,
          '/connect/token',
          '/connect/introspect',
          '/connect/authorize',
          '/connect/nothing',
        ]),
        headers: { ...(type && { 'content-type': type }), ...(authorization && { authorization }) },
        body: body(),
        chunked: next() < 0.2,
      };
    };

    await leavesNoTrace(stack(), async () => {
      for (let index = 0; index < 300; index++) {
        const request = randomRequest();
        const answer = await send(stack(), request);
        try {
          if (request.path === '/connect/nothing') expect(answer.status).toBe(404);
          else expectNothingGained(request.path, answer);
        } catch (cause) {
          throw new Error(`request ${index}: ${JSON.stringify(request)}`, { cause });
        }
      }
    });
  });
});
