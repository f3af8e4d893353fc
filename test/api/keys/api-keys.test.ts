import { describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { operatorClientId } from '../../../config/clients.ts';
import { tokenLimits } from '../../../config/tokens.ts';
import { parsePublicId } from '../../../src/domain/tokens/value.ts';
import { makeApp } from '../../support/apps.ts';
import { type Answer, apiClient } from '../../support/http.ts';
import { openApi } from '../../support/open-api.ts';
import { keepSecret } from '../../support/run-records.ts';
import { onEveryStack, onStack, type Stack, unique } from '../../support/stacks.ts';
import { tokenWith } from '../routes.ts';

const day = 86_400;

/** A client with an API of its own, and the path of its keys: within or without an app. */
const places = {
  'of a client': async (stack: Stack) => {
    const resource = await openApi(stack);
    const { id } = await stack.api.createClient({
      resources: [resource],
      scope: 'things:read things:write',
    });
    return { clientId: id, keys: `/clients/${id}/api-keys` };
  },
  'of a client of an app': async (stack: Stack) => {
    await openApi(stack);
    const app = await makeApp(stack);
    return { clientId: app.client.id, keys: `/apps/${app.name}/clients/default/api-keys` };
  },
};

onStack((stack) => {
  const call = (method: string, path: string, body?: unknown) =>
    stack().api.call(method, path, body);

  const make = async (keys: string, given: object = {}): Promise<Answer['body']> => {
    const { status, body, text } = await call('POST', keys, { name: 'billing', ...given });
    if (status !== 201) throw new Error(`no key was made: ${text}`);
    keepSecret('api_key', body.api_key);
    return body;
  };

  /** The response of the API to the bearer of a key. */
  const by = ({ api_key }: { api_key: string }) => apiClient(stack().origin, api_key);
  const newToken = () => ({
    subject: { type: 'user', id: unique('user') },
    name: 'Laptop',
    expires_at: new Date(Date.now() + day * 1000),
  });
  const opens = async (key: { api_key: string }) =>
    (await by(key).call('GET', '/tokens')).status === 200;
  const seconds = (time: string) => (Date.parse(time) - Date.now()) / 1000;

  describe.each(Object.entries(places))('the API keys %s', (_which, makePlace) => {
    const place = () => makePlace(stack());

    test('are created, listed without their values, and let a backend create tokens of that client', async () => {
      const { clientId, keys } = await place();
      const { api_key, ...key } = await make(keys, { name: '  billing ' });
      expect(api_key).toMatch(/^writ_ak_/);
      expect(key).toEqual({
        id: expect.stringMatching(/^tok_/),
        name: 'billing',
        hint: api_key.slice(-4),
        scope: 'tokens:read tokens:write',
        state: 'active',
        created_at: expect.any(String),
        expires_at: expect.any(String),
        last_used_at: null,
        created_by: null,
        replaced_by: null,
      });
      const made = await by({ api_key }).call('POST', '/tokens', newToken());
      expect(made).toMatchObject({ status: 201, body: { kind: 'api_token', client_id: clientId } });
      keepSecret('api_token', made.body.token);
      const [list, one] = [await call('GET', keys), await call('GET', `${keys}/${key.id}`)];
      expect(list.body).toMatchObject({ items: [{ id: key.id }], next: null });
      expect(one.body).toMatchObject({ ...key, last_used_at: null });
      expect(list.text + one.text).not.toContain(api_key);
    });

    test('give access to what their scopes permit, and no more', async () => {
      const { keys } = await place();
      const reading = await make(keys, { scope: 'tokens:read' });
      expect(reading.scope).toBe('tokens:read');
      expect((await by(reading).call('GET', '/tokens')).status).toBe(200);
      expect(await by(reading).call('POST', '/tokens', newToken())).toMatchObject({
        status: 403,
        body: { error: 'insufficient_scope' },
      });
      for (const path of [keys, '/clients', '/apps', '/accounts'])
        expect([path, (await by(reading).call('GET', path)).status]).toEqual([path, 403]);
    });

    test('can be renamed, and get another expiry or none', async () => {
      const { keys } = await place();
      const key = await make(keys, { expires_at: '2999-01-01T00:00:00Z' });
      expect(key.expires_at).toBe('2999-01-01T00:00:00.000Z');
      const path = `${keys}/${key.id}`;
      const renamed = await call('PATCH', path, { name: 'invoices' });
      expect(renamed.body).toMatchObject({ name: 'invoices', expires_at: key.expires_at });
      expect((await call('PATCH', path, { expires_at: null })).body).toEqual({
        ...renamed.body,
        expires_at: null,
      });
      const stored = parsePublicId(key.id);
      await sql`update token set expires_at = now() - interval '1 second' where shelf = 0 and key = ${stored?.key}`.execute(
        stack().database.kysely,
      );
      expect(await opens(key)).toBe(false);
      expect((await call('GET', path)).body.state).toBe('expired');
      expect(await call('PATCH', path, { expires_at: null })).toMatchObject({
        status: 409,
        body: { error: 'conflict' },
      });
    });

    test('are regenerated with a new id; the old value is revoked immediately or after the overlap', async () => {
      const { keys } = await place();
      const key = await make(keys, { scope: 'tokens:read' });
      const again = (id: string, given: object = {}) =>
        call('POST', `${keys}/${id}/regenerate`, given);
      const next = await again(key.id, { overlap_seconds: day });
      keepSecret('api_key', next.body.api_key);
      expect(next).toMatchObject({
        status: 201,
        body: {
          name: 'billing',
          scope: 'tokens:read',
          state: 'active',
          expires_at: expect.any(String),
        },
      });
      expect(next.body.id).not.toBe(key.id);
      expect([await opens(key), await opens(next.body)]).toEqual([true, true]);
      const old = (await call('GET', `${keys}/${key.id}`)).body;
      expect(old).toMatchObject({ state: 'active', replaced_by: next.body.id });
      expect(seconds(old.expires_at)).toBeGreaterThan(day - 60);
      expect(seconds(old.expires_at)).toBeLessThanOrEqual(day);
      expect(await again(key.id)).toMatchObject({ status: 409, body: { error: 'conflict' } });

      const last = await again(next.body.id, { expires_at: '2999-01-01T00:00:00Z' });
      keepSecret('api_key', last.body.api_key);
      expect(last.body.expires_at).toBe('2999-01-01T00:00:00.000Z');
      expect([await opens(next.body), await opens(last.body)]).toEqual([false, true]);
      expect((await call('GET', `${keys}/${next.body.id}`)).body).toMatchObject({
        state: 'revoked',
        replaced_by: last.body.id,
      });
    });

    test('no longer work after they are deleted; tokens created with them stay valid', async () => {
      const { keys } = await place();
      const [one, other] = [await make(keys), await make(keys, { name: 'other' })];
      const token = await by(one).call('POST', '/tokens', newToken());
      keepSecret('api_token', token.body.token);
      for (let time = 0; time < 2; time++)
        expect((await call('DELETE', `${keys}/${one.id}`)).status).toBe(204);
      expect([await opens(one), await opens(other)]).toEqual([false, true]);
      expect((await by(other).call('GET', `/tokens/${token.body.id}`)).body.state).toBe('active');
      const states = (await call('GET', keys)).body.items.map(
        ({ name, state }: Record<string, string>) => [name, state],
      );
      expect(states).toEqual([
        ['other', 'active'],
        ['billing', 'revoked'],
      ]);
    });

    test('have a maximum number, however many requests come at once', async () => {
      const { keys } = await place();
      const answers = await Promise.all(
        Array.from({ length: tokenLimits.apiKeys + 2 }, () => call('POST', keys, { name: 'one' })),
      );
      for (const { body } of answers) keepSecret('api_key', body.api_key);
      const statuses = answers.map(({ status }) => status).toSorted();
      expect(statuses).toEqual([...Array(tokenLimits.apiKeys).fill(201), 409, 409]);
    });

    test('are invisible to other clients, as are their tokens', async () => {
      const { keys } = await place();
      const other = await place();
      const [mine, theirs] = [await make(keys), await make(other.keys)];
      const token = await by(theirs).call('POST', '/tokens', newToken());
      keepSecret('api_token', token.body.token);
      for (const [method, path] of [
        ['GET', ''],
        ['PATCH', ''],
        ['DELETE', ''],
        ['POST', '/regenerate'],
      ] as const)
        expect(
          await call(method, `${keys}/${theirs.id}${path}`, method === 'PATCH' ? {} : undefined),
        ).toMatchObject({ status: 404, body: { error: 'not_found' } });
      expect((await by(mine).call('GET', `/tokens/${token.body.id}`)).status).toBe(404);
      expect((await call('GET', `${keys}/tok_nothing`)).status).toBe(404);
      expect(await opens(theirs)).toBe(true);
    });

    test('are in the audit log, without their values', async () => {
      const { clientId, keys } = await place();
      const key = await make(keys);
      await call('PATCH', `${keys}/${key.id}`, { name: 'invoices' });
      const next = await call('POST', `${keys}/${key.id}/regenerate`, { overlap_seconds: 3600 });
      keepSecret('api_key', next.body.api_key);
      await call('DELETE', `${keys}/${key.id}`);
      const { body, text } = await call('GET', `/audit-events?target=${key.id}`);
      expect(
        body.items.map(({ action, result }: Record<string, string>) => [action, result]),
      ).toEqual([
        ['token.revoked', 'success'],
        ['api_key.rolled', 'success'],
        ['api_key.updated', 'success'],
        ['api_key.created', 'success'],
      ]);
      expect(body.items[3].details).toMatchObject({
        name: 'billing',
        client_id: clientId,
        scope: 'tokens:read tokens:write',
        expires_at: expect.any(String),
      });
      expect(body.items[2].details).toEqual({
        name: { before: 'billing', after: 'invoices' },
        client_id: clientId,
      });
      expect(body.items[0].details).toEqual({
        kind: 'api_key',
        name: 'invoices',
        client_id: clientId,
      });
      for (const value of [key.api_key, next.body.api_key]) expect(text).not.toContain(value);
    });

    test('of a disabled client give no access, and are inactive', async () => {
      const { keys } = await place();
      const key = await make(keys);
      const client = keys.replace('/api-keys', '');
      expect((await call('POST', `${client}/disable`)).status).toBe(200);
      expect(await opens(key)).toBe(false);
      expect((await call('GET', `${keys}/${key.id}`)).body.state).toBe('inactive');
      expect(await call('POST', keys, { name: 'one more' })).toMatchObject({
        status: 409,
        body: { error: 'conflict' },
      });
      expect((await call('POST', `${client}/enable`)).status).toBe(200);
      expect(await opens(key)).toBe(false);
      expect((await call('GET', `${keys}/${key.id}`)).body.state).toBe('inactive');
      expect(await opens(await make(keys))).toBe(true);
    });
  });

  test('the keys of an app’s client are only created below the app, where its roles apply', async () => {
    const app = await makeApp(stack());
    const path = `/clients/${encodeURIComponent(app.client.id)}/api-keys`;
    const refused = await call('POST', path, { name: 'billing' });
    expect(refused).toMatchObject({ status: 409, body: { error: 'conflict' } });
    expect(refused.body.error_description).toContain(`/apps/${app.name}/clients/default/api-keys`);
    expect((await call('GET', path)).body.items).toEqual([]);
  });

  test('only a server has keys: clients that act for people create no tokens themselves', async () => {
    const app = await makeApp(stack());
    await app.addClient({ name: 'tv', kind: 'device' });
    expect(
      await call('POST', `/apps/${app.name}/clients/tv/api-keys`, { name: 'billing' }),
    ).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
  });

  test('keys of the operator’s client cannot be created, regenerated or deleted', async () => {
    const keys = `/clients/${operatorClientId}/api-keys`;
    const { items } = (await call('GET', keys)).body;
    for (const [method, path] of [
      ['POST', keys],
      ['POST', `${keys}/${items[0].id}/regenerate`],
      ['DELETE', `${keys}/${items[0].id}`],
    ] as const)
      expect(
        await call(method, path, method === 'DELETE' ? undefined : { name: 'mine' }),
      ).toMatchObject({ status: path.endsWith('regenerate') ? 400 : 403 });
    expect(
      await call('POST', `${keys}/${items[0].id}/regenerate`, { overlap_seconds: 0 }),
    ).toMatchObject({ status: 403, body: { error: 'access_denied' } });
    expect((await call('GET', keys)).status).toBe(200);
  });
});

onEveryStack((stack) => {
  test.each(Object.entries(places))(
    'the API keys %s are created once, however often a request is sent with one Idempotency-Key',
    async (_which, makePlace) => {
      const { keys } = await makePlace(stack());
      const token = await tokenWith(stack(), [
        'clients:read',
        'clients:write',
        'apps:read',
        'apps:write',
        'tokens:read',
        'tokens:write',
      ]);
      const send = (path: string, body: object, key: string) =>
        stack().request('POST', `/api/v1${path}`, {
          headers: {
            authorization: `Bearer ${token}`,
            'content-type': 'application/json',
            'idempotency-key': key,
          },
          body: JSON.stringify(body),
        });
      const creation = unique('request');
      const made = await Promise.all(
        Array.from({ length: 4 }, () => send(keys, { name: 'billing' }, creation)),
      );
      for (const { body } of made) keepSecret('api_key', body.api_key);
      expect(made.map(({ status, body }) => [status, body])).toEqual(
        Array(4).fill([201, made[0]?.body]),
      );
      expect((await stack().api.call('GET', keys)).body.items).toHaveLength(1);
      expect(await send(keys, { name: 'other' }, creation)).toMatchObject({
        status: 422,
        body: { error: 'invalid_request' },
      });
      const path = `${keys}/${made[0]?.body.id}/regenerate`;
      const change = unique('request');
      const [first, second] = [await send(path, {}, change), await send(path, {}, change)];
      keepSecret('api_key', first.body.api_key);
      expect([second.status, second.body]).toEqual([201, first.body]);
      expect(await send(path, {}, unique('request'))).toMatchObject({ status: 409 });
    },
  );
});
