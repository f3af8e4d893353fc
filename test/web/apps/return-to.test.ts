import { expect, test } from '@jest/globals';
import { readReturnTo } from '../../../src/web/framework/return-to.ts';

test.each([
  '/apps',
  '/apps?done=again',
  '/account/tokens?done=again',
  '/account/tokens/new?resource=https%3A%2F%2Fapi.example.com',
  '/account/tokens/tok_0lw1bw50EJ8M2WgHIL5XmUDsW/revoke',
  '/admin',
  '/admin/tokens?client=acme%3Awebsite',
  '/admin/resources/https%3A%2F%2Fapi.example.com%2Fv1',
  '/apps/new',
  '/apps/acme/clients/default/connect',
  '/apps/acme/clients/default/api-keys/tok_0lw1bw50EJ8M2WgHIL5XmUDsW?done=again',
  '/apps/acme/roles/edit?name=Night+Helper&done=again',
  '/apps/invitations/writ_app_4fJ0bnmdWkXq1ZsC8yTg2ARo7VeLh5PuEiN3wQvKxY9',
])('a sign-in leads back to %s', (path) => {
  expect(readReturnTo(path)).toBe(path);
});

test.each([
  '/apps/',
  '/account/tokens/a/b/c',
  '/account/tokens/..',
  '/apps//evil.example',
  '//apps/acme',
  '/\\apps',
  '/appsevil',
  '/adminevil',
  '/admin//evil.example',
  '/apps/..',
  '/apps/../api/v1',
  '/apps/%2e%2e/api',
  '/apps/acme/.',
  '/apps/acme\\@evil.example',
  '/apps/a/b/c/d/e/f/g',
  `/apps/${'x'.repeat(101)}`,
  '/apps/acme#x',
  '/apps/acme\n',
  '/apps?x=//evil.example',
  'https://evil.example/apps',
  'javascript:/apps',
])('but not to %j', (path) => {
  expect(readReturnTo(path)).toBe('/account');
});
