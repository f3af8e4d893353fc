import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { grantTypes } from '../../../src/oauth/grant-types.ts';
import { signedIn } from '../../support/people.ts';
import { onStack, type Stack, unique } from '../../support/stacks.ts';
import {
  type IssuerKey,
  issuerKey,
  jobClaims,
  podClaims,
  startIssuer,
  type TestIssuer,
} from '../../support/trusted-issuer.ts';
import { allow, challengeOf } from '../authorization/support.ts';
import { asserted, assertionType, createResource, now } from './support.ts';

const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** A cluster that the server cannot reach: its keys are pasted. It lets service accounts of `prod` be a client. */
onStack((stack) => {
  let resource: string;
  let resourceServer: Awaited<ReturnType<Stack['api']['createClient']>>;
  let key: IssuerKey;
  let cluster: { id: string; issuer: string };
  let backend: { id: string };
  let jobs: TestIssuer;
  let deploy: { id: string; secret: string };
  let roles: [string, string];

  const pod = (name = 'api', namespace = 'prod') =>
    key.sign(podClaims(cluster.issuer, stack().issuer, [namespace, name]));

  const job = (given: Parameters<typeof jobClaims>[2] = {}) =>
    jobs.key.sign(jobClaims(jobs.origin, stack().issuer, given), { typ: 'JWT' });

  const bearer = (assertion: string, form: Record<string, string> = {}) =>
    stack().post('/connect/token', { grant_type: jwtBearer, assertion, ...form });

  const change = (id: string, changes: Record<string, unknown>) =>
    stack().api.call('PATCH', `/trusted-issuers/${id}`, changes);

  const isActive = async (token: string): Promise<boolean> =>
    (await stack().introspect(token, resourceServer)).body.active;

  const events = async (target: string) => {
    const { body } = await stack().api.call('GET', `/audit-events?target=${target}`);
    return body.items;
  };

  beforeAll(async () => {
    const { api } = stack();
    resource = await createResource(stack());
    resourceServer = await api.createClient({ resource_server_for: [resource] });
    roles = [unique('reader'), unique('writer')];
    for (const role of roles) await api.setRole(role, [`things.${role}`]);
    key = await issuerKey();
    backend = await api.createClient({
      client_id: unique('backend'),
      token_endpoint_auth_method: 'trusted_issuer',
      resources: [resource],
      roles,
    });
    deploy = await api.createClient({ resources: [resource], roles });
    cluster = { id: unique('cluster'), issuer: `https://${unique('cluster')}.internal` };
    const created = await api.call('POST', '/trusted-issuers', {
      id: cluster.id,
      preset: 'kubernetes',
      issuer: cluster.issuer,
      jwks: { keys: [key.jwk] },
      rules: [
        {
          name: 'backend',
          claims: { sub: ['system:serviceaccount:prod:*'] },
          client: backend.id,
        },
      ],
    });
    expect(created.status).toBe(201);
    jobs = await startIssuer();
    const github = await api.call('POST', '/trusted-issuers', {
      id: unique('github'),
      preset: 'github',
      issuer: jobs.origin,
      algorithms: ['ES256'],
      private_network: true,
      rules: [
        {
          name: 'main',
          claims: { repository: ['acme/api'], ref: ['refs/heads/main'] },
          client: deploy.id,
        },
      ],
    });
    expect(github.status).toBe(201);
  });

  afterAll(() => jobs.close());

  describe('a pod', () => {
    test('gets a token of its client for its own token, with no secret stored', async () => {
      const { status, body, headers } = await bearer(await pod(), { scope: 'things:read' });
      expect([status, body]).toEqual([
        200,
        {
          access_token: expect.any(String),
          expires_in: 3600,
          token_type: 'Bearer',
          scope: 'things:read',
        },
      ]);
      expect(headers.get('cache-control')).toBe('no-store');
      const shown = await stack().introspect(body.access_token, resourceServer);
      expect(shown.body).toMatchObject({
        active: true,
        client_id: backend.id,
        sub: backend.id,
        scope: 'things:read',
      });
      expect(shown.body.roles.toSorted()).toEqual(roles.toSorted());
      const { body: secrets } = await stack().api.call('GET', `/clients/${backend.id}/secrets`);
      expect(secrets.items).toEqual([]);
    });

    test('can use its token again, since kubelet renews it only now and then', async () => {
      const token = await pod();
      expect((await bearer(token)).status).toBe(200);
      expect((await bearer(token)).status).toBe(200);
    });

    test('can name its client, and no other one', async () => {
      expect((await bearer(await pod(), { client_id: backend.id })).status).toBe(200);
      expect(await bearer(await pod(), { client_id: deploy.id })).toMatchObject({
        status: 400,
        body: { error: 'invalid_grant' },
      });
    });

    test('of another namespace gets nothing, and is told how to find out why', async () => {
      const { status, body } = await bearer(await pod('api', 'test'));
      expect([status, body.error]).toEqual([400, 'invalid_grant']);
      expect(body.error_description).toContain('writ issuers try');
    });

    test('is in the audit with its sub, once in a while', async () => {
      const name = unique('pod');
      for (let round = 0; round < 3; round++) await bearer(await pod(name));
      const found = (await events(backend.id)).filter(
        ({ action, details }: { action: string; details: { sub: string } }) =>
          action === 'trusted_issuer.used' && details.sub.endsWith(name),
      );
      expect(found).toMatchObject([
        {
          actor: { kind: 'client', id: backend.id },
          details: {
            issuer: cluster.id,
            rule: 'backend',
            sub: `system:serviceaccount:prod:${name}`,
          },
        },
      ]);
    });

    test('authenticates as a client at every endpoint by a client assertion', async () => {
      const assertion = asserted(await pod());
      const issued = await stack().post('/connect/token', {
        grant_type: 'client_credentials',
        ...assertion,
      });
      expect(issued).toMatchObject({ status: 200, body: { expires_in: 3600 } });
      const token = issued.body.access_token;
      const shown = await stack().post('/connect/introspect', { token, ...assertion });
      expect(shown.body).toMatchObject({ active: true, client_id: backend.id });
      expect((await stack().post('/connect/revocation', { token, ...assertion })).status).toBe(200);
      expect(await isActive(token)).toBe(false);
    });

    test('cannot be another client by a client assertion', async () => {
      const form = { grant_type: 'client_credentials', client_id: deploy.id };
      const { status, body } = await stack().post('/connect/token', {
        ...form,
        ...asserted(await pod()),
      });
      expect([status, body.error]).toEqual([401, 'invalid_client']);
    });

    test('sends its token once, as the assertion of the client or of the grant', async () => {
      const token = await pod();
      const { status, body } = await bearer(token, asserted(token));
      expect([status, body.error]).toEqual([400, 'invalid_request']);
    });

    test('the client of trusted issuers gets no secret, and a wrong one opens nothing', async () => {
      const made = await stack().api.call('POST', `/clients/${backend.id}/secrets`, {});
      expect(made.status).toBe(400);
      for (const secret of ['x', 'kept as a digest'])
        expect((await stack().token({ id: backend.id, secret })).status).toBe(401);
      const bare = { grant_type: 'client_credentials', client_id: backend.id };
      expect((await stack().post('/connect/token', bare)).status).toBe(401);
    });
  });

  describe('a job', () => {
    test('gets a token once for its token, whose jti is used', async () => {
      const token = await job();
      const first = await bearer(token);
      expect(first.status).toBe(200);
      expect(await bearer(token)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
      expect(await isActive(first.body.access_token)).toBe(true);
    });

    test('gets one token of ten requests at once', async () => {
      const token = await job();
      const answers = await Promise.all(Array.from({ length: 10 }, () => bearer(token)));
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array(9).fill(400)]);
    });

    test('authenticates once by a client assertion', async () => {
      const form = { grant_type: 'client_credentials', ...asserted(await job()) };
      const answers = await Promise.all(
        Array.from({ length: 5 }, () => stack().post('/connect/token', form)),
      );
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 401, 401, 401, 401]);
    });

    test('of another branch, of a fork, or of another repository gets nothing', async () => {
      for (const given of [
        { ref: 'refs/heads/feature' },
        { repository: 'mallory/api' },
        { repository: 'acme/api2' },
      ])
        expect(await bearer(await job(given))).toMatchObject({
          status: 400,
          body: { error: 'invalid_grant' },
        });
    });

    test('gets 503 while the issuer is away and its keys are unknown', async () => {
      const away = await startIssuer();
      away.state.status = 0;
      const id = unique('away');
      const { status } = await stack().api.call('POST', '/trusted-issuers', {
        id,
        issuer: away.origin,
        private_network: true,
        rules: [{ name: 'all', claims: { repository: ['acme/api'] }, client: deploy.id }],
      });
      expect(status).toBe(201);
      const token = await away.key.sign(jobClaims(away.origin, stack().issuer));
      const answer = await bearer(token);
      expect([answer.status, answer.body.error]).toEqual([503, 'temporarily_unavailable']);
      const { body } = await stack().api.call('POST', `/trusted-issuers/${id}/check`, {});
      expect(body.findings).toMatchObject([{ status: 'failed' }]);
      const { body: found } = await stack().api.call('GET', '/diagnostics');
      expect(JSON.stringify(found)).toContain(`trusted issuer ${id}`);
      await stack().api.call('DELETE', `/trusted-issuers/${id}`);
      await away.close();
    });
  });

  test('a client with a secret can also present the token of a workload', async () => {
    const { status, body } = await stack().post(
      '/connect/token',
      { grant_type: jwtBearer, assertion: await job() },
      deploy,
    );
    expect([status, body.token_type]).toEqual([200, 'Bearer']);
    const other = await stack().post(
      '/connect/token',
      { grant_type: jwtBearer, assertion: await pod() },
      deploy,
    );
    expect([other.status, other.body.error]).toEqual([400, 'invalid_grant']);
  });

  describe('a rule', () => {
    /** An issuer with its own client and key. */
    const make = async (
      rule: Record<string, unknown> = {},
      given: Record<string, unknown> = {},
    ) => {
      const { api, issuer } = stack();
      const client = await api.createClient({ resources: [resource], roles, ...given });
      const id = unique('issuer');
      const iss = `https://${id}.example`;
      const rules = [{ name: 'all', claims: { sub: ['worker'] }, client: client.id, ...rule }];
      const { status } = await api.call('POST', '/trusted-issuers', {
        id,
        issuer: iss,
        jwks: { keys: [key.jwk] },
        single_use: false,
        rules,
      });
      expect(status).toBe(201);
      const claims = () => ({ iss, sub: 'worker', aud: issuer, iat: now(), exp: now() + 300 });
      return { id, rules, client, sign: () => key.sign(claims()) };
    };

    test('can leave fewer scopes than the client has', async () => {
      const { sign } = await make({ scopes: ['things:read'] });
      expect((await bearer(await sign())).body.scope).toBe('things:read');
      expect((await bearer(await sign(), { scope: 'things:read' })).status).toBe(200);
      const beyond = await bearer(await sign(), { scope: 'things:read things:write' });
      expect([beyond.status, beyond.body.error]).toEqual([400, 'invalid_scope']);
      const form = { grant_type: 'client_credentials', scope: 'things:write' };
      const asClient = await stack().post('/connect/token', { ...form, ...asserted(await sign()) });
      expect([asClient.status, asClient.body.error]).toEqual([400, 'invalid_scope']);
    });

    test.each(['opaque', 'jwt'])('can leave fewer roles, in tokens that are %s', async (format) => {
      const api = await createResource(stack(), { token_format: format });
      const { sign } = await make({ roles: [roles[0]] }, { resources: [api] });
      const { body } = await bearer(await sign());
      const reader = await stack().api.createClient({ resource_server_for: [api] });
      const shown = await stack().introspect(body.access_token, reader);
      expect([shown.body.roles, shown.body.entitlements]).toEqual([
        [roles[0]],
        [`things.${roles[0]}`],
      ]);
      if (format === 'jwt') {
        const [, payload = ''] = body.access_token.split('.');
        const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
        expect(claims.roles).toEqual([roles[0]]);
      }
    });

    test('that leaves less does not allow the grants of people, which it does not narrow', async () => {
      const { sign } = await make(
        { scopes: ['things:read'] },
        { grant_types: ['client_credentials', 'authorization_code', 'refresh_token'] },
      );
      const { body } = await stack().post('/connect/token', {
        grant_type: 'refresh_token',
        refresh_token: 'x',
        ...asserted(await sign()),
      });
      expect(body.error).toBe('unauthorized_client');
    });

    test.each<[string, (id: string, rules: object[]) => Promise<{ status: number }>]>([
      ['is disabled', (id, rules) => change(id, { rules: [{ ...rules[0], enabled: false }] })],
      ['is deleted', (id) => change(id, { rules: [] })],
      [
        'has other claims',
        (id, [rule]) => change(id, { rules: [{ ...rule, claims: { sub: ['x'] } }] }),
      ],
      ['belongs to a disabled issuer', (id) => change(id, { enabled: false })],
      [
        'belongs to an issuer whose keys are replaced',
        async (id) => change(id, { jwks: { keys: [(await issuerKey()).jwk] } }),
      ],
      ['belongs to a deleted issuer', (id) => stack().api.call('DELETE', `/trusted-issuers/${id}`)],
    ])('that %s gives no tokens, and those that it gave end', async (_name, end) => {
      const { id, rules, client, sign } = await make();
      const token = (await bearer(await sign())).body.access_token;
      expect(await isActive(token)).toBe(true);
      expect((await end(id, rules)).status).toBeLessThan(300);
      expect(await isActive(token)).toBe(false);
      expect((await bearer(await sign())).body.error).toBe('invalid_grant');
      expect(await events(client.id)).toEqual(
        expect.arrayContaining([
          expect.objectContaining({
            action: 'client.tokens_revoked',
            details: expect.objectContaining({ because: `trusted issuer ${id}` }),
          }),
        ]),
      );
    });

    test('authenticates the client that pushes a request, redeems its code, refreshes, and logs a device in', async () => {
      const redirectUri = 'https://app.test/back';
      const { client, sign } = await make(
        {},
        {
          grant_types: [
            grantTypes.authorizationCode,
            grantTypes.refreshToken,
            grantTypes.deviceCode,
          ],
          response_types: ['code'],
          redirect_uris: [redirectUri],
        },
      );
      const verifier = unique('verifier').padEnd(43, 'x');
      const push = async (assertion: string) =>
        stack().post('/connect/par', {
          ...asserted(assertion),
          response_type: 'code',
          redirect_uri: redirectUri,
          resource,
          scope: 'things:read offline_access',
          prompt: 'consent',
          code_challenge: challengeOf(verifier),
          code_challenge_method: 'S256',
        });
      const stranger = await (await issuerKey()).sign(decodeJwt(await sign()));
      expect((await push(stranger)).status).toBe(401);
      const pushed = await push(await sign());
      expect([pushed.status, pushed.body]).toMatchObject([
        201,
        { request_uri: expect.stringMatching(/^urn:/) },
      ]);
      const { visitor } = await signedIn(stack());
      const query = new URLSearchParams({
        client_id: client.id,
        request_uri: pushed.body.request_uri,
      });
      const answered = await allow(visitor, { path: `/connect/authorize?${query}` });
      const redeem = (assertion: string, form: Record<string, string>) =>
        stack().post('/connect/token', { ...asserted(assertion), ...form });
      const code = {
        grant_type: grantTypes.authorizationCode,
        code: String(answered.searchParams.get('code')),
        redirect_uri: redirectUri,
        code_verifier: verifier,
      };
      expect((await redeem(stranger, code)).status).toBe(401);
      const { status, body } = await redeem(await sign(), code);
      expect([status, body.scope]).toEqual([200, 'offline_access things:read']);
      const refresh = { grant_type: 'refresh_token', refresh_token: body.refresh_token };
      expect((await redeem(await sign(), refresh)).status).toBe(200);

      const begin = (assertion: string) =>
        stack().post('/connect/deviceauthorization', {
          ...asserted(assertion),
          resource,
          scope: 'things:read',
        });
      expect((await begin(stranger)).status).toBe(401);
      const begun = await begin(await sign());
      expect(begun.status).toBe(200);
      const poll = { grant_type: grantTypes.deviceCode, device_code: begun.body.device_code };
      expect((await redeem(await sign(), poll)).body.error).toBe('authorization_pending');
      expect((await redeem(stranger, poll)).status).toBe(401);
    });

    test('that is renamed, or stays when others change, ends no token', async () => {
      const { id, rules, sign } = await make();
      const token = (await bearer(await sign())).body.access_token;
      await change(id, {
        name: 'Another name',
        rules: [
          { name: 'first', claims: { sub: ['x'] }, client: deploy.id },
          { ...rules[0], name: 'y' },
        ],
      });
      expect(await isActive(token)).toBe(true);
    });

    test('that names an unknown, public or built-in client, or everyone, is refused', async () => {
      const app = await stack().api.createClient({ token_endpoint_auth_method: 'none' });
      for (const [rule, parameter] of [
        [{ client: 'unknown' }, 'rules[0].client'],
        [{ client: app.id }, 'rules[0].client'],
        [{ client: 'writ-operator' }, 'rules[0].client'],
        [{ claims: { sub: ['*'] } }, 'rules[0].claims'],
        [{ claims: { sub: ['x', '**'] } }, 'rules[0].claims'],
        [{ claims: {} }, 'rules[0].claims'],
        [{ roles: ['unknown'] }, 'rules'],
      ] as const) {
        const rules = [{ name: 'all', claims: { sub: ['x'] }, client: deploy.id, ...rule }];
        const { status, body } = await change(cluster.id, { rules });
        expect([status, body.details?.[0]?.parameter ?? body]).toEqual([400, parameter]);
      }
    });
  });

  describe('trying a token', () => {
    const attempt = (token: string) =>
      stack().api.call('POST', `/trusted-issuers/${cluster.id}/try`, { token });

    test('shows the rule that it matches, and does not use it', async () => {
      const token = await pod();
      expect((await attempt(token)).body).toEqual({
        problem: null,
        subject: 'system:serviceaccount:prod:api',
        client: backend.id,
        rules: [
          { name: 'backend', client: backend.id, enabled: true, matches: true, mismatches: [] },
        ],
      });
      expect((await bearer(token)).status).toBe(200);
    });

    test('shows which claim is to blame, also of a token that is refused', async () => {
      expect((await attempt(await pod('api', 'test'))).body).toMatchObject({
        problem: null,
        client: null,
        rules: [
          {
            matches: false,
            mismatches: [{ claim: 'sub', found: ['system:serviceaccount:test:api'] }],
          },
        ],
      });
      const forged = await (await issuerKey()).sign(
        podClaims(cluster.issuer, stack().issuer, ['prod', 'api']),
      );
      expect((await attempt(forged)).body).toMatchObject({
        problem: expect.stringContaining('No key'),
        client: null,
        rules: [{ matches: true }],
      });
      expect((await attempt(await job())).body.problem).toContain('another issuer');
      expect((await attempt('nonsense')).body).toMatchObject({
        problem: expect.stringContaining('JWT'),
        rules: [],
      });
    });
  });

  test('bad assertions are refused with an error of the protocol', async () => {
    const claims = podClaims(cluster.issuer, stack().issuer, ['prod', 'api']);
    const { jwk } = key;
    const bad = [
      'x',
      'a.b.c',
      '....',
      `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.`,
      await key.sign({ ...claims, aud: ['a', stack().issuer] }),
      await key.sign({ ...claims, exp: now() - 3_600 }),
      await key.sign({ ...claims, iss: 'https://mallory.example' }),
      await key.sign(claims, { typ: 'at+jwt' }),
      await (await issuerKey()).sign(claims, { jwk, jku: 'http://localhost:1/keys' }),
      await key.sign({ ...claims, x: 'x'.repeat(16_000) }),
    ];
    for (const assertion of bad) {
      const { status, body } = await bearer(assertion);
      expect([status, body.error]).toEqual([400, 'invalid_grant']);
      const asClient = await stack().post('/connect/token', {
        grant_type: 'client_credentials',
        client_assertion_type: assertionType,
        client_assertion: assertion,
      });
      expect([asClient.status, asClient.body.error]).toEqual([401, 'invalid_client']);
    }
    expect((await bearer('')).status).toBe(401);
    const { body } = await stack().post('/connect/token', { grant_type: jwtBearer }, deploy);
    expect(body.error).toBe('invalid_request');
  });

  test('strangers do not learn which issuers are trusted', async () => {
    const claims = podClaims(cluster.issuer, stack().issuer, ['prod', 'api']);
    const answers = await Promise.all(
      [
        await (await issuerKey()).sign(claims),
        await key.sign({ ...claims, iss: 'https://mallory.example' }),
        await (await issuerKey('ES384')).sign(claims),
      ].map((assertion) => bearer(assertion)),
    );
    expect(new Set(answers.map(({ body }) => body.error_description)).size).toBe(1);
  });

  test('the metadata announces the grant', async () => {
    const { body } = await stack().get('/.well-known/openid-configuration');
    expect(body.grant_types_supported).toContain(jwtBearer);
    expect(body.token_endpoint_auth_methods_supported).not.toContain('trusted_issuer');
  });
});
