import type { Provider } from 'oidc-provider';
import { modelsOf } from '../models.ts';

/**
 * Replaces `Session.get`: the engine's session lives for one request and is neither stored nor sent as a cookie.
 * People have sessions of Writ instead.
 */
export function patchNoSessions(provider: Provider): void {
  const { Session } = modelsOf(provider);
  Session.get = async ({ oidc }) => {
    const session = new Session();
    // The engine neither stores a destroyed session nor sets its cookie.
    Object.defineProperty(session, 'destroyed', { value: true });
    oidc.entity('Session', session);
    return session;
  };
}
