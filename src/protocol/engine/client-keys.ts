import type { Provider } from 'oidc-provider';
import { OAuthError } from '../../oauth/errors.ts';
import { authenticationFailed, type RemoteKeys } from '../client-authentication.ts';
import { fromEngine } from './errors.ts';
import { modelsOf } from './models.ts';

/**
 * The keys at a client's `jwks_uri`, fetched and cached by the engine: one copy for the whole process, within the
 * engine's limits of time, size and age, and never from an address inside the server's own network.
 */
export const remoteKeysOf =
  (provider: () => Provider) =>
  async (clientId: string): Promise<RemoteKeys> => {
    const client = await fromEngine(
      () => modelsOf(provider()).Client.find(clientId),
      ({ message }) => new OAuthError('invalid_client', authenticationFailed, { reason: message }),
    );
    const keys = client?.asymmetricKeyStore;
    return {
      current: () => [...(keys ?? [])],
      async refresh() {
        if (!keys || keys.fresh()) return false;
        await keys.refresh();
        return true;
      },
    };
  };
