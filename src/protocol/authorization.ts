/** THE AUTHORIZATION ENDPOINT (RFC 6749 §3.1, OpenID Connect Core §3.1.2) and pushed requests (RFC 9126). */
import type { Context } from 'koa';
import {
  type Configuration,
  errors,
  interactionPolicy,
  type KoaContextWithOIDC,
  type Provider,
} from 'oidc-provider';
import { storedClientId } from '../domain/clients/lookup.ts';
import type { PromptDetails } from '../domain/grants/consent/types.ts';
import { rememberRequest } from '../http/authorization-cookies.ts';
import {
  consentPath,
  continuePath,
  endpoints,
  isForPrograms,
  signInForRequestPath,
} from '../oauth/paths.ts';
import { accessCodeMode } from '../oauth/response-modes.ts';
import type { Continuations } from './continued-request.ts';
import { currentScope } from './engine/request-scope.ts';

const { Check, Prompt } = interactionPolicy;

/** A decision in the engine's terms. */
interface Result {
  consent?: { grantId: string };
}

/**
 * A person decides on every request, on our page: no consent is remembered, so that a request that forbids a
 * page (`prompt=none`) gets `login_required` (OpenID Connect Core §3.1.2.6). Who is not signed in is sent to sign in
 * first, and comes back with the same request; nothing is stored until then.
 */
export const createInteractions = (issuer: string, continuations: Continuations) => ({
  policy: [
    new Prompt(
      { name: 'login', requestable: true },
      (): PromptDetails => ({
        asked_at: currentScope()?.continued?.askedAt ?? Date.now() / 1000,
      }),
      new Check('unanswered', 'a person has to answer', 'login_required', ({ oidc }) => {
        const { consent } = (oidc.result ?? {}) as Result;
        if (!consent) return Check.REQUEST_PROMPT;
        const grant = oidc.entities.Grant as { jti?: string } | undefined;
        if (!oidc.entities.Account || grant?.jti !== consent.grantId)
          throw new errors.AccessDenied('what was allowed has ended since');
        return Check.NO_NEED_TO_PROMPT;
      }),
    ),
    // Our page shows whose account it is and lets the person take another, on every request.
    new Prompt({ name: 'select_account', requestable: true }),
    new Prompt({ name: 'consent', requestable: true }),
  ],
  url(ctx: KoaContextWithOIDC, { uid }: { uid: string }): string {
    const scope = currentScope();
    // Resumed without an answer: its page asks for one.
    if (ctx.oidc.route === 'resume') return consentPath(ctx.path.split('/').at(-1) ?? '');
    if (!scope?.isStored) return signInFirst(ctx, continuations);
    rememberRequest(ctx, issuer, uid);
    return consentPath(uid);
  },
});

/** Where a person signs in for a request, and from where they come back with it. */
function signInFirst(ctx: KoaContextWithOIDC, continuations: Continuations): string {
  const { params } = ctx.oidc;
  const sealed = continuations.seal({
    askedAt: Date.now() / 1000,
    query: ctx.querystring,
    pushed: currentScope()?.pushed,
  });
  if (!sealed) throw new errors.InvalidRequest('the request is too long; push it first (RFC 9126)');
  return signInForRequestPath(sealed, params?.['login_hint'] as string | undefined);
}

/**
 * Goes on, at `continuePath`, with a request whose person has signed in meanwhile. One that is too old is answered on
 * a page.
 */
export function continueRequests(
  provider: Provider,
  { open }: Continuations,
  showProblem: ShowProblem,
): void {
  provider.use(async (ctx, next) => {
    if (ctx.path !== continuePath) return next();
    const sealed = ctx.query['request'];
    const request = typeof sealed === 'string' ? open(sealed) : undefined;
    const scope = currentScope();
    if (!request || !scope) {
      const refusal = new errors.InvalidRequest('the authorization request has expired');
      scope?.refusals.push(refusal);
      ctx.status = 410;
      return showProblem(ctx, refusal.error_description ?? '');
    }
    scope.continued = request;
    ctx.path = endpoints.authorization;
    ctx.querystring = request.query;
    return next();
  });
}

type ShowProblem = (ctx: Context, sentence: string) => Promise<void>;

/**
 * Answers an error that cannot go to the client's redirect URI (RFC 6749 §4.1.2.1): a person reads it on a
 * page, `showProblem`; a program gets JSON, at all other endpoints whatever it accepts (§5.2). A request that can no longer be resumed goes back to its page.
 */
export const createRenderError =
  (showProblem: ShowProblem): NonNullable<Configuration['renderError']> =>
  async (ctx, out, error) => {
    const page = unresumedPage(ctx, error);
    if (page) {
      ctx.status = 303;
      ctx.redirect(page);
      return;
    }
    if (!isForPrograms(ctx.path) && ctx.accepts('json', 'html') === 'html') {
      await showProblem(ctx, [out.error, out.error_description].filter(Boolean).join(': '));
      return;
    }
    ctx.type = 'json';
    ctx.body = JSON.stringify(out);
  };

/** The page of a request whose decision cannot be taken up (any more): it says what was decided. */
function unresumedPage(ctx: KoaContextWithOIDC, error: unknown): string | undefined {
  if (!(error instanceof errors.SessionNotFound) || ctx.oidc?.route !== 'resume') return undefined;
  const uid = ctx.path.split('/').at(-1) ?? '';
  return /^[\w-]+$/.test(uid) ? consentPath(uid) : undefined;
}

/**
 * Anyone can register a client of an app, or one for others to use, so its redirect URI gets no error before a person
 * has decided: errors are shown on a page, and no link to this server redirects elsewhere at once (RFC 9700 §4.11.2).
 * Neither does the form of a sign-in, whose page lets it lead to this server alone. An app in the response mode
 * `access_code` knows of no error but a person's refusal.
 */
export function keepErrorsOnPages(provider: Provider): void {
  // The engine emits it right before it decides whether to redirect.
  provider.on('authorization.error', (ctx, error) => {
    const { client, entities } = ctx.oidc;
    if (!client || entities.Interaction?.result) return;
    const scope = currentScope();
    const known = scope?.clients.get(client.clientId);
    const isOfPerson = !known || known.app !== null || known.authorId !== null;
    const isAccessCode = ctx.oidc.params?.['response_mode'] === accessCodeMode;
    if (!isOfPerson && !isAccessCode && !scope?.continued) return;
    error.allow_redirect = false;
    // The error of `prompt=none` has the status of a redirect.
    if (ctx.status < 400) ctx.status = 400;
  });
}

/** Accepts the alias of an app's client id (`app~client`): the engine compares ids, so it gets the stored one. */
export function acceptClientIdAliases(provider: Provider): void {
  provider.use(async (ctx, next) => {
    const given = ctx.query['client_id'];
    if (ctx.path === endpoints.authorization && typeof given === 'string' && given.includes('~'))
      ctx.query = { ...ctx.query, client_id: storedClientId(given) };
    await next();
  });
}

/** As `acceptClientIdAliases`, for a pushed request, whose client is known by then. */
export function normalizeClientId({ oidc: { client, params } }: KoaContextWithOIDC): void {
  if (client && params) params['client_id'] = client.clientId;
}
