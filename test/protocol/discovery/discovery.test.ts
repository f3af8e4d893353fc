import * as http from 'node:http';
import { describe, expect, test } from '@jest/globals';
import * as oauth from 'oauth4webapi';
import { apiScopes } from '../../../config/scopes.ts';
import { until } from '../../support/process.ts';
import { onStack, unique } from '../../support/stacks.ts';

const documents = ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'];
const jwks = '/.well-known/openid-configuration/jwks';

/** Sends a forged `Host` header and those of proxies; `fetch` would not send them. */
async function askAs(origin: string, path: string, headers: http.OutgoingHttpHeaders) {
  return new Promise<string>((resolve, reject) => {
    http
      .get(origin, { path, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () => resolve(text));
      })
      .on('error', reject);
  });
}

onStack(
  (stack) => {
    describe.each(documents)('%s', (path) => {
      test('names every endpoint at its published path, under the issuer', async () => {
        const { status, body, headers } = await stack().get(path);
        expect(status).toBe(200);
        expect(headers.get('content-type')).toMatch(/^application\/json/);
        const { issuer } = stack();
        expect(body).toMatchObject({
          issuer,
          authorization_endpoint: `${issuer}/connect/authorize`,
          device_authorization_endpoint: `${issuer}/connect/deviceauthorization`,
          token_endpoint: `${issuer}/connect/token`,
          introspection_endpoint: `${issuer}/connect/introspect`,
          revocation_endpoint: `${issuer}/connect/revocation`,
          userinfo_endpoint: `${issuer}/connect/userinfo`,
          pushed_authorization_request_endpoint: `${issuer}/connect/par`,
          jwks_uri: `${issuer}${jwks}`,
        });
      });

      test('states what the server supports, and nothing else', async () => {
        const { body } = await stack().get(path);
        expect(body.response_types_supported).toEqual(['code']);
        expect(body.grant_types_supported).toEqual(
          expect.arrayContaining([
            'client_credentials',
            'refresh_token',
            'urn:ietf:params:oauth:grant-type:device_code',
          ]),
        );
        expect(body.grant_types_supported).not.toContain('implicit');
        const methods = ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'];
        expect(new Set(body.token_endpoint_auth_methods_supported)).toEqual(new Set(methods));
        expect(body.code_challenge_methods_supported).toEqual(['S256']);
        // OpenID Connect Discovery §3: RS256 must be included.
        expect(body.id_token_signing_alg_values_supported.toSorted()).toEqual([
          'ES256',
          'EdDSA',
          'RS256',
        ]);
        expect(body.token_endpoint_auth_signing_alg_values_supported).not.toContain('none');
      });

      test('has every member that OpenID Connect Discovery §3 requires', async () => {
        const { body } = await stack().get(path);
        for (const name of ['authorization_endpoint', 'token_endpoint', 'jwks_uri'])
          expect([name, URL.canParse(body[name])]).toEqual([name, true]);
        expect(body).toMatchObject({
          issuer: stack().issuer,
          response_types_supported: ['code'],
          scopes_supported: expect.arrayContaining(['openid']),
          subject_types_supported: expect.arrayContaining(['public']),
          id_token_signing_alg_values_supported: expect.arrayContaining(['RS256']),
        });
        expect(body.id_token_signing_alg_values_supported).not.toContain('none');
      });

      test('has no empty member (RFC 8414 §3.2)', async () => {
        for (const [name, value] of Object.entries((await stack().get(path)).body))
          expect([name, value]).not.toEqual([name, Array.isArray(value) ? [] : null]);
      });

      test('comes from the issuer, whatever host the request names', async () => {
        const honest = (await stack().get(path)).text;
        for (const headers of [
          { host: 'evil.example' },
          {
            host: 'evil.example',
            'x-forwarded-host': 'evil.example',
            'x-forwarded-proto': 'https',
          },
          { forwarded: 'host=evil.example;proto=https' },
          { host: '' },
        ])
          expect(await askAs(stack().origin, path, headers)).toBe(honest);
        // The absolute form of a request target (RFC 9112 §3.2.2) names a host of its own.
        const absolute = `http://evil.example${path}`;
        expect(await askAs(stack().origin, absolute, { host: 'evil.example' })).toBe(honest);
      });

      test('answers HEAD like GET, without a body', async () => {
        const get = await stack().get(path);
        const head = await stack().request('HEAD', path);
        expect(head.status).toBe(200);
        expect(head.text).toBe('');
        for (const name of ['content-type', 'content-length', 'cache-control'])
          expect(head.headers.get(name)).toBe(get.headers.get(name));
      });
    });

    test('both documents are equal', async () => {
      const [openid, oauth] = await Promise.all(documents.map((path) => stack().get(path)));
      expect(oauth?.body).toEqual(openid?.body);
    });

    describe("the metadata of Writ's own API (RFC 9728)", () => {
      const path = '/.well-known/oauth-protected-resource/api/v1';

      test('names the API as its tokens do, its server, and the scopes that they can have', async () => {
        const { issuer } = stack();
        const { status, body, headers } = await stack().get(path);
        expect([status, headers.get('content-type')]).toEqual([
          200,
          expect.stringMatching(/^application\/json/),
        ]);
        expect(body).toEqual({
          resource: `${issuer}/api/v1`,
          authorization_servers: [issuer],
          scopes_supported: expect.arrayContaining(Object.keys(apiScopes)),
          bearer_methods_supported: ['header'],
          dpop_signing_alg_values_supported: expect.arrayContaining(['ES256']),
          resource_name: expect.any(String),
          resource_documentation: `${issuer}/docs`,
        });
        const metadata = await stack().get(documents[1] as string);
        expect(metadata.body.protected_resources).toEqual([body.resource]);
      });

      test('is where the challenge of a request without a token leads (RFC 9728 §5.1)', async () => {
        const { headers } = await stack().get('/api/v1/clients');
        const [, url = ''] =
          /resource_metadata="([^"]+)"/.exec(headers.get('www-authenticate') ?? '') ?? [];
        expect(await (await fetch(url)).json()).toEqual((await stack().get(path)).body);
      });

      test('is discovered by a client that knows only the URL of the API', async () => {
        const resource = new URL(`${stack().issuer}/api/v1`);
        const found = await oauth.processResourceDiscoveryResponse(
          resource,
          await oauth.resourceDiscoveryRequest(resource, { [oauth.allowInsecureRequests]: true }),
        );
        expect(found.authorization_servers).toEqual([stack().issuer]);
      });

      test('can only be read, and comes from the issuer, whatever host the request names', async () => {
        expect((await stack().request('POST', path)).status).toBe(405);
        expect(await askAs(stack().origin, path, { host: 'evil.example' })).toBe(
          (await stack().get(path)).text,
        );
        expect((await stack().request('HEAD', path)).text).toBe('');
      });
    });

    test('every endpoint in discovery exists', async () => {
      const { body } = await stack().get(documents[0] as string);
      const endpoints = Object.entries(body).filter(
        ([name]) => name.endsWith('_endpoint') || name === 'jwks_uri',
      );
      for (const [, url] of endpoints) {
        const { pathname } = new URL(String(url));
        const asked = await Promise.all(
          ['GET', 'POST'].map((method) => stack().request(method, pathname)),
        );
        expect(asked.map(({ status }) => status)).not.toEqual([404, 404]);
      }
    });

    const algsOf = async (): Promise<string[]> => {
      const { body } = await stack().get(jwks);
      return [...new Set<string>(body.keys.map(({ alg }: { alg: string }) => alg))].sort();
    };

    test('the key set has only algorithms that are in use: RS256, and at once what a client or a resource picks', async () => {
      const { api } = stack();
      expect(await algsOf()).toEqual(['RS256']);
      await api.createClient({
        id_token_signed_response_alg: 'EdDSA',
        grant_types: ['refresh_token'],
      });
      expect(await algsOf()).toEqual(['EdDSA', 'RS256']);
      const opaque = { identifier: unique('https://opaque.test/'), name: 'O', scopes: [] };
      await api.createResource({ ...opaque, signing_alg: 'ES256' });
      expect(await algsOf()).toEqual(['EdDSA', 'RS256']);
      const jwt = { identifier: unique('https://jwt.test/'), name: 'J', scopes: [] };
      await api.createResource({ ...jwt, token_format: 'jwt', signing_alg: 'ES256' });
      expect(await algsOf()).toEqual(['ES256', 'EdDSA', 'RS256']);
    });

    test('the key set has a public key for each algorithm, and nothing private', async () => {
      const { status, body, headers } = await stack().get(jwks);
      expect(status).toBe(200);
      expect(headers.get('content-type')).toMatch(/^application\/jwk-set\+json/);
      const listed = (member: string) =>
        body.keys.map((key: Record<string, string>) => key[member]);
      expect([...new Set(listed('alg'))].sort()).toEqual(['ES256', 'EdDSA', 'RS256']);
      expect(new Set(listed('kid')).size).toBe(body.keys.length);
      const members = ['kty', 'use', 'kid', 'alg', 'crv', 'x', 'y', 'n', 'e'];
      for (const key of body.keys) {
        expect(key).toMatchObject({ use: 'sig', kid: expect.any(String) });
        expect(Object.keys(key).filter((name) => !members.includes(name))).toEqual([]);
      }
    });

    test('a key of RSA has 2048 bits, and elliptic curves are P-256 and Ed25519 (FAPI 2.0 Security Profile §5.4.1)', async () => {
      for (const { kty, n = '', crv } of (await stack().get(jwks)).body.keys)
        if (kty === 'RSA')
          expect(Buffer.from(n, 'base64url').byteLength * 8).toBeGreaterThanOrEqual(2048);
        else expect(['P-256', 'Ed25519']).toContain(crv);
    });

    test('the key set has one key for each signing algorithm, and at most one announced successor', async () => {
      const kidsOf = (keys: Record<string, string>[]) => keys.map(({ kid }) => kid).sort();
      let managed: Record<string, string>[] = [];
      // The first keys are announced soon after the start, and then appear in the key set.
      await until('the key set to hold every key', async () => {
        managed = (await stack().api.call('GET', '/keys')).body.items;
        expect(kidsOf((await stack().get(jwks)).body.keys)).toEqual(kidsOf(managed));
      });
      const states = (alg: string) =>
        managed
          .filter((key) => key['alg'] === alg)
          .map(({ state }) => state)
          .sort();
      for (const alg of ['ES256', 'EdDSA', 'RS256'])
        expect([['signing'], ['announced', 'signing']]).toContainEqual(states(alg));
      expect(new Set(managed.map(({ alg }) => alg)).size).toBe(3);
    });

    test('the key set answers HEAD like GET, without a body', async () => {
      const [get, head] = [await stack().get(jwks), await stack().request('HEAD', jwks)];
      expect(head).toMatchObject({ status: 200, text: '' });
      expect(head.headers.get('content-type')).toBe(get.headers.get('content-type'));
    });
    // Dialects create resources whose JWTs are signed with ES256.
  },
  { DIALECTS: 'none' },
);
