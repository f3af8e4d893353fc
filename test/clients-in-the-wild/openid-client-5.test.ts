// The version before the one that openid-client.test.ts runs, which many programs and passport strategies
// still use. It accepts an ID token only if it is signed with the client's algorithm, RS256 by default
// (OpenID Connect Dynamic Client Registration §2).
import { afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { type AuthorizationParameters, type BaseClient, generators, Issuer } from 'openid-client-5';
import { sha256 } from '../../src/crypto/digest.ts';
import { allow, type LoginClient, makeLoginClient } from '../protocol/authorization/support.ts';
import { loginsOf, passTime } from '../protocol/device/support.ts';
import { makePerson, signedIn } from '../support/people.ts';
import { onStack, type Stack } from '../support/stacks.ts';

const scope = 'openid offline_access things:read';
const deviceCode = 'urn:ietf:params:oauth:grant-type:device_code';

/** A client of Writ, and the library with its minimal configuration. */
async function withDefaults(stack: Stack): Promise<{ app: LoginClient; client: BaseClient }> {
  const app = await makeLoginClient(stack, 'server', {
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials', deviceCode],
  });
  const issuer = await Issuer.discover(stack.issuer);
  const client = new issuer.Client({
    client_id: app.client.id,
    client_secret: app.client.secret,
    redirect_uris: [app.redirectUri],
  });
  expect(client.metadata).toMatchObject({
    id_token_signed_response_alg: 'RS256',
    token_endpoint_auth_method: 'client_secret_basic',
  });
  return { app, client };
}

onStack((stack) => {
  let app: LoginClient;
  let client: BaseClient;
  beforeAll(async () => {
    ({ app, client } = await withDefaults(stack()));
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  /** Sends a browser where the library says; returns the callback's parameters as the library parses them. */
  async function comeBack(parameters: AuthorizationParameters) {
    const { accountId, visitor } = await signedIn(stack());
    const sent = new URL(client.authorizationUrl(parameters));
    const back = await allow(visitor, { path: `${sent.pathname}${sent.search}` });
    return { accountId, answer: client.callbackParams(back.href) };
  }

  test('openid-client 5 with its defaults logs a person in, calls userinfo, refreshes and revokes', async () => {
    const [state, nonce, verifier] = [
      generators.state(),
      generators.nonce(),
      generators.codeVerifier(),
    ];
    const { accountId, answer } = await comeBack({
      scope: 'openid offline_access',
      state,
      nonce,
      code_challenge: generators.codeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    const checks = { state, nonce, code_verifier: verifier };
    const first = await client.callback(app.redirectUri, answer, checks);
    expect(first.claims()).toMatchObject({ sub: accountId, aud: app.client.id, nonce });
    expect(await client.userinfo(first)).toEqual({ sub: accountId });
    const second = await client.refresh(first);
    expect(second.claims().sub).toBe(accountId);
    expect(second.access_token).not.toBe(first.access_token);
    const inspect = () => client.introspect(String(second.access_token));
    expect(await inspect()).toMatchObject({ active: true, sub: accountId });
    await client.revoke(String(second.refresh_token), 'refresh_token');
    expect(await inspect()).toEqual({ active: false });
    await expect(client.refresh(String(second.refresh_token))).rejects.toMatchObject({
      error: 'invalid_grant',
    });
  });

  test('openid-client 5 logs a person in with a nonce and without PKCE, as older programs do', async () => {
    const nonce = generators.nonce();
    const { accountId, answer } = await comeBack({ scope, resource: app.resource, nonce });
    const tokens = await client.callback(app.redirectUri, answer, { nonce });
    expect(tokens.claims().sub).toBe(accountId);
    expect(await client.introspect(String(tokens.access_token))).toMatchObject({
      active: true,
      aud: app.resource,
    });
  });

  test('openid-client 5 reads why an authorization was denied', async () => {
    const { answer } = await comeBack({ scope: 'openid', nonce: generators.nonce() });
    await expect(
      client.callback(app.redirectUri, { ...answer, code: 'none' }, {}),
    ).rejects.toMatchObject({ error: 'invalid_grant' });
  });

  test('openid-client 5 gets a token for itself, introspects and revokes it', async () => {
    const tokens = await client.grant({
      grant_type: 'client_credentials',
      scope: 'things:read',
      resource: app.resource,
    });
    expect(tokens).toMatchObject({ token_type: 'Bearer', scope: 'things:read' });
    const inspect = () => client.introspect(String(tokens.access_token));
    expect(await inspect()).toMatchObject({ active: true, client_id: app.client.id });
    await client.revoke(String(tokens.access_token));
    expect(await inspect()).toEqual({ active: false });
  });

  test('openid-client 5 logs a device in: it polls, waits, is approved, and refreshes', async () => {
    const handle = await client.deviceAuthorization({ scope, resource: app.resource });
    const waits = holdWaits();
    const polling = handle.poll();
    (await waits.next())();
    const goOn = await waits.next();
    const { accountId } = await makePerson(stack());
    await loginsOf(stack()).approve(handle.user_code, { id: accountId, roles: [] });
    await passTime(stack(), sha256(handle.device_code), 5);
    goOn();
    const tokens = await polling;
    expect(tokens.claims().sub).toBe(accountId);
    expect((await client.refresh(tokens)).claims().sub).toBe(accountId);
  });
});

/** Holds back the timers between polls of the library; `next` returns a function that fires one. */
function holdWaits() {
  const { setTimeout } = globalThis;
  let held = Promise.withResolvers<() => void>();
  jest.spyOn(globalThis, 'setTimeout').mockImplementation(((go: () => void, wait?: number) => {
    if (!new Error().stack?.includes('device_flow_handle')) return setTimeout(go, wait);
    expect(wait).toBe(5_000);
    held.resolve(go);
    return undefined;
  }) as typeof setTimeout);
  return {
    async next(): Promise<() => void> {
      const go = await held.promise;
      held = Promise.withResolvers();
      return go;
    },
  };
}
