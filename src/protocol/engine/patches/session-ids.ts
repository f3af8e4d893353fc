import type { Provider } from 'oidc-provider';
import { sidOf } from '../../../domain/accounts/session-ids.ts';
import { modelsOf } from '../models.ts';
import { currentScope } from '../request-scope.ts';

/**
 * Replaces `Client.prototype.includeSid`: every ID token of a login in a browser has a `sid` (OpenID Connect Front-Channel
 * Logout 1.0 §3), not only those of clients that require it. Replaces `Session.prototype.sidFor`: the `sid` follows from the
 * browser's session at Writ. A request whose person has signed out, or signed in as someone else, since they decided gets no code.
 */
export function patchSessionIds(provider: Provider): void {
  const { Client, Session } = modelsOf(provider);
  Client.prototype.includeSid = () => true;
  Session.prototype.sidFor = function (clientId) {
    const session = currentScope()?.browserSession;
    return session?.accountId === this.accountId && session
      ? sidOf(session.id, clientId)
      : undefined;
  };
}
