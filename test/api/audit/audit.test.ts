import { describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { actingAs } from '../../../src/domain/audit/actor.ts';
import { parseToken } from '../../../src/domain/tokens/value.ts';
import { apiClient } from '../../support/http.ts';
import { onStack, unique } from '../../support/stacks.ts';
import {
  call,
  makeThings,
  nameOf,
  newTokenWith,
  pathOf,
  refusedHere,
  scoped,
  sharedThings,
  thingsFor,
} from '../routes.ts';

interface Event {
  action: string;
  result: string;
  actor: { kind: string; id: string; token_id: string };
  target: { kind: string; id: string } | null;
  request_id: string;
}

onStack((stack) => {
  const events = async (query: Record<string, string>): Promise<Event[]> => {
    const { body } = await stack().api.call('GET', `/audit-events?${new URLSearchParams(query)}`);
    return body.items;
  };

  /** A token, and how audit events name its bearer. */
  const somebody = async (...scopes: string[]) => {
    const token = await newTokenWith(stack(), scopes);
    const id = parseToken(token)?.id;
    const state = id && (await stack().domain.lookup(id));
    if (!state) throw new Error('no such token');
    return { token, id: state.clientId, headers: { authorization: `Bearer ${token}` } };
  };

  // The member in the table of routes created no credentials, so revoking theirs changes nothing.
  const changeNothing = [
    'POST /tokens/check',
    'POST /identity-providers/{provider_id}/check',
    'POST /trusted-issuers/{issuer_id}/check',
    'POST /trusted-issuers/{issuer_id}/try',
    'DELETE /apps/{app}/members/{account_id}/credentials',
    ...refusedHere,
  ];
  // Receivers manage streams of their own; test/api/signals has the events of that.
  const ofOperators = scoped.filter(({ path }) => !path.startsWith('/signals/'));
  const writing = ofOperators.filter(
    (route) => route.method !== 'GET' && !changeNothing.includes(nameOf(route)),
  );
  describe.each(writing.map((route) => [nameOf(route), route] as const))('%s', (_name, route) => {
    test('names the actor and the request', async () => {
      const { id, headers } = await somebody(route.scope, ...route.also);
      const things = await thingsFor(stack(), route);
      // Enabling an enabled thing changes nothing and records no event.
      const disabling = { path: route.path.replace(/enable$/, 'disable') };
      if (route.path !== disabling.path) await stack().api.call('POST', pathOf(disabling, things));
      const answer = await call(stack(), route, things, headers);
      expect(answer.status).toBe(route.success);
      const found = await events({ actor: id });
      expect(found.length).toBeGreaterThanOrEqual(1);
      for (const event of found)
        expect(event).toMatchObject({
          result: 'success',
          actor: { kind: 'client', id, token_id: expect.stringMatching(/^tok_/) },
          request_id: answer.headers.get('x-request-id'),
        });
    });

    test('names the refused caller', async () => {
      const { id, headers } = await somebody('changes:read');
      const things = await sharedThings(stack());
      expect((await call(stack(), route, things, headers)).status).toBe(403);
      const found = await events({ actor: id });
      expect(found).toMatchObject([{ result: 'refused', actor: { kind: 'client', id } }]);
      if (route.path.includes('{'))
        expect([...Object.values(things), `${things.app}:${things.client}`]).toContain(
          found[0]?.target?.id,
        );
    });
  });

  const updating = ofOperators.filter(
    ({ method, path }) => ['PATCH', 'PUT'].includes(method) || /\/(disable|enable)$/.test(path),
  );
  test.each(updating.map((route) => [nameOf(route), route] as const))(
    'repeating %s changes nothing: no event, no change in the feed, the same response and ETag',
    async (_name, route) => {
      const { api, database } = stack();
      const things = await thingsFor(stack(), route);
      const body = route.body?.(things);
      const again = () => api.call(route.method, pathOf(route, things), body);
      const written = async () => {
        const { rows } = await sql`select (select count(*) from audit_event) as events,
          (select coalesce(max(number), 0) from change) as changes`.execute(database.kysely);
        return rows[0];
      };
      const first = await again();
      expect(first.status).toBe(route.success);
      const before = await written();
      const second = await again();
      expect([second.status, second.text]).toEqual([first.status, first.text]);
      expect(second.headers.get('etag')).toBe(first.headers.get('etag'));
      expect(await written()).toEqual(before);
    },
  );

  test('repeated refusals of a caller are recorded once, then with their number', async () => {
    const { id, headers } = await somebody('clients:read');
    const { audit } = stack().domain;
    for (let sent = 0; sent < 20; sent++)
      await stack().request('DELETE', `/api/v1/roles/none-${sent}`, { headers });
    expect(await events({ actor: id })).toHaveLength(1);
    // The same in the process of this test, which can flush its counts.
    const refuse = (target: string) =>
      actingAs({ kind: 'client', id: `${id}-2` }, () =>
        audit.refused({
          action: 'role.deleted',
          target: { kind: 'role', id: target },
          app: null,
          details: { error: 'insufficient_scope' },
        }),
      );
    for (let sent = 0; sent < 20; sent++) await refuse(`none-${sent}`);
    await audit.close();
    expect(await events({ actor: `${id}-2` })).toMatchObject([
      { result: 'refused', target: null, details: { error: 'insufficient_scope', count: 19 } },
      { result: 'refused', target: { id: 'none-0' }, details: { error: 'insufficient_scope' } },
    ]);
  });

  test('reads and unauthenticated calls leave no events', async () => {
    const { id, headers } = await somebody('clients:read');
    await stack().get('/api/v1/clients', headers);
    expect((await stack().get('/api/v1/roles', headers)).status).toBe(403);
    expect(await events({ actor: id })).toEqual([]);
    const before = await events({ limit: '1' });
    await stack().request('DELETE', '/api/v1/roles/nothing');
    expect(await events({ limit: '1' })).toEqual(before);
  });

  test('a token that was sent as an id is not stored', async () => {
    const { id, token, headers } = await somebody('tokens:read');
    for (const path of [`/tokens/${token}`, `/apps/${token}`, `/apps/acme/clients/${token}`])
      expect((await stack().request('DELETE', `/api/v1${path}`, { headers })).status).toBe(403);
    const found = await events({ actor: id });
    expect(found).toMatchObject(Array(3).fill({ result: 'refused', target: null }));
    expect(JSON.stringify(found)).not.toContain(token);
  });

  test('a refusal has the same action as a success', async () => {
    const { id, headers } = await somebody('changes:read');
    const things = await makeThings(stack());
    for (const [method, path] of [
      ['DELETE', `/clients/${things.client_id}/secrets/${things.secret_id}`],
      ['POST', '/keys/reseal'],
    ] as const) {
      const refused = await stack().request(method, `/api/v1${path}`, { headers });
      expect(refused.status).toBe(403);
      expect((await stack().api.call(method, path)).status).toBeLessThan(300);
      const [{ action } = { action: 'none' }] = await events({ actor: id });
      const done = await events({ action, actor: 'writ-operator' });
      expect(done.some(({ result }) => result === 'success')).toBe(true);
    }
  });

  test('events can be filtered by target, action and time, newest first', async () => {
    const { api } = stack();
    const name = unique('role');
    const began = new Date(Date.now() - 1_000).toISOString();
    await api.setRole(name, []);
    await api.setRole(name, ['a']);
    const actions = async (query: Record<string, string>) =>
      (await events({ target: name, ...query })).map(({ action }) => action);
    expect(await actions({})).toEqual(['role.updated', 'role.created']);
    expect(await actions({ action: 'role.created' })).toEqual(['role.created']);
    expect(await actions({ since: began })).toHaveLength(2);
    expect(await actions({ until: began })).toEqual([]);
    expect(await actions({ since: '2999-01-01T00:00:00Z' })).toEqual([]);
  });

  test('an attempt to grant a permission without having it is recorded with that permission', async () => {
    const { token, id } = await somebody('clients:write');
    const given = { resources: [stack().apiResource], scope: 'tokens:write' };
    const weak = apiClient(stack().origin, token);
    expect((await weak.call('POST', '/clients', given)).status).toBe(403);
    expect(await events({ actor: id })).toMatchObject([
      { action: 'client.created', result: 'refused', details: { error: 'access_denied' } },
    ]);
  });
});
