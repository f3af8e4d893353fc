import { afterAll, beforeAll, describe } from '@jest/globals';
import { devices } from './devices.ts';
import { finding } from './finding.ts';
import { indexes } from './indexes.ts';
import { redeeming } from './redeeming.ts';
import { secrecy } from './secrecy.ts';
import type { Stores } from './stores.ts';

/** The contract of the engine's adapter. It runs on every combination of stores. */
export function adapterContract(
  name: string,
  open: () => Promise<Stores>,
  further: (stores: () => Stores) => void = () => {},
): void {
  describe(`the adapter on ${name}`, () => {
    let stores: Stores;
    beforeAll(async () => {
      stores = await open();
    });
    afterAll(() => stores?.close());
    for (const part of [finding, indexes, devices, redeeming, secrecy, further]) part(() => stores);
  });
}
