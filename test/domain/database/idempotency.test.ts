import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { sha256 } from '../../../src/crypto/digest.ts';
import { createIdempotency } from '../../../src/domain/database/idempotency.ts';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import { redemptionId } from '../../../src/domain/tokens/redemptions.ts';
import { onEachDatabase } from '../../db/each-database.ts';
import {
  backend,
  expectRefused,
  idOf,
  inSeconds,
  type Owned,
  once,
  openOwned,
  operator,
} from '../tokens/named/support.ts';

onEachDatabase((database) => {
  let opened: Promise<Owned> | undefined;
  const open = (): Promise<Owned> => {
    opened ??= openOwned(database());
    return opened;
  };
  const countOf = async ({ namedTokens }: Owned, clientId: string): Promise<number> =>
    (await namedTokens.page(operator(), { clientId, limit: 100 })).items.length;

  test('a repeated request gets the same token in its current state, with the same value', async () => {
    const owned = await open();
    const { actor, clientId } = await owned.backend();
    const key = randomUUID();
    const create = () => owned.create(actor, {}, once({ key }));
    const first = await create();
    expect(await create()).toEqual(first);
    await owned.apiTokens.update(actor, idOf(first.token), { name: 'B' });
    expect(await create()).toEqual({ ...first, token: { ...first.token, name: 'B' } });
    await owned.namedTokens.revoke(actor, idOf(first.token));
    expect(await create()).toMatchObject({ value: first.value, token: { status: 'revoked' } });
    expect(await countOf(owned, clientId)).toBe(1);
    expect(await owned.events(idOf(first.token))).toHaveLength(3);
  });

  test('it gets the token even if it could no longer be created now', async () => {
    const owned = await open();
    const { actor, clientId, resource } = await owned.backend();
    const key = randomUUID();
    const given = { scope: ['things:read'], resource, expiresAt: inSeconds(60) };
    const { value } = await owned.create(actor, given, once({ key }));
    await owned.registry.update(serverActor, clientId, { resources: [] });
    await expectRefused(owned.create(actor, given), 'invalid_target');
    expect((await owned.create(actor, given, once({ key }))).value).toBe(value);
  });

  test('a request that is remembered longer than its result creates nothing and returns no value', async () => {
    const owned = await open();
    const { actor, clientId } = await owned.backend();
    const [key, credential] = [randomUUID(), randomUUID()];
    const fingerprint = sha256('the form');
    const create = (request = fingerprint) =>
      owned.create(
        actor,
        {},
        createIdempotency({
          key,
          credential,
          fingerprint: request,
          seconds: 30,
          retainSeconds: 86_400,
        }),
      );
    const pass = (seconds: number) =>
      sql`update redemption
        set redeemed_at = redeemed_at - ${seconds}::float8 * interval '1 second',
          expires_at = expires_at - ${seconds}::float8 * interval '1 second'
        where id = ${redemptionId('once', JSON.stringify([credential, key]))}`.execute(
        owned.database.kysely,
      );
    const { value } = await create();
    await pass(20);
    expect((await create()).value).toBe(value);
    await pass(20);
    await expectRefused(create(), 'conflict', /already sent/);
    await expectRefused(create(sha256('another')), 'unprocessable_content', /different request/);
    await pass(80_000);
    await expectRefused(create(), 'conflict', /already sent/);
    expect(await countOf(owned, clientId)).toBe(1);
    await pass(8_000);
    const next = await create();
    expect(next.value).not.toBe(value);
    expect((await create()).value).toBe(next.value);
    expect(await countOf(owned, clientId)).toBe(2);
  });

  test('a different request with the same key is refused', async () => {
    const owned = await open();
    const { actor, clientId } = await owned.backend();
    const key = randomUUID();
    await owned.create(actor, {}, once({ key }));
    await expectRefused(
      owned.create(actor, {}, once({ key, request: 'another' })),
      'unprocessable_content',
      /different request/,
    );
    expect(await countOf(owned, clientId)).toBe(1);
  });

  test('keys of different credentials are independent', async () => {
    const owned = await open();
    const [own, other] = [await owned.backend(), await owned.backend()];
    const key = randomUUID();
    const first = await owned.create(own.actor, {}, once({ key, credential: 'one' }));
    const second = await owned.create(other.actor, {}, once({ key, credential: 'two' }));
    expect(second.value).not.toBe(first.value);
    expect(second.token.clientId).toBe(other.clientId);
  });

  test('of ten concurrent requests one creates, and all get the result', async () => {
    const owned = await open();
    const { actor, clientId } = await owned.backend();
    const key = randomUUID();
    const created = await Promise.all(
      Array.from({ length: 10 }, () => owned.create(actor, {}, once({ key }))),
    );
    expect(new Set(created.map(({ value }) => value)).size).toBe(1);
    expect(await countOf(owned, clientId)).toBe(1);
  });

  test('if the first is refused, the second creates', async () => {
    const owned = await open();
    const { actor, clientId, resource } = await owned.backend();
    const key = randomUUID();
    await owned.registry.update(serverActor, clientId, { resources: [] });
    await expectRefused(owned.create(actor, {}, once({ key })), 'invalid_target');
    await owned.registry.update(serverActor, clientId, { resources: [resource] });
    expect((await owned.create(actor, {}, once({ key }))).token.status).toBe('active');
  });

  test('if the first fails midway, nothing of it is left, and the second creates', async () => {
    const owned = await open();
    const { clientId } = await owned.backend();
    const key = randomUUID();
    const { kysely } = owned.database;
    const lost = kysely.transaction().execute(async (transaction) => {
      await once({ key })(transaction, async () => ({ id: 'half', value: 'done' }));
      throw new Error('the connection was lost');
    });
    await expect(lost).rejects.toThrow('the connection was lost');
    const { value } = await owned.create(backend(clientId), {}, once({ key }));
    expect(value).toMatch(/^writ_tk_/);
  });

  test('the stored result is unreadable without the credential and the key', async () => {
    const owned = await open();
    const { actor } = await owned.backend();
    const [key, credential] = [randomUUID(), randomUUID()];
    const { value, token } = await owned.create(actor, {}, once({ key, credential }));
    const row = await owned.database.kysely
      .selectFrom('redemption')
      .selectAll()
      .where('id', '=', redemptionId('once', JSON.stringify([credential, key])))
      .executeTakeFirstOrThrow();
    expect(row.answer?.length).toBeGreaterThan(value.length);
    const stored = Buffer.concat([row.id, row.fingerprint as Buffer, row.answer as Buffer]);
    for (const secret of [value, idOf(token), key, credential])
      expect(stored.includes(secret)).toBe(false);
  });
});
