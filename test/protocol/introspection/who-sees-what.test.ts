import { describe, expect, test } from '@jest/globals';
import { issueApiKey } from '../../../src/domain/tokens/named/api-keys.ts';
import { logIn } from '../../support/login.ts';
import { makeParties, type TokenFormat } from '../../support/parties.ts';
import { onStack, unique } from '../../support/stacks.ts';

const inactive = { active: false };

onStack((stack) => {
  describe.each<TokenFormat>(['opaque', 'jwt'])('of an access token, %s,', (format) => {
    test('the resource server of its audience sees its permissions', async () => {
      const { client, resource, resourceServer, role, issue } = await makeParties(stack(), {
        format,
      });
      const token = await issue({ scope: 'things:read' });
      const { status, body } = await stack().introspect(token, resourceServer);
      expect(status).toBe(200);
      expect(body).toEqual({
        active: true,
        iss: stack().issuer,
        client_id: client.id,
        sub: client.id,
        aud: resource,
        scope: 'things:read',
        token_type: 'Bearer',
        roles: [role],
        entitlements: ['things.read'],
        iat: expect.any(Number),
        exp: expect.any(Number),
        jti: expect.stringMatching(/^tok_/),
      });
    });

    test('its own client sees the same', async () => {
      const { client, resourceServer, issue } = await makeParties(stack(), { format });
      const token = await issue();
      const [own, server] = await Promise.all(
        [client, resourceServer].map((asker) => stack().introspect(token, asker)),
      );
      expect(own?.body.active).toBe(true);
      expect(own?.body).toEqual(server?.body);
    });

    test.each(['otherResourceServer', 'otherClient'] as const)(
      'the %s learns nothing',
      async (asker) => {
        const parties = await makeParties(stack(), { format });
        const token = await parties.issue();
        expect((await stack().introspect(token, parties[asker])).body).toEqual(inactive);
      },
    );

    test.each([
      ['right', 'access_token'],
      ['wrong', 'refresh_token'],
      ['unknown', 'saml2'],
    ])('a hint that is %s changes nothing', async (_what, hint) => {
      const { resourceServer, issue } = await makeParties(stack(), { format });
      const token = await issue();
      const answer = await stack().introspect(token, resourceServer, { token_type_hint: hint });
      expect(answer.body).toEqual((await stack().introspect(token, resourceServer)).body);
      expect(answer.body.active).toBe(true);
    });
  });

  test('a public client cannot introspect, not even its own tokens', async () => {
    const { issue } = await makeParties(stack());
    const { id } = await stack().api.createClient({
      token_endpoint_auth_method: 'none',
      grant_types: [],
    });
    const answer = await stack().post('/connect/introspect', {
      token: await issue(),
      client_id: id,
    });
    expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  });

  describe('a refresh token', () => {
    const loggedIn = async () => {
      const parties = await makeParties(stack());
      const client = await stack().api.createClient({
        client_id: unique('web'),
        grant_types: ['refresh_token', 'authorization_code'],
        redirect_uris: ['https://app.test/cb'],
        response_types: ['code'],
        resources: [parties.resource],
      });
      const { resource } = parties;
      const login = await logIn(stack(), client.id, {
        resource,
        scope: 'offline_access things:read',
      });
      return { ...parties, client, login };
    };

    test.each(['access_token', 'refresh_token', undefined])(
      'is active for its own confidential client, also with the hint %s',
      async (hint) => {
        const { client, login } = await loggedIn();
        const { body } = await stack().introspect(
          login.refreshToken,
          client,
          hint ? { token_type_hint: hint } : {},
        );
        expect(body).toMatchObject({ active: true, client_id: client.id, sub: login.accountId });
        // It gives no access, so it has no token type and no roles.
        expect(body).not.toHaveProperty('token_type');
        expect(body).not.toHaveProperty('roles');
      },
    );

    test.each(['resourceServer', 'otherResourceServer', 'otherClient'] as const)(
      'is inactive to the %s',
      async (asker) => {
        const parties = await loggedIn();
        const { refreshToken } = parties.login;
        expect((await stack().introspect(refreshToken, parties[asker])).body).toEqual(inactive);
      },
    );
  });

  test('an API key is inactive to every client, even to its owner', async () => {
    const { client, resourceServer } = await makeParties(stack());
    const { value } = await issueApiKey(stack().database.kysely, {
      clientId: client.id,
      name: 'a key',
      scopes: ['clients:read'],
    });
    for (const asker of [client, resourceServer])
      expect((await stack().introspect(value, asker)).body).toEqual(inactive);
  });
});
