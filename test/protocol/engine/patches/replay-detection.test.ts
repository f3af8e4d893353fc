import { describe, expect, it } from '@jest/globals';
import { patchReplayDetection } from '../../../../src/protocol/engine/patches/replay-detection.ts';
import { stockProvider } from './support.ts';

const inAMinute = () => Math.floor(Date.now() / 1000) + 60;

describe('ReplayDetection.unique', () => {
  it('of the engine reads and then writes, so two concurrent uses are both the first', async () => {
    const { provider, calls } = await stockProvider();
    expect(provider.ReplayDetection.unique).toHaveLength(3);
    expect(await provider.ReplayDetection.unique('an issuer', 'once', inAMinute())).toBe(true);
    expect(calls.map(([method, model]) => `${model}.${method}`)).toEqual([
      'ReplayDetection.find',
      'ReplayDetection.upsert',
    ]);
    expect(await provider.ReplayDetection.unique('an issuer', 'once', inAMinute())).toBe(false);
    const twice = await Promise.all(
      [1, 2].map(() => provider.ReplayDetection.unique('an issuer', 'at once', inAMinute())),
    );
    expect(twice).toEqual([true, true]);
  });

  it('of Writ uses the store of replay marks', async () => {
    const { provider, calls } = await stockProvider();
    const asked: unknown[] = [];
    patchReplayDetection(provider, async (...given) => asked.push(given) === 1);
    const expiresAt = inAMinute();
    expect(await provider.ReplayDetection.unique('an issuer', 'a jti', expiresAt)).toBe(true);
    expect(await provider.ReplayDetection.unique('an issuer', 'a jti', expiresAt)).toBe(false);
    expect(asked).toEqual(Array(2).fill(['an issuer', 'a jti', expiresAt]));
    expect(calls).toEqual([]);
  });
});
