import { once } from 'node:events';
import * as http from 'node:http';
import * as https from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { createIsTrusted, thumbprintOf } from '../../../src/domain/clients/certificates.ts';
import { createGuard } from '../../../src/sdk/resource-server/index.ts';
import {
  type CertificateMaker,
  certificateForms,
  type KeyAndCertificate,
  makeCertificates,
  openTlsProxy,
  type TlsProxy,
  writeAuthorities,
} from '../../support/mutual-tls.ts';
import { makeParties, type Parties } from '../../support/parties.ts';
import { signedIn } from '../../support/people.ts';
import { type Stack, startStack, unique } from '../../support/stacks.ts';
import { allow, makeLoginClient } from '../authorization/support.ts';
import { createResource } from '../token/support.ts';
import { createDpopKey } from './support.ts';

const header = 'X-Client-Cert';

/** The address that the proxy connects from; the others are those of everyone else. */
const proxyAddress = '127.0.0.2';

let stack: Stack;
let maker: CertificateMaker;
let proxy: TlsProxy;
let parties: Parties;
let known: KeyAndCertificate;
let stranger: KeyAndCertificate;
let own: KeyAndCertificate;
let second: KeyAndCertificate;

const subject = '/C=DE/O=Acme, Inc./OU=Jobs/CN=bäckend';
const registeredSubject = 'CN=bäckend,OU=Jobs,O=Acme\\, Inc.,C=DE';
const names =
  'DNS:jobs.acme.test,URI:spiffe://acme.test/jobs,IP:192.0.2.7,IP:2001:db8::7,email:jobs@Acme.test';

beforeAll(async () => {
  maker = await makeCertificates();
  const authority = await maker.authority('trusted');
  second = await maker.authority('second');
  await maker.authority('other');
  own = await maker.issue({ subject: '/CN=localhost' });
  known = await maker.issue({ subject, extensions: [`subjectAltName=${names}`] }, 'trusted');
  stranger = await maker.issue({ subject, extensions: [`subjectAltName=${names}`] }, 'other');
  stack = await startStack('embedded', {
    HOST: '127.0.0.1',
    TRUST_PROXY: '1',
    CLIENT_CERTIFICATE_HEADER: header,
    CLIENT_CERTIFICATE_PROXIES: `${proxyAddress},10.0.0.0/8`,
    CLIENT_CERTIFICATE_AUTHORITIES: await writeAuthorities(maker, [authority, second]),
    CLIENT_CERTIFICATE_URL: 'https://mtls.acme.test',
  });
  proxy = await openTlsProxy({
    server: stack.origin.replace('localhost', '127.0.0.1'),
    header,
    address: proxyAddress,
    own,
  });
  parties = await makeParties(stack);
});
afterAll(async () => {
  await proxy?.close();
  await stack?.close();
  await maker?.close();
});

const makeClient = (metadata: Record<string, unknown>) =>
  stack.api.createClient({ resources: [parties.resource], roles: [parties.role], ...metadata });

const byName = (metadata: Record<string, unknown> = {}) =>
  makeClient({
    token_endpoint_auth_method: 'tls_client_auth',
    ...(!Object.keys(metadata).some((name) => name.startsWith('tls_client_auth')) && {
      tls_client_auth_subject_dn: registeredSubject,
    }),
    ...metadata,
  });

const tokenOf = (client: { id: string }, by?: KeyAndCertificate, headers = {}) =>
  proxy.request('/connect/token', {
    by,
    form: { grant_type: 'client_credentials', client_id: client.id },
    headers,
  });

