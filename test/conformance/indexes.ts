import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { lifetimes } from '../../config/lifetimes.ts';
import { UserCodeTakenError } from '../../src/domain/short-lived/store.ts';
import { unique } from '../support/stacks.ts';
import { redeemables, someone } from './people.ts';
import { lifetimeOf, type Stores } from './stores.ts';

/** Lookups by something other than the id: user code and grant; and marks that are set once. */
export function indexes(stores: () => Stores): void {
  const device = async (userCode: string, id: string = randomUUID(), more: object = {}) => {
    await stores()
      .adapter('DeviceCode')
      .upsert(id, { jti: id, userCode, ...more }, 600);
    return id;
  };

  test('a device is found by its user code until it is destroyed', async () => {
    const userCode = unique('CODE');
    const id = await device(userCode);
    const adapter = stores().adapter('DeviceCode');
    expect(await adapter.findByUserCode(userCode)).toEqual({ jti: id, userCode });
    await adapter.destroy(id);
    expect(await adapter.findByUserCode(userCode)).toBeUndefined();
  });

  test('a second device with the same user code is refused, and the first keeps it', async () => {
    const userCode = unique('CODE');
    const first = await device(userCode);
    const second = randomUUID();
    await expect(device(userCode, second)).rejects.toThrow(UserCodeTakenError);
    expect(await stores().adapter('DeviceCode').findByUserCode(userCode)).toMatchObject({
      jti: first,
    });
    expect(await stores().adapter('DeviceCode').find(second)).toBeUndefined();
  });

  test('of ten devices with the same user code at once, one keeps it', async () => {
    const userCode = unique('CODE');
    const made = await Promise.allSettled(Array.from({ length: 10 }, () => device(userCode)));
    const kept = made.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    expect(kept).toHaveLength(1);
    expect(await stores().adapter('DeviceCode').findByUserCode(userCode)).toMatchObject({
      jti: kept[0],
    });
  });

  test('a device keeps its user code when a person approves it', async () => {
    const userCode = unique('CODE');
    const id = await device(userCode);
    await device(userCode, id, { accountId: 'ada' });
    expect(await stores().adapter('DeviceCode').findByUserCode(userCode)).toEqual({
      jti: id,
      userCode,
      accountId: 'ada',
    });
  });

  test('an expired device code gets expired_token, and nothing is stored for that', async () => {
    const { value, redeem } = await redeemables.DeviceCode(stores());
    const adapter = stores().adapter('DeviceCode');
    const payload = await adapter.find(value);
    await adapter.upsert(value, { ...payload, exp: Math.floor(Date.now() / 1000) - 1 } as never, 0);
    const left = (await lifetimeOf(stores(), 'DeviceCode', value)) ?? 0;
    expect(left).toBeLessThanOrEqual(lifetimes.redemptionWindow);
    expect(await redeem()).toMatchObject({ status: 400, body: { error: 'expired_token' } });
  });

  test('after a revocation nothing of a grant is found, and everything of another one is', async () => {
    const kinds = ['AuthorizationCode', 'DeviceCode', 'PushedAuthorizationRequest', 'Interaction'];
    const [revoked, other] = [await someone(stores()), await someone(stores())];
    const of = async (grantId: string) => {
      const ids: [string, string][] = [];
      for (const kind of [...kinds, ...kinds]) {
        const id = randomUUID();
        await stores().adapter(kind).upsert(id, { jti: id, grantId }, 600);
        ids.push([kind, id]);
      }
      return ids;
    };
    const [gone, kept] = [await of(revoked.grantId), await of(other.grantId)];
    for (const kind of [...kinds, 'AccessToken', 'RefreshToken', 'Grant'])
      await stores().adapter(kind).revokeByGrantId(revoked.grantId);
    for (const [kind, id] of gone) expect(await stores().adapter(kind).find(id)).toBeUndefined();
    for (const [kind, id] of kept) expect(await stores().adapter(kind).find(id)).toBeDefined();
    const refreshTokens = stores().adapter('RefreshToken');
    expect(await refreshTokens.find(revoked.refreshToken)).toBeUndefined();
    expect(await refreshTokens.find(other.refreshToken)).toBeDefined();
    expect(await stores().adapter('Grant').find(revoked.grantId)).toBeUndefined();
    expect(await stores().adapter('Grant').find(other.grantId)).toBeDefined();
  });

  test('of ten uses of one assertion at once, one is accepted, and none after them', async () => {
    const use = (jti: string) =>
      (stores().provider.ReplayDetection as unknown as Unique).unique('issuer', jti, inAMinute());
    const jti = randomUUID();
    const uses = await Promise.all(Array.from({ length: 10 }, () => use(jti)));
    expect(uses.filter(Boolean)).toHaveLength(1);
    expect(await use(jti)).toBe(false);
    expect(await use(randomUUID())).toBe(true);
  });
}

interface Unique {
  unique(iss: string, jti: string, exp: number): Promise<boolean>;
}

const inAMinute = () => Math.floor(Date.now() / 1000) + 60;
