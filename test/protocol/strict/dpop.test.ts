import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  calculateJwkThumbprint,
  decodeJwt,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  generateSecret,
  SignJWT,
} from 'jose';
import type { Answer, Credentials } from '../../support/http.ts';
import { makeParties, type Parties } from '../../support/parties.ts';
import { signedIn } from '../../support/people.ts';
import { onStack, type Stack, startStack } from '../../support/stacks.ts';
import {
  allow,
  type LoginClient,
  makeAppClient,
  makeLoginClient,
} from '../authorization/support.ts';
import { makeDevices } from '../device/support.ts';
import { now } from '../token/support.ts';
import { ath, createDpopKey, type DpopKey } from './support.ts';

type Changes = Record<string, unknown>;

const jktOf = async (key: DpopKey): Promise<string> =>
  calculateJwkThumbprint(
    decodeProtectedHeader(await key.prove('POST', 'https://none.test')).jwk ?? {},
  );

/** Posts a form with a proof to the token endpoint. */
const poster =
  (stack: () => Stack) =>
  async (
    form: Record<string, string>,
    { client, proof }: { client?: Credentials | undefined; proof?: DpopKey | string | undefined },
  ): Promise<Answer> => {
    const url = `${stack().issuer}/connect/token`;
    const sent = typeof proof === 'string' ? proof : await proof?.prove('POST', url);
    return stack().post('/connect/token', form, client, sent ? { DPoP: sent } : {});
  };

