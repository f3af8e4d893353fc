import { expect, test } from '@jest/globals';
import { Secret, TOTP } from 'otpauth';
import { sha256 } from '../../src/crypto/digest.ts';
import { createKeyring } from '../../src/crypto/sealing.ts';
import { createIdempotency } from '../../src/domain/database/idempotency.ts';
import { openSealedKeys } from '../../src/domain/keys/sealed-keys.ts';
import { openSigningKeys } from '../../src/domain/keys/signing-keys.ts';
import { mailPlace } from '../../src/domain/mail/outbox.ts';
import { defaultPersonalPolicy } from '../../src/domain/resources/resources.ts';
import { serverActor } from '../../src/domain/roles/server-actor.ts';
import { createPostgresEphemeralStore } from '../../src/domain/short-lived/postgres.ts';
import { createRedisEphemeralStore } from '../../src/domain/short-lived/redis.ts';
import { publicId } from '../../src/domain/tokens/value.ts';
import { ephemeralAdapter } from '../../src/protocol/engine/adapter/ephemeral.ts';
import { authorizationCodeRedemption } from '../../src/protocol/token/authorization-code.ts';
import { operatorKey } from '../cli/operator.ts';
import { makeDevice } from '../support/device.ts';
import { apiClient } from '../support/http.ts';
import { makeLoggedIn } from '../support/logins.ts';
import { makeParties } from '../support/parties.ts';
import { signedIn } from '../support/people.ts';
import { keepSecret } from '../support/run-records.ts';
import { onEveryStack, redisUrl, type Stack, secretKey, unique } from '../support/stacks.ts';
import { createVisitor } from '../support/visitor.ts';
import { dumpDatabase, dumpRedis } from './stores.ts';

/** SECRET_KEYS of the stacks that tests run on. */
const keyring = createKeyring([secretKey]);

type Secrets = Record<string, string>;

async function useClients(stack: Stack): Promise<Secrets> {
  const { api } = stack;
  const opaque = await makeParties(stack);
  const jwt = await makeParties(stack, { format: 'jwt' });
  const token = await opaque.issue();
  const revoked = await opaque.issue();
  await stack.introspect(token, opaque.resourceServer);
  await stack.revoke(revoked, opaque.client);

  const path = `/clients/${opaque.client.id}/secrets`;
  const added = (await api.call('POST', path)).body.client_secret;
  const phrase = `a phrase that a person chose, ${unique('and nobody else')}`;
  const taken = `Zq8${unique('').replaceAll('-', 'xY7')}kP2mR5wT9vB4nL6jH3`;
  for (const value of [phrase, taken]) {
    await api.call('POST', path, { value });
    await stack.token({ id: opaque.client.id, secret: value });
  }
  const wrong = unique('a wrong secret');
  await stack.token({ id: opaque.client.id, secret: wrong });
  await stack.introspect(token, { id: opaque.client.id, secret: wrong });

  const apiKey = await operatorKey(stack);
  await stack.get('/api/v1/clients', { authorization: `Bearer ${apiKey}` });
  const jwtToken = await jwt.issue();
  return {
    'an opaque token': token,
    'a revoked token': revoked,
    'a JWT': jwtToken,
    'the signature of a JWT': jwtToken.split('.')[2] ?? '',
    'a generated secret': opaque.client.secret,
    'an added secret': added,
    'an imported phrase': phrase,
    'an imported generated secret': taken,
    'a wrong secret': wrong,
    'an API key': apiKey,
  };
}

async function useLogins(stack: Stack): Promise<Secrets> {
  const { refreshToken, refresh } = await makeLoggedIn(stack, {
    token_endpoint_auth_method: 'none',
  });
  const { body } = await refresh(refreshToken);
  await refresh(refreshToken); // the winner's answer once more, out of the store
  const last = (await refresh(body.refresh_token, { scope: 'things:read' })).body;
  return {
    'a rotated refresh token': refreshToken,
    'its successor': body.refresh_token,
    'the last refresh token': last.refresh_token,
    'a refreshed access token': body.access_token,
  };
}

