// ID-JAG (draft-ietf-oauth-identity-assertion-authz-grant): an identity provider grants a client access for a person.
import { randomUUID } from 'node:crypto';
import { beforeAll, expect, test } from '@jest/globals';
import type { JWTPayload } from 'jose';
import { makePerson } from '../../support/people.ts';
import { onStack, unique } from '../../support/stacks.ts';
import { type IssuerKey, issuerKey } from '../../support/trusted-issuer.ts';
import { createResource, now } from './support.ts';

const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

onStack((stack) => {
  let resource: string;
  let other: string;
  let resourceServer: { id: string; secret: string };
  let client: { id: string; secret: string };
  let key: IssuerKey;
  let accountId: string;
  const iss = `https://${unique('idp')}.example`;
  const id = unique('idp');
  const subject = unique('subject');

  const claims = (given: Record<string, unknown> = {}): JWTPayload => ({
    iss,
    sub: subject,
    aud: stack().issuer,
    client_id: client.id,
    jti: randomUUID(),
    iat: now(),
    exp: now() + 300,
    resource,
    scope: 'things:read',
    ...given,
  });

  const sign = (given?: Record<string, unknown>, header: Record<string, unknown> = {}) =>
    key.sign(claims(given), { typ: 'oauth-id-jag+jwt', ...header });

  const redeem = (assertion: string, form: Record<string, string> = {}, by = client) =>
    stack().post('/connect/token', { grant_type: jwtBearer, assertion, ...form }, by);

  beforeAll(async () => {
    const { api, database } = stack();
    resource = await createResource(stack());
    other = await createResource(stack());
    resourceServer = await api.createClient({ resource_server_for: [resource] });
    const grants = { grant_types: [jwtBearer, 'client_credentials'] };
    client = await api.createClient({ ...grants, resources: [resource, other] });
    key = await issuerKey();
    ({ accountId } = await makePerson(stack()));
    const provider = await api.call('POST', '/identity-providers', {
      id,
      issuer: iss,
      client_id: 'writ',
      trusts_email: true,
      create_accounts: 'verified',
      allowed_domains: ['acme.test'],
    });
    expect(provider.status).toBe(201);
    await database.kysely
      .insertInto('linked_identity')
      .values({
        provider_id: id,
        issuer: iss,
        subject,
        account_id: accountId,
        email: null,
        username: null,
      })
      .execute();
    const created = await api.call('POST', '/trusted-issuers', {
      id,
      issuer: iss,
      jwks: { keys: [key.jwk] },
      uses: ['id_jag'],
      provider_id: id,
    });
    expect(created.status).toBe(201);
  });

  test('a client gets a token for the person, bound to the resource and the scope, without asking', async () => {
    const { status, body } = await redeem(await sign());
    expect([status, body]).toEqual([
      200,
      {
        access_token: expect.any(String),
        token_type: 'Bearer',
        expires_in: 3600,
        scope: 'things:read',
      },
    ]);
    const shown = await stack().introspect(body.access_token, resourceServer);
    expect(shown.body).toMatchObject({
      active: true,
      sub: accountId,
      client_id: client.id,
      aud: resource,
      scope: 'things:read',
    });
  });

  test('an ID-JAG is redeemed once, however many ask at once', async () => {
    const assertion = await sign();
    const answers = await Promise.all(Array.from({ length: 5 }, () => redeem(assertion)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 400, 400, 400, 400]);
  });

  test('the token goes no further than the ID-JAG', async () => {
    const wider = await redeem(await sign(), { scope: 'things:read things:write' });
    expect([wider.status, wider.body.error]).toEqual([400, 'invalid_scope']);
    const elsewhere = await redeem(await sign(), { resource: other });
    expect([elsewhere.status, elsewhere.body.error]).toEqual([400, 'invalid_target']);
    const several = await sign({ resource: [resource, other] });
    expect((await redeem(several)).body.error).toBe('invalid_target');
    const chosen = await redeem(await sign({ resource: [resource, other] }), { resource: other });
    expect(chosen.status).toBe(200);
  });

  test('no ID-JAG opens the API of this server, even for a client that has it', async () => {
    const { apiResource } = stack();
    const own = await stack().api.createClient({
      grant_types: [jwtBearer, 'client_credentials'],
      resources: [apiResource],
      scope: 'clients:read',
    });
    const granted = { client_id: own.id, scope: 'clients:read' };
    for (const named of [apiResource, undefined]) {
      const assertion = await sign({ ...granted, resource: named });
      const { status, body } = await redeem(assertion, { resource: apiResource }, own);
      expect([status, body.error]).toEqual([400, 'invalid_target']);
    }
    const unnamed = await redeem(await sign({ ...granted, resource: apiResource }), {}, own);
    expect([unnamed.status, unnamed.body.error]).toEqual([400, 'invalid_target']);
  });

  test('a person without an account gets one if the rules of the provider say so', async () => {
    const known = { sub: unique('new'), email_verified: true, name: 'New' };
    const email = `${unique('new')}@acme.test`;
    expect((await redeem(await sign({ ...known, email }))).status).toBe(200);
    const stranger = await redeem(await sign({ ...known, sub: unique('x'), email: 'x@else.test' }));
    expect([stranger.status, stranger.body.error]).toEqual([400, 'invalid_grant']);
  });

  test.each<[string, () => Promise<string>]>([
    ['for another client', () => sign({ client_id: 'someone' })],
    ['without a client', () => sign({ client_id: undefined })],
    ['for another server', () => sign({ aud: 'https://else.example' })],
    ['for the token endpoint', () => sign({ aud: `${stack().issuer}/connect/token` })],
    ['for several servers', () => sign({ aud: [stack().issuer, 'https://else.example'] })],
    ['without a jti', () => sign({ jti: undefined })],
    ['that has expired', () => sign({ exp: now() - 60 })],
    ['that lives for a day', () => sign({ exp: now() + 86_400 })],
    ['of another key', async () => (await issuerKey()).sign(claims(), { typ: 'oauth-id-jag+jwt' })],
    ['that is an ordinary JWT', () => sign({}, { typ: 'JWT' })],
    ['of an unknown issuer', () => sign({ iss: 'https://mallory.example' })],
    ['of an unknown person', () => sign({ sub: unique('unknown') })],
    ['with a scope that is a list', () => sign({ scope: ['things:read'] })],
    ['with a resource that is an object', () => sign({ resource: {} })],
  ])('an ID-JAG %s is refused', async (_name, make) => {
    const { status, body } = await redeem(await make());
    expect([status, body.error]).toEqual([400, 'invalid_grant']);
  });

  test('a client needs the grant, and its own credentials', async () => {
    const bare = await stack().api.createClient({ resources: [resource] });
    const refused = await redeem(await sign({ client_id: bare.id }), {}, bare);
    expect([refused.status, refused.body.error]).toEqual([400, 'unauthorized_client']);
    const { status, body } = await stack().post('/connect/token', {
      grant_type: jwtBearer,
      client_id: client.id,
      assertion: await sign(),
    });
    expect([status, body.error]).toEqual([401, 'invalid_client']);
  });

  test('the person can end it, and then no ID-JAG helps', async () => {
    const { body } = await redeem(await sign());
    const token = body.access_token;
    const { domain } = stack();
    expect(await domain.delegations.end(accountId, client.id)).toBeTruthy();
    expect((await stack().introspect(token, resourceServer)).body).toEqual({ active: false });
    expect((await redeem(await sign())).body.error).toBe('invalid_grant');
  });

  test('the metadata announces the profile', async () => {
    const { body } = await stack().get('/.well-known/oauth-authorization-server');
    expect(body.authorization_grant_profiles_supported).toEqual([
      'urn:ietf:params:oauth:grant-profile:id-jag',
    ]);
  });
});