onStack((stack) => {
  let parties: Parties;
  let key: DpopKey;
  let other: DpopKey;
  const token = poster(stack);
  beforeAll(async () => {
    parties = await makeParties(stack());
    key = await createDpopKey();
    other = await createDpopKey();
  });

  const credentials = { grant_type: 'client_credentials' };

  test('a token that is requested with a proof is bound to its key, in both formats, and introspection says so', async () => {
    for (const token_format of ['opaque', 'jwt']) {
      await stack().api.call('PATCH', `/resources/${encodeURIComponent(parties.resource)}`, {
        token_format,
      });
      const { body } = await token(credentials, { client: parties.client, proof: key });
      expect(body.token_type).toBe('DPoP');
      const jkt = await jktOf(key);
      expect(
        (await stack().introspect(body.access_token, parties.resourceServer)).body,
      ).toMatchObject({ active: true, token_type: 'DPoP', cnf: { jkt } });
      if (token_format === 'jwt') expect(decodeJwt(body.access_token)['cnf']).toEqual({ jkt });
    }
  });

  test('a token that is requested without a proof is a bearer token, unless the client needs proofs', async () => {
    const { body } = await token(credentials, { client: parties.client });
    expect(body.token_type).toBe('Bearer');
    await stack().api.call('PATCH', `/clients/${parties.client.id}`, {
      dpop_bound_access_tokens: true,
    });
    expect(await token(credentials, { client: parties.client })).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    });
    expect((await token(credentials, { client: parties.client, proof: key })).status).toBe(200);
  });

  test('a device gets a token that is bound to the key of its poll', async () => {
    const devices = await makeDevices(stack());
    const begun = await devices.begin();
    await devices.logins.approve(begun.user_code, await devices.person());
    const { body } = await token(
      {
        grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
        device_code: begun.device_code,
        client_id: devices.client.id,
      },
      { proof: key },
    );
    expect(body.token_type).toBe('DPoP');
  });

  /** A person logs in to an app; returns what redeems the code with a proof. */
  const codeOf = async (app: LoginClient, asked: Record<string, string> = {}) => {
    const { visitor } = await signedIn(stack());
    const begun = app.begin(asked);
    const url = await allow(visitor, begun);
    const form = {
      grant_type: 'authorization_code',
      code: url.searchParams.get('code') ?? '',
      redirect_uri: app.redirectUri,
      code_verifier: begun.verifier,
      ...(!app.client.secret && { client_id: app.client.id }),
    };
    const client = app.client.secret ? app.client : undefined;
    return (proof?: DpopKey) => token(form, { client, proof });
  };

  describe('a website, which is a public client,', () => {
    let app: LoginClient;
    beforeAll(async () => {
      app = await makeLoginClient(stack(), 'website');
    });
    const logIn = async (proof: DpopKey): Promise<Answer['body']> => {
      const redeem = await codeOf(app, { scope: 'openid offline_access things:read' });
      const first = await redeem(proof);
      expect(first.body.token_type).toBe('DPoP');
      // A lost response: the same again for the same key, nothing for another.
      expect((await redeem(proof)).text).toBe(first.text);
      return first.body;
    };
    const refresh = (refresh_token: string, proof?: DpopKey) =>
      token({ grant_type: 'refresh_token', client_id: app.client.id, refresh_token }, { proof });

    test('refreshes only with the key of its login', async () => {
      const body = await logIn(key);
      for (const proof of [undefined, other])
        expect(await refresh(body.refresh_token, proof)).toMatchObject({
          status: 400,
          body: { error: 'invalid_grant' },
        });
      const refreshed = await refresh(body.refresh_token, key);
      expect(refreshed.body.token_type).toBe('DPoP');
      // The successor is bound as well.
      expect((await refresh(refreshed.body.refresh_token, other)).status).toBe(400);
      expect((await refresh(refreshed.body.refresh_token, key)).status).toBe(200);
    });

    test('gets the response of a refresh again with the same key, and nothing with another', async () => {
      const { refresh_token: value } = await logIn(key);
      const first = await refresh(value, key);
      expect(await refresh(value, other)).toMatchObject({ status: 400 });
      expect((await refresh(value, key)).text).toBe(first.text);
    });

    test('redeems a code that it requested with dpop_jkt only with that key (RFC 9449 §10)', async () => {
      const redeem = await codeOf(app, { dpop_jkt: await jktOf(key) });
      for (const proof of [undefined, other])
        expect(await redeem(proof)).toMatchObject({
          status: 400,
          body: { error: 'invalid_grant' },
        });
      expect((await redeem(key)).body.token_type).toBe('DPoP');
    });

    test('loses its login if a redeemed code is redeemed again with another key', async () => {
      const redeem = await codeOf(app);
      const { body } = await redeem(key);
      expect(await redeem(other)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
      expect((await app.introspect(body.access_token)).body).toEqual({ active: false });
    });
  });

  test('a confidential client refreshes a bound login with any key or none: its secret binds the refresh token (RFC 9449 §5)', async () => {
    const app = await makeLoginClient(stack(), 'server');
    const redeem = await codeOf(app, { scope: 'openid offline_access things:read' });
    const { body } = await redeem(key);
    expect(body.token_type).toBe('DPoP');
    const form = { grant_type: 'refresh_token', refresh_token: body.refresh_token };
    for (const [proof, type] of [
      [other, 'DPoP'],
      [undefined, 'Bearer'],
    ] as const)
      expect((await token(form, { client: app.client, proof })).body.token_type).toBe(type);
    // Without its secret the refresh token is useless, also with the key of the login.
    const stolen = await token({ ...form, client_id: app.client.id }, { proof: key });
    expect([stolen.status, stolen.body.error]).toEqual([401, 'invalid_client']);
  });

  describe('a client that must bind its tokens from now on', () => {
    const bound = { dpop_bound_access_tokens: true };
    const ways = {
      'by the API': async () => {
        const app = await makeLoginClient(stack(), 'website');
        const tighten = (change: object) =>
          stack().api.call('PATCH', `/clients/${app.client.id}`, change);
        return { app, tighten };
      },
      'as a client of an app': async () => {
        const app = await makeAppClient(stack(), 'website', 'https://spa.test/back');
        const tighten = (change: object) =>
          stack().api.call('PATCH', `/apps/${app.app}/clients/website`, change);
        return { app, tighten };
      },
    };

    test.each(Object.entries(ways))('loses its bearer tokens and logins, %s', async (_way, of) => {
      const { app, tighten } = await of();
      const redeem = await codeOf(app, { scope: 'openid offline_access' });
      const { access_token, refresh_token } = (await redeem()).body;
      const pending = await codeOf(app, { scope: 'openid' });
      const alive = async () =>
        (await stack().get('/connect/userinfo', { authorization: `Bearer ${access_token}` }))
          .status === 200;
      expect((await tighten({ default_max_age: 3600 })).status).toBe(200);
      expect(await alive()).toBe(true);
      expect((await tighten(bound)).status).toBe(200);
      expect(await alive()).toBe(false);
      const client_id = app.client.id;
      for (const proof of [undefined, key])
        expect(
          (await token({ grant_type: 'refresh_token', refresh_token, client_id }, { proof })).body
            .error,
        ).toBe('invalid_grant');
      expect((await pending(key)).body.error).toBe('invalid_grant');
      const events = async () =>
        (await stack().api.call('GET', `/audit-events?target=${client_id}`)).body.items
          .map(({ action }: { action: string }) => action)
          .filter((action: string) => action === 'client.tokens_revoked');
      expect(await events()).toHaveLength(1);
      // What it gets now stays, since nothing becomes stricter.
      const redeemed = await (await codeOf(app, { scope: 'openid' }))(key);
      expect(redeemed.body.token_type).toBe('DPoP');
      await tighten({ ...bound, default_max_age: 7200 });
      expect(await events()).toHaveLength(1);
    });
  });

  /** Where an access token is presented to this server itself. */
  const places = {
    userinfo: async () => {
      const app = await makeLoginClient(stack(), 'website');
      const { body } = await (await codeOf(app, { scope: 'openid' }))(key);
      return { path: '/connect/userinfo', value: body.access_token as string };
    },
    'the API of Writ': async () => {
      const client = await stack().api.createClient({
        resources: [stack().apiResource],
        scope: 'clients:read',
      });
      const { body } = await token(
        { ...credentials, resource: stack().apiResource },
        { client, proof: key },
      );
      return { path: '/api/v1/clients', value: body.access_token as string };
    },
  };

  describe.each(Object.entries(places))('%s', (_name, prepare) => {
    let path: string;
    let value: string;
    beforeAll(async () => {
      ({ path, value } = await prepare());
    });
    const url = () => stack().issuer + path;
    const call = (proof: string | undefined, scheme = 'DPoP') =>
      stack().get(path, {
        authorization: `${scheme} ${value}`,
        ...(proof !== undefined && { DPoP: proof }),
      });
    const prove = (changes: Changes = {}, header: Changes = {}, from = key) =>
      from.prove('GET', url(), { ath: ath(value), ...changes }, header);

    test('accepts a bound token with a proof, once', async () => {
      const proof = await prove();
      expect((await call(proof)).status).toBe(200);
      const again = await call(proof);
      expect(again.status).toBe(401);
      expect(again.headers.get('www-authenticate')).toMatch(/^DPoP realm="[^"]+".*algs="/);
    });

    test('accepts the scheme in any case', async () => {
      expect((await call(await prove(), 'dpop')).status).toBe(200);
    });

    test('of ten uses of one proof at once, one is accepted', async () => {
      const proof = await prove();
      const answers = await Promise.all(Array.from({ length: 10 }, () => call(proof)));
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    });

    test('accepts a proof for the URL in another spelling, with query and fragment', async () => {
      const spelled = url().replace('http://localhost', 'HTTP://LOCALHOST');
      expect((await call(await prove({ htu: `${spelled}?page=2#top` }))).status).toBe(200);
    });

    test('refuses a bound token that is sent as a bearer token', async () => {
      expect((await call(undefined, 'Bearer')).status).toBe(401);
    });

    test.each<[string, () => Promise<string | undefined>]>([
      ['no proof', async () => undefined],
      ['a proof of another key', () => prove({}, {}, other)],
      ['a proof for another method', () => prove({ htm: 'POST' })],
      ['a proof for another URL', () => prove({ htu: `${url()}/x` })],
      ['a proof without htu', () => prove({ htu: undefined })],
      ['a proof for another token', () => prove({ ath: ath('another') })],
      ['a proof without ath', () => prove({ ath: undefined })],
      ['a proof without jti', () => prove({ jti: undefined })],
      ['a proof without iat', () => prove({ iat: undefined })],
      ['a proof that is six minutes old', () => prove({ iat: now() - 360 })],
      ['a proof of a minute ahead', () => prove({ iat: now() + 61 })],
      ['a proof that has expired', () => prove({ exp: now() - 60 })],
      ['a proof that is not valid yet', () => prove({ nbf: now() + 61 })],
      ['a proof of another type', () => prove({}, { typ: 'JWT' })],
      [
        'a proof whose jwk is the private key',
        async () => {
          const { privateKey } = await generateKeyPair('ES256', { extractable: true });
          return new SignJWT({ htm: 'GET', htu: url(), iat: now(), jti: 'x', ath: ath(value) })
            .setProtectedHeader({
              alg: 'ES256',
              typ: 'dpop+jwt',
              jwk: await exportJWK(privateKey),
            })
            .sign(privateKey);
        },
      ],
      ['a proof without a key', () => prove({}, { jwk: undefined })],
      [
        'a proof with a nonce of nobody',
        () => (path.startsWith('/api') ? prove({ ath: 'x' }) : prove({ nonce: 'x' })),
      ],
      [
        'a proof with a shared secret',
        async () =>
          new SignJWT({ htm: 'GET', htu: url(), iat: now(), jti: 'x', ath: ath(value) })
            .setProtectedHeader({
              alg: 'HS256',
              typ: 'dpop+jwt',
              jwk: { kty: 'oct', k: 'AAAA' } as never,
            })
            .sign(await generateSecret('HS256')),
      ],
      ['no JWT', async () => 'x.y'],
      ['an altered proof', async () => (await prove()).replace(/.{4}$/, 'AAAA')],
    ])('refuses %s', async (_what, make) => {
      expect((await call(await make())).status).toBe(401);
    });

    test('refuses a token that is not bound with a proof', async () => {
      const unbound = value;
      value = (await token(credentials, { client: await stack().api.createClient() })).body
        .access_token;
      try {
        expect((await call(await prove())).status).toBe(401);
      } finally {
        value = unbound;
      }
    });
  });

  test('the token endpoint refuses a proof that is wrong, old, of the future or used', async () => {
    const { client } = parties;
    const url = `${stack().issuer}/connect/token`;
    for (const changes of [
      { htm: 'GET' },
      { htu: `${stack().issuer}/connect/par` },
      { iat: now() - 360 },
      { iat: now() + 61 },
      { jti: undefined },
      { nonce: 'x' },
    ] as Changes[]) {
      const proof = await key.prove('POST', url, changes);
      expect([changes, (await token(credentials, { client, proof })).body.error]).toEqual([
        changes,
        'invalid_dpop_proof',
      ]);
    }
    const rs256 = await (await createDpopKey('RS256')).prove('POST', url);
    expect((await token(credentials, { client, proof: rs256 })).body.error).toBe(
      'invalid_dpop_proof',
    );
    const ahead = await key.prove('POST', url, { iat: now() + 10 });
    expect((await token(credentials, { client, proof: ahead })).status).toBe(200);
    expect(await token(credentials, { client, proof: ahead })).toMatchObject({ status: 400 });
  });

  test('a page of any origin may send a proof (Fetch §3.2)', async () => {
    for (const path of ['/connect/token', '/connect/par', '/connect/userinfo']) {
      const { headers } = await stack().request('OPTIONS', path, {
        headers: {
          origin: 'https://spa.example',
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization,dpop',
        },
      });
      expect(headers.get('access-control-allow-headers')).toContain('dpop');
    }
  });

  test('the metadata of the server has the algorithms of proofs', async () => {
    const { body } = await stack().get('/.well-known/openid-configuration');
    expect(body.dpop_signing_alg_values_supported).toEqual(['PS256', 'ES256', 'EdDSA', 'Ed25519']);
  });
});

