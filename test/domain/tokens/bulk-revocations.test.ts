// Revoking all tokens that match a filter, in portions.
import { beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import type { Connection } from '../../../db/schema.ts';
import { apiResource } from '../../../src/domain/installation/installation.ts';
import { createBulkRevocations } from '../../../src/domain/tokens/bulk-revocations.ts';
import { parseToken, publicId, type TokenId } from '../../../src/domain/tokens/value.ts';
import { type Backend, makeBackend } from '../../api/backend.ts';
import { until } from '../../support/process.ts';
import { onEveryStack, unique } from '../../support/stacks.ts';

onEveryStack((stack) => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await makeBackend(stack());
  });

  /** Stores active API tokens of the client whose names begin so. More than two portions have. */
  const many = async (prefix: string, number = 1_050) => {
    await sql`insert into token (shelf, key, kind, client_id, client_epoch, app_epoch, account_epoch, grant_epoch,
        scope, audience, name, subject_type, subject_id, issued_at, expires_at)
      select 0, uuid_send(gen_random_uuid()), 'api_token', c.id, c.epoch, 0, 0, 0, null, array[${backend.resource}::text],
        ${prefix}::text || i, 'user', i::text, now() - interval '1 minute', now() + interval '1 day'
      from client c, generate_series(1, ${number}::integer) i where c.client_id = ${backend.client.id}`.execute(
      stack().database.kysely,
    );
    return number;
  };

  const left = async (prefix: string) => {
    const { rows } = await sql<{ count: number }>`
      select count(*)::integer as count from token where shelf = 0 and name like ${`${prefix}%`} and revoked_at is null`.execute(
      stack().database.kysely,
    );
    return rows[0]?.count;
  };

  const events = async (action: string, prefix: string) => {
    const { rows } = await sql<{ count: number }>`
      select count(*)::integer as count from audit_event
      where action = ${action} and details->>'name' like ${`${prefix}%`}`.execute(
      stack().database.kysely,
    );
    return rows[0]?.count;
  };

  const ended = async (id: string) => {
    const read = async () => (await stack().api.call('GET', `/tokens/revocations/${id}`)).body;
    await until('the bulk revocation to end', async () => {
      expect((await read()).state).not.toBe('running');
    });
    return read();
  };

  const begin = async (filter: Record<string, unknown>) => {
    const { status, body, headers } = await stack().api.call('POST', '/tokens/revocations', {
      filter,
    });
    expect([status, headers.get('location')]).toEqual([
      202,
      expect.stringContaining(`/tokens/revocations/${body.id}`),
    ]);
    return body;
  };

  test('all active tokens that match are revoked and inactive, each once in the audit; others stay', async () => {
    const prefix = unique('ci');
    const number = await many(prefix);
    const { id, token } = await backend.make({
      name: `${prefix} real`,
      subject: { type: 'user', id: '1' },
    });
    const other = await backend.make({ name: unique('other') });
    const { body: counted } = await stack().api.call(
      'GET',
      `/tokens/count?${new URLSearchParams({ name: prefix.toUpperCase(), client_id: backend.client.id })}`,
    );
    expect(counted).toEqual({ count: number + 1, more: false });
    const { id: run } = await begin({ name: prefix, client_id: backend.client.id });
    expect(await ended(run)).toMatchObject({
      state: 'done',
      revoked: number + 1,
      refused: 0,
      filter: { name: prefix, client_id: backend.client.id },
      ended_at: expect.any(String),
    });
    expect(await left(prefix)).toBe(0);
    expect(await events('token.revoked', prefix)).toBe(number + 1);
    expect((await stack().introspect(token, backend.resourceServer)).text).toBe('{"active":false}');
    const { body: one } = await stack().api.call('GET', `/tokens/${id}`);
    expect(one).toMatchObject({ active: false });
    expect((await stack().introspect(other.token, backend.resourceServer)).body.active).toBe(true);
    const { body: ofOne } = await stack().api.call('GET', `/audit-events?target=${id}`);
    // In the name of the caller, but not as part of the request, which was answered before.
    expect(ofOne.items[0]).toMatchObject({
      action: 'token.revoked',
      actor: { kind: 'client', id: expect.any(String) },
      request_id: null,
    });
    const { body: audit } = await stack().api.call('GET', `/audit-events?about=${run}`);
    expect(audit.items.map(({ action }: { action: string }) => action)).toEqual([
      'bulk_revocation.completed',
      'bulk_revocation.begun',
    ]);
    expect(audit.items[0].details).toMatchObject({ revoked: number + 1, refused: 0 });
    const { body: list } = await stack().api.call('GET', '/tokens/revocations');
    expect(list.items[0]).toMatchObject({ id: run });
  });

  test('a filter that names nothing, or has no member, is refused or finds nothing; it never means all', async () => {
    for (const filter of [{}, { name: '' }])
      expect(await stack().api.call('POST', '/tokens/revocations', { filter })).toMatchObject({
        status: 400,
        body: { error: 'invalid_request' },
      });
    const { id } = await begin({ name: unique('none') });
    expect(await ended(id)).toMatchObject({ state: 'done', revoked: 0 });
    expect((await stack().api.call('GET', '/tokens/revocations/none')).status).toBe(404);
    const { status } = await backend.api.call('POST', '/tokens/revocations', {
      filter: { client_id: backend.client.id },
    });
    expect(status).toBe(403);
  });

  test('a repeated request with the same idempotency key begins one', async () => {
    const send = () =>
      stack().api.call(
        'POST',
        '/tokens/revocations',
        { filter: { name } },
        { 'idempotency-key': name },
      );
    const name = unique('once');
    const [one, two] = [await send(), await send()];
    expect(two.body.id).toBe(one.body.id);
    await ended(one.body.id);
  });

  test('tokens that the caller may not revoke are left and counted, and so are those issued after the beginning', async () => {
    const prefix = unique('left');
    await many(prefix, 3);
    const role = unique('ends');
    const api_scopes = ['tokens:read', 'tokens:revoke'];
    await stack().api.call('PUT', `/roles/${role}`, { permissions: [], api_scopes });
    const { body: account } = await stack().api.call('POST', '/accounts', {
      name: 'Ada',
      roles: [role],
    });
    const actor = { kind: 'account' as const, id: String(account.id), scopes: new Set(api_scopes) };
    const { bulkRevocations } = stack().domain;
    const { id } = await bulkRevocations.begin(actor, { name: prefix });
    // Tokens of programs need `tokens:write`.
    expect(await ended(id)).toMatchObject({ state: 'done', revoked: 0, refused: 3 });
    expect(await left(prefix)).toBe(3);

    await stack().api.call('POST', `/accounts/${account.id}/disable`);
    const second = await bulkRevocations.begin(actor, { name: prefix });
    expect(await ended(second.id)).toMatchObject({ state: 'stopped', revoked: 0 });

    const later = await backend.make({ name: `${prefix} later` });
    await sql`update token set issued_at = now() + interval '1 hour' where name = ${later.name}`.execute(
      stack().database.kysely,
    );
    const { id: third } = await begin({ name: prefix });
    expect(await ended(third)).toMatchObject({ state: 'done', revoked: 3 });
    expect(await left(prefix)).toBe(1);
  });

  test('a portion that fails leaves nothing half done, and another process goes on where it ended', async () => {
    const prefix = unique('crash');
    const number = await many(prefix);
    const { database } = stack();
    const { body: caller } = await stack().api.call('POST', '/accounts', {
      name: 'Ada',
      roles: ['administrator'],
    });
    const actor = {
      kind: 'account' as const,
      id: String(caller.id),
      scopes: new Set(['tokens:read', 'tokens:revoke', 'tokens:write']),
    };
    const errors: unknown[] = [];
    let transactions = 0;
    /** The first one begins it, the second is a portion, and the third is cut off at its end. */
    const cutOff = (work: (transaction: Connection) => Promise<unknown>) =>
      database.kysely.transaction().execute(async (transaction) => {
        const result = await work(transaction);
        if (++transactions === 3) throw new Error('cut off');
        return result;
      });
    const failing = createBulkRevocations({
      database: {
        ...database,
        kysely: new Proxy(database.kysely, {
          get: (target, name) => {
            if (name === 'transaction') return () => ({ execute: cutOff });
            const value = Reflect.get(target, name, target);
            return typeof value === 'function' ? value.bind(target) : value;
          },
        }),
      },
      onError: (error) => errors.push(error),
    });
    const { id } = await failing.begin(actor, { name: prefix });
    await until('it to be cut off', async () => {
      expect(errors).toHaveLength(1);
    });
    expect(await left(prefix)).toBe(number - 500);
    expect(await events('token.revoked', prefix)).toBe(500);
    expect(await failing.find(id)).toMatchObject({ state: 'running', revoked: 500 });
    // Two at once, as two processes whose jobs begin at the same moment.
    const others = [1, 2].map(() => createBulkRevocations({ database, onError: () => {} }));
    await Promise.all(others.map((each) => each.continue()));
    expect(await left(prefix)).toBe(0);
    expect(await events('token.revoked', prefix)).toBe(number);
    expect(await failing.find(id)).toMatchObject({ state: 'done', revoked: number });
  });

  test('a client to which the scope is no longer allowed revokes nothing further', async () => {
    const prefix = unique('narrowed');
    await many(prefix, 2);
    const { issuer, database, api } = stack();
    const resource = apiResource(issuer);
    const scope = 'tokens:read tokens:write';
    const client = await api.createClient({ resources: [resource], scope });
    const { body } = await stack().token(client, { resource, scope });
    const idle = createBulkRevocations({ database, onError: () => {} });
    await idle.close();
    const actor = {
      kind: 'client' as const,
      id: client.id,
      tokenId: publicId(parseToken(body.access_token)?.id as TokenId),
      scopes: new Set(['tokens:read', 'tokens:write', 'tokens:revoke']),
    };
    const { id } = await idle.begin(actor, { name: prefix }, { clientId: client.id });
    await api.call('PATCH', `/clients/${client.id}`, { scope: 'tokens:read' });
    await createBulkRevocations({ database, onError: () => {} }).continue();
    expect(await idle.find(id)).toMatchObject({ state: 'stopped', revoked: 0 });
    expect(await left(prefix)).toBe(2);
  });

  test('one that is stopped leaves the rest, and a revocation whose token is revoked ends with it', async () => {
    const prefix = unique('stop');
    await many(prefix, 4);
    const idle = createBulkRevocations({ database: stack().database, onError: () => {} });
    await idle.close();
    const actor = {
      kind: 'client' as const,
      id: backend.client.id,
      scopes: new Set(['tokens:revoke']),
    };
    const { id } = await idle.begin(actor, { name: prefix });
    const { status, body } = await stack().api.call('POST', `/tokens/revocations/${id}/stop`);
    expect([status, body.state]).toEqual([200, 'stopped']);
    expect((await stack().api.call('POST', `/tokens/revocations/${id}/stop`)).status).toBe(409);
    expect(await left(prefix)).toBe(4);
    // No token was presented, so there is none that could still be valid.
    const orphan = await idle.begin(actor, { name: prefix });
    await createBulkRevocations({ database: stack().database, onError: () => {} }).continue();
    expect(await idle.find(orphan.id)).toMatchObject({ state: 'stopped', revoked: 0 });
    // The same of a person: a role that permits it does not outlast the token that was presented.
    const { body: person } = await stack().api.call('POST', '/accounts', {
      name: 'Ada',
      roles: ['administrator'],
    });
    const { id: tokenId } = await backend.make();
    const own = {
      kind: 'account' as const,
      id: String(person.id),
      tokenId,
      scopes: new Set(['tokens:revoke', 'tokens:write']),
    };
    await stack().api.call('DELETE', `/tokens/${tokenId}`);
    const ofPerson = await idle.begin(own, { name: prefix });
    await createBulkRevocations({ database: stack().database, onError: () => {} }).continue();
    expect(await idle.find(ofPerson.id)).toMatchObject({ state: 'stopped', revoked: 0 });
    expect(await left(prefix)).toBe(4);
  });
});
