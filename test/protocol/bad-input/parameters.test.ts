import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Credentials } from '../../support/http.ts';
import { onStack } from '../../support/stacks.ts';
import { expectNothingGained, expectRefusal, form, leavesNoTrace, send } from './support.ts';

/** Form-encoded values that have broken servers. */
const odd: Record<string, string> = {
  'a NUL': '%00',
  'a NUL at its end': 'abc%00',
  'a NUL within': 'a%00c',
  'a lone percent sign': '%',
  'an escape without hex digits': '%zz%u0041',
  'a truncated escape': 'abc%4',
  'bytes that are not UTF-8': '%ff%fe%80',
  'an overlong NUL': '%C0%80',
  'half a surrogate pair': '%ED%A0%80',
  'emoji, accents and a right-to-left override': '%F0%9F%98%80e%CC%81%E2%80%AEtxt',
  'a noncharacter': '%EF%BF%BE%EF%B7%90',
  'a line break and a header': '%0d%0aSet-Cookie:%20a=b',
  'a quote and SQL': '%27%3B%20drop%20table%20token%3B--',
  'an object': '%7B%22%24ne%22%3Anull%7D',
  'a property name of every object': '__proto__',
  'a path': '..%2F..%2Fetc%2Fpasswd',
  '50 kB': 'a'.repeat(50_000),
  'only spaces': '+++',
};

interface Request {
  path: string;
  /** In the query, for endpoints with GET. */
  method?: 'GET';
  fields: Record<string, string>;
}

const secret = { client_id: '*', client_secret: '*' };
const assertion = { client_assertion_type: 'x', client_assertion: 'x' };
const clientCredentials = { grant_type: 'client_credentials', scope: 'x', resource: 'x' };
const refresh = { grant_type: 'refresh_token', refresh_token: 'x', scope: 'x', resource: 'x' };
const deviceCode = {
  grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
  device_code: 'x',
  resource: 'x',
};
const device = { scope: 'x', resource: 'x', nonce: 'x', max_age: 'x', acr_values: 'x' };
const code = { grant_type: 'authorization_code', code: 'x', redirect_uri: 'x', code_verifier: 'x' };
const pushed = { response_type: 'x', redirect_uri: 'x', scope: 'x', claims: 'x', max_age: 'x' };
const authorize = { client_id: 'x', redirect_uri: 'x', response_type: 'code', request_uri: 'x' };
const userinfo = { access_token: 'x', scope: 'x' };

/** Requests that together have every kind of parameter; `*` stands for valid credentials. */
const requests: Record<string, Request> = {
  client_credentials: { path: '/connect/token', fields: { ...clientCredentials, ...secret } },
  refresh_token: { path: '/connect/token', fields: { ...refresh, ...secret } },
  authorization_code: { path: '/connect/token', fields: { ...code, ...secret } },
  device_code: { path: '/connect/token', fields: { ...deviceCode, ...secret } },
  'a device authorization request': {
    path: '/connect/deviceauthorization',
    fields: { ...device, ...secret },
  },
  'a client assertion': { path: '/connect/token', fields: { ...clientCredentials, ...assertion } },
  introspection: {
    path: '/connect/introspect',
    fields: { token: 'x', token_type_hint: 'x', ...secret },
  },
  'introspection by assertion': {
    path: '/connect/introspect',
    fields: { token: 'x', client_id: 'x', ...assertion },
  },
  revocation: {
    path: '/connect/revocation',
    fields: { token: 'x', token_type_hint: 'x', ...secret },
  },
  'a pushed authorization request': { path: '/connect/par', fields: { ...pushed, ...secret } },
  'an authorization request': { path: '/connect/authorize', method: 'GET', fields: authorize },
  'userinfo by POST': { path: '/connect/userinfo', fields: userinfo },
  'userinfo by GET': { path: '/connect/userinfo', method: 'GET', fields: userinfo },
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
      redirect_uris: ['https://client.example/cb'],
    });
  });

  const credentials = (name: string) => (name === 'client_id' ? client.id : client.secret);

  /** Sends fields that are already form-encoded. */
  const ask = ({ path, method }: Request, fields: [string, string][]) => {
    const text = fields
      .map(([name, value]) => `${name}=${value === '*' ? credentials(name) : value}`)
      .join('&');
    return method
      ? send(stack(), { method, path: `${path}?${text}` })
      : send(stack(), { path, headers: form, body: text });
  };

  describe.each(Object.entries(requests))('each parameter of %s', (_name, request) => {
    const fields = Object.entries(request.fields);
    const withField = (name: string, value: string) =>
      ask(
        request,
        fields.map(([key, old]) => [key, key === name ? value : old]),
      );

    test.each(Object.entries(odd))('as %s gains nothing', async (_what, value) => {
      await leavesNoTrace(stack(), async () => {
        for (const [name] of fields) {
          const answer = await withField(name, value);
          // The URL is too long: Node refuses it first.
          if (request.method && value.length > 10_000) expect(answer.status).toBe(431);
          else expectNothingGained(request.path, answer);
        }
      });
    });

    test('sent twice is refused (RFC 6749 §3.2)', async () => {
      await leavesNoTrace(stack(), async () => {
        for (const field of fields) expectRefusal(await ask(request, [...fields, field]));
      });
    });

    test('sent empty gains nothing', async () => {
      await leavesNoTrace(stack(), async () => {
        for (const [name] of fields) expectNothingGained(request.path, await withField(name, ''));
      });
    });
  });

  test.each(['', 'password', 'implicit', 'toString', 'client_credentials ', 'Client_Credentials'])(
    'the grant type "%s" is refused with a code of RFC 6749 §5.2',
    async (grantType) => {
      const answer = await stack().post('/connect/token', { grant_type: grantType }, client);
      expect(answer.status).toBe(400);
      expect(answer.body.error).toBe(grantType ? 'unsupported_grant_type' : 'invalid_request');
    },
  );

  test('an unknown parameter is ignored, whatever its value (RFC 6749 §3.2)', async () => {
    const request = { path: '/connect/token', fields: {} };
    const fields = Object.entries({ grant_type: 'client_credentials', ...secret });
    for (const value of Object.values(odd).filter((text) => text.length < 100))
      expect((await ask(request, [...fields, ['unknown', value]])).status).toBe(200);
  });
});
