// The fast path of client_credentials beside the engine's path: the same requests get the same answers and leave the same
// rows, and whatever is not plain takes the engine's path.
import { afterEach, expect, jest, test } from '@jest/globals';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { makeApp, makeOpenApi } from '../../support/apps.ts';
import type { Form } from '../../support/form-post.ts';
import { makeParties } from '../../support/parties.ts';
import { onEveryStack, unique } from '../../support/stacks.ts';
import { basic, claims, steady, tokenPaths } from './both-paths.ts';

onEveryStack((stack) => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  const { both, rowOf, introspected } = tokenPaths(stack);

  test.each(['opaque', 'jwt'] as const)(
    'a plain request gets the same token from both paths: response, headers, row, introspection, %s',
    async (format) => {
      const parties = await makeParties(stack(), { format });
      const { client, resource, resourceServer } = parties;
      const grant = { grant_type: 'client_credentials' };
      const posted = { ...grant, client_id: client.id, client_secret: client.secret };
      const requests: [Form, Record<string, string>][] = [
        [grant, basic(client)],
        [posted, {}],
        [{ ...grant, client_id: client.id }, basic(client)],
        [{ ...grant, scope: 'things:write things:read' }, basic(client)],
        [{ ...grant, scope: 'things:read things:read' }, basic(client)],
        [{ ...grant, resource }, basic(client)],
        [{ ...grant, scope: '', unknown: 'ignored' }, basic(client)],
      ];
      for (const [form, headers] of requests) {
        const { fast, slow, isFast } = await both(form, headers);
        expect([isFast, fast.status]).toEqual([true, 200]);
        expect(steady(fast.headers)).toEqual(steady(slow.headers));
        const { access_token: one, ...body } = fast.body;
        const { access_token: other, ...expected } = slow.body;
        expect(Object.entries(body)).toEqual(Object.entries(expected));
        expect(await rowOf(String(one))).toEqual(await rowOf(String(other)));
        expect(await introspected(one, resourceServer)).toEqual(
          await introspected(other, resourceServer),
        );
        if (format === 'jwt') {
          expect(claims(String(one))).toEqual(claims(String(other)));
          await jwtVerify(
            String(one),
            createRemoteJWKSet(new URL('/.well-known/openid-configuration/jwks', stack().origin)),
            { issuer: stack().issuer, audience: resource, typ: 'at+jwt' },
          );
        }
      }
    },
  );

  test.each([
    ['without a role', {}],
    ['with a lifetime of its own', { access_token_ttl: 600 }],
    ['registered with a scope', { scope: 'things:read' }],
    ['registered with a scope that the API does not have', { scope: 'things:read other' }],
    ['with several grants', { grant_types: ['client_credentials', 'refresh_token'] }],
  ])('a client %s gets the same token from both paths', async (_name, metadata) => {
    const { resource, resourceServer } = await makeParties(stack());
    const client = await stack().api.createClient({ resources: [resource], ...metadata });
    const { fast, slow, isFast } = await both({ grant_type: 'client_credentials' }, basic(client));
    expect(isFast).toBe(true);
    const { access_token: one, ...body } = fast.body;
    const { access_token: other, ...expected } = slow.body;
    expect(body).toEqual(expected);
    expect(await rowOf(String(one))).toEqual(await rowOf(String(other)));
    expect(await introspected(one, resourceServer)).toEqual(
      await introspected(other, resourceServer),
    );
  });

  test.each(['opaque', 'jwt'] as const)(
    'a client of an app gets the same token from both paths, with the role that it has in the app, %s',
    async (tokenFormat) => {
      const { resource, resourceServer } = await makeOpenApi(stack(), { tokenFormat });
      const app = await makeApp(stack());
      const { fast, slow, isFast } = await both(
        { grant_type: 'client_credentials', resource },
        basic(app.client),
      );
      expect([isFast, fast.status]).toEqual([true, 200]);
      const { access_token: one, ...body } = fast.body;
      const { access_token: other, ...expected } = slow.body;
      expect(body).toEqual(expected);
      expect(await rowOf(String(one))).toEqual(await rowOf(String(other)));
      const shown = await introspected(one, resourceServer);
      expect(shown).toEqual(await introspected(other, resourceServer));
      expect(shown).toMatchObject({ app: app.name, roles: ['Owner'] });
      if (tokenFormat === 'jwt') expect(claims(String(one))).toEqual(claims(String(other)));
    },
  );

  test('what is not plain takes the path of the engine, and gets its answer', async () => {
    const { client, resource } = await makeParties(stack());
    const resources = { resources: [resource] };
    const bound = await stack().api.createClient({ ...resources, dpop_bound_access_tokens: true });
    const codes = await stack().api.createClient({
      ...resources,
      grant_types: ['authorization_code'],
      redirect_uris: ['https://app.example/cb'],
    });
    const grant = { grant_type: 'client_credentials' };
    const requests: [Form, Record<string, string>][] = [
      [grant, {}],
      [grant, { authorization: 'Basic nonsense' }],
      [grant, basic({ id: client.id, secret: 'wrong' })],
      [grant, basic({ id: unique('nobody'), secret: client.secret })],
      [{ ...grant, client_id: 'https://app.example/client', client_secret: 'a' }, {}],
      [{ ...grant, scope: 'things:burn' }, basic(client)],
      [{ ...grant, scope: 'openid' }, basic(client)],
      [{ ...grant, resource: 'https://other.example' }, basic(client)],
      [
        [
          ['grant_type', 'client_credentials'],
          ['resource', resource],
          ['resource', 'urn:b'],
        ],
        basic(client),
      ],
      [
        [
          ['grant_type', 'client_credentials'],
          ['scope', 'a'],
          ['scope', 'b'],
        ],
        basic(client),
      ],
      [{ ...grant, authorization_details: '[{"type":"x"}]' }, basic(client)],
      [{ ...grant, client_secret: client.secret }, basic(client)],
      [{ grant_type: 'refresh_token' }, basic(client)],
      [{ grant_type: 'nonsense' }, basic(client)],
      [{}, basic(client)],
      [grant, { ...basic(client), dpop: 'nonsense' }],
      [grant, basic(bound)],
      [grant, basic(codes)],
    ];
    for (const [form, headers] of requests) {
      const { fast, slow, isFast } = await both(form, headers);
      expect([form, isFast, fast.status]).toEqual([form, false, expect.any(Number)]);
      expect(fast.status).toBeGreaterThanOrEqual(400);
      expect({ status: fast.status, body: fast.body }).toEqual({
        status: slow.status,
        body: slow.body,
      });
    }
  });

  test('a token of the fast path ends with its client, which then gets none', async () => {
    const { client, resourceServer } = await makeParties(stack());
    const { fast, isFast } = await both({ grant_type: 'client_credentials' }, basic(client));
    expect(isFast).toBe(true);
    await stack().api.call('POST', `/clients/${client.id}/disable`);
    expect(await introspected(fast.body['access_token'], resourceServer)).toEqual({
      active: false,
    });
    const refused = await both({ grant_type: 'client_credentials' }, basic(client));
    expect([refused.isFast, refused.fast.status]).toEqual([false, 401]);
  });
});