describe('tls_client_auth (RFC 8705 §2.1)', () => {
  test.each([
    ['the subject', { tls_client_auth_subject_dn: registeredSubject }],
    [
      'the subject, with types as numbers and bytes as digits',
      {
        tls_client_auth_subject_dn: '2.5.4.3=b\\C3\\A4ckend, ou=Jobs, O=Acme\\2C Inc., C=#13024445',
      },
    ],
    ['a host', { tls_client_auth_san_dns: 'JOBS.acme.test' }],
    ['a URI', { tls_client_auth_san_uri: 'spiffe://acme.test/jobs' }],
    ['an IPv4 address', { tls_client_auth_san_ip: '192.0.2.7' }],
    ['an IPv6 address in another spelling', { tls_client_auth_san_ip: '2001:0DB8:0:0::0007' }],
    ['an email address', { tls_client_auth_san_email: 'jobs@acme.test' }],
  ])('%s of the certificate authenticates the client', async (_what, metadata) => {
    const client = await byName(metadata);
    expect(await tokenOf(client, known)).toMatchObject({ status: 200 });
    for (const by of [stranger, undefined])
      expect(await tokenOf(client, by)).toMatchObject({
        status: 401,
        body: { error: 'invalid_client' },
      });
  });

  test.each([
    ['CN=bäckend,OU=Jobs,O=Acme\\, Inc.', 'a part of the subject'],
    ['C=DE,O=Acme\\, Inc.,OU=Jobs,CN=bäckend', 'the subject in the order of the certificate'],
    ['CN=BÄCKEND,OU=Jobs,O=Acme\\, Inc.,C=DE', 'the subject in another case'],
    ['CN=bäckend+OU=Jobs,O=Acme\\, Inc.,C=DE', 'the subject with several values in one name'],
  ])('%s is not the subject: %s', async (tls_client_auth_subject_dn) => {
    const client = await byName({ tls_client_auth_subject_dn });
    expect(await tokenOf(client, known)).toMatchObject({ status: 401 });
  });

  test.each([
    ['tls_client_auth_san_dns', 'acme.test'],
    ['tls_client_auth_san_uri', 'spiffe://acme.test/job'],
    ['tls_client_auth_san_ip', '192.0.2.70'],
    ['tls_client_auth_san_email', 'Jobs@acme.test'],
  ])('another %s authenticates no one', async (name, value) => {
    expect(await tokenOf(await byName({ [name]: value }), known)).toMatchObject({ status: 401 });
  });

  test('a certificate of a trusted authority that has expired, or is not for TLS clients, authenticates no one', async () => {
    const client = await byName({ tls_client_auth_san_dns: 'jobs.acme.test' });
    const like = (more: object) =>
      maker.issue(
        { subject, extensions: ['subjectAltName=DNS:jobs.acme.test'], ...more },
        'second',
      );
    const extended = (usage: string) => ({
      extensions: ['subjectAltName=DNS:jobs.acme.test', `extendedKeyUsage=${usage}`],
    });
    expect(await tokenOf(client, await like({}))).toMatchObject({ status: 200 });
    expect(await tokenOf(client, await like(extended('clientAuth')))).toMatchObject({
      status: 200,
    });
    expect(await tokenOf(client, await like(extended('serverAuth')))).toMatchObject({
      status: 401,
    });
    const signed = await like({});
    const inDays = (days: number) =>
      createIsTrusted([second.x509], () => Date.now() + days * 86_400_000)(signed.x509);
    expect([inDays(0), inDays(-1), inDays(3)]).toEqual([true, false, false]);
  });

  test('the certificate of a client that is no authority signs no other', async () => {
    const client = await byName({ tls_client_auth_san_dns: 'jobs.acme.test' });
    const forged = await maker.issue(
      { subject, extensions: ['subjectAltName=DNS:jobs.acme.test'] },
      'leaf-2',
    );
    expect(await tokenOf(client, forged)).toMatchObject({ status: 401 });
  });

  test('introspection and revocation authenticate in the same way', async () => {
    const server = await byName({ resource_server_for: [parties.resource] });
    const issued = await parties.issue();
    const ask = (path: string, by?: KeyAndCertificate, headers = {}) =>
      proxy.request(path, { by, form: { client_id: server.id, token: issued }, headers });
    // With an Origin header the request does not take the fast path.
    for (const headers of [{}, { origin: 'https://app.acme.test' }]) {
      expect(await ask('/connect/introspect', known, headers)).toMatchObject({
        status: 200,
        body: { active: true },
      });
      for (const by of [stranger, undefined])
        expect(await ask('/connect/introspect', by, headers)).toMatchObject({
          status: 401,
          body: { error: 'invalid_client' },
        });
    }
    expect(await ask('/connect/revocation', known)).toMatchObject({ status: 200 });
    expect(await ask('/connect/revocation', stranger)).toMatchObject({ status: 401 });
  });

  test('its client cannot authenticate with its ID alone or a secret', async () => {
    const client = await byName();
    const form = { grant_type: 'client_credentials', client_id: client.id };
    for (const more of [{}, { client_secret: 'guessed' }])
      expect(await stack.post('/connect/token', { ...form, ...more })).toMatchObject({
        status: 401,
        body: { error: 'invalid_client' },
      });
  });
});

