import { describe, expect, it } from '@jest/globals';
import type { Provider } from 'oidc-provider';
import { modelsOf } from '../../../../src/protocol/engine/models.ts';
import { patchInteractions } from '../../../../src/protocol/engine/patches/interactions.ts';
import { stockProvider } from './support.ts';

describe('Interaction.prototype.destroy', () => {
  const destroy = (provider: Provider) =>
    modelsOf(provider).Interaction.prototype.destroy.call({
      jti: 'a request',
      adapter: provider.Interaction.adapter,
      emit: () => {},
    } as never);

  it('of the engine deletes the request', async () => {
    const { provider, calls } = await stockProvider();
    await destroy(provider);
    expect(calls).toEqual([['destroy', 'Interaction', 'a request']]);
  });

  it('of Writ lets it expire', async () => {
    const { provider, calls } = await stockProvider();
    patchInteractions(provider, {
      requestLimits: {
        count: async () => undefined,
        check: async () => {},
        giveBack: async () => {},
      },
    });
    await destroy(provider);
    expect(calls).toEqual([]);
  });
});
