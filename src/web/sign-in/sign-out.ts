import type Router from '@koa/router';
import type { Context } from 'koa';
import { frontChannelWait } from '../../../config/logout.ts';
import { confirmSignOut, signedOut } from '../../../views/sign-in/sign-out.ts';
import type { LogoutRequest, ResolveLogout } from '../../domain/accounts/logout-requests.ts';
import type { EndedLogin } from '../../domain/accounts/session-end.ts';
import type { Session, Sessions } from '../../domain/accounts/sessions.ts';
import { actingAs } from '../../domain/audit/actor.ts';
import type { ProviderSignOut } from '../../domain/providers/sign-out.ts';
import { type Form, readForm } from '../../http/form.ts';
import { isOfWebsite, withParameters } from '../../oauth/redirect.ts';
import type { BrowserSession } from '../framework/browser-session.ts';
import type { Cookies } from '../framework/cookies.ts';
import { cspSource } from '../framework/csp-source.ts';
import { withNotice } from '../framework/notices.ts';
import type { Pages } from '../framework/page-guards.ts';
import { seeOther } from '../framework/page-renderer.ts';
import { takeReturn } from '../framework/pending-return.ts';
import { signInPath } from '../framework/return-to.ts';

interface Dependencies {
  issuer: string;
  pages: Pages;
  cookies: Cookies;
  sessions: Pick<Sessions, 'signOut'>;
  resolveLogout: ResolveLogout;
  providerSignOut: Pick<ProviderSignOut, 'addressFor'>;
  /** Goes to another address by itself. */
  showLeaving: (ctx: Context, response: { name: string; url: string }) => Promise<void>;
}

/** Signs people out, for the page and for clients. */
function createSignOut({
  issuer,
  pages,
  cookies,
  sessions,
  providerSignOut,
  showLeaving,
}: Dependencies) {
  /** Ends the session of the browser, if it has one, and returns the clients that were entered from it. */
  const endSession = async (ctx: Context, session: Session | undefined): Promise<EndedLogin[]> => {
    const logins = session
      ? await actingAs({ kind: 'account', id: session.account.id }, () =>
          sessions.signOut(session.account.id, session.id),
        )
      : [];
    // A form of another site comes without the cookie: its response must not take it from a person who is signed in.
    if (cookies.get(ctx, 'session')) cookies.clear(ctx, 'session');
    takeReturn(ctx, cookies);
    return logins;
  };

  /** What the browser loads to notify clients (OpenID Connect Front-Channel Logout 1.0 §2). */
  const framesOf = (logins: readonly EndedLogin[]): string[] =>
    logins.flatMap(({ frontchannelLogoutUri: uri, sid }) =>
      uri === null ? [] : [withParameters(uri, { iss: issuer, sid })],
    );

  const showSignedOut = (
    ctx: Context,
    frames: readonly string[],
    app: { name: string; url: string } | undefined,
    isLeaving = app !== undefined,
  ): Promise<void> =>
    pages.show(
      ctx,
      undefined,
      (frame) =>
        signedOut(frame, {
          frames,
          app,
          ...(isLeaving && { continuesAfter: frontChannelWait }),
        }),
      { frames: [...new Set(frames.map(cspSource))] },
    );

  /** Ends the session; then notifies clients through the browser, and returns to the one that asked. */
  const signOut = async (
    ctx: Context,
    session: Session | undefined,
    request: LogoutRequest,
  ): Promise<void> => {
    const { returnTo } = request;
    // A person who returns to an app stays signed in at the provider.
    const provider =
      session && returnTo === undefined ? await providerSignOut.addressFor(session.id) : undefined;
    const frames = framesOf(await endSession(ctx, session));
    const app = appOf(request);
    if (frames.length > 0) return showSignedOut(ctx, frames, app ?? provider);
    if (provider) return showLeaving(ctx, provider);
    if (!app) return seeOther(ctx, withNotice(signInPath('/account'), 'signed_out'));
    // Browsers apply the policy of the page that asked to all redirects that follow its form, also to those of the app.
    if (ctx.method === 'POST' && isOfWebsite(app.url)) return showLeaving(ctx, app);
    seeOther(ctx, app.url);
  };

  return { signOut, showSignedOut };
}

/** The app that the person returns to. */
const appOf = ({ client, returnTo }: LogoutRequest) =>
  client && returnTo !== undefined ? { name: client.name, url: returnTo } : undefined;

/** Handles the verified request of a client (`src/protocol/end-session.ts`). */
export function createLogOut(dependencies: Dependencies) {
  const { pages } = dependencies;
  const { signOut, showSignedOut } = createSignOut(dependencies);

  const confirm = (
    ctx: Context,
    visitor: BrowserSession,
    session: Session,
    { client, clientId, redirectUri, state, returnTo, isForAnother }: LogoutRequest,
  ): Promise<void> =>
    pages.show(
      ctx,
      // The page itself says who is signed in.
      { ...visitor, session: undefined },
      (frame) =>
        confirmSignOut(frame, {
          person: session.account.email ?? session.account.name,
          app: client?.name,
          meansAnother: isForAnother?.(session) ?? false,
          fields: {
            ...(clientId !== undefined && { client_id: clientId }),
            ...(redirectUri !== undefined && { post_logout_redirect_uri: redirectUri }),
            ...(state !== undefined && { state }),
          },
          stayHref: '/account',
        }),
      { formAction: returnTo && !isOfWebsite(returnTo) ? cspSource(returnTo) : undefined },
    );

  return async (
    ctx: Context,
    request: LogoutRequest,
    means: (session: Session) => Promise<boolean>,
  ): Promise<void> => {
    const visitor = await pages.browserSession(ctx);
    const { session } = visitor;
    if (session && (request.isForAnother?.(session) || !(await means(session))))
      return confirm(ctx, visitor, session, request);
    if (!session && request.returnTo !== undefined && request.client?.isOfPerson)
      return showSignedOut(ctx, [], appOf(request), false);
    await signOut(ctx, session, request);
  };
}

/** `/sign-out`: the button of every page, and the confirmation of a request of a client. */
export function signOutPages(router: Router, dependencies: Dependencies): void {
  const { pages, resolveLogout } = dependencies;
  const { signOut } = createSignOut(dependencies);

  const requestOf = ({ client_id, post_logout_redirect_uri, state }: Form) =>
    resolveLogout({ clientId: client_id, redirectUri: post_logout_redirect_uri, state });

  router.post('/sign-out', async (ctx) => {
    const form = await readForm(ctx);
    const visitor = await pages.browserSession(ctx);
    const { session } = visitor;
    const isOurs = visitor.isOurs(ctx, form);
    // Without a session, the person is signed out already.
    if (session && !isOurs) return seeOther(ctx, '/account');
    await signOut(ctx, session, isOurs ? await requestOf(form) : {});
  });
}