describe('self_signed_tls_client_auth (RFC 8705 §2.2)', () => {
  test('a registered certificate authenticates the client, and no other does', async () => {
    const [first, second, third] = await Promise.all(
      [1, 2, 3].map(() => maker.issue({ subject: '/CN=self' })),
    );
    if (!first || !second || !third) throw new Error('no certificates');
    const client = await makeClient({
      token_endpoint_auth_method: 'self_signed_tls_client_auth',
      jwks: { keys: [first.jwk, second.jwk] },
      resource_server_for: [parties.resource],
    });
    const introspect = (by?: KeyAndCertificate) =>
      proxy.request('/connect/introspect', { by, form: { client_id: client.id, token: 'none' } });
    for (const by of [first, second]) {
      expect(await tokenOf(client, by)).toMatchObject({ status: 200 });
      expect(await introspect(by)).toMatchObject({ status: 200, body: { active: false } });
    }
    for (const by of [third, known, undefined]) {
      expect(await tokenOf(client, by)).toMatchObject({ status: 401 });
      expect(await introspect(by)).toMatchObject({ status: 401 });
    }
  });

  test('its keys need their certificates', async () => {
    const { jwk } = await maker.issue({ subject: '/CN=self' });
    const { jwk: another } = await maker.issue({ subject: '/CN=self' });
    const refuse = async (jwks: object | undefined) => {
      const { status, text } = await stack.api.call('POST', '/clients', {
        client_id: unique('self'),
        token_endpoint_auth_method: 'self_signed_tls_client_auth',
        ...(jwks && { jwks }),
      });
      expect([status, text]).toEqual([400, expect.stringContaining('jwks')]);
    };
    await refuse(undefined);
    await refuse({ keys: [{ ...jwk, x5c: undefined }] });
    await refuse({ keys: [{ ...jwk, x5c: ['none'] }] });
    await refuse({ keys: [{ ...jwk, x5c: another['x5c'] }] });
  });
});

