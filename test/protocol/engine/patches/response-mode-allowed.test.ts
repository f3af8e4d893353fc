import { expect, it } from '@jest/globals';
import { accessCodeMode } from '../../../../src/oauth/response-modes.ts';
import { patchResponseModeAllowed } from '../../../../src/protocol/engine/patches/response-mode-allowed.ts';
import { type Stock, stockProvider } from './support.ts';

const isAllowed = async ({ provider }: Stock, mode: string) =>
  (await provider.Client.find('confidential'))?.responseModeAllowed(mode, 'code', undefined);

it('the engine calls Client.prototype.responseModeAllowed for each mode, and Writ denies access_code to clients that are not apps', async () => {
  const stock = await stockProvider();
  expect(stock.provider.Client.prototype.responseModeAllowed).toHaveLength(3);
  expect(await isAllowed(stock, accessCodeMode)).toBe(true);
  patchResponseModeAllowed(stock.provider);
  expect(await isAllowed(stock, accessCodeMode)).toBe(false);
  expect(await isAllowed(stock, 'query')).toBe(true);
});
