/**
 * THE END-SESSION ENDPOINT (OpenID Connect RP-Initiated Logout 1.0). The engine has one, which depends on sessions that it
 * keeps itself; people have sessions of Writ. This file reads and verifies the request; the pages sign the person out.
 */
import type { Context, Middleware } from 'koa';
import type { LogoutRequest, ResolveLogout } from '../domain/accounts/logout-requests.ts';
import { sidOf } from '../domain/accounts/session-ids.ts';
import type { Session } from '../domain/accounts/sessions.ts';
import { refusalOf } from '../http/errors.ts';
import { type Form, formOf, parsePairs, readForm } from '../http/form.ts';
import type { RefusalLog } from '../http/refusal-log.ts';
import type { AuthorizationProblem } from '../oauth/authorization-problem.ts';
import { OAuthError } from '../oauth/errors.ts';
import { parametersOf } from '../oauth/parameters.ts';
import { endpoints } from '../oauth/paths.ts';
import type { IdTokenHint, VerifyIdTokenHint } from './engine/id-token-hints.ts';

/** Whether the client has proven that it means the person of this session, so they need not confirm. */
export type MeansSession = (session: Pick<Session, 'id' | 'account'>) => Promise<boolean>;

interface Dependencies {
  verifyHint: VerifyIdTokenHint;
  resolve: ResolveLogout;
  /** Signs the browser out, or asks first; then returns to the client. */
  logOut: (ctx: Context, request: LogoutRequest, means: MeansSession) => Promise<void>;
  /** Shows a person a page with the error of the request that an app sent them with. The status is already set. */
  showProblem: (ctx: Context, problem: AuthorizationProblem) => Promise<void>;
  noteRefusal: RefusalLog['note'];
}

const path = endpoints.end_session;
const parameters = parametersOf[path] ?? {};

/** Answers the endpoint; other requests pass through. */
export function createEndSession({
  verifyHint,
  resolve,
  logOut,
  showProblem,
  noteRefusal,
}: Dependencies): Middleware {
  const answer = async (ctx: Context): Promise<void> => {
    const form = formOf(parsePairs(ctx.querystring, parameters));
    const { id_token_hint: given, client_id, post_logout_redirect_uri: redirectUri, state } = form;
    const hint = given === undefined ? undefined : await verifyHint(given, client_id);
    const clientId = hint?.clientId ?? client_id;
    const request = await resolve({ clientId, redirectUri, state, hint: form['logout_hint'] });
    await logOut(ctx, request, async (session) => hint !== undefined && means(hint, session));
  };

  return async (ctx, next) => {
    if (ctx.path !== path) return next();
    try {
      // Browsers send no cookie with a form of another site, but with the request that it is redirected to.
      if (ctx.method === 'POST') return asGet(ctx, await readForm(ctx, parameters));
      if (ctx.method === 'GET') return await answer(ctx);
      // HEAD changes nothing.
      ctx.status = 200;
      ctx.set('Cache-Control', 'no-store');
    } catch (error) {
      const isForPerson = error instanceof OAuthError && error.status < 500;
      if (!isForPerson || ctx.accepts('json', 'html') !== 'html') throw error;
      noteRefusal(ctx, refusalOf(error));
      ctx.status = error.status;
      await showProblem(ctx, { error: error.toJSON().error, description: error.message });
    }
  };
}

const means = async (
  { clientId, sid, isAbout }: IdTokenHint,
  { id, account }: Pick<Session, 'id' | 'account'>,
): Promise<boolean> => sid === sidOf(id, clientId) || isAbout(account.id);

function asGet(ctx: Context, form: Form): void {
  ctx.status = 303;
  ctx.set('Location', `${path}?${new URLSearchParams(form)}`);
  ctx.set('Cache-Control', 'no-store');
  ctx.body = '';
}