/** What people and backends make and own: made, asked for once more, used, rolled, checked and reported. */
async function useOwned(stack: Stack): Promise<Secrets> {
  const { api, domain } = stack;
  const { client, resource, resourceServer, role } = await makeParties(stack);
  const created = async (path: string, key: string, body: object, idempotencyKey?: string) => {
    const answer = await stack.request('POST', `/api/v1${path}`, {
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
        ...(idempotencyKey && { 'idempotency-key': idempotencyKey }),
      },
      body: JSON.stringify(body),
    });
    if (answer.status !== 201) throw new Error(`nothing was made: ${answer.text}`);
    return answer.body;
  };
  const operator = await operatorKey(stack);
  const keys = `/clients/${client.id}/api-keys`;
  const first = await created(keys, operator, { name: 'backend' }, unique('once'));
  const regenerated = await created(`${keys}/${first.id}/regenerate`, operator, {}, unique('once'));
  const backend = regenerated.api_key;
  const given = { subject: { type: 'user', id: '42' }, name: 'laptop', resource, roles: [role] };
  const again = unique('once');
  const { token } = await created('/tokens', backend, given, again);
  // The same answer once more, out of the store.
  expect((await created('/tokens', backend, given, again)).token).toBe(token);
  const { token: reported } = await created('/tokens', backend, given);
  const asBackend = apiClient(stack.origin, backend);
  await asBackend.call('POST', '/tokens/check', { token });
  await api.call('POST', '/tokens/leaked', { tokens: [reported, 'none'] });
  await stack.introspect(token, resourceServer);
  await apiClient(stack.origin, token).call('GET', '/tokens/self');
  // An address that holds a value, as somebody sends it by mistake.
  await asBackend.call('GET', `/tokens/${token}`);
  await asBackend.call('GET', `/tokens?after=${token}&name=${token}`);

  const { accountId } = await signedIn(stack);
  const key = { key: unique('form'), credential: unique('session'), seconds: 60 };
  const once = createIdempotency({ ...key, fingerprint: sha256('the form') });
  const expiresAt = new Date(Date.now() + 86_400_000);
  await domain.resources.update(resource, { personalPolicy: defaultPersonalPolicy });
  const personal = await domain.personalTokens.create(
    accountId,
    { name: 'script', resource, scope: ['things:read'], expiresAt },
    once,
  );
  const id = publicId(personal.token.id);
  const rolled = await domain.personalTokens.rotate(accountId, id, { overlap: 3_600 });
  const values = {
    'a personal access token': personal.value,
    'what it was rolled to': rolled.value,
  };
  for (const value of Object.values(values)) {
    keepSecret('personal_access_token', value);
    await stack.introspect(value, resourceServer);
  }
  return {
    ...values,
    'an API key of a client': first.api_key,
    'the key that took its place': backend,
    'an API token': token,
    'an API token that was reported': reported,
  };
}

/** What lives for minutes: the engine's own, and codes as the engine will store them. */
async function useCodes(stack: Stack): Promise<Secrets> {
  const { app } = await makeLoggedIn(stack);
  const pushed = await stack.post(
    '/connect/par',
    {
      client_id: app.id,
      response_type: 'code',
      redirect_uri: 'https://app.test/cb',
      scope: 'openid',
      code_challenge: sha256('verifier').toString('base64url'),
      code_challenge_method: 'S256',
    },
    app,
  );
  expect(pushed.body).toMatchObject({ request_uri: expect.any(String) });
  const { redis } = stack;
  const store = redis
    ? createRedisEphemeralStore({ redis })
    : createPostgresEphemeralStore({ database: stack.database });
  const secrets = { code: unique('code'), device: unique('device'), user: unique('user') };
  const payload = { clientId: app.id, scope: 'openid', nonce: unique('nonce') };
  const { issue, redemptions } = stack.domain;
  const adapterOf = (kind: string) =>
    ephemeralAdapter(kind, { store, keyring, issue, redemptions }, authorizationCodeRedemption);
  const { code, device, user } = secrets;
  await adapterOf('AuthorizationCode').upsert(code, { ...payload, jti: code }, 60);
  await adapterOf('AuthorizationCode').consume(code);
  const userCode = user.toUpperCase();
  await adapterOf('DeviceCode').upsert(device, { ...payload, jti: device, userCode }, 60);
  return {
    'a pushed request': pushed.body.request_uri.split(':').at(-1),
    'an authorization code': code,
    'a device code': device,
    'a user code': userCode,
    'a nonce': payload.nonce,
  };
}

