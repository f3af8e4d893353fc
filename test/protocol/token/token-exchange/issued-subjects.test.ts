// Tokens of trusted issuers as subjects and actors of an exchange.
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeJwt, type JWTPayload } from 'jose';
import type { Answer, Credentials } from '../../../support/http.ts';
import { makePerson } from '../../../support/people.ts';
import { onStack, unique } from '../../../support/stacks.ts';
import { type IssuerKey, issuerKey } from '../../../support/trusted-issuer.ts';
import { createDpopKey } from '../../strict/support.ts';
import { createResource, now } from '../support.ts';
import { exchange, makeExchanger, tokenTypes } from './support.ts';

onStack((stack) => {
  let resource: string;
  let resourceServer: Credentials;
  let client: Credentials;
  let other: Credentials;
  let key: IssuerKey;
  let accountId: string;
  const id = unique('acme');
  const iss = `https://${id}.example`;
  const subject = unique('ada');

  const claims = (given: Record<string, unknown> = {}): JWTPayload => ({
    iss,
    sub: subject,
    aud: stack().issuer,
    jti: randomUUID(),
    iat: now(),
    exp: now() + 300,
    team: 'finance',
    ...given,
  });
  const sign = (given?: Record<string, unknown>, header?: Record<string, unknown>) =>
    key.sign(claims(given), header);

  const change = (given: Record<string, unknown>) =>
    stack().api.call('PATCH', `/trusted-issuers/${id}`, given);

  const trade = (
    token: string,
    form: Record<string, string> = {},
    by = client,
    headers?: Record<string, string>,
  ) =>
    exchange(
      stack(),
      by,
      token,
      { subject_token_type: tokenTypes.jwt, resource, ...form },
      headers,
    );

  const refusal = ({ status, body }: Answer) => [status, body.error];
  const shown = async (token: string) => (await stack().introspect(token, resourceServer)).body;

  beforeAll(async () => {
    const { api, database } = stack();
    resource = await createResource(stack(), { access_token_ttl: 3600 });
    resourceServer = await api.createClient({ resource_server_for: [resource] });
    const [reader, writer] = [unique('reader'), unique('writer')];
    await api.setRole(reader, ['things.read']);
    await api.setRole(writer, ['things.*']);
    client = await makeExchanger(stack(), [resource], { roles: [reader, writer] });
    other = await makeExchanger(stack(), [resource]);
    key = await issuerKey();
    ({ accountId } = await makePerson(stack(), { roles: [reader, writer] }));
    await api.call('POST', '/identity-providers', { id, issuer: iss, client_id: 'writ' });
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
      uses: ['token_exchange'],
      rules: [
        {
          name: 'finance',
          claims: { team: ['finance'] },
          client: client.id,
          scopes: ['things:read'],
          roles: [reader],
        },
      ],
    });
    expect([created.status, created.body]).toMatchObject([201, { uses: ['token_exchange'] }]);
  });

  test('the subject of an issuer whose people have no accounts stays a subject of it, and a rule says what it can do', async () => {
    const { status, body } = await trade(await sign());
    expect([status, body.scope]).toEqual([200, 'things:read']);
    const introspected = await shown(body.access_token);
    expect(introspected).toMatchObject({
      active: true,
      sub: `${iss}|${subject}`,
      client_id: client.id,
      aud: resource,
      act: { sub: client.id },
      entitlements: ['things.read'],
    });
    expect(introspected.exp).toBeLessThanOrEqual(now() + 300);
    expect(introspected).not.toHaveProperty('account_id');
  });

  test('a token is exchanged once, however many ask at once, unless its issuer allows more', async () => {
    const token = await sign();
    const answers = await Promise.all(Array.from({ length: 4 }, () => trade(token)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 400, 400, 400]);
    await change({ single_use: false });
    const again = await sign({ jti: undefined });
    for (const _ of [1, 2]) expect((await trade(again)).status).toBe(200);
    await change({ single_use: true });
    expect(refusal(await trade(again))).toEqual([400, 'invalid_request']);
  });

  test('a token that is refused is not used up', async () => {
    const token = await sign();
    expect(refusal(await trade(token, { scope: 'things:write' }))).toEqual([400, 'invalid_scope']);
    expect((await trade(token)).status).toBe(200);
  });

  test('the subject is the account that has connected the identity, with less than it has, and the person ends it', async () => {
    await change({ provider_id: id });
    const { body } = await trade(await sign(), { subject_token_type: tokenTypes.idToken });
    expect(await shown(body.access_token)).toMatchObject({
      active: true,
      sub: accountId,
      act: { sub: client.id },
      entitlements: ['things.read'],
    });
    const delegated = await stack().domain.delegations.list(accountId);
    expect(delegated.map(({ clientId }) => clientId)).toEqual([client.id]);
    const stranger = await trade(await sign({ sub: unique('stranger') }));
    expect(refusal(stranger)).toEqual([400, 'invalid_request']);
    await stack().domain.delegations.end(accountId, client.id);
    expect(await shown(body.access_token)).toEqual({ active: false });
    expect(refusal(await trade(await sign()))).toEqual([400, 'invalid_request']);
    await stack().domain.delegations.allow(accountId, client.id);
    await change({ provider_id: null });
  });

  test('the lifetime is never beyond that of the token, nor what its issuer and its resource allow', async () => {
    const short = await trade(await sign({ exp: now() + 20 }));
    expect(short.body.expires_in).toBeLessThanOrEqual(20);
    await change({ token_lifetime: 60 });
    expect((await trade(await sign())).body.expires_in).toBeLessThanOrEqual(60);
    await change({ token_lifetime: 3600 });
  });

  test('a scope of the token is a limit, and so are the scopes of the rule', async () => {
    const nothing = await trade(await sign({ scope: 'else' }));
    expect([nothing.status, nothing.body.scope]).toEqual([200, undefined]);
    const beyond = await trade(await sign({ scope: 'things:read things:write' }), {
      scope: 'things:write',
    });
    expect(refusal(beyond)).toEqual([400, 'invalid_scope']);
  });

  test('an actor of the issuer is named with it, and its token is a condition', async () => {
    const own = await stack().token(client, { resource, scope: 'things:read' });
    const actor = await sign({ sub: 'robot' });
    const { status, body } = await exchange(stack(), client, own.body.access_token, {
      actor_token: actor,
      actor_token_type: tokenTypes.jwt,
      scope: 'things:read',
    });
    expect([status, body]).toMatchObject([200, { scope: 'things:read' }]);
    const introspected = await shown(body.access_token);
    expect(introspected).toMatchObject({ sub: client.id, act: { iss, sub: 'robot' } });
    expect(introspected.exp).toBeLessThanOrEqual(now() + 300);
    const replayed = await exchange(stack(), client, own.body.access_token, {
      actor_token: actor,
      actor_token_type: tokenTypes.jwt,
    });
    expect(refusal(replayed)).toEqual([400, 'invalid_request']);
    const delegated = await trade(await sign({ act: { sub: 'robot' } }));
    expect(await shown(delegated.body.access_token)).toMatchObject({
      act: { sub: client.id, act: { iss, sub: 'robot' } },
    });
  });

  test('a token that is bound to a key is exchanged with a proof of it, and stays bound', async () => {
    const dpop = await createDpopKey();
    const bound = () => sign({ cnf: { jkt: dpop.jkt } });
    expect(refusal(await trade(await bound()))).toEqual([400, 'invalid_dpop_proof']);
    const proof = await dpop.prove('POST', `${stack().issuer}/connect/token`);
    const { status, body } = await trade(await bound(), {}, client, { DPoP: proof });
    expect([status, body.token_type]).toEqual([200, 'DPoP']);
  });

  test('a JWT names the issuer among what it comes from, and the change feed says when that ends', async () => {
    const jwts = await createResource(stack(), { token_format: 'jwt' });
    const mine = await makeExchanger(stack(), [jwts]);
    const { body: before } = await stack().api.call('GET', `/trusted-issuers/${id}`);
    const rule = { name: 'jwt', claims: { team: ['finance'] }, client: mine.id };
    await change({ rules: [...before.rules, rule] });
    const { body } = await trade(await sign(), { resource: jwts }, mine);
    const { sources } = decodeJwt<{ sources: string[] }>(body.access_token);
    expect(sources).toHaveLength(1);
    await stack().api.call('DELETE', `/trusted-issuers/${id}/tokens`);
    const { body: feed } = await stack().api.call('GET', '/changes?limit=1000');
    const ended = feed.items.map(({ grant_id }: { grant_id: string | null }) => grant_id);
    expect(ended).toContain(sources[0]);
    const addressed = await stack().domain.revocations.page([jwts], feed.last - feed.items.length);
    expect(addressed.items.map(({ grantId }) => grantId)).toContain(sources[0]);
  });

  test.each<[string, () => Promise<string>]>([
    ['no rule matches', () => sign({ team: 'sales' })],
    ['for another server', () => sign({ aud: 'https://else.example' })],
    ['for several servers', () => sign({ aud: [stack().issuer, 'https://else.example'] })],
    ['that has expired', () => sign({ exp: now() - 60 })],
    ['that is too old', () => sign({ iat: now() - 7200 })],
    ['without a jti', () => sign({ jti: undefined })],
    ['of another key', async () => (await issuerKey()).sign(claims())],
    ['of an unknown issuer', () => sign({ iss: 'https://mallory.example' })],
    ['that is an ID-JAG', () => sign({}, { typ: 'oauth-id-jag+jwt' })],
    ['with a scope that is a list', () => sign({ scope: ['things:read'] })],
    ['with an act that names no one', () => sign({ act: {} })],
    ['with a may_act that names another', () => sign({ may_act: { client_id: 'someone' } })],
    ['with an unknown confirmation', () => sign({ cnf: { jwk: {} } })],
  ])('a token of an issuer %s is refused', async (_name, make) => {
    expect(refusal(await trade(await make()))).toEqual([400, 'invalid_request']);
  });

  test('whatever the claims are, it is exchanged or refused with an error of the protocol, and gains nothing', async () => {
    const claim = fc.constantFrom(
      ...['scope', 'act', 'may_act', 'cnf', 'aud', 'exp', 'iat', 'nbf', 'jti', 'sub', 'team'],
    );
    const cases = fc.dictionary(claim, fc.jsonValue({ maxDepth: 3 }), { minKeys: 1, maxKeys: 3 });
    await fc.assert(
      fc.asyncProperty(cases, async (given) => {
        const token = await key.sign(claims({ ...given }) as JWTPayload);
        const { status, body } = await trade(token);
        expect([200, 400]).toContain(status);
        if (status === 400) {
          expect(body.error).toMatch(/^invalid_(request|scope|target|dpop_proof)$/);
          return;
        }
        const introspected = await shown(body.access_token);
        expect(['things:read', undefined]).toContain(introspected.scope);
        expect(introspected.exp).toBeLessThanOrEqual(now() + 3600);
      }),
      { numRuns: 60 },
    );
  });

  test('another client cannot exchange it, and no one exchanges it for the API of this server', async () => {
    expect(refusal(await trade(await sign(), {}, other))).toEqual([400, 'invalid_request']);
    const own = await makeExchanger(stack(), [stack().apiResource], { scope: 'clients:read' });
    const { body: before } = await stack().api.call('GET', `/trusted-issuers/${id}`);
    const rule = { name: 'own', claims: { team: ['finance'] }, client: own.id };
    await change({ rules: [...before.rules, rule] });
    const target = { resource: stack().apiResource };
    expect(refusal(await trade(await sign(), target, own))).toEqual([400, 'invalid_target']);
  });

  describe('what was exchanged ends, with all that comes from it,', () => {
    const chain = async () => {
      const first = await trade(await sign());
      const second = await exchange(stack(), other, first.body.access_token);
      const tokens = [first.body.access_token, second.body.access_token];
      for (const token of tokens) expect(await shown(token)).toMatchObject({ active: true });
      return tokens;
    };

    test.each<[string, () => Promise<unknown>, () => Promise<unknown>]>([
      [
        'when the issuer is disabled',
        () => change({ enabled: false }),
        () => change({ enabled: true }),
      ],
      [
        'when its keys are replaced',
        async () => change({ jwks: { keys: [(await issuerKey()).jwk] } }),
        () => change({ jwks: { keys: [key.jwk] } }),
      ],
      [
        'when its audience is another one',
        () => change({ audiences: ['https://else.example'] }),
        () => change({ audiences: [] }),
      ],
      [
        'when its tokens are revoked',
        () => stack().api.call('DELETE', `/trusted-issuers/${id}/tokens`),
        async () => {},
      ],
    ])('%s, and does not come back', async (_name, end, undo) => {
      const tokens = await chain();
      await end();
      for (const token of tokens) expect(await shown(token)).toEqual({ active: false });
      await undo();
      for (const token of tokens) expect(await shown(token)).toEqual({ active: false });
      await chain();
    });

    test('when one of its audiences is removed, but not when one is added', async () => {
      const own = stack().issuer;
      await change({ audiences: [own] });
      const tokens = await chain();
      await change({ audiences: [own, 'https://else.example'] });
      for (const token of tokens) expect(await shown(token)).toMatchObject({ active: true });
      await change({ audiences: [own] });
      for (const token of tokens) expect(await shown(token)).toEqual({ active: false });
      await change({ audiences: [] });
    });

    test('when a rule is removed, but not when a key or a rule is added', async () => {
      const tokens = await chain();
      const { body: before } = await stack().api.call('GET', `/trusted-issuers/${id}`);
      const rule = { name: unique('more'), claims: { team: ['legal'] }, client: other.id };
      await change({
        jwks: { keys: [key.jwk, (await issuerKey()).jwk] },
        rules: [...before.rules, rule],
      });
      for (const token of tokens) expect(await shown(token)).toMatchObject({ active: true });
      await change({ rules: before.rules });
      for (const token of tokens) expect(await shown(token)).toEqual({ active: false });
    });

    test('when it is deleted, even if another gets its name', async () => {
      const tokens = await chain();
      const path = `/trusted-issuers/${id}`;
      const { body: before } = await stack().api.call('GET', path);
      await stack().api.call('DELETE', path);
      const { created_at: _, updated_at: __, ...settings } = before;
      expect((await stack().api.call('POST', '/trusted-issuers', settings)).status).toBe(201);
      for (const token of tokens) expect(await shown(token)).toEqual({ active: false });
    });
  });
});