describe('the header of the proxy', () => {
  test.each(Object.keys(certificateForms) as (keyof typeof certificateForms)[])(
    'can have %s',
    async (form) => {
      const client = await byName();
      proxy.form = form;
      try {
        expect(await tokenOf(client, known)).toMatchObject({ status: 200 });
      } finally {
        proxy.form = 'percent-encoded PEM, as nginx has it';
      }
    },
  );

  /** A request that comes from an address directly, with the header that it likes. */
  const send = async (localAddress: string, value: string, form: Record<string, string>) => {
    const body = new URLSearchParams(form).toString();
    const sent = http.request(`${stack.origin.replace('localhost', '127.0.0.1')}/connect/token`, {
      method: 'POST',
      localAddress,
      agent: false,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'content-length': Buffer.byteLength(body),
        'x-forwarded-for': '10.0.0.1',
        [header]: value,
      },
    });
    sent.end(body);
    const [response] = (await once(sent, 'response')) as [http.IncomingMessage];
    let text = '';
    for await (const part of response.setEncoding('utf8')) text += part;
    return { status: response.statusCode, body: JSON.parse(text) };
  };

  test('is ignored in a request that does not come from a proxy, and the log says so once', async () => {
    const client = await byName();
    const form = { grant_type: 'client_credentials', client_id: client.id };
    const forged = encodeURIComponent(known.cert);
    expect(await send(proxyAddress, forged, form)).toMatchObject({ status: 200 });
    for (const address of ['127.0.0.1', '127.0.0.3'])
      expect(await send(address, forged, form)).toMatchObject({
        status: 401,
        body: { error: 'invalid_client' },
      });
    expect(stack.logged().match(/ignored a client certificate/g)).toHaveLength(1);
  });

  test('is replaced by the proxy: a client cannot set it', async () => {
    const client = await byName();
    const forged = { [header]: encodeURIComponent(known.cert) };
    expect(await tokenOf(client, undefined, forged)).toMatchObject({ status: 401 });
    expect(await tokenOf(client, stranger, forged)).toMatchObject({ status: 401 });
  });

  test.each([
    ['no certificate', 'hello'],
    ['half an escape', '%2'],
    [
      'another PEM',
      encodeURIComponent('-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----'),
    ],
    ['bytes that are no certificate', ':AAAA:'],
    ['an unfinished byte sequence', ':AAAA'],
    [
      'two certificates',
      () => [known, known].map(({ cert }) => encodeURIComponent(cert)).join(','),
    ],
    [
      'a certificate with more after it',
      () => `:${Buffer.concat([known.x509.raw, Buffer.from('more')]).toString('base64')}:`,
    ],
  ])(
    'with %s gets a clear error, for clients that need a certificate only',
    async (_what, value) => {
      const malformed = typeof value === 'string' ? value : value();
      const form = { grant_type: 'client_credentials' };
      const named = await byName();
      expect(await send(proxyAddress, malformed, { ...form, client_id: named.id })).toMatchObject({
        status: 400,
        body: { error: 'invalid_request', error_description: expect.stringContaining(header) },
      });
      const { id, secret } = parties.client;
      expect(
        await send(proxyAddress, malformed, { ...form, client_id: id, client_secret: secret }),
      ).toMatchObject({ status: 200 });
    },
  );
});

