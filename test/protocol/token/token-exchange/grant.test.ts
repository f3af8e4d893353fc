import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeJwt } from 'jose';
import { makeApp, makeOpenApi } from '../../../support/apps.ts';
import type { Credentials } from '../../../support/http.ts';
import { logIn } from '../../../support/login.ts';
import { type LoggedIn, makeLoggedIn } from '../../../support/logins.ts';
import { onStack } from '../../../support/stacks.ts';
import { createDpopKey } from '../../strict/support.ts';
import { exchange, makeExchanger, tokenTypes } from './support.ts';

onStack((stack) => {
  let login: LoggedIn;
  let agent: Credentials;
  let subject: string;

  /** A new access token of the person's login. */
  const accessToken = async (form: Record<string, string> = {}): Promise<string> =>
    (await login.refresh(login.refreshToken, form)).body.access_token;

  const introspect = async (token: string) =>
    (await stack().introspect(token, login.resourceServer)).body;

  beforeAll(async () => {
    login = await makeLoggedIn(stack());
    agent = await makeExchanger(stack(), [login.resource]);
    subject = await accessToken();
  });

  test('a client gets a token for the person of the subject token, which names the client as the actor', async () => {
    const { status, body, headers } = await exchange(stack(), agent, subject);
    expect({ status, cache: headers.get('cache-control') }).toEqual({
      status: 200,
      cache: 'no-store',
    });
    expect(body).toEqual({
      access_token: expect.stringMatching(/^writ_at_/),
      issued_token_type: tokenTypes.accessToken,
      token_type: 'Bearer',
      expires_in: expect.any(Number),
      scope: 'things:read things:write',
    });
    expect(await introspect(body.access_token)).toMatchObject({
      active: true,
      sub: login.accountId,
      client_id: agent.id,
      act: { sub: agent.id },
      aud: login.resource,
      scope: 'things:read things:write',
    });
  });

  test('each exchange puts its actor before the earlier ones, and a client that acts already is named once', async () => {
    const other = await makeExchanger(stack(), [login.resource]);
    const first = (await exchange(stack(), agent, subject)).body.access_token;
    const again = (await exchange(stack(), agent, first)).body.access_token;
    const second = (await exchange(stack(), other, again)).body.access_token;
    expect((await introspect(again)).act).toEqual({ sub: agent.id });
    expect((await introspect(second)).act).toEqual({ sub: other.id, act: { sub: agent.id } });
  });

  test('a token never has a scope, a resource or a second that its subject token does not have', async () => {
    const narrow = (await exchange(stack(), agent, subject, { scope: 'things:read' })).body;
    expect(narrow.scope).toBe('things:read');
    expect(
      await exchange(stack(), agent, narrow.access_token, { scope: 'things:write' }),
    ).toMatchObject({ status: 400, body: { error: 'invalid_scope' } });
    expect((await exchange(stack(), agent, narrow.access_token)).body.scope).toBe('things:read');
    expect(
      await exchange(stack(), agent, subject, { resource: stack().apiResource }),
    ).toMatchObject({ status: 400, body: { error: 'invalid_target' } });
    expect(
      await exchange(stack(), agent, subject, { audience: 'https://elsewhere.test' }),
    ).toMatchObject({ status: 400, body: { error: 'invalid_target' } });
    const [one, other] = await Promise.all([introspect(subject), introspect(narrow.access_token)]);
    expect(other.exp).toBeLessThanOrEqual(one.exp);
  });

  test.each(['resource', 'audience'])(
    'the parameter %s can name the resource of the subject token',
    async (name) => {
      expect(await exchange(stack(), agent, subject, { [name]: login.resource })).toMatchObject({
        status: 200,
      });
    },
  );

  test('a client gets no scope that it is not registered for', async () => {
    const reader = await makeExchanger(stack(), [login.resource], { scope: 'things:read' });
    expect((await exchange(stack(), reader, subject)).body.scope).toBe('things:read');
    expect(await exchange(stack(), reader, subject, { scope: 'things:write' })).toMatchObject({
      status: 400,
      body: { error: 'invalid_scope' },
    });
  });

  test('a client without the grant, and a public one, exchange nothing', async () => {
    const plain = await stack().api.createClient({ resources: [login.resource] });
    expect(await exchange(stack(), plain, subject)).toMatchObject({
      status: 400,
      body: { error: 'unauthorized_client' },
    });
    const created = await stack().api.call('POST', '/clients', {
      grant_types: ['urn:ietf:params:oauth:grant-type:token-exchange'],
      token_endpoint_auth_method: 'none',
    });
    expect(created).toMatchObject({ status: 400, body: { error: 'invalid_client_metadata' } });
  });

  test('without an actor the token is the subject’s own only for a client that may impersonate', async () => {
    const impersonator = await makeExchanger(stack(), [login.resource], {
      token_exchange_impersonation: true,
    });
    const { body } = await exchange(stack(), impersonator, subject);
    expect(await introspect(body.access_token)).not.toHaveProperty('act');
    const acting = await exchange(stack(), agent, subject);
    const chain = await exchange(stack(), impersonator, acting.body.access_token);
    expect((await introspect(chain.body.access_token)).act).toEqual({ sub: agent.id });
  });

  test('the actor is the subject of the actor token, which the new token ends with', async () => {
    const actorToken = (await stack().token(agent)).body.access_token;
    const gateway = await makeExchanger(stack(), [login.resource]);
    const { body } = await exchange(stack(), gateway, subject, {
      actor_token: actorToken,
      actor_token_type: tokenTypes.accessToken,
    });
    expect(await introspect(body.access_token)).toMatchObject({
      client_id: gateway.id,
      act: { sub: agent.id },
    });
    await stack().revoke(actorToken, agent);
    expect(await introspect(body.access_token)).toEqual({ active: false });
  });

  test.each([
    ['the subject token', (token: string) => stack().revoke(token, login.app)],
    ['the first actor', () => stack().api.call('DELETE', `/clients/${agent.id}/tokens`)],
  ])('what ends %s ends every token after it at once', async (_what, end) => {
    const token = await accessToken();
    const last = await makeExchanger(stack(), [login.resource]);
    const first = (await exchange(stack(), agent, token)).body.access_token;
    const second = (await exchange(stack(), last, first)).body.access_token;
    expect(await introspect(second)).toMatchObject({ active: true });
    await end(token);
    expect(await introspect(second)).toEqual({ active: false });
    expect(await exchange(stack(), last, second)).toMatchObject({
      status: 400,
      body: { error: 'invalid_request' },
    });
  });

  test('a refresh token is exchanged only by its own client, for what the person allowed', async () => {
    const form = { subject_token_type: tokenTypes.refreshToken };
    expect(await exchange(stack(), agent, login.refreshToken, form)).toMatchObject({
      status: 400,
      body: { error: 'invalid_request' },
    });
  });

  test('a login, by its refresh token or its ID token, is exchanged by its client, and ends what comes from it', async () => {
    const own = await makeExchanger(stack(), [login.resource], {
      grant_types: [
        'urn:ietf:params:oauth:grant-type:token-exchange',
        'authorization_code',
        'refresh_token',
      ],
      response_types: ['code'],
      redirect_uris: ['https://app.test/cb'],
    });
    const { refreshToken, grantId, accountId } = await logIn(stack(), own.id, {
      resource: login.resource,
      scope: 'openid offline_access things:read',
    });
    const { body } = await stack().post(
      '/connect/token',
      { grant_type: 'refresh_token', refresh_token: refreshToken },
      own,
    );
    expect(decodeJwt(body.id_token)).toMatchObject({ grant_id: grantId });
    const presented = [
      [refreshToken, tokenTypes.refreshToken],
      [body.id_token, tokenTypes.idToken],
    ] as const;
    const issued: string[] = [];
    for (const [value, type] of presented) {
      const answer = await exchange(stack(), own, value, { subject_token_type: type });
      expect(answer.body).toMatchObject({ scope: 'things:read' });
      expect(answer.body).not.toHaveProperty('refresh_token');
      expect(await introspect(answer.body.access_token)).toMatchObject({ sub: accountId });
      issued.push(answer.body.access_token);
      expect(await exchange(stack(), agent, value, { subject_token_type: type })).toMatchObject({
        status: 400,
        body: { error: 'invalid_request' },
      });
    }
    const last = (await exchange(stack(), agent, String(issued[1]))).body.access_token;
    expect(await introspect(last)).toMatchObject({ active: true, act: { sub: agent.id } });
    await stack().domain.grants.revoke(grantId);
    for (const token of [...issued, last])
      expect(await introspect(token)).toEqual({ active: false });
    expect(
      await exchange(stack(), own, body.id_token, { subject_token_type: tokenTypes.idToken }),
    ).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
  });

  test('a token of a user of a backend keeps its user, and the rights that it was created with', async () => {
    const owner = await stack().api.createClient({
      resources: [login.resource],
      roles: [login.role],
    });
    const { body: created } = await stack().api.call('POST', '/tokens', {
      name: 'of a user',
      client_id: owner.id,
      resource: login.resource,
      scope: 'things:read',
      roles: [],
      subject: { type: 'user', id: '7' },
      expires_at: null,
    });
    const powerful = await makeExchanger(stack(), [login.resource], { roles: [login.role] });
    const { body } = await exchange(stack(), powerful, created.token);
    expect(await introspect(body.access_token)).toMatchObject({
      sub: `${owner.id}|user|7`,
      client_id: powerful.id,
      act: { sub: powerful.id },
      scope: 'things:read',
      roles: [],
      entitlements: [],
    });
  });

  test('a client of an app exchanges only tokens of that app’s clients', async () => {
    const api = await makeOpenApi(stack());
    const [app, elsewhere] = [await makeApp(stack()), await makeApp(stack())];
    const acting = await app.addClient({
      kind: 'agent',
      tokenExchange: true,
      agent: { purpose: 'Acts.' },
    });
    const tokenOf = async ({ addClient }: typeof app) => {
      const website = await addClient({
        kind: 'website_with_server',
        redirectUris: ['https://app.test/cb'],
      });
      const scope = 'offline_access things:read';
      const { refreshToken } = await logIn(stack(), website.id, { resource: api.resource, scope });
      const form = { grant_type: 'refresh_token', refresh_token: refreshToken };
      return (await stack().post('/connect/token', form, website)).body.access_token;
    };
    const own = await exchange(stack(), acting, await tokenOf(app));
    expect(own).toMatchObject({ status: 200, body: { scope: 'things:read' } });
    for (const token of [await tokenOf(elsewhere), subject])
      expect(await exchange(stack(), acting, token)).toMatchObject({
        status: 400,
        body: { error: 'invalid_request' },
      });
  });

  test('an agent gets tokens only within its limits, and nothing once it is disabled', async () => {
    const limited = await makeExchanger(stack(), [login.resource], {
      agent: { purpose: 'Counts things.', tokens_per_hour: 2, requests_per_hour: 5 },
    });
    const wrong = () => exchange(stack(), limited, 'writ_at_unknown');
    const tokens = [
      await exchange(stack(), limited, subject),
      await wrong(),
      await exchange(stack(), limited, subject),
    ];
    expect(tokens.map(({ status }) => status)).toEqual([200, 400, 200]);
    const refused = [await exchange(stack(), limited, subject), await wrong(), await wrong()];
    expect(refused.map(({ status }) => status)).toEqual([429, 429, 429]);
    expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
    await stack().api.call('POST', `/clients/${limited.id}/disable`);
    expect(await introspect(tokens[0]?.body.access_token)).toEqual({ active: false });
  });

  test('an agent gets no token outside of its hours', async () => {
    const minute = (offset: number) =>
      new Date(Date.now() + offset * 60_000).toISOString().slice(11, 16);
    const hours = { from: minute(120), to: minute(180), time_zone: 'UTC' };
    const sleeping = await makeExchanger(stack(), [login.resource], {
      agent: { purpose: 'Works later.', hours },
    });
    expect(await exchange(stack(), sleeping, subject)).toMatchObject({
      status: 403,
      body: { error: 'access_denied' },
    });
    await stack().api.call('PATCH', `/clients/${sleeping.id}`, {
      agent: { purpose: 'Works now.', hours: { ...hours, from: minute(-60) } },
    });
    expect(await exchange(stack(), sleeping, subject)).toMatchObject({ status: 200 });
  });

  test.each([
    ['no purpose', {}],
    ['a purpose of two lines', { purpose: 'One\ntwo' }],
    ['a limit of nothing', { purpose: 'Acts.', tokens_per_hour: 0 }],
    ['hours without a time zone', { purpose: 'Acts.', hours: { from: '08:00', to: '09:00' } }],
    [
      'a time zone that does not exist',
      { purpose: 'Acts.', hours: { from: '08:00', to: '09:00', time_zone: 'Mars/Olympus' } },
    ],
    [
      'a time that does not exist',
      { purpose: 'Acts.', hours: { from: '24:00', to: '09:00', time_zone: 'UTC' } },
    ],
    ['an owner that is no account', { purpose: 'Acts.', owner: 'nobody' }],
  ])('an agent with %s is refused', async (_what, given) => {
    const { status } = await stack().api.call('POST', '/clients', { agent: given });
    expect([400, 422]).toContain(status);
  });

  test.each([
    ['an access token as a refresh token', tokenTypes.refreshToken],
    ['an opaque token as a JWT', tokenTypes.jwt],
    ['an access token as an ID token', tokenTypes.idToken],
    ['a type that does not exist', 'urn:example:token'],
  ])('%s is refused', async (_what, subject_token_type) => {
    expect(await exchange(stack(), agent, subject, { subject_token_type })).toMatchObject({
      status: 400,
      body: { error: 'invalid_request' },
    });
  });

  test('a token that is bound to a key needs its proof, and stays bound', async () => {
    const key = await createDpopKey();
    const prove = () => key.prove('POST', `${stack().issuer}/connect/token`);
    const owner = await makeExchanger(stack(), [login.resource]);
    const bound = await stack().post(
      '/connect/token',
      { grant_type: 'client_credentials' },
      owner,
      { dpop: await prove() },
    );
    expect(bound.body.token_type).toBe('DPoP');
    expect(await exchange(stack(), agent, bound.body.access_token)).toMatchObject({
      status: 400,
      body: { error: 'invalid_dpop_proof' },
    });
    const other = await createDpopKey();
    expect(
      await exchange(
        stack(),
        agent,
        bound.body.access_token,
        {},
        {
          dpop: await other.prove('POST', `${stack().issuer}/connect/token`),
        },
      ),
    ).toMatchObject({ status: 400, body: { error: 'invalid_dpop_proof' } });
    const proof = await prove();
    const { status, body } = await exchange(
      stack(),
      agent,
      bound.body.access_token,
      {},
      {
        dpop: proof,
      },
    );
    expect({ status, type: body.token_type }).toEqual({ status: 200, type: 'DPoP' });
    const [before, after] = await Promise.all([
      introspect(bound.body.access_token),
      introspect(body.access_token),
    ]);
    expect(after).toMatchObject({ cnf: before.cnf, sub: owner.id, act: { sub: agent.id } });
    expect(
      await exchange(stack(), agent, bound.body.access_token, {}, { dpop: proof }),
    ).toMatchObject({ status: 400, body: { error: 'invalid_dpop_proof' } });
  });

  describe('what a person can see and end', () => {
    test('a client acts until the person ends it, and then not until they allow it again', async () => {
      const helper = await makeExchanger(stack(), [login.resource]);
      const { body } = await exchange(stack(), helper, subject);
      const { delegations } = stack().domain;
      expect(await delegations.list(login.accountId)).toContainEqual(
        expect.objectContaining({ clientId: helper.id, endedAt: null }),
      );
      expect(await delegations.end(login.accountId, helper.id)).toBe(true);
      expect(await introspect(body.access_token)).toEqual({ active: false });
      expect(await introspect(subject)).toMatchObject({ active: true });
      expect(await exchange(stack(), helper, subject)).toMatchObject({
        status: 400,
        body: { error: 'invalid_request', error_description: expect.stringContaining('ended') },
      });
      expect(await delegations.allow(login.accountId, helper.id)).toBe(true);
      expect(await exchange(stack(), helper, subject)).toMatchObject({ status: 200 });
    });

    test('a client that they have ended gets nothing with the token of another actor either, and ending the actor ends the rest', async () => {
      const helper = await makeExchanger(stack(), [login.resource]);
      const other = await makeExchanger(stack(), [login.resource]);
      const actor = await stack().token(other, { resource: login.resource });
      const withActor = () =>
        exchange(stack(), helper, subject, {
          actor_token: actor.body.access_token,
          actor_token_type: tokenTypes.accessToken,
        });
      const first = await withActor();
      expect(first).toMatchObject({ status: 200, body: { scope: expect.any(String) } });
      const { delegations } = stack().domain;
      await delegations.end(login.accountId, other.id);
      expect(await introspect(first.body.access_token)).toEqual({ active: false });
      await delegations.allow(login.accountId, other.id);
      const second = await withActor();
      expect(second.status).toBe(200);
      await delegations.end(login.accountId, helper.id);
      expect(await introspect(second.body.access_token)).toEqual({ active: false });
      expect(await withActor()).toMatchObject({
        status: 400,
        body: { error: 'invalid_request', error_description: expect.stringContaining('ended') },
      });
    });

    test('of many first tokens at once, all have the same grant', async () => {
      const helper = await makeExchanger(stack(), [login.resource]);
      const answers = await Promise.all(
        Array.from({ length: 10 }, () => exchange(stack(), helper, subject)),
      );
      expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
      await stack().domain.delegations.end(login.accountId, helper.id);
      const left = await Promise.all(answers.map(({ body }) => introspect(body.access_token)));
      expect(left).toEqual(Array(10).fill({ active: false }));
    });
  });

  test('a JWT names its actors and what it comes from, and is introspected like any other token', async () => {
    const at = await makeLoggedIn(stack(), { format: 'jwt' });
    const helper = await makeExchanger(stack(), [at.resource]);
    const token = (await at.refresh(at.refreshToken)).body.access_token;
    const { status, body } = await exchange(stack(), helper, token, {
      subject_token_type: tokenTypes.jwt,
      requested_token_type: tokenTypes.jwt,
    });
    expect({ status, type: body.issued_token_type }).toEqual({ status: 200, type: tokenTypes.jwt });
    const claims = decodeJwt(body.access_token);
    expect(claims).toMatchObject({
      sub: at.accountId,
      client_id: helper.id,
      act: { sub: helper.id },
      sources: [decodeJwt(token).jti],
    });
    expect((await stack().introspect(body.access_token, at.resourceServer)).body).toMatchObject({
      active: true,
      act: { sub: helper.id },
    });
  });

  describe('bad requests are refused with a code of the specification', () => {
    const odd = fc.oneof(
      fc.string({ maxLength: 40 }),
      fc.constantFrom(
        '',
        ' ',
        '*',
        'null',
        '[]',
        '{}',
        'writ_at_x',
        'a.b.c',
        'valueOf',
        'https://x.test#y',
        ...Object.values(tokenTypes),
      ),
    );

    test('whatever the parameters are', async () => {
      const names = [
        'resource',
        'audience',
        'scope',
        'requested_token_type',
        'subject_token',
        'subject_token_type',
        'actor_token',
        'actor_token_type',
        'authorization_details',
      ];
      const codes = new Set<string>();
      await fc.assert(
        fc.asyncProperty(
          fc.dictionary(fc.constantFrom(...names), odd, { noNullPrototype: true }),
          async (form) => {
            const { status, body } = await exchange(stack(), agent, subject, form);
            expect([200, 400]).toContain(status);
            if (status === 400) codes.add(body.error);
          },
        ),
        { numRuns: 25 },
      );
      expect([
        'invalid_request',
        'invalid_target',
        'invalid_scope',
        'invalid_authorization_details',
      ]).toEqual(expect.arrayContaining([...codes]));
    });
  });
});
