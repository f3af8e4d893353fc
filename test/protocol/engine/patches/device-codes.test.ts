import { describe, expect, it } from '@jest/globals';
import { UserCodeTakenError } from '../../../../src/domain/short-lived/store.ts';
import { expiryOfDeviceCode } from '../../../../src/domain/tokens/value.ts';
import { patchDeviceCodes } from '../../../../src/protocol/engine/patches/device-codes.ts';
import { currentScope, inRequestScope } from '../../../../src/protocol/engine/request-scope.ts';
import { type Stock, stockProvider } from './support.ts';

const polls = { admit: async () => true } as never;

async function newCode({ provider }: Stock) {
  const client = await provider.Client.find('confidential');
  return new provider.DeviceCode({ client, params: {}, userCode: 'BBBBCCCC' } as never);
}

/** Runs what the token endpoint runs while it handles a grant. */
const whileGrantIsHandled = <Result>(run: () => Promise<Result>): Promise<Result> =>
  inRequestScope(() => {
    const scope = currentScope();
    if (scope)
      scope.work = {
        consumed: undefined,
        tokens: [],
        details: undefined,
        reused: undefined,
        redeemedGrant: undefined,
      };
    return run();
  });

describe('DeviceCode.prototype.generateTokenId', () => {
  it('of the engine returns a random value, which is the id under which a code is stored', async () => {
    const stock = await stockProvider();
    const value = await (await newCode(stock)).save();
    expect(value).toMatch(/^[\w-]{21,}$/);
    expect(stock.calls).toEqual([['upsert', 'DeviceCode', value]]);
  });

  it('of Writ returns a value that states its expiry', async () => {
    const stock = await stockProvider();
    patchDeviceCodes(stock.provider, { polls });
    const code = await newCode(stock);
    const value = await code.save();
    expect(expiryOfDeviceCode(value)).toBe(code.exp);
    expect(stock.calls).toEqual([['upsert', 'DeviceCode', value]]);
  });
});

describe('DeviceCode.prototype.save', () => {
  /** Makes the store report the first user code as taken. */
  const takeFirstUserCode = ({ provider: { DeviceCode } }: Stock) => {
    const { adapter } = DeviceCode;
    const { upsert } = adapter;
    adapter.upsert = async () => {
      adapter.upsert = upsert;
      throw new UserCodeTakenError();
    };
  };

  it('of the engine throws if a user code is taken', async () => {
    const stock = await stockProvider();
    takeFirstUserCode(stock);
    await expect((await newCode(stock)).save()).rejects.toThrow(UserCodeTakenError);
  });

  it('of Writ draws another user code', async () => {
    const stock = await stockProvider();
    patchDeviceCodes(stock.provider, { polls });
    takeFirstUserCode(stock);
    const code = await newCode(stock);
    const value = await code.save();
    expect(code.userCode).not.toBe('BBBBCCCC');
    expect(stock.stored.get(`DeviceCode ${value}`)?.userCode).toBe(code.userCode);
  });
});

describe('DeviceCode.find', () => {
  it('of the engine looks up any value, and does not know a code that its store has dropped', async () => {
    const { provider, calls } = await stockProvider();
    expect(await provider.DeviceCode.find('no code of ours')).toBeUndefined();
    expect(calls).toEqual([['find', 'DeviceCode', 'no code of ours']]);
  });

  it('of Writ, while a grant is handled, applies the polling rules', async () => {
    const stock = await stockProvider();
    const { provider, calls, stored } = stock;
    patchDeviceCodes(provider, { polls });
    const find = (value: string) => whileGrantIsHandled(() => provider.DeviceCode.find(value));
    expect(await find('no code of ours')).toBeUndefined();
    expect(calls).toEqual([]);

    const code = await newCode(stock);
    code.iat = Math.floor(Date.now() / 1000) - 700;
    code.exp = code.iat + 600;
    const expired = await code.save();
    stored.clear();
    await expect(find(expired)).rejects.toMatchObject({ error: 'expired_token' });
  });

  it('of Writ, elsewhere, is that of the engine', async () => {
    const { provider, calls } = await stockProvider();
    patchDeviceCodes(provider, { polls });
    expect(await provider.DeviceCode.find('no code of ours')).toBeUndefined();
    expect(calls).toEqual([['find', 'DeviceCode', 'no code of ours']]);
  });
});
