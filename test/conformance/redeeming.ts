import { describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { redeemables, stateOf } from './people.ts';
import type { Stores } from './stores.ts';

/** A code, a device code and a rotating refresh token are redeemed once, however many requests try. */
export function redeeming(stores: () => Stores): void {
  const tokensOf = (grantId: string, kind: 'access_token' | 'refresh_token') =>
    stores()
      .database.kysely.selectFrom('token')
      .selectAll()
      .where('grant_id', '=', grantId)
      .where('kind', '=', kind)
      .execute();

  const expectActive = async (body: { access_token: string; refresh_token: string }) => {
    for (const value of [body.access_token, body.refresh_token])
      expect(await stateOf(stores(), value)).toMatchObject({
        alive: true,
        consumed: false,
      });
    const { status } = await stores().get('/connect/userinfo', {
      authorization: `Bearer ${body.access_token}`,
    });
    expect(status).toBe(200);
  };

  /** Makes a code expire, as if it had been redeemed in its last second. */
  const expire = async (kind: string, value: string) => {
    const adapter = stores().adapter(kind);
    const { consumed: _redeemed, ...payload } = (await adapter.find(value)) ?? { jti: value };
    await adapter.upsert(value, { ...payload, exp: Math.floor(Date.now() / 1000) - 1 } as never, 1);
  };

  /** Long enough ago that the response is no longer repeated. */
  const ageRedemptions = async () => {
    await sql`update redemption set redeemed_at = redeemed_at - interval '31 seconds'`.execute(
      stores().database.kysely,
    );
    await sql`update token set consumed_at = consumed_at - interval '31 seconds'`.execute(
      stores().database.kysely,
    );
  };

  describe.each(Object.entries(redeemables))('%s', (kind, make) => {
    test('of ten redemptions at once one wins, all get its tokens, and these stay active', async () => {
      const { redeem, login } = await make(stores());
      const before = (await tokensOf(login.grantId, 'refresh_token')).length;
      const answers = await stores().atOnce(10, redeem);
      const won = answers.filter(({ status }) => status === 200);
      expect(new Set(won.map(({ text }) => text)).size).toBe(1);
      expect(won).toHaveLength(10);
      expect(await tokensOf(login.grantId, 'access_token')).toHaveLength(1);
      expect(await tokensOf(login.grantId, 'refresh_token')).toHaveLength(before + 1);
      await expectActive(won[0]?.body);
    });

    test('of ten redemptions at once outside of a request, one is not refused', async () => {
      const { value } = await make(stores());
      const adapter = stores().adapter(kind);
      const results = await Promise.allSettled(
        Array.from({ length: 10 }, () => adapter.consume(value)),
      );
      const refused = results.flatMap((result) =>
        result.status === 'rejected' ? [result.reason] : [],
      );
      expect(refused).toHaveLength(9);
      for (const reason of refused) expect(reason).toMatchObject({ error: 'invalid_grant' });
      expect(await adapter.find(value)).toMatchObject({ consumed: true });
    });

    test('is found as consumed after its redemption', async () => {
      const { value, redeem } = await make(stores());
      expect(await stores().adapter(kind).find(value)).not.toHaveProperty('consumed');
      expect((await redeem()).status).toBe(200);
      expect(await stores().adapter(kind).find(value)).toMatchObject({ consumed: true });
    });

    test('stays consumed when it is stored again', async () => {
      const { value } = await make(stores());
      const adapter = stores().adapter(kind);
      const unused = await adapter.find(value);
      await adapter.consume(value);
      await adapter.upsert(value, unused as never, 60);
      expect(await adapter.find(value)).toMatchObject({ consumed: true });
    });

    test('redeemed again by the client that lost the response, it returns the same response, and its tokens stay active', async () => {
      const { redeem, value, login } = await make(stores());
      const first = await redeem();
      // It has expired since; the window has not passed.
      if (kind !== 'RefreshToken') await expire(kind, value);
      const again = await redeem();
      expect([again.status, again.text]).toEqual([200, first.text]);
      expect(await tokensOf(login.grantId, 'access_token')).toHaveLength(1);
      await expectActive(first.body);
    });

    test('redeemed again later, it revokes the tokens that it gave: one of the two was a thief', async () => {
      const { redeem } = await make(stores());
      const { body } = await redeem();
      await ageRedemptions();
      expect(await redeem()).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
      expect(await stateOf(stores(), body.access_token)).toMatchObject({
        alive: false,
      });
    });
  });
}
