import { afterEach, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { sql } from 'kysely';
import { streamLimits, streamPace } from '../../../src/domain/audit/revocation-streams.ts';
import {
  createJwtAudiences,
  type NoteJwtAudience,
} from '../../../src/domain/tokens/jwt-audiences.ts';
import { eventReader } from '../../support/event-reader.ts';
import { basic, type Credentials } from '../../support/http.ts';
import { makeLoggedIn } from '../../support/logins.ts';
import { makeParties } from '../../support/parties.ts';
import { onEveryStack, onStack, type Stack, startStack, unique } from '../../support/stacks.ts';
import { watchStatements } from '../../support/statements.ts';

const path = '/api/v1/revocations';

const pull = (stack: Stack, client: Credentials, query = '') =>
  stack.get(`${path}${query}`, { authorization: basic(client) });

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function stream(stack: Stack, client: Credentials, headers: Record<string, string> = {}) {
  const response = await fetch(stack.origin + path, {
    headers: { authorization: basic(client), accept: 'text/event-stream', ...headers },
  });
  const reader = eventReader(response);
  open.push(reader);
  return { response, ...reader };
}

/** The number after which the changes of a test begin. */
async function now(stack: Stack, client: Credentials): Promise<number> {
  for (let query = ''; ; ) {
    const { body } = await pull(stack, client, query);
    if (!body.more) return body.last;
    query = `?after=${body.last}`;
  }
}

onEveryStack((stack) => {
  test('the stream tells of a revocation within a second, and continues after the last event', async () => {
    const { client, resource, resourceServer, issue } = await makeParties(stack(), {
      format: 'jwt',
    });
    const [first, second] = [await issue(), await issue()];
    const begin = await now(stack(), resourceServer);
    const events = await stream(stack(), resourceServer, { 'last-event-id': `${begin}` });
    expect(events.response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(await events.next()).toEqual({
      event: 'alive',
      id: `${begin}`,
      data: { last: begin, resources: [resource] },
    });
    await stack().revoke(first, client);
    const revokedAt = performance.now();
    const told = await events.of('change');
    expect(performance.now() - revokedAt).toBeLessThan(1_000);
    expect(told).toMatchObject({
      id: String(told.data.number),
      data: { kind: 'token.revoked', jti: decodeJwt(first).jti, client_id: client.id },
    });
    await events.close();
    await stack().revoke(second, client);
    const again = await stream(stack(), resourceServer, { 'last-event-id': told.id ?? '' });
    expect((await again.of('change')).data.jti).toBe(decodeJwt(second).jti);
    const { body } = await pull(stack(), resourceServer, `?after=${begin}`);
    expect(body.resources).toEqual([resource]);
    expect(body.items.map(({ jti }: { jti: string }) => jti)).toEqual(
      [first, second].map((token) => decodeJwt(token).jti),
    );
  });

  test('changes of clients, people, grants and apps reach only audiences that have had their JWTs', async () => {
    const login = await makeLoggedIn(stack(), { format: 'jwt' });
    const { app, client, resourceServer, otherResourceServer, issue, accountId } = login;
    await issue();
    const refreshed = await login.refresh(login.refreshToken, { scope: 'things:read' });
    expect(refreshed.body.access_token).toMatch(/^eyJ/);
    const begin = await now(stack(), resourceServer);
    const otherBegin = await now(stack(), otherResourceServer);
    const unrelated = await makeParties(stack(), { format: 'jwt' });
    await unrelated.issue();
    const { call } = stack().api;
    await call('POST', `/clients/${unrelated.client.id}/disable`);
    await call('DELETE', `/clients/${client.id}/tokens`);
    await stack().domain.grants.revoke(login.grantId);
    await call('POST', `/accounts/${accountId}/disable`);
    const mine = await pull(stack(), resourceServer, `?after=${begin}`);
    // Roles are everyone's: their names are not told.
    expect(mine.body.items).toMatchObject([
      { kind: 'role.changed' },
      { kind: 'client.tokens_revoked', client_id: client.id, epoch: expect.any(Number) },
      { kind: 'grant.revoked', client_id: app.id, grant_id: login.grantId, sub: accountId },
      { kind: 'account.disabled', sub: accountId },
    ]);
    const others = await pull(stack(), otherResourceServer, `?after=${otherBegin}`);
    expect(others.body.items).toMatchObject([{ kind: 'role.changed' }]);
    expect(others.body.last).toBe(mine.body.last);
  });

  test('a number that is no longer kept, or that never was, is answered 410', async () => {
    const { resourceServer, client, issue } = await makeParties(stack(), { format: 'jwt' });
    for (let index = 0; index < 2; index++) await stack().revoke(await issue(), client);
    const last = await now(stack(), resourceServer);
    await sql`delete from change where number <= ${last - 1}`.execute(stack().database.kysely);
    for (const after of [last - 2, last + 1]) {
      const answer = await pull(stack(), resourceServer, `?after=${after}`);
      expect(answer).toMatchObject({ status: 410, body: { error: 'gone' } });
      const events = await stream(stack(), resourceServer, { 'last-event-id': `${after}` });
      expect(events.response.status).toBe(410);
    }
    expect((await pull(stack(), resourceServer, `?after=${last - 1}`)).status).toBe(200);
    expect((await pull(stack(), resourceServer)).body.items).toHaveLength(1);
    expect((await pull(stack(), resourceServer, '?max_age=0')).body).toMatchObject({ last });
  });
});

onStack((stack) => {
  test('only the resource server of an API can follow, with its credentials or a token with the scope', async () => {
    const { client, resource } = await makeParties(stack());
    expect(await pull(stack(), client)).toMatchObject({
      status: 403,
      body: { error: 'access_denied' },
    });
    const wrong = await pull(stack(), { ...client, secret: 'wrong' });
    expect(wrong).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    expect(wrong.headers.get('www-authenticate')).toMatch(/^Basic /);
    const byToken = await stack().api.createClient({
      resources: [stack().apiResource],
      resource_server_for: [resource],
      scope: 'revocations:read',
    });
    const { body } = await stack().token(byToken, {
      scope: 'revocations:read',
      resource: stack().apiResource,
    });
    const authorization = `Bearer ${body.access_token}`;
    expect((await stack().get(path, { authorization })).status).toBe(200);
  });

  test('a stream ends once its client may no longer follow, and not before', async () => {
    const { alive } = streamPace;
    streamPace.alive = 200;
    try {
      const { api, apiResource, token } = stack();
      const { resource, resourceServer: kept } = await makeParties(stack());
      const other = `https://${unique('api')}.test`;
      await api.createResource({ identifier: other });
      const create = () =>
        api.createClient({
          resources: [apiResource],
          resource_server_for: [resource, other],
          scope: 'revocations:read',
        });
      const at = ({ id }: Credentials) => `/clients/${encodeURIComponent(id)}`;
      const [disabled, rotated, narrowed, byToken] = await Promise.all([
        create(),
        create(),
        create(),
        create(),
      ]);
      const { body } = await token(byToken, { scope: 'revocations:read', resource: apiResource });
      const authorization = `Bearer ${body.access_token}`;
      const streams = await Promise.all([
        stream(stack(), disabled),
        stream(stack(), rotated),
        stream(stack(), narrowed),
        stream(stack(), byToken, { authorization }),
      ]);
      const goesOn = await stream(stack(), kept);
      const all = [...streams, goesOn];
      for (const each of all) for (const _again of [1, 2, 3]) await each.of('alive');
      const secrets = await api.call('GET', `${at(rotated)}/secrets`);
      await api.call('POST', `${at(disabled)}/disable`);
      await api.call('DELETE', `${at(rotated)}/secrets/${secrets.body.items[0].id}`);
      await api.call('PATCH', at(narrowed), { resource_server_for: [resource] });
      await stack().revoke(body.access_token, byToken);
      for (const each of streams) {
        let last: Awaited<ReturnType<typeof each.next>>;
        do last = await each.next();
        while (last);
      }
      for (const _again of [1, 2, 3]) await goesOn.of('alive');
    } finally {
      streamPace.alive = alive;
    }
  });

  test('a JWT from before a revocation is refused, even if another request noted its audience after it', async () => {
    const { resource, client } = await makeParties(stack(), { format: 'jwt' });
    const { database } = stack();
    const [here, elsewhere] = [createJwtAudiences({ database }), createJwtAudiences({ database })];
    const read = async () => {
      const found = await stack().domain.clients(client.id);
      return { id: found?.id ?? '', epoch: found?.epoch ?? 0, appEpoch: found?.appEpoch ?? 0 };
    };
    const note = (by: NoteJwtAudience, party: Awaited<ReturnType<typeof read>>) =>
      by({ client: party, account: undefined }, resource);
    const before = await read();
    await stack().api.call('DELETE', `/clients/${client.id}/tokens`);
    const after = await read();
    expect(after.epoch).toBeGreaterThan(before.epoch);
    expect(await note(elsewhere, after)).toBe(true);
    expect([await note(elsewhere, before), await note(here, before)]).toEqual([false, false]);
    expect([await note(elsewhere, after), await note(here, after)]).toEqual([true, true]);
    expect(await note(here, before)).toBe(false);
  });

  test('a client whose tokens were revoked while its first JWT was on its way gets no JWT', async () => {
    const { client, issue } = await makeParties(stack(), { format: 'jwt' });
    let revoked = false;
    const issued = watchStatements(
      stack().database,
      async (name) => {
        if (name !== 'jwt-audience-insert' || revoked) return;
        revoked = true;
        await stack().api.call('DELETE', `/clients/${client.id}/tokens`);
      },
      issue,
    );
    await expect(issued).rejects.toThrow(/invalid_grant/);
    expect(revoked).toBe(true);
    expect(await issue()).toMatch(/^eyJ/);
  });

  test('a client has a bounded number of streams, and one that it leaves makes room', async () => {
    const { resourceServer } = await makeParties(stack());
    const { ofClient } = streamLimits;
    streamLimits.ofClient = 1;
    try {
      const first = await stream(stack(), resourceServer);
      expect(await first.next()).toMatchObject({ event: 'alive' });
      const second = await stream(stack(), resourceServer);
      expect(second.response.status).toBe(429);
      expect(second.response.headers.get('retry-after')).toBe('5');
      await first.close();
      await expect(
        (async () => {
          for (;;) {
            const { response } = await stream(stack(), resourceServer);
            if (response.status === 200) return 'open';
          }
        })(),
      ).resolves.toBe('open');
    } finally {
      streamLimits.ofClient = ofClient;
    }
  });

  test('several tokens are introspected with one request, each as on its own', async () => {
    const { client, resourceServer, issue } = await makeParties(stack());
    const [live, revoked] = [await issue(), await issue()];
    await stack().revoke(revoked, client);
    const introspect = (tokens: unknown, by = resourceServer) =>
      stack().request('POST', '/connect/guard/introspect', {
        headers: { authorization: basic(by) },
        body: JSON.stringify({ tokens }),
      });
    const { body } = await introspect([live, revoked, unique('nothing')]);
    expect(body.tokens).toEqual([
      (await stack().introspect(live, resourceServer)).body,
      { active: false },
      { active: false },
    ]);
    for (const wrong of [[], [1], 'text', Array.from({ length: 101 }, () => 'token')])
      expect(await introspect(wrong)).toMatchObject({
        status: 400,
        body: { error: 'invalid_request' },
      });
    expect((await introspect([live], { ...client, secret: 'wrong' })).status).toBe(401);
  });
});

describe('when the server stops', () => {
  test('its streams end, so that followers continue at another process', async () => {
    const stack = await startStack('embedded');
    const { resourceServer } = await makeParties(stack);
    const events = await stream(stack, resourceServer);
    expect(await events.next()).toMatchObject({ event: 'alive' });
    await stack.close();
    let last: Awaited<ReturnType<typeof events.next>>;
    do last = await events.next();
    while (last);
    expect(last).toBeUndefined();
  });
});
