import type { Provider } from 'oidc-provider';
import type {
  LogoutAttempt,
  LogoutNotice,
  SendLogout,
} from '../../domain/accounts/logout-notices.ts';
import { modelsOf } from './models.ts';
import { inRequestScope } from './request-scope.ts';

/**
 * Notifies clients that a session ended (OpenID Connect Back-Channel Logout 1.0 §2.4, §2.5): the engine signs the logout token
 * with the algorithm of the client's ID tokens and sends it, within its limit of time and never to an address inside the
 * server's own network. `provider` returns the current engine.
 */
export const createSendLogout =
  (provider: () => Provider): SendLogout =>
  ({ clientId, accountId, sid }: LogoutNotice) =>
    inRequestScope(async (): Promise<LogoutAttempt> => {
      const client = await modelsOf(provider()).Client.find(clientId);
      // Disabled, deleted, or it no longer wants notices.
      if (!client?.backchannelLogoutUri) return { outcome: 'pointless' };
      try {
        await client.backchannelLogout(accountId, sid ?? undefined);
        return { outcome: 'delivered' };
      } catch (error) {
        const { response } = error as { response?: Response };
        await response?.body?.cancel();
        // §2.8: the client understood the request and will not accept it later either.
        return { outcome: response?.status === 400 ? 'refused' : 'failed', error };
      }
    });
