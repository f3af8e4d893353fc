import { beforeAll, expect, test } from '@jest/globals';
import { onStack } from '../../support/stacks.ts';
import { createResource, storedTokens } from './support.ts';

onStack((stack) => {
  let resource: string;
  beforeAll(async () => {
    resource = await createResource(stack());
  });

  const client = (given: Record<string, unknown> = {}) =>
    stack().api.createClient({ resources: [resource], ...given });

  test('a client gets the requested scope, and the response and introspection name it', async () => {
    const asker = await client();
    const { body } = await stack().token(asker, { scope: 'things:read' });
    expect(body.scope).toBe('things:read');
    const introspected = await stack().introspect(body.access_token, asker);
    expect(introspected.body.scope).toBe('things:read');
  });

  test('several scopes can be requested in any order', async () => {
    const { body } = await stack().token(await client(), { scope: 'things:write things:read' });
    expect(body.scope.split(' ').sort()).toEqual(['things:read', 'things:write']);
  });

  test('a client registered with a scope gets it by default (RFC 6749 §3.3)', async () => {
    const { body } = await stack().token(await client({ scope: 'things:read' }));
    expect(body.scope).toBe('things:read');
  });

  test('a client registered without a scope gets none by default', async () => {
    const asker = await client();
    const { body } = await stack().token(asker);
    expect(body).not.toHaveProperty('scope');
    const introspected = await stack().introspect(body.access_token, asker);
    expect(introspected.body).toMatchObject({ active: true });
    expect(introspected.body).not.toHaveProperty('scope');
  });

  test.each([
    ['that its resource does not have', {}, 'nothing:here'],
    ['of which its resource has only a part', {}, 'things:read nothing:here'],
    ['beyond what it is registered with', { scope: 'things:read' }, 'things:write'],
    ['partly beyond it', { scope: 'things:read' }, 'things:read things:write'],
    ['of OpenID Connect', {}, 'openid'],
    ['that would give a refresh token', {}, 'things:read offline_access'],
    ['with an invalid character', {}, 'things:read "'],
    ['that differs in case only', {}, 'Things:Read'],
  ])(
    'a client that requests a scope %s gets invalid_scope and no token',
    async (_name, given, scope) => {
      const asker = await client(given);
      const before = await storedTokens(stack());
      expect(await stack().token(asker, { scope })).toMatchObject({
        status: 400,
        body: { error: 'invalid_scope' },
      });
      expect(await storedTokens(stack())).toBe(before);
    },
  );

  test.each([
    [
      'a scope that the resource lacks',
      {},
      'nothing:here',
      /^The resource \S+ has no scope nothing:here\. An administrator can add it with: writ resources update \S+ --add scope=nothing:here=/,
    ],
    [
      'a scope that the client lacks',
      { scope: 'things:read' },
      'things:write',
      /^The client \S+ is not registered for the scope things:write\..*writ clients update \S+ --add scope=things:write/,
    ],
    ['commas between scopes', {}, 'things:read,things:write', /^Scopes are separated by spaces/],
    ['a scope of people', {}, 'openid', /openid: only for tokens of people who sign in/],
  ])(
    'the refusal of %s says what is missing, and how it is added',
    async (_name, given, scope, words) => {
      const { body } = await stack().token(await client(given), { scope });
      expect(body).toMatchObject({
        error: 'invalid_scope',
        error_description: expect.stringMatching(words),
      });
    },
  );
});
