import { describe, expect, test } from '@jest/globals';
import { onStack } from '../../support/stacks.ts';

const origin = 'https://page.example';

/** The paths that pages of any origin can call, and their methods. */
const open: [path: string, method: string][] = [
  ['/.well-known/openid-configuration', 'GET'],
  ['/.well-known/oauth-authorization-server', 'GET'],
  ['/.well-known/openid-configuration/jwks', 'GET'],
  ['/.well-known/oauth-protected-resource/api/v1', 'GET'],
  ['/connect/token', 'POST'],
  ['/connect/deviceauthorization', 'POST'],
  ['/connect/userinfo', 'GET'],
  ['/connect/userinfo', 'POST'],
  ['/connect/revocation', 'POST'],
];

onStack((stack) => {
  describe.each(open)('%s by %s', (path, method) => {
    test('lets a page of another origin read the response, also if it refuses', async () => {
      const { headers } = await stack().request(method, path, { headers: { origin } });
      expect(['*', origin]).toContain(headers.get('access-control-allow-origin'));
      expect(headers.get('vary')).toMatch(/origin/i);
      expect(headers.has('access-control-allow-credentials')).toBe(false);
    });

    test('answers the preflight of a request with an Authorization header', async () => {
      const preflight = await stack().request('OPTIONS', path, {
        headers: {
          origin,
          'access-control-request-method': method,
          'access-control-request-headers': 'authorization',
        },
      });
      expect(preflight).toMatchObject({ status: 204, text: '' });
      const { headers } = preflight;
      expect(['*', origin]).toContain(headers.get('access-control-allow-origin'));
      expect(headers.get('access-control-allow-methods')?.split(',')).toContain(method);
      expect(headers.get('access-control-allow-headers')).toMatch(/authorization/i);
      expect(headers.has('access-control-allow-credentials')).toBe(false);
    });
  });

  test('a page can read why it was refused', async () => {
    for (const path of [
      '/connect/token',
      '/connect/deviceauthorization',
      '/connect/userinfo',
      '/connect/revocation',
    ]) {
      const { headers } = await stack().request('POST', path, {
        headers: { origin, authorization: 'Basic bm9ib2R5Om5vdGhpbmc=' },
      });
      expect(headers.get('access-control-expose-headers')).toMatch(/WWW-Authenticate/i);
    }
  });

  test('a page can get a token, and revoke it', async () => {
    const client = await stack().api.createClient();
    const issued = await stack().post(
      '/connect/token',
      { grant_type: 'client_credentials' },
      client,
      { origin },
    );
    expect(issued.status).toBe(200);
    expect(['*', origin]).toContain(issued.headers.get('access-control-allow-origin'));
    const revoked = await stack().post(
      '/connect/revocation',
      { token: issued.body.access_token },
      client,
      { origin },
    );
    expect(revoked.status).toBe(200);
    expect(['*', origin]).toContain(revoked.headers.get('access-control-allow-origin'));
  });

  test('the authorization endpoint is for redirects: no page of another origin can read its responses (RFC 9700 §2.6)', async () => {
    for (const method of ['GET', 'POST', 'OPTIONS']) {
      const { headers } = await stack().request(method, '/connect/authorize', {
        headers: { origin },
      });
      expect([method, headers.has('access-control-allow-origin')]).toEqual([method, false]);
    }
  });

  test('introspection and the API are for servers: no page of another origin can read their responses', async () => {
    for (const path of ['/connect/introspect', '/api/v1/clients']) {
      const { headers } = await stack().request('POST', path, { headers: { origin } });
      expect(headers.has('access-control-allow-origin')).toBe(false);
    }
  });
});