describe('DPOP_NONCE=on, behind a proxy, with an issuer that has a path', () => {
  let stack: Stack;
  const token = poster(() => stack);
  beforeAll(async () => {
    stack = await startStack('embedded', {
      DPOP_NONCE: 'on',
      ISSUER: 'https://login.example.com/id',
      TRUST_PROXY: '1',
    });
  });
  afterAll(() => stack.close());

  test('a proof needs a nonce of this server, which every page can read', async () => {
    const key = await createDpopKey();
    const client = await stack.api.createClient({
      resources: [stack.apiResource],
      scope: 'clients:read',
    });
    const form = { grant_type: 'client_credentials', resource: stack.apiResource };
    const refused = await token(form, { client, proof: key });
    expect([refused.status, refused.body.error]).toEqual([400, 'use_dpop_nonce']);
    expect(refused.headers.get('access-control-expose-headers')).toContain('DPoP-Nonce');
    const nonce = refused.headers.get('dpop-nonce');
    // The nonce counts, not the clock of the client.
    const claims = { nonce, iat: now() - 3600 };
    const url = `${stack.issuer}/connect/token`;
    const { status, body } = await token(form, {
      client,
      proof: await key.prove('POST', url, claims),
    });
    expect([status, body.token_type]).toEqual([200, 'DPoP']);
    const guessed = await token(form, {
      client,
      proof: await key.prove('POST', url, { nonce: 'x'.repeat(43) }),
    });
    expect(guessed.body.error).toBe('use_dpop_nonce');

    const call = async (changes: Changes) =>
      stack.get('/api/v1/clients', {
        authorization: `DPoP ${body.access_token}`,
        DPoP: await key.prove('GET', `${stack.issuer}/api/v1/clients`, {
          ath: ath(body.access_token),
          ...changes,
        }),
      });
    const first = await call({});
    expect([first.status, first.body.error]).toEqual([401, 'use_dpop_nonce']);
    expect((await call({ nonce: first.headers.get('dpop-nonce') })).status).toBe(200);
    expect((await call({ nonce: 'x' })).body.error).toBe('use_dpop_nonce');
  });
});