describe('tokens that are bound to a certificate (RFC 8705 §3)', () => {
  const bound = { tls_client_certificate_bound_access_tokens: true };

  test.each(['opaque', 'jwt'] as const)('an %s token names the certificate', async (format) => {
    const { resource, resourceServer } = await makeParties(stack, { format });
    const client = await byName({ ...bound, resources: [resource] });
    const { body } = await tokenOf(client, known);
    const cnf = { 'x5t#S256': thumbprintOf(known.x509) };
    expect(body.token_type).toBe('Bearer');
    expect((await stack.introspect(body.access_token, resourceServer)).body).toMatchObject({
      active: true,
      cnf,
    });
    if (format === 'jwt') expect(decodeJwt(body.access_token)['cnf']).toEqual(cnf);
  });

  test('a client with a secret can have them, and gets none without a certificate', async () => {
    const client = await makeClient(bound);
    const form = {
      grant_type: 'client_credentials',
      client_id: client.id,
      client_secret: client.secret,
    };
    expect(await proxy.request('/connect/token', { form })).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    });
    const { body } = await proxy.request('/connect/token', { form, by: stranger });
    expect((await stack.introspect(body.access_token, parties.resourceServer)).body.cnf).toEqual({
      'x5t#S256': thumbprintOf(stranger.x509),
    });
  });

  test('the refresh token of a public client is used with the same certificate (§7.1)', async () => {
    const app = await makeLoginClient(stack, 'website');
    await stack.api.call('PATCH', `/clients/${app.client.id}`, bound);
    const { visitor } = await signedIn(stack);
    const begun = app.begin({ scope: 'openid offline_access things:read' });
    const url = await allow(visitor, begun);
    const redeem = (by?: KeyAndCertificate) =>
      proxy.request('/connect/token', {
        by,
        form: {
          grant_type: 'authorization_code',
          client_id: app.client.id,
          code: url.searchParams.get('code') ?? '',
          redirect_uri: app.redirectUri,
          code_verifier: begun.verifier,
        },
      });
    expect(await redeem()).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    const first = await redeem(known);
    expect(first).toMatchObject({ status: 200 });
    // A lost response: the same again for the same certificate.
    expect((await redeem(known)).text).toBe(first.text);
    const refresh = (by?: KeyAndCertificate) =>
      proxy.request('/connect/token', {
        by,
        form: {
          grant_type: 'refresh_token',
          client_id: app.client.id,
          refresh_token: first.body.refresh_token,
        },
      });
    for (const by of [undefined, stranger])
      expect(await refresh(by)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect(await refresh(known)).toMatchObject({ status: 200 });
    const userinfo = (by?: KeyAndCertificate) =>
      proxy.request('/connect/userinfo', {
        by,
        headers: { authorization: `Bearer ${first.body.access_token}` },
      });
    expect((await userinfo(known)).status).toBe(200);
    for (const by of [undefined, stranger]) expect((await userinfo(by)).status).toBe(401);
  });

  test("Writ's own API accepts one with its certificate only", async () => {
    const client = await byName({
      ...bound,
      resources: [stack.apiResource],
      scope: 'clients:read',
    });
    const { body } = await tokenOf(client, known);
    const list = (by?: KeyAndCertificate) =>
      proxy.request('/api/v1/clients', {
        by,
        headers: { authorization: `Bearer ${body.access_token}` },
      });
    expect((await list(known)).status).toBe(200);
    for (const by of [undefined, stranger]) expect((await list(by)).status).toBe(401);
  });

  test('one is exchanged with its certificate only, and the new one is bound to it too', async () => {
    const client = await byName({
      ...bound,
      grant_types: ['client_credentials', 'urn:ietf:params:oauth:grant-type:token-exchange'],
    });
    const { body } = await tokenOf(client, known);
    const exchanging = await makeClient({
      grant_types: ['urn:ietf:params:oauth:grant-type:token-exchange'],
    });
    const exchange = (by?: KeyAndCertificate) =>
      proxy.request('/connect/token', {
        by,
        form: {
          grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
          client_id: exchanging.id,
          client_secret: exchanging.secret,
          subject_token: body.access_token,
          subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        },
      });
    for (const by of [undefined, stranger])
      expect(await exchange(by)).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    const { body: exchanged } = await exchange(known);
    expect(
      (await stack.introspect(exchanged.access_token, parties.resourceServer)).body.cnf,
    ).toEqual({ 'x5t#S256': thumbprintOf(known.x509) });
  });

  test('the guard of an API that terminates TLS admits one with its certificate only', async () => {
    const guard = createGuard({
      issuer: stack.issuer,
      resource: parties.resource,
      client: parties.resourceServer,
    });
    const api = https.createServer(
      { cert: own.cert, key: own.key, requestCert: true, rejectUnauthorized: false },
      guard.protect((_request, response) => response.end('{}')),
    );
    api.listen(0, '127.0.0.1');
    await once(api, 'listening');
    try {
      const client = await byName(bound);
      const { body } = await tokenOf(client, known);
      const call = async (by?: KeyAndCertificate) => {
        const sent = https.get({
          host: '127.0.0.1',
          port: (api.address() as AddressInfo).port,
          agent: false,
          rejectUnauthorized: false,
          ...(by && { cert: by.cert, key: by.key }),
          headers: { authorization: `Bearer ${body.access_token}` },
        });
        const [response] = (await once(sent, 'response')) as [http.IncomingMessage];
        response.resume();
        return response.statusCode;
      };
      expect(await Promise.all([call(known), call(stranger), call()])).toEqual([200, 401, 401]);
    } finally {
      api.closeAllConnections();
      api.close();
      await guard.close();
    }
  });

  test('a guard behind a proxy reads the certificate from where certificateOf says', async () => {
    const guard = createGuard({
      issuer: stack.issuer,
      resource: parties.resource,
      client: parties.resourceServer,
      certificateOf: ({ headers }) => headers['x-cert']?.toString(),
    });
    const { body } = await tokenOf(await byName(bound), known);
    const admit = (cert?: string) =>
      guard.admit({
        url: '/',
        method: 'GET',
        headers: {
          authorization: `Bearer ${body.access_token}`,
          ...(cert && { 'x-cert': cert }),
        },
      });
    expect((await admit(known.cert)).caller).toBeDefined();
    for (const cert of [undefined, stranger.cert, 'none'])
      expect((await admit(cert)).refusal).toMatchObject({ status: 401 });
    await guard.close();
  });

  test('a token is bound to a certificate or a key, never to both', async () => {
    const client = await byName(bound);
    const key = await createDpopKey();
    const proof = await key.prove('POST', `${stack.issuer}/connect/token`);
    expect(await tokenOf(client, known, { DPoP: proof })).toMatchObject({
      status: 400,
      body: { error: 'invalid_request' },
    });
    const both = await stack.api.call('POST', '/clients', {
      ...bound,
      dpop_bound_access_tokens: true,
    });
    expect(both).toMatchObject({ status: 400, body: { error: 'invalid_client_metadata' } });
  });

  test('binding the tokens of a client revokes those from before', async () => {
    const client = await makeClient({});
    const { body } = await stack.token(client);
    expect((await stack.introspect(body.access_token, parties.resourceServer)).body.active).toBe(
      true,
    );
    await stack.api.call('PATCH', `/clients/${client.id}`, bound);
    expect((await stack.introspect(body.access_token, parties.resourceServer)).body.active).toBe(
      false,
    );
  });
});

