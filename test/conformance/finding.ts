import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { lifetimes } from '../../config/lifetimes.ts';
import { mintJwtId, mintToken, partitionFor, publicId } from '../../src/domain/tokens/value.ts';
import { someone } from './people.ts';
import { lifetimeOf, runOut, type Stores } from './stores.ts';

/** Kinds whose response can be repeated until this long after their expiry. */
const redeemedOnce = ['AuthorizationCode', 'DeviceCode'];

const artifacts = ['Interaction', 'AuthorizationCode', 'DeviceCode', 'PushedAuthorizationRequest'];

/** Records are stored, found unchanged, and gone after their expiry or removal. */
export function finding(stores: () => Stores): void {
  describe.each(artifacts)('%s', (kind) => {
    const adapter = () => stores().adapter(kind);
    const stored = async (payload: object = {}, lifetime = 600) => {
      const id = randomUUID();
      await adapter().upsert(id, { ...payload, jti: id, kind }, lifetime);
      return id;
    };

    test('is found as it was stored', async () => {
      const payload = { params: { text: 'ü \u0000 "quoted"', list: [1, null, true] }, exp: 5 };
      const id = await stored(payload);
      expect(await adapter().find(id)).toEqual({ ...payload, jti: id, kind });
    });

    test('is not found if nothing was stored, whatever the id', async () => {
      for (const id of ['', randomUUID(), '\u0000', 'x'.repeat(10_000)])
        expect(await adapter().find(id)).toBeUndefined();
    });

    test('is found as it was stored last', async () => {
      const id = await stored({ params: { first: true }, accountId: 'ada' });
      await adapter().upsert(id, { jti: id, params: { second: true } }, 600);
      expect(await adapter().find(id)).toEqual({ jti: id, params: { second: true } });
    });

    test('is independent of another kind with the same id', async () => {
      const id = await stored();
      const other = artifacts.find((candidate) => candidate !== kind) ?? '';
      expect(await stores().adapter(other).find(id)).toBeUndefined();
    });

    test('is forgotten after its expiry and the window of its response', async () => {
      const id = await stored({}, 600);
      const kept = 600 + (redeemedOnce.includes(kind) ? lifetimes.redemptionWindow : 0);
      const left = (await lifetimeOf(stores(), kind, id)) ?? 0;
      expect(left).toBeLessThanOrEqual(kept);
      expect(left).toBeGreaterThan(kept - 60);
      await runOut(stores(), kind, id);
      expect(await adapter().find(id)).toBeUndefined();
    });

    test('is not found after it was destroyed, and destroying it again changes nothing', async () => {
      const id = await stored();
      await adapter().destroy(id);
      await adapter().destroy(id);
      expect(await adapter().find(id)).toBeUndefined();
    });
  });

  describe('a token', () => {
    const now = Math.floor(Date.now() / 1000);
    const exp = now + 3600;

    const models = ['AccessToken', 'ClientCredentials', 'RefreshToken'] as const;
    const stored = async (model: (typeof models)[number]) => {
      const { clientId, accountId, grantId } = await someone(stores());
      const tokenKind = model === 'RefreshToken' ? 'refresh_token' : 'access_token';
      const { value } = mintToken(tokenKind, partitionFor(tokenKind, now, exp));
      const owner = model === 'ClientCredentials' ? {} : { accountId, grantId };
      const payload = { kind: model, clientId, ...owner, iat: now, exp, scope: 'a b', aud: 'x:y' };
      await stores()
        .adapter(model)
        .upsert(value, { ...payload, jti: value, extra: { a: 1 } }, 3600);
      return { value, payload: { ...payload, jti: value, extra: { a: 1 } } };
    };

    test.each(models)('%s is found as it was stored', async (model) => {
      const { value, payload } = await stored(model);
      expect(await stores().adapter(model).find(value)).toEqual(payload);
    });

    test.each(models)('%s is not found by the other models', async (model) => {
      const { value } = await stored(model);
      for (const other of models.filter((candidate) => candidate !== model))
        expect(await stores().adapter(other).find(value)).toBeUndefined();
    });

    test.each(models)('%s is not found once it has expired', async (model) => {
      const { value } = await stored(model);
      const past = new Date(Date.now() - 1000);
      await stores().database.kysely.updateTable('token').set({ expires_at: past }).execute();
      expect(await stores().adapter(model).find(value)).toBeUndefined();
    });

    test.each(models)('%s is not found once it was destroyed', async (model) => {
      const { value } = await stored(model);
      await stores().adapter(model).destroy(value);
      expect(await stores().adapter(model).find(value)).toBeUndefined();
    });

    test('a JWT is stored under its jti, which gives no access, and is revoked with the key that signed it', async () => {
      const { clientId } = await someone(stores());
      const kid = randomUUID();
      const signingKeys = stores().database.kysely;
      await signingKeys
        .insertInto('signing_key')
        .values({
          kid,
          alg: 'ES256',
          state: 'retired',
          public_jwk: '{}',
          sealed_private_jwk: Buffer.alloc(0),
          signing_since: null,
          retired_at: null,
        })
        .execute();
      const id = mintJwtId(partitionFor('access_token', now, exp));
      const adapter = stores().adapter('ClientCredentials');
      await adapter.upsert(publicId(id), { jti: publicId(id), kid, clientId, iat: now, exp }, 3600);
      expect(await stores().domain.lookup(id)).toMatchObject({ kid, alive: true });
      expect(await adapter.find(publicId(id))).toBeUndefined();
      await signingKeys.deleteFrom('signing_key').where('kid', '=', kid).execute();
      expect(await stores().domain.lookup(id)).toMatchObject({ kid, alive: false });
    });
  });
}
