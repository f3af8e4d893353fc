import type { Context } from 'koa';
import type { Provider } from 'oidc-provider';
import { contextOf } from '../../../oauth/authentication-context.ts';
import { forEngine } from '../errors.ts';
import { modelsOf } from '../models.ts';
import { type BrowserSession, currentScope } from '../request-scope.ts';

/** Finds the session of the browser that sent a request; undefined if no person is signed in. */
export type FindBrowserSession = (ctx: Context) => Promise<BrowserSession | undefined>;

/**
 * Replaces `Session.get`: the engine's session is made from the browser's session at Writ for one request, and is
 * neither stored nor sent as a cookie. A request that is resumed gets the account of its decision instead
 * (adapter/interactions.ts).
 */
export function patchNoSessions(
  provider: Provider,
  { browserSession: find }: { browserSession: FindBrowserSession },
): void {
  const { Session } = modelsOf(provider);
  Session.get = async (ctx) => {
    const { oidc } = ctx;
    const browserSession = await forEngine(() => find(ctx));
    const scope = currentScope();
    if (scope) scope.browserSession = browserSession;
    const session = new Session();
    // The engine neither stores a destroyed session nor sets its cookie.
    Object.defineProperty(session, 'destroyed', { value: true });
    if (browserSession) {
      session.uid = browserSession.id;
      if (oidc.route !== 'resume')
        session.loginAccount({
          accountId: browserSession.accountId,
          loginTs: Math.floor(browserSession.signedInAt.getTime() / 1000),
          ...contextOf(browserSession),
        });
    }
    oidc.entity('Session', session);
    return session;
  };
}
