import { expect, test } from '@jest/globals';
import { onStack } from '../../support/stacks.ts';

const endpoints: [path: string, allowed: string[]][] = [
  ['/.well-known/openid-configuration', ['GET', 'HEAD', 'OPTIONS']],
  ['/.well-known/oauth-authorization-server', ['GET', 'HEAD', 'OPTIONS']],
  ['/.well-known/openid-configuration/jwks', ['GET', 'HEAD', 'OPTIONS']],
  ['/connect/token', ['POST', 'OPTIONS']],
  ['/connect/deviceauthorization', ['POST', 'OPTIONS']],
  ['/connect/introspect', ['POST']],
  ['/connect/revocation', ['POST', 'OPTIONS']],
  ['/connect/userinfo', ['GET', 'HEAD', 'POST', 'OPTIONS']],
  ['/connect/authorize', ['GET', 'HEAD', 'POST']],
  ['/connect/par', ['POST', 'OPTIONS']],
];

onStack((stack) => {
  test.each(endpoints)(
    '%s refuses an unsupported method with 405 and the list of those that it supports',
    async (path, allowed) => {
      for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'PROPFIND']) {
        if (allowed.includes(method)) continue;
        const answer = await stack().request(method, path);
        expect(answer).toMatchObject({ status: 405, body: { error: 'invalid_request' } });
        expect(answer.body.error_description).toMatch(
          new RegExp(`^${method} is not supported at this endpoint\\. Use (GET|POST)`),
        );
        expect(answer.headers.get('allow')?.split(', ').sort()).toEqual([...allowed].sort());
      }
    },
  );

  test.each(['GET', 'POST', 'PUT'])(
    '%s of a path that does not exist gets 404, in JSON',
    async (method) => {
      for (const path of [
        '/connect',
        '/connect/nothing',
        '/connect/token/',
        '/.well-known/jwks.json',
        '/api',
        '/api/v2',
      ])
        expect(await stack().request(method, path)).toMatchObject({
          status: 404,
          body: { error: 'not_found', error_description: expect.any(String) },
        });
    },
  );

  test('a revocation at a path that is almost right never gets 200 while the token stays active', async () => {
    const client = await stack().api.createClient();
    const { body } = await stack().token(client);
    for (const path of [
      '/connect/revocation/',
      '/connect/Revocation',
      '/CONNECT/REVOCATION/',
      '//connect/revocation',
      '/connect//revocation',
      '/connect/%72evocation',
    ])
      expect((await stack().post(path, { token: body.access_token }, client)).status).toBe(404);
    expect((await stack().introspect(body.access_token, client)).body.active).toBe(true);
  });

  test.each(endpoints)('OPTIONS at %s lists the supported methods', async (path, allowed) => {
    if (!allowed.includes('OPTIONS')) return;
    const { status, headers } = await stack().request('OPTIONS', path);
    expect(status).toBe(204);
    expect(headers.get('allow')?.split(', ').sort()).toEqual([...allowed].sort());
  });

  test('HEAD at userinfo is authenticated like GET', async () => {
    expect((await stack().request('HEAD', '/connect/userinfo')).status).toBe(401);
  });
});
