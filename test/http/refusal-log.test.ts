import { describe, expect, test } from '@jest/globals';
import type { Context } from 'koa';
import { createLog } from '../../src/http/log.ts';
import { createRefusalLog } from '../../src/http/refusal-log.ts';
import { grantTypes } from '../../src/oauth/grant-types.ts';
import { allow, challengeOf, makeLoginClient } from '../protocol/authorization/support.ts';
import { makeParties } from '../support/parties.ts';
import { signedIn } from '../support/people.ts';
import { onStack } from '../support/stacks.ts';

/** A refusal log whose ten seconds pass when the test says so. */
function setUp() {
  const lines: Record<string, unknown>[] = [];
  const log = createLog('info', { destination: { write: (line) => lines.push(JSON.parse(line)) } });
  let waiting: (() => void)[] = [];
  const refusals = createRefusalLog(log, (run) => waiting.push(run));
  let requests = 0;
  return {
    refuse: (reason: string, clientId?: string) => {
      const req = { url: '/connect/token?x=1', headers: {} };
      const state = { clientId, accountId: 'ada' };
      const ctx = { req, res: {}, state, ip: '192.0.2.7', app: { proxy: false } };
      requests++;
      refusals.note(ctx as unknown as Context, { reason, error: 'invalid_grant' });
    },
    tenSecondsLater: () => {
      const due = waiting;
      waiting = [];
      for (const run of due) run();
    },
    close: refusals.close,
    /** Reason and count of the lines since the last call. */
    logged: () => lines.splice(0).map(({ reason, count }) => [reason, count]),
    lines,
    requests: () => requests,
  };
}

test('the first refusal is logged at once, a flood of them once in ten seconds with its count', () => {
  const { refuse, tenSecondsLater, logged } = setUp();
  refuse('wrong secret');
  expect(logged()).toEqual([['wrong secret', 1]]);
  for (let i = 0; i < 1000; i++) refuse('wrong secret');
  expect(logged()).toEqual([]);
  tenSecondsLater();
  expect(logged()).toEqual([['wrong secret', 1000]]);
  refuse('wrong secret');
  tenSecondsLater();
  expect(logged()).toEqual([['wrong secret', 1]]);
  tenSecondsLater();
  expect(logged()).toEqual([]);
  refuse('wrong secret');
  expect(logged()).toEqual([['wrong secret', 1]]);
});

test('each reason is counted separately for each client, and a caller who varies reasons creates no lines', () => {
  const { refuse, logged } = setUp();
  refuse('wrong secret');
  refuse('no such client');
  refuse('wrong secret', 'app');
  refuse('wrong secret', 'app');
  expect(logged()).toEqual([
    ['wrong secret', 1],
    ['no such client', 1],
    ['wrong secret', 1],
  ]);
  for (let i = 0; i < 1000; i++) refuse(`reason ${i}`);
  expect(logged().length).toBeLessThan(120);
});

test('a line has the reason and the last request; what looks like a token is redacted', () => {
  const { refuse, lines } = setUp();
  refuse('wrong secret: writ_cs_0lwWcULoE0iqXT9GACoyHHT9', 'app');
  expect(lines).toEqual([
    expect.objectContaining({
      level: 30,
      msg: 'request refused',
      reason: 'wrong secret: writ_cs_[…]',
      error: 'invalid_grant',
      client_id: 'app',
      account_id: 'ada',
      path: '/connect/token',
      ip: '192.0.2.7',
      request_id: expect.any(String),
    }),
  ]);
});

test('what was counted is logged when the server stops', () => {
  const { refuse, close, logged } = setUp();
  refuse('wrong secret');
  refuse('wrong secret');
  logged();
  close();
  expect(logged()).toEqual([['wrong secret', 1]]);
});

