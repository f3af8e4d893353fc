import { expect, test } from '@jest/globals';
import { basePathOf, oauthMetadataUrl, urlOf } from '../../src/oauth/issuer.ts';

test.each([
  ['https://h.test', '', 'https://h.test/device'],
  ['https://h.test/base', '/base', 'https://h.test/base/device'],
  ['https://h.test/base/', '/base', 'https://h.test/base/device'],
  ['https://h.test:8443/a/b', '/a/b', 'https://h.test:8443/a/b/device'],
])('URLs below the issuer %s have one slash in between', (issuer, base, url) => {
  expect([basePathOf(issuer), urlOf(issuer, '/device')]).toEqual([base, url]);
});

test.each([
  ['https://h.test', 'https://h.test/.well-known/oauth-authorization-server'],
  ['https://h.test/base', 'https://h.test/.well-known/oauth-authorization-server/base'],
  ['https://h.test/a/b/', 'https://h.test/.well-known/oauth-authorization-server/a/b'],
])('the metadata of %s is where RFC 8414 §3.1 puts it', (issuer, url) => {
  expect(oauthMetadataUrl(issuer)).toBe(url);
});