test('the metadata says what is supported, and where certificates are asked for (§3.3, §5)', async () => {
  for (const path of ['openid-configuration', 'oauth-authorization-server']) {
    const { body } = await stack.get(`/.well-known/${path}`);
    expect(body).toMatchObject({
      tls_client_certificate_bound_access_tokens: true,
      mtls_endpoint_aliases: {
        token_endpoint: 'https://mtls.acme.test/connect/token',
        introspection_endpoint: 'https://mtls.acme.test/connect/introspect',
        pushed_authorization_request_endpoint: 'https://mtls.acme.test/connect/par',
      },
      token_endpoint_auth_methods_supported: expect.arrayContaining([
        'tls_client_auth',
        'self_signed_tls_client_auth',
      ]),
    });
  }
});

test('metadata of clients that fits no certificate is refused, with its member', async () => {
  const method = { token_endpoint_auth_method: 'tls_client_auth' };
  const wrong: [string, Record<string, unknown>][] = [
    ['tls_client_auth_subject_dn', method],
    ['tls_client_auth_subject_dn', { ...method, tls_client_auth_subject_dn: 'backend' }],
    ['tls_client_auth_subject_dn', { ...method, tls_client_auth_subject_dn: '' }],
    ['tls_client_auth_subject_dn', { ...method, tls_client_auth_subject_dn: 'CN=a,NONE=b' }],
    ['tls_client_auth_san_ip', { ...method, tls_client_auth_san_ip: '192.0.2' }],
    ['tls_client_auth_san_email', { ...method, tls_client_auth_san_email: 'jobs' }],
    [
      'tls_client_auth_san_dns',
      {
        ...method,
        tls_client_auth_subject_dn: 'CN=a',
        tls_client_auth_san_dns: 'a.test',
      },
    ],
    ['tls_client_auth_san_dns', { tls_client_auth_san_dns: 'a.test' }],
  ];
  for (const [parameter, metadata] of wrong) {
    const { status, text } = await stack.api.call('POST', '/clients', metadata);
    expect([status, text]).toEqual([400, expect.stringContaining(parameter)]);
  }
});

test('the resource of a client is as before: a certificate gives no access by itself', async () => {
  const resource = await createResource(stack);
  const { body, status } = await proxy.request('/connect/token', {
    by: known,
    form: { grant_type: 'client_credentials', client_id: (await byName()).id, resource },
  });
  expect([status, body.error]).toEqual([400, 'invalid_target']);
});