/** What people type and what their browsers keep, and what a device gets of it. */
async function usePages(stack: Stack): Promise<Secrets> {
  const device = await makeDevice(stack);
  const [started, waiting] = [
    await device.start('things:read offline_access'),
    await device.start(),
  ];
  const { accountId, email, password, visitor } = await signedIn(stack);
  await visitor.get(`/device?user_code=${started.user_code}`);
  const csrf = visitor.csrf();
  await visitor.submit('/device/decision', { user_code: started.user_code, decision: 'approve' });
  const { body } = await device.poll(started);
  const { value: invitation } = await stack.domain.invitations.create(serverActor, accountId);
  await visitor.get(`/invitation/${invitation}`);
  const reset = await resetLinkOf(stack, accountId, email);
  await visitor.get(`/sign-in/reset/${reset}`);
  const wrong = unique('a wrong password');
  await visitor.signIn(email, wrong);
  const [session = '', known = ''] = ['writ_session', 'writ_known'].map((name) =>
    visitor.cookies.get(name),
  );
  return {
    'a password': password,
    'a wrong password': wrong,
    'the cookie of a session': session,
    'the cookie of a known browser': known.split('.')[1] ?? '',
    'what makes a form ours': csrf,
    'an invitation': invitation,
    'the link of an email that waits': reset,
    'a device code that was redeemed': started.device_code,
    'its user code': started.user_code.replace('-', ''),
    'its user code, as shown': started.user_code,
    'a device code that waits': waiting.device_code,
    'its user code as well': waiting.user_code,
    'the refresh token of a device': body.refresh_token,
  };
}

/** What people sign in with besides a password, and the links and codes of emails. */
async function useFactors(stack: Stack): Promise<Secrets> {
  const { domain, database, api } = stack;
  const { kysely } = database;
  const { accountId, email, password, visitor } = await signedIn(stack);
  const mailed = async (kind: string, recipient?: string) => {
    const { id, secret } = await kysely
      .selectFrom('mail')
      .select(['id', 'secret'])
      .where('kind', '=', kind)
      .where((eb) =>
        recipient ? eb('recipient', '=', recipient) : eb('account_id', '=', accountId),
      )
      .executeTakeFirstOrThrow();
    const value = keyring.open(mailPlace({ id, kind }), secret ?? Buffer.alloc(0)).toString();
    keepSecret(kind, value);
    return value;
  };

  // The links first: a new factor and a new password would end none of them, but a sign-in asks for the factor.
  await domain.emailChange.request(accountId, `${unique('moved')}@example.com`, undefined);
  const change = await mailed('email_change');
  await visitor.get(`/email/change/${change}`);

  const page = await visitor.get('/account/security/authenticator');
  const key = /<code class="key">([A-Z2-7 ]+)</.exec(page.text)?.[1]?.replaceAll(' ', '') ?? '';
  const sealed = /name="key" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
  keepSecret('key of an authenticator app', key);
  const code = new TOTP({ secret: key }).generate();
  const added = await visitor.submit('/account/security/authenticator', { key: sealed, code });
  const codes = [...added.text.matchAll(/\b[0-9a-z]{5}(?:-[0-9a-z]{5}){2}\b/g)].map(
    ([text]) => text,
  );
  for (const each of codes) keepSecret('recovery code', each);
  const browser = createVisitor(stack.origin);
  await browser.signIn(email, password);
  await browser.get('/sign-in/factor?kind=recovery');
  const used = { kind: 'recovery', code: codes[0] ?? '', remember: 'on' };
  const signedInByCode = await browser.submit('/sign-in/factor', used);
  expect(signedInByCode.status).toBe(303);

  const clientSecret = `the secret of a client elsewhere, ${unique('of a provider')}`;
  keepSecret('upstream client secret', clientSecret);
  const provider = await api.call('POST', '/identity-providers', {
    id: unique('acme').toLowerCase(),
    issuer: 'https://login.acme.test',
    client_id: 'writ',
    client_secret: clientSecret,
  });
  expect(provider.status).toBe(201);

  const [remembered = ''] = ['writ_remembered'].map((name) => browser.cookies.get(name));
  return {
    'the link to another address': change,
    'the key of an authenticator app': key,
    'the key, decoded': Buffer.from(Secret.fromBase32(key).bytes).toString('base64url'),
    'a recovery code that was used': codes[0] ?? '',
    'a recovery code': codes[1] ?? '',
    'a recovery code as it is typed': codes[2]?.replaceAll('-', '') ?? '',
    'the cookie of a remembered browser': remembered,
    'the secret at another provider': clientSecret,
  };
}

