import { describe, expect, test } from '@jest/globals';
import argon2 from 'argon2';
import bcrypt from 'bcrypt';
import { sha256 } from '../../../src/crypto/digest.ts';
import { onStack } from '../../support/stacks.ts';

const chosen = 'correct horse battery staple';
const generated = 'wX4kq9ZtB7nM2vRfJ8cL5sHy3gPd6aQe';

onStack((stack) => {
  const worksFor = async (id: string, secret: string) =>
    (await stack().token({ id, secret })).status === 200;

  const add = async (clientId: string, given: object = {}) => {
    const answer = await stack().api.call('POST', `/clients/${clientId}/secrets`, given);
    if (answer.status !== 201) throw new Error(`no secret was added: ${answer.text}`);
    return answer.body;
  };

  const stored = (id: string) =>
    stack()
      .database.kysely.selectFrom('client_secret')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirstOrThrow();

  test('a client can have several valid secrets, and each can be deleted separately', async () => {
    const { api } = stack();
    const client = await api.createClient();
    const second = await add(client.id);
    expect(second.client_secret).toMatch(/^writ_cs_/);
    expect(await worksFor(client.id, client.secret)).toBe(true);
    expect(await worksFor(client.id, second.client_secret)).toBe(true);

    const { items } = (await api.call('GET', `/clients/${client.id}/secrets`)).body;
    expect(items.map(({ hint }: { hint: string }) => hint)).toEqual([
      client.secret.slice(-4),
      second.client_secret.slice(-4),
    ]);
    expect(JSON.stringify(items)).not.toContain(second.client_secret);

    const { status } = await api.call('DELETE', `/clients/${client.id}/secrets/${items[0].id}`);
    expect(status).toBe(204);
    expect(await worksFor(client.id, client.secret)).toBe(false);
    expect(await worksFor(client.id, second.client_secret)).toBe(true);
  });

  test('tokens stay valid after their secret is deleted', async () => {
    const { api } = stack();
    const client = await api.createClient();
    const { body } = await stack().token(client);
    const keeper = await add(client.id);
    const { items } = (await api.call('GET', `/clients/${client.id}/secrets`)).body;
    await api.call('DELETE', `/clients/${client.id}/secrets/${items[0].id}`);
    const asker = { id: client.id, secret: keeper.client_secret };
    expect((await stack().introspect(body.access_token, asker)).body.active).toBe(true);
  });

  test('with end_tokens, deleting a secret revokes the tokens of the client', async () => {
    const { api } = stack();
    const client = await api.createClient();
    const { body } = await stack().token(client);
    const keeper = await add(client.id);
    const { items } = (await api.call('GET', `/clients/${client.id}/secrets`)).body;
    const path = `/clients/${client.id}/secrets/${items[0].id}`;
    expect((await api.call('DELETE', `${path}?end_tokens=true`)).status).toBe(204);
    const asker = { id: client.id, secret: keeper.client_secret };
    expect((await stack().introspect(body.access_token, asker)).body).toEqual({ active: false });
    expect((await stack().token(asker)).status).toBe(200);
  });

  test('a secret no longer works after it expires', async () => {
    const client = await stack().api.createClient();
    const over = await add(client.id, { expires_at: '2998-01-01T00:00:00Z' });
    await stack()
      .database.kysely.updateTable('client_secret')
      .set({ expires_at: new Date(Date.now() - 1_000) })
      .where('id', '=', over.id)
      .execute();
    const later = await add(client.id, { expires_at: '2999-01-01T00:00:00+02:00' });
    expect(await worksFor(client.id, over.client_secret)).toBe(false);
    expect(await worksFor(client.id, later.client_secret)).toBe(true);
  });

  test('a client has at most 20 valid secrets, however many requests come at once', async () => {
    const { api } = stack();
    const { id } = await api.createClient();
    const path = `/clients/${id}/secrets`;
    const answers = await Promise.all(Array.from({ length: 22 }, () => api.call('POST', path)));
    const statuses = answers.map(({ status }) => status).toSorted();
    expect(statuses).toEqual([...Array(19).fill(201), 409, 409, 409]);
    expect(await api.call('POST', path, { value: chosen })).toMatchObject({
      status: 409,
      body: { error: 'conflict', error_description: expect.stringContaining('at most 20') },
    });
    const { items } = (await api.call('GET', path)).body;
    await api.call('DELETE', `${path}/${items[0].id}`);
    expect((await api.call('POST', path)).status).toBe(201);
  });

  test('the secret of one client does not authenticate another', async () => {
    const [one, other] = [await stack().api.createClient(), await stack().api.createClient()];
    expect(await worksFor(one.id, other.secret)).toBe(false);
  });

  const hashes = [
    ['argon2', (secret: string) => argon2.hash(secret, { memoryCost: 1024, timeCost: 1 })],
    ['bcrypt', (secret: string) => bcrypt.hash(secret, 4)],
  ] as const;

  describe.each(hashes)('an imported %s hash', (kind, hash) => {
    test('of a secret that looks generated works, and becomes a keyed digest', async () => {
      const client = await stack().api.createClient();
      const { id } = await add(client.id, { hash: await hash(generated) });
      expect((await stored(id)).kind).toBe(kind);
      expect(await worksFor(client.id, generated.toLowerCase())).toBe(false);
      expect((await stored(id)).kind).toBe(kind);
      expect(await worksFor(client.id, generated)).toBe(true);
      expect(await stored(id)).toMatchObject({ kind: 'keyed', hint: generated.slice(-4) });
      expect(await worksFor(client.id, generated)).toBe(true);
    });

    test('of a secret that a person chose works, and becomes a keyed digest, without a hint', async () => {
      const client = await stack().api.createClient();
      const { id } = await add(client.id, { hash: await hash(chosen) });
      expect((await stored(id)).kind).toBe(kind);
      for (let time = 1; time <= 2; time++) expect(await worksFor(client.id, chosen)).toBe(true);
      expect(await stored(id)).toMatchObject({ kind: 'keyed', hint: null });
    });
  });

  test('a client has at most two secrets that are slow to verify', async () => {
    const client = await stack().api.createClient();
    const hashed = async (secret: string) => ({ hash: await bcrypt.hash(secret, 4) });
    await add(client.id, await hashed('the first of three'));
    await add(client.id, { value: chosen });
    await expect(add(client.id, await hashed('the third of three'))).rejects.toThrow('at most 2');
    expect(await worksFor(client.id, chosen)).toBe(true);
    await add(client.id, await hashed('the third of three'));
  });

  test('a secret that differs only after 72 bytes neither authenticates nor replaces the real one', async () => {
    const client = await stack().api.createClient();
    const beginning = generated.repeat(3).slice(0, 72);
    const { id } = await add(client.id, { hash: await bcrypt.hash(`${beginning}real`, 4) });
    expect(await worksFor(client.id, `${beginning}fake`)).toBe(false);
    expect(await worksFor(client.id, beginning)).toBe(true);
    expect((await stored(id)).kind).toBe('bcrypt');
  });

  test.each([
    ['looks generated', generated, 'keyed'],
    ['a person chose', chosen, 'keyed'],
  ])(
    'an imported secret that %s works and is stored as a digest only',
    async (_what, value, kind) => {
      const client = await stack().api.createClient();
      const answer = await add(client.id, { value });
      expect(JSON.stringify(answer)).not.toContain(value);
      expect(await worksFor(client.id, value)).toBe(true);
      const row = await stored(answer.id);
      expect(row.kind).toBe(kind);
      expect(JSON.stringify(row)).not.toContain(value);
      // An unsalted digest would allow one dictionary attack on all secrets.
      const bare = sha256(value);
      for (const encoding of ['hex', 'base64', 'base64url'] as const)
        expect(row.digest).not.toContain(bare.toString(encoding).replaceAll('=', ''));
    },
  );
});
