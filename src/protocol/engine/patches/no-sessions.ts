import type { Provider } from 'oidc-provider';
import { modelsOf } from '../models.ts';

/**
 * Replaces `Session.get`: the engine's session lives for one request and is neither stored nor put into a
 * cookie, since people have a session of Writ. Replaces `Interaction.prototype.destroy`: an answered request
 * expires by itself, so that a second click finds it.
 */
export function patchNoSessions(provider: Provider): void {
  const { Session, Interaction } = modelsOf(provider);
  Session.get = async ({ oidc }) => {
    const session = new Session();
    // The engine neither stores a destroyed session nor sets its cookie.
    Object.defineProperty(session, 'destroyed', { value: true });
    oidc.entity('Session', session);
    return session;
  };
  Interaction.prototype.destroy = async () => {};
}
