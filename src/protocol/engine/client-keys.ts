import type { Provider } from 'oidc-provider';
import type { RemoteKeys } from '../client-authentication.ts';
import { modelsOf } from './models.ts';

/**
 * The keys at a client's `jwks_uri`, as the engine fetches and keeps them: one copy for the whole server,
 * with the engine's limits of time, size and age, and never from an address inside the network that the
 * server stands in.
 */
export const remoteKeysOf =
  (provider: () => Provider) =>
  async (clientId: string): Promise<RemoteKeys> => {
    const keys = (await modelsOf(provider()).Client.find(clientId))?.asymmetricKeyStore;
    return {
      current: () => [...(keys ?? [])],
      async refresh() {
        if (!keys || keys.fresh()) return false;
        await keys.refresh();
        return true;
      },
    };
  };
