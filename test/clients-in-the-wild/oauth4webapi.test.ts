import { beforeAll, describe, expect, test } from '@jest/globals';
import * as oauth from 'oauth4webapi';
import { createResource, createSigningClient } from '../protocol/token/support.ts';
import { logIn } from '../support/login.ts';
import { onStack } from '../support/stacks.ts';

/** http://localhost */
const insecure = { [oauth.allowInsecureRequests]: true };

interface Party {
  client: oauth.Client;
  auth: oauth.ClientAuth;
}

onStack((stack) => {
  let resource: string;
  let server: oauth.AuthorizationServer;
  const discover = async (algorithm: 'oidc' | 'oauth2') => {
    const issuer = new URL(stack().issuer);
    const response = await oauth.discoveryRequest(issuer, { ...insecure, algorithm });
    return oauth.processDiscoveryResponse(issuer, response);
  };
  beforeAll(async () => {
    resource = await createResource(stack(), { default: true });
    server = await discover('oauth2');
  });

  const withSecret = async (
    authenticate: (secret: string) => oauth.ClientAuth,
    given = {},
  ): Promise<Party> => {
    const { id, secret } = await stack().api.createClient(given);
    return { client: { client_id: id }, auth: authenticate(secret) };
  };
  const withKey = async (): Promise<Party> => {
    const { id, privateKey } = await createSigningClient(stack());
    return {
      client: { client_id: id },
      auth: oauth.PrivateKeyJwt({ key: privateKey, kid: 'one' }),
    };
  };

  const getToken = async ({ client, auth }: Party, parameters: Record<string, string> = {}) =>
    oauth.processClientCredentialsResponse(
      server,
      client,
      await oauth.clientCredentialsGrantRequest(server, client, auth, parameters, insecure),
    );
  const introspect = async ({ client, auth }: Party, token: string) =>
    oauth.processIntrospectionResponse(
      server,
      client,
      await oauth.introspectionRequest(server, client, auth, token, insecure),
    );
  const revoke = async ({ client, auth }: Party, token: string) =>
    oauth.processRevocationResponse(
      await oauth.revocationRequest(server, client, auth, token, insecure),
    );
  const refresh = async ({ client, auth }: Party, token: string) =>
    oauth.processRefreshTokenResponse(
      server,
      client,
      await oauth.refreshTokenGrantRequest(server, client, auth, token, insecure),
    );

  test('oauth4webapi discovers the same server by OpenID Connect and by RFC 8414', async () => {
    expect(await discover('oidc')).toEqual(server);
  });

  describe.each<[string, () => Promise<Party>]>([
    ['client_secret_basic', () => withSecret(oauth.ClientSecretBasic)],
    ['client_secret_post', () => withSecret(oauth.ClientSecretPost)],
    ['private_key_jwt', withKey],
  ])('oauth4webapi, authenticating with %s,', (_method, makeParty) => {
    test('gets a token, introspects it and revokes it', async () => {
      const party = await makeParty();
      const token = await getToken(party, { scope: 'things:read', resource });
      expect(token).toMatchObject({ token_type: 'bearer', scope: 'things:read' });
      const { access_token: value } = token;
      expect(await introspect(party, value)).toMatchObject({ active: true, aud: resource });
      await revoke(party, value);
      expect(await introspect(party, value)).toEqual({ active: false });
    });

    test('gets an error code of RFC 8707', async () => {
      await expect(
        getToken(await makeParty(), { resource: 'https://nowhere.example' }),
      ).rejects.toMatchObject({ error: 'invalid_target', status: 400 });
    });
  });

  test('oauth4webapi finds the challenge for a wrong secret', async () => {
    const { client } = await withSecret(oauth.ClientSecretBasic);
    const rejection = { client, auth: oauth.ClientSecretBasic('wrong') };
    await expect(getToken(rejection)).rejects.toMatchObject({ status: 401 });
    await expect(introspect(rejection, 'x')).rejects.toMatchObject({ status: 401 });
  });

  test('oauth4webapi validates a JWT offline, like a resource server (RFC 9068 §4)', async () => {
    const jwtResource = await createResource(stack(), { token_format: 'jwt' });
    const party = await withSecret(oauth.ClientSecretBasic, { resources: [jwtResource] });
    const { access_token: value } = await getToken(party, { scope: 'things:read' });
    const request = new Request(`${jwtResource}/things`, {
      headers: { authorization: `Bearer ${value}` },
    });
    const claims = await oauth.validateJwtAccessToken(server, request, jwtResource, insecure);
    expect(claims).toMatchObject({ client_id: party.client.client_id, scope: 'things:read' });
  });

  test('oauth4webapi refreshes the tokens of a confidential client', async () => {
    const party = await withSecret(oauth.ClientSecretBasic, {
      grant_types: ['refresh_token', 'authorization_code'],
      redirect_uris: ['https://client.example/cb'],
      response_types: ['code'],
    });
    const { client_id: clientId } = party.client;
    const login = await logIn(stack(), clientId, { scope: 'openid offline_access' });
    expect(await introspect(party, login.refreshToken)).toMatchObject({ active: true });
    const first = await refresh(party, login.refreshToken);
    expect(oauth.getValidatedIdTokenClaims(first)?.sub).toBe(login.accountId);
    expect(await introspect(party, first.access_token)).toMatchObject({
      active: true,
      sub: login.accountId,
    });
    await revoke(party, first.refresh_token ?? login.refreshToken);
    expect(await introspect(party, first.access_token)).toEqual({ active: false });
    await expect(refresh(party, login.refreshToken)).rejects.toMatchObject({
      error: 'invalid_grant',
    });
  });
});