onStack((stack) => {
  /** The lines about refusals since the last call, without those of other reasons. */
  let read = 0;
  const refused = () => {
    const logged = stack().logged();
    const lines = logged.slice(read).split('\n');
    read = logged.length;
    return lines
      .filter((line) => /"(authentication failed|request refused)"/.test(line))
      .map((line) => JSON.parse(line));
  };

  describe('a refusal of the protocol leaves one line with its actual reason', () => {
    const coded = async () => {
      const app = await makeLoginClient(stack());
      const { visitor, accountId } = await signedIn(stack());
      const begun = app.begin();
      return { app, begun, accountId, visitor, url: await allow(visitor, begun) };
    };

    test('when a code is redeemed: each reason separately, the client, the account and the request', async () => {
      const { app, begun, url, accountId } = await coded();
      const other = await makeLoginClient(stack());
      refused();
      const code = { code: 'an-unknown-code' };
      const answers = [
        await app.redeem(begun, url, { code_verifier: challengeOf(begun.verifier) }),
        await app.redeem(begun, url, { redirect_uri: 'https://spa.test/other' }),
        await other.redeem(begun, url),
        await app.redeem(begun, url, code),
      ];
      for (const { body } of answers)
        expect(body).toEqual({
          error: 'invalid_grant',
          error_description: expect.stringMatching(/^The code or refresh token is invalid/),
        });
      const common = {
        level: 30,
        msg: 'request refused',
        error: 'invalid_grant',
        path: '/connect/token',
        count: 1,
      };
      const lines = refused();
      expect(lines).toEqual([
        expect.objectContaining({
          ...common,
          reason: 'code_verifier does not match code_challenge',
          client_id: app.client.id,
          account_id: accountId,
        }),
        expect.objectContaining({
          ...common,
          reason: 'authorization code redirect_uri mismatch',
          client_id: app.client.id,
          account_id: accountId,
        }),
        expect.objectContaining({
          ...common,
          reason: 'client mismatch',
          client_id: other.client.id,
          account_id: accountId,
        }),
        expect.objectContaining({
          ...common,
          reason: 'authorization code not found',
          client_id: app.client.id,
        }),
      ]);
      expect(lines.map(({ request_id }) => request_id)).toEqual(
        answers.map(({ headers }) => headers.get('x-request-id')),
      );
      expect(JSON.stringify(lines)).not.toContain(begun.verifier);
    });

    test('at each endpoint, whichever layer refuses', async () => {
      const { app, visitor } = await coded();
      const { client, redirectUri } = app;
      const asked = { client_id: client.id, redirect_uri: 'https://evil.test/' };
      const wrong = { path: app.begin({ redirect_uri: 'https://evil.test/' }).path };
      refused();
      await visitor.get(wrong.path);
      await visitor.get(app.begin({ prompt: 'none', scope: 'things:write' }).path);
      await stack().post('/connect/par', { ...asked, response_type: 'code' });
      await stack().post('/connect/deviceauthorization', { client_id: client.id });
      await stack().post('/connect/token', { grant_type: 'magic', client_id: client.id });
      await stack().post('/connect/introspect', { token: 'x', client_id: client.id });
      await stack().post('/connect/revocation', {});
      await stack().get('/connect/userinfo', { authorization: 'Bearer nothing' });
      await stack().request('POST', '/connect/token', {
        headers: { 'content-type': 'application/json' },
        body: '{}',
      });
      await stack().request('PUT', '/connect/token');
      const lines = refused();
      expect(lines.map(({ path, error, client_id }) => [path, error, client_id])).toEqual([
        ['/connect/authorize', 'invalid_redirect_uri', client.id],
        ['/connect/authorize', 'consent_required', client.id],
        ['/connect/par', 'invalid_request', client.id],
        ['/connect/deviceauthorization', 'unauthorized_client', client.id],
        ['/connect/token', 'unsupported_grant_type', client.id],
        ['/connect/introspect', expect.any(String), undefined],
        ['/connect/revocation', 'invalid_client', undefined],
        ['/connect/userinfo', 'invalid_token', undefined],
        ['/connect/token', 'invalid_request', undefined],
        ['/connect/token', 'invalid_request', undefined],
      ]);
      for (const line of lines)
        expect(line).toMatchObject({ level: 30, reason: expect.any(String) });
      expect(redirectUri).not.toBe(asked.redirect_uri);
    });

    test('a device that waits for a decision is not refused, and 404 is not a refusal', async () => {
      const client = await stack().api.createClient({
        grant_types: [grantTypes.deviceCode],
        token_endpoint_auth_method: 'none',
      });
      const { body } = await stack().post('/connect/deviceauthorization', { client_id: client.id });
      refused();
      const { device_code } = body;
      const form = { grant_type: grantTypes.deviceCode, client_id: client.id, device_code };
      expect((await stack().post('/connect/token', form)).body.error).toBe('authorization_pending');
      expect((await stack().get('/nothing')).status).toBe(404);
      expect(refused()).toEqual([]);
    });
  });

  test('a refused client or API key is logged, without what was presented', async () => {
    const { client } = await makeParties(stack());
    const wrong = { id: client.id, secret: 'a secret that is not its own' };
    refused();
    await stack().token(wrong);
    await stack().introspect('x', wrong);
    await stack().get('/api/v1/clients', { authorization: 'Bearer an-unknown-key' });
    const lines = refused();
    expect(lines).toEqual([
      expect.objectContaining({ level: 30, path: '/connect/token', client_id: client.id }),
      expect.objectContaining({ level: 30, path: '/connect/introspect', client_id: client.id }),
      expect.objectContaining({ level: 30, path: '/api/v1/clients' }),
    ]);
    expect(JSON.stringify(lines)).not.toMatch(/not its own|not-a-key/);
  });
});
