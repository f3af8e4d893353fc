import { describe, expect, it } from '@jest/globals';
import { patchGrantTypeAllowed } from '../../../../src/protocol/engine/patches/grant-type-allowed.ts';
import { type Stock, stockProvider } from './support.ts';

const isAllowed = async ({ provider }: Stock, clientId: string, grantType: string) =>
  (await provider.Client.find(clientId))?.grantTypeAllowed(grantType);

describe('Client.prototype.grantTypeAllowed', () => {
  it('of the engine is whether the client is registered for the grant type, public or not', async () => {
    const stock = await stockProvider();
    expect(stock.provider.Client.prototype.grantTypeAllowed).toHaveLength(1);
    expect(await isAllowed(stock, 'confidential', 'client_credentials')).toBe(true);
    expect(await isAllowed(stock, 'public', 'client_credentials')).toBe(true);
    expect(await isAllowed(stock, 'public', 'implicit')).toBe(false);
  });

  it('of Writ denies client_credentials to a public client', async () => {
    const stock = await stockProvider();
    patchGrantTypeAllowed(stock.provider);
    expect(await isAllowed(stock, 'confidential', 'client_credentials')).toBe(true);
    expect(await isAllowed(stock, 'public', 'client_credentials')).toBe(false);
    expect(await isAllowed(stock, 'confidential', 'implicit')).toBe(false);
  });
});