/** The link of an email for a person who forgot their password, which the email has sealed. */
async function resetLinkOf(stack: Stack, accountId: string, email: string): Promise<string> {
  const { passwordResets } = stack.domain;
  await passwordResets.request({ email, ip: undefined });
  await passwordResets.answer();
  const { id, kind, secret } = await stack.database.kysely
    .selectFrom('mail')
    .select(['id', 'kind', 'secret'])
    .where('account_id', '=', accountId)
    .where('kind', '=', 'password_reset')
    .executeTakeFirstOrThrow();
  return keyring.open(mailPlace({ id, kind }), secret ?? Buffer.alloc(0)).toString();
}

/** The keys that the database holds sealed. */
async function keysOf({ database: { kysely } }: Stack): Promise<Secrets> {
  const secrets: Secrets = {};
  for (const key of await openSigningKeys(kysely, keyring))
    for (const part of ['d', 'p', 'q', 'dp', 'dq', 'qi'] as const) {
      const value = key[part];
      if (typeof value === 'string') secrets[`${part} of the ${key.alg} key`] = value;
    }
  for (const purpose of ['client-secret-digest', 'cookies'] as const)
    for (const { key } of await openSealedKeys(kysely, keyring, purpose))
      secrets[`the key for ${purpose}`] = key.toString('base64url');
  return secrets;
}

/** A secret as it could stand in a store: as it is, encoded, or, where it is itself an encoding, decoded. */
function spellings(secret: string): string[] {
  const bytes = [Buffer.from(secret), Buffer.from(secret, 'base64url')];
  return [
    secret,
    encodeURIComponent(secret),
    ...bytes.flatMap((value) => [
      value.toString('hex'),
      value.toString('latin1'),
      value.toString('base64').replace(/=+$/, ''),
      value.toString('base64url'),
    ]),
  ];
}

onEveryStack((stack) => {
  test('nothing secret stands in clear in the database, in Redis or in the log', async () => {
    const [clients, logins] = [await useClients(stack()), await useLogins(stack())];
    const secrets = {
      ...clients,
      ...logins,
      ...(await useOwned(stack())),
      ...(await useCodes(stack())),
      ...(await usePages(stack())),
      ...(await useFactors(stack())),
      ...(await keysOf(stack())),
    };
    await stack().domain.lastUsed.flush();
    const database = await dumpDatabase(stack().database);
    const places: Record<string, string> = {
      database,
      redis: stack().name === 'embedded' ? '' : await dumpRedis(redisUrl ?? ''),
      log: stack().logged(),
    };

    // The dumps see what is there: the digests of tokens, and the names of artifacts.
    for (const value of [clients['an opaque token'], logins['the last refresh token']])
      expect(database).toContain(
        sha256(value ?? '')
          .subarray(0, 16)
          .toString('hex'),
      );
    expect(places[stack().name === 'embedded' ? 'database' : 'redis']).toMatch(/AuthorizationCode/);
    expect(Object.values(secrets).filter((secret) => !(secret?.length > 5))).toEqual([]);

    const found = Object.entries(secrets).flatMap(([what, secret]) =>
      Object.entries(places)
        .filter(([, content]) => spellings(secret).some((text) => content.includes(text)))
        .map(([place]) => `${what} stands in the ${place}`),
    );
    expect(found).toEqual([]);
  });
});
