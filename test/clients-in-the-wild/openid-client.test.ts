import { beforeAll, describe, expect, test } from '@jest/globals';
import * as client from 'openid-client';
import { makeDevices } from '../protocol/device/support.ts';
import { createResource, createSigningClient } from '../protocol/token/support.ts';
import { logIn } from '../support/login.ts';
import { onStack, unique } from '../support/stacks.ts';

onStack((stack) => {
  let resource: string;
  beforeAll(async () => {
    resource = await createResource(stack(), { default: true });
  });

  const discover = (
    clientId: string,
    authentication?: client.ClientAuth,
    algorithm: 'oidc' | 'oauth2' = 'oidc',
  ) =>
    client.discovery(new URL(stack().issuer), clientId, undefined, authentication, {
      algorithm,
      // http://localhost
      execute: [client.allowInsecureRequests],
    });

  const withSecret = async (authenticate: (secret: string) => client.ClientAuth) => {
    const { id, secret } = await stack().api.createClient();
    return discover(id, authenticate(secret));
  };

  describe.each<[string, () => Promise<client.Configuration>]>([
    ['client_secret_basic', () => withSecret(client.ClientSecretBasic)],
    ['client_secret_post', () => withSecret(client.ClientSecretPost)],
    [
      'private_key_jwt',
      async () => {
        const { id, privateKey } = await createSigningClient(stack());
        return discover(id, client.PrivateKeyJwt({ key: privateKey, kid: 'one' }));
      },
    ],
  ])('openid-client, authenticating with %s,', (_method, configure) => {
    test('discovers the server, gets a token, introspects it and revokes it', async () => {
      const config = await configure();
      const tokens = await client.clientCredentialsGrant(config, {
        scope: 'things:read',
        resource,
      });
      expect(tokens).toMatchObject({ token_type: 'bearer', scope: 'things:read' });
      expect(tokens.expires_in).toBe(2_592_000);
      const inspect = () => client.tokenIntrospection(config, tokens.access_token);
      expect(await inspect()).toMatchObject({ active: true, aud: resource, scope: 'things:read' });
      await client.tokenRevocation(config, tokens.access_token);
      expect(await inspect()).toEqual({ active: false });
    });

    test('gets an error code of RFC 6749', async () => {
      await expect(
        client.clientCredentialsGrant(await configure(), { scope: 'nothing:here' }),
      ).rejects.toMatchObject({ error: 'invalid_scope', status: 400 });
    });
  });

  test('openid-client finds the server by RFC 8414 as well', async () => {
    const { id, secret } = await stack().api.createClient();
    const config = await discover(id, client.ClientSecretBasic(secret), 'oauth2');
    expect(config.serverMetadata().issuer).toBe(stack().issuer);
    expect((await client.clientCredentialsGrant(config)).access_token).toMatch(/^writ_at_/);
  });

  test('openid-client refreshes, calls userinfo and revokes the grant', async () => {
    const { id } = await stack().api.createClient({
      client_id: unique('cli'),
      token_endpoint_auth_method: 'none',
      grant_types: ['refresh_token', 'authorization_code'],
      redirect_uris: ['http://127.0.0.1/cb'],
      response_types: ['code'],
      application_type: 'native',
    });
    const login = await logIn(stack(), id, { scope: 'openid offline_access' });
    const config = await discover(id, client.None());
    const tokens = await client.refreshTokenGrant(config, login.refreshToken);
    expect(tokens.claims()?.sub).toBe(login.accountId);
    const userinfo = () => client.fetchUserInfo(config, tokens.access_token, login.accountId);
    expect(await userinfo()).toEqual({ sub: login.accountId });
    await client.tokenRevocation(config, tokens.refresh_token ?? '');
    await expect(userinfo()).rejects.toMatchObject({ status: 401 });
    await expect(
      client.refreshTokenGrant(config, tokens.refresh_token ?? ''),
    ).rejects.toMatchObject({ error: 'invalid_grant' });
  });

  test('openid-client logs a device in: it starts, polls, is approved and refreshes', async () => {
    const { client: app, logins, person } = await makeDevices(stack(), { resources: [resource] });
    const config = await discover(app.id, client.None());
    const begun = await client.initiateDeviceAuthorization(config, {
      scope: 'openid offline_access things:read',
    });
    expect(begun).toMatchObject({ expires_in: 900, interval: 5 });
    const ada = await person();
    await logins.approve(begun.user_code, ada);
    // It waits for the interval before its first poll.
    const tokens = await client.pollDeviceAuthorizationGrant(config, { ...begun, interval: 0 });
    expect(tokens.claims()?.sub).toBe(ada.id);
    const refreshed = await client.refreshTokenGrant(config, String(tokens.refresh_token));
    expect(refreshed.access_token).toMatch(/^writ_at_/);
  });

  test('openid-client learns that a device was denied', async () => {
    const { client: app, logins, person } = await makeDevices(stack(), { resources: [resource] });
    const config = await discover(app.id, client.None());
    const begun = await client.initiateDeviceAuthorization(config, { scope: 'things:read' });
    await logins.deny(begun.user_code, await person());
    await expect(
      client.pollDeviceAuthorizationGrant(config, { ...begun, interval: 0 }),
    ).rejects.toMatchObject({ error: 'access_denied' });
  });
});
