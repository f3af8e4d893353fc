import { describe, expect, test } from '@jest/globals';
import { requireDistinctIssuerPath } from '../../src/boot/issuer-path.ts';
import { cookieScopeOf } from '../../src/http/cookie-scope.ts';
import { removalOfIssuerPath } from '../../src/http/issuer-path.ts';

test('an issuer without a path removes nothing and costs nothing', () => {
  expect(removalOfIssuerPath('https://h.test')).toBeUndefined();
});

describe.each(['https://h.test/a/b', 'https://h.test/a/b/'])('the issuer %s', (issuer) => {
  test.each([
    ['/a/b/connect/token', '/connect/token'],
    ['/a/b', '/'],
    ['/a/b/', '/'],
    ['/a/b?x=/a/b', '/?x=/a/b'],
    ['/a/b/a/b/c', '/a/b/c'],
    ['http://proxy.test/a/b/device?user_code=1', 'http://proxy.test/device?user_code=1'],
    // A target without the issuer's path came through a proxy that stripped it.
    ['/connect/token', '/connect/token'],
    ['/a/bc/connect/token', '/a/bc/connect/token'],
    ['/A/B/connect/token', '/A/B/connect/token'],
    ['/c?next=/a/b/', '/c?next=/a/b/'],
    ['http://proxy.test/connect/token', 'http://proxy.test/connect/token'],
    ['*', '*'],
    ['/.well-known/oauth-authorization-server/a/b', '/.well-known/oauth-authorization-server'],
    ['/.well-known/oauth-authorization-server/a/b/?x', '/.well-known/oauth-authorization-server?x'],
    ['/.well-known/openid-configuration/a/b', '/.well-known/openid-configuration'],
    ['/.well-known/openid-configuration/jwks', '/.well-known/openid-configuration/jwks'],
    ['/.well-known/oauth-authorization-server/a', '/.well-known/oauth-authorization-server/a'],
  ])('reads %s as %s', (target, read) => {
    expect(removalOfIssuerPath(issuer)?.(target)).toBe(read);
  });
});

test('the issuer /jwks does not hide the JWK Set', () => {
  const jwks = '/.well-known/openid-configuration/jwks';
  expect(removalOfIssuerPath('https://h.test/jwks')?.(jwks)).toBe(jwks);
});

test.each([
  ['https://h.test', { prefix: '__Host-', path: '/', secure: true }],
  ['https://h.test/base/', { prefix: '__Secure-', path: '/base', secure: true }],
  ['http://localhost:3000', { prefix: '', path: '/', secure: false }],
  ['http://localhost:3000/base', { prefix: '', path: '/base', secure: false }],
])('cookies of %s are scoped to it, with the strictest possible prefix', (issuer, scope) => {
  expect(cookieScopeOf(issuer)).toEqual(scope);
});

describe('the path of an issuer', () => {
  const check = (path: string, DIALECTS: ('squidex' | 'bloq')[] = []) =>
    requireDistinctIssuerPath({ ISSUER: `https://h.test${path}`, DIALECTS });

  test.each(['/api', '/connect', '/account', '/account/tokens', '/apps/acme/', '/.well-known/x'])(
    'cannot be %s, which the server itself uses',
    (path) => {
      expect(() => check(path)).toThrow(/the server uses \S+ for its own endpoints/);
    },
  );

  test('cannot be one that an enabled dialect uses', () => {
    expect(() => check('/auth', ['bloq'])).toThrow('the dialect bloq uses /auth;');
    expect(() => check('/auth', ['squidex'])).not.toThrow();
  });

  test.each(['', '/auth', '/api/login', '/accounts', '/sso/connect'])('can be "%s"', (path) => {
    expect(() => check(path)).not.toThrow();
  });
});
