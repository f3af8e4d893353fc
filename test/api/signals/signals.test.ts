import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createRemoteJWKSet, decodeJwt, type JWTPayload, jwtVerify } from 'jose';
import { sql } from 'kysely';
import { signalBounds, signalDelivery } from '../../../config/signals.ts';
import { eventTypes, verificationEvent } from '../../../src/domain/signals/events.ts';
import { basic, type Credentials } from '../../support/http.ts';
import { makeLoggedIn } from '../../support/logins.ts';
import { makeParties } from '../../support/parties.ts';
import { until } from '../../support/process.ts';
import { onStack, type Stack, startStack } from '../../support/stacks.ts';

const push = 'urn:ietf:rfc:8935';
const pollMethod = 'urn:ietf:rfc:8936';

/** A receiver, which verifies what it gets as SSF 1.0 asks. */
function receiver(stack: Stack, client: Credentials) {
  const call = (method: string, path: string, body?: object) =>
    stack.request(method, `/api/v1/signals${path}`, {
      headers: {
        authorization: basic(client),
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
  const verify = async (set: string): Promise<JWTPayload> => {
    const { body } = await stack.get('/.well-known/ssf-configuration');
    const { payload } = await jwtVerify(set, createRemoteJWKSet(new URL(body.jwks_uri)), {
      issuer: body.issuer,
      audience: client.id,
      typ: 'secevent+jwt',
    });
    return payload;
  };
  const create = async (body: object = {}): Promise<string> => {
    const created = await call('POST', '/stream', body);
    if (created.status !== 201) throw new Error(created.text);
    return created.body.stream_id;
  };
  const poll = (id: string, body: object = {}) =>
    call('POST', `/streams/${id}/poll`, { returnImmediately: true, ...body });
  /** The events that wait, verified and in order. */
  const waiting = async (id: string) => {
    const { body, text: answer, status } = await poll(id);
    if (status !== 200) throw new Error(answer);
    return Promise.all(Object.values<string>(body.sets).map(verify));
  };
  return { call, create, poll, waiting, verify };
}

const has = (type: string, event: object = {}) => ({ [type]: expect.objectContaining(event) });

onStack((stack) => {
  /** A resource server whose API has had a JWT of a person. */
  const makeReceiver = async () => {
    const login = await makeLoggedIn(stack(), { format: 'jwt' });
    const { body } = await login.refresh(login.refreshToken, { scope: 'things:read' });
    return {
      ...login,
      jwt: String(body.access_token),
      ...receiver(stack(), login.resourceServer),
    };
  };

  test('the configuration names the endpoints, and what a stream begins with', async () => {
    const { body, status } = await stack().get('/.well-known/ssf-configuration');
    const { issuer } = stack();
    expect(status).toBe(200);
    expect(body).toMatchObject({
      spec_version: '1_0',
      issuer,
      jwks_uri: `${issuer}/.well-known/openid-configuration/jwks`,
      delivery_methods_supported: [push, pollMethod],
      configuration_endpoint: `${issuer}/api/v1/signals/stream`,
      status_endpoint: `${issuer}/api/v1/signals/status`,
      verification_endpoint: `${issuer}/api/v1/signals/verification`,
      default_subjects: 'ALL',
    });
  });

  test('a verification event has the state, a type of its own and no exp', async () => {
    const { create, call, poll, verify } = await makeReceiver();
    const id = await create();
    expect((await call('POST', '/verification', { stream_id: id, state: 'abc' })).status).toBe(204);
    const { body } = await poll(id);
    const [[jti, set]] = Object.entries<string>(body.sets) as [[string, string]];
    const claims = await verify(set);
    expect(claims).toMatchObject({
      jti,
      sub_id: { format: 'opaque', id },
      events: { [verificationEvent]: { state: 'abc' } },
    });
    expect(claims).not.toHaveProperty('exp');
    expect(claims).not.toHaveProperty('sub');
    expect(await call('POST', '/verification', { stream_id: id })).toMatchObject({
      status: 429,
      body: { error: 'too_many_requests' },
    });
  });

  test('a disabled account, a revoked grant and a revoked token are session-revoked, each with its subject', async () => {
    const { create, waiting, jwt, accountId, grantId, app, revoke, call } = await makeReceiver();
    const { issuer } = stack();
    const id = await create();
    expect((await revoke(jwt)).status).toBe(200);
    await stack().domain.grants.revoke(grantId);
    await stack().api.call('POST', `/accounts/${accountId}/disable`);
    const events = await waiting(id);
    const user = { format: 'iss_sub', iss: issuer, sub: accountId };
    expect(events.map(({ sub_id }) => sub_id)).toEqual([
      { format: 'jwt_id', iss: issuer, jti: decodeJwt(jwt).jti },
      {
        format: 'complex',
        user,
        session: { format: 'opaque', id: grantId },
        application: { format: 'opaque', id: app.id },
      },
      user,
    ]);
    expect(decodeJwt(jwt).sub).toBe(accountId);
    for (const { events: told } of events)
      expect(told).toEqual(has(eventTypes.sessionRevoked, { event_timestamp: expect.any(Number) }));
    expect((await call('DELETE', `/stream?stream_id=${id}`)).status).toBe(204);
  });

  test('another role of a person is token-claims-change, with the epoch that new tokens have', async () => {
    const { create, waiting, accountId, role, refresh, refreshToken } = await makeReceiver();
    const id = await create();
    const { status } = await stack().api.call('PATCH', `/accounts/${accountId}`, { roles: [role] });
    expect(status).toBe(200);
    const [told, ...others] = await waiting(id);
    const { body } = await refresh(refreshToken, { scope: 'things:read' });
    const { epochs } = decodeJwt<{ epochs: { account: number } }>(body.access_token);
    expect(others).toEqual([]);
    expect(told).toMatchObject({
      sub_id: { format: 'iss_sub', sub: accountId },
      events: has(eventTypes.tokenClaimsChange, {
        claims: { epochs: { account: epochs.account } },
      }),
    });
  });

  test('an event comes again until it is acknowledged, and one that is refused is in the audit', async () => {
    const { create, poll, client, issue } = await makeReceiver();
    const tokens = [await issue(), await issue(), await issue()];
    const id = await create();
    for (const token of tokens) await stack().revoke(token, client);
    const first = await poll(id, { maxEvents: 2 });
    expect(first.body.moreAvailable).toBe(true);
    const [one, two] = Object.keys(first.body.sets);
    expect((await poll(id, { maxEvents: 2 })).body).toEqual(first.body);
    const rest = await poll(id, {
      ack: [one],
      setErrs: { [String(two)]: { err: 'invalid_request', description: 'no' } },
    });
    expect(rest.body.moreAvailable).toBe(false);
    const [three] = Object.keys(rest.body.sets);
    expect([one, two]).not.toContain(three);
    expect((await poll(id, { ack: [three], maxEvents: 0 })).body.sets).toEqual({});
    expect((await poll(id)).body).toEqual({ sets: {}, moreAvailable: false });
    const { body } = await stack().api.call('GET', `/audit-events?target=${id}`);
    expect(body.items).toMatchObject([
      { action: 'signal_stream.event_refused', details: { jti: two, err: 'invalid_request' } },
      { action: 'signal_stream.created' },
    ]);
  });

  test('a poll that waits is answered as soon as there is an event', async () => {
    const { create, poll, client, issue } = await makeReceiver();
    const token = await issue();
    const id = await create();
    const answered = poll(id, { returnImmediately: false });
    await stack().revoke(token, client);
    const { body } = await answered;
    expect(Object.keys(body.sets)).toHaveLength(1);
  });

  test('the receiver of another API hears nothing, and sees no stream but its own', async () => {
    const { create, waiting, otherResourceServer, accountId, poll } = await makeReceiver();
    const id = await create();
    const other = receiver(stack(), otherResourceServer);
    const theirs = await other.create();
    await stack().api.call('POST', `/accounts/${accountId}/disable`);
    expect(await waiting(id)).toHaveLength(1);
    expect(await other.waiting(theirs)).toEqual([]);
    const absent = { status: 404, body: { error: 'not_found' } };
    expect(await other.poll(id)).toMatchObject(absent);
    for (const [method, path, body] of [
      ['GET', `/stream?stream_id=${id}`],
      ['DELETE', `/stream?stream_id=${id}`],
      ['GET', `/status?stream_id=${id}`],
      ['PATCH', '/stream', { stream_id: id }],
      ['POST', '/status', { stream_id: id, status: 'disabled' }],
      ['POST', '/verification', { stream_id: id }],
    ] as const)
      expect(await other.call(method, path, body)).toMatchObject(absent);
    const { body } = await other.call('GET', '/stream');
    expect(body.map(({ stream_id }: { stream_id: string }) => stream_id)).toEqual([theirs]);
    expect((await poll(id)).status).toBe(200);
  });

  test('a paused stream continues where it was; one that was disabled begins with the next change', async () => {
    const { create, call, waiting, client, issue } = await makeReceiver();
    const tokens = [await issue(), await issue()];
    const id = await create();
    const set = (status: string) =>
      call('POST', '/status', { stream_id: id, status, reason: 'maintenance' });
    expect((await set('paused')).body).toEqual({
      stream_id: id,
      status: 'paused',
      reason: 'maintenance',
    });
    await stack().revoke(String(tokens[0]), client);
    expect(await waiting(id)).toEqual([]);
    await set('enabled');
    expect(await waiting(id)).toHaveLength(1);
    await set('disabled');
    await stack().revoke(String(tokens[1]), client);
    await set('enabled');
    expect(await waiting(id)).toEqual([]);
  });

  test('a stream that has missed changes is disabled, and says why', async () => {
    const { create, call, poll } = await makeReceiver();
    const id = await create();
    await sql`update signal_stream set position = position + 1000000 where id = ${id}`.execute(
      stack().database.kysely,
    );
    expect((await poll(id)).body).toEqual({ sets: {}, moreAvailable: false });
    expect((await call('GET', `/status?stream_id=${id}`)).body).toMatchObject({
      status: 'disabled',
      reason: expect.stringMatching(/^Changes were missed/),
    });
  });

  test('only events that were requested come, and a change keeps what it does not name', async () => {
    const { create, call, waiting, accountId, role } = await makeReceiver();
    const id = await create({
      events_requested: [eventTypes.sessionRevoked, 'https://example.com/other'],
      description: 'ours',
    });
    const { body: read } = await call('GET', `/stream?stream_id=${id}`);
    expect(read).toMatchObject({
      aud: expect.any(String),
      events_delivered: [eventTypes.sessionRevoked],
      delivery: { method: pollMethod, endpoint_url: expect.stringContaining(id) },
    });
    await stack().api.call('PATCH', `/accounts/${accountId}`, { roles: [role] });
    expect(await waiting(id)).toEqual([]);
    const changed = await call('PATCH', '/stream', {
      stream_id: id,
      iss: read.iss,
      events_requested: [eventTypes.tokenClaimsChange],
    });
    expect(changed.body).toMatchObject({
      description: 'ours',
      events_delivered: [eventTypes.tokenClaimsChange],
    });
    const replaced = await call('PUT', '/stream', { stream_id: id });
    expect(replaced.body).not.toHaveProperty('description');
    expect(replaced.body.events_delivered).toEqual(Object.values(eventTypes));
  });

  test('a client that serves no API, and wrong input, are refused', async () => {
    const { client, resourceServer } = await makeParties(stack());
    const none = receiver(stack(), client);
    expect(await none.call('POST', '/stream', {})).toMatchObject({
      status: 403,
      body: { error: 'access_denied' },
    });
    const wrong = receiver(stack(), { ...resourceServer, secret: 'wrong' });
    expect(await wrong.call('POST', '/stream', {})).toMatchObject({
      status: 401,
      body: { error: 'invalid_client' },
    });
    const mine = receiver(stack(), resourceServer);
    const id = await mine.create();
    for (const body of [
      { delivery: { method: push } },
      { delivery: { method: 'mail' } },
      { delivery: { method: push, endpoint_url: 'http://receiver.test/' } },
      { delivery: { method: push, endpoint_url: 'https://a:b@receiver.test/' } },
      {
        delivery: {
          method: push,
          endpoint_url: 'https://receiver.test/',
          authorization_header: 'a\r\nb: c',
        },
      },
      { delivery: { method: pollMethod, authorization_header: 'Bearer a' } },
      { colour: 'red' },
    ]) {
      const answer = await mine.call('POST', '/stream', body);
      expect({ given: body, ...answer }).toMatchObject({ given: body, status: 400 });
    }
    expect(await mine.call('PATCH', '/stream', { stream_id: id, aud: 'other' })).toMatchObject({
      status: 400,
      body: { error: 'invalid_request' },
    });
    expect((await mine.call('GET', '/stream')).body).toHaveLength(1);
  });

  test('a client has a bounded number of streams, which operators see and delete', async () => {
    const { resourceServer } = await makeParties(stack());
    const { create, call } = receiver(stack(), resourceServer);
    const ids: string[] = [];
    for (let index = 0; index < signalBounds.streams; index++) ids.push(await create());
    expect(await call('POST', '/stream', {})).toMatchObject({
      status: 409,
      body: { error: 'conflict' },
    });
    const list = async () => {
      const { body } = await stack().api.call('GET', '/signal-streams');
      return body.items
        .filter(({ client }: { client: string }) => client === resourceServer.id)
        .map(({ id }: { id: string }) => id);
    };
    expect(await list()).toEqual(ids);
    expect((await stack().api.call('DELETE', `/signal-streams/${ids[0]}`)).status).toBe(204);
    expect(await list()).toEqual(ids.slice(1));
    expect((await stack().api.call('DELETE', `/signal-streams/${ids[0]}`)).status).toBe(404);
  });
});

describe('by push', () => {
  const got: { headers: IncomingHttpHeaders; set: string }[] = [];
  const answers: { status: number; body?: object }[] = [];
  let endpoint: Server | undefined;
  beforeEach(() => {
    got.length = 0;
    answers.length = 0;
  });
  afterAll(async () => {
    endpoint?.closeAllConnections();
    await new Promise<unknown>((resolve) => (endpoint ? endpoint.close(resolve) : resolve(null)));
  });

  const listen = async (): Promise<string> => {
    endpoint ??= createServer(async (request, response) => {
      const set = await text(request);
      got.push({ headers: request.headers, set });
      const { status, body } = answers.shift() ?? { status: 202 };
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(body && JSON.stringify(body));
    });
    if (!endpoint.listening)
      await new Promise<void>((resolve) => endpoint?.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/events`;
  };

  onStack(
    (stack) => {
      test('an event is sent with the header of the receiver until it takes or refuses it, and the header is stored sealed', async () => {
        const { client, resourceServer, issue } = await makeParties(stack(), { format: 'jwt' });
        const tokens = [await issue(), await issue()];
        const { create, verify, call } = receiver(stack(), resourceServer);
        const header = `Bearer ${'secret'.repeat(5)}`;
        const id = await create({
          delivery: { method: push, endpoint_url: await listen(), authorization_header: header },
        });
        const { body: read } = await call('GET', `/stream?stream_id=${id}`);
        expect(JSON.stringify(read)).not.toContain(header);
        answers.push(
          { status: 503 },
          { status: 202 },
          { status: 400, body: { err: 'invalid_key' } },
        );
        for (const token of tokens) await stack().revoke(token, client);
        await until('three pushes', async () => expect(got).toHaveLength(3), 20_000);
        for (const { headers } of got)
          expect(headers).toMatchObject({
            'content-type': 'application/secevent+jwt',
            authorization: header,
          });
        const sets = await Promise.all(got.map(({ set }) => verify(set)));
        // The first one failed, and came again as it was.
        expect(sets[1]).toEqual(sets[0]);
        expect(sets.map(({ sub_id }) => (sub_id as { jti: string }).jti)).toEqual(
          [tokens[0], tokens[0], tokens[1]].map((token) => decodeJwt(String(token)).jti),
        );
        await until('nothing to wait', async () => {
          const { rows } = await sql<{ waiting: number; sealed: Buffer; failing: Date | null }>`
            select (select count(*)::integer from signal_event where stream_id = id) as waiting,
              sealed_authorization as sealed, failing_since as failing from signal_stream where id = ${id}`.execute(
            stack().database.kysely,
          );
          expect(rows).toMatchObject([{ waiting: 0, failing: null }]);
          expect(Buffer.from(rows[0]?.sealed ?? '').includes(header)).toBe(false);
        });
        const { body } = await stack().api.call('GET', `/audit-events?target=${id}`);
        expect(body.items).toMatchObject([
          {
            action: 'signal_stream.event_refused',
            details: { err: 'invalid_key' },
            // Not the client whose request began the pushes.
            actor: { kind: 'system', id: null },
            request_id: null,
          },
          { action: 'signal_stream.created', actor: { kind: 'client' } },
        ]);
        expect(JSON.stringify(body)).not.toContain('secretsecret');
      });

      test('an endpoint that has failed for three days disables its stream, and a push is not polled', async () => {
        const { client, resourceServer, issue } = await makeParties(stack(), { format: 'jwt' });
        const token = await issue();
        const { create, call, poll } = receiver(stack(), resourceServer);
        const id = await create({
          // Nothing listens there.
          delivery: { method: push, endpoint_url: 'http://127.0.0.1:1/' },
        });
        expect((await poll(id)).status).toBe(409);
        await sql`update signal_stream set failing_since = now() - interval '4 days' where id = ${id}`.execute(
          stack().database.kysely,
        );
        await stack().revoke(token, client);
        await until(
          'the stream to be disabled',
          async () =>
            expect((await call('GET', `/status?stream_id=${id}`)).body).toMatchObject({
              status: 'disabled',
              reason: expect.stringMatching(/three days/),
            }),
          20_000,
        );
      });
    },
    { PRIVATE_CLIENT_URLS: 'on' },
  );

  test('a server that stops does not wait for a receiver that does not respond, and another one pushes at once', async () => {
    const stack = await startStack('embedded', { PRIVATE_CLIENT_URLS: 'on' });
    const { database } = stack;
    const close = database.close.bind(database);
    const silent = createServer(() => {});
    try {
      await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
      const { port } = silent.address() as AddressInfo;
      const { client, resourceServer, issue } = await makeParties(stack, { format: 'jwt' });
      const token = await issue();
      const id = await receiver(stack, resourceServer).create({
        delivery: { method: push, endpoint_url: `http://127.0.0.1:${port}/` },
      });
      const pushed = once(silent, 'request');
      await stack.revoke(token, client);
      await pushed;
      // Keeps the database, to read what the server wrote when it stopped.
      database.close = async () => {};
      const began = performance.now();
      await stack.close();
      expect(performance.now() - began).toBeLessThan(signalDelivery.timeout / 2);
      const { rows } = await sql`
        select failing_since, attempts, next_attempt_at <= now() as due,
          (select count(*)::integer from signal_event where stream_id = s.id) as waiting
        from signal_stream s where id = ${id}`.execute(database.kysely);
      expect(rows).toEqual([{ failing_since: null, attempts: 0, due: true, waiting: 1 }]);
    } finally {
      silent.close();
      silent.closeAllConnections();
      await close();
    }
  });
});
