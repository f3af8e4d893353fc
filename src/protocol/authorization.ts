/** THE AUTHORIZATION ENDPOINT (RFC 6749 §3.1, OpenID Connect Core §3.1.2) and pushed requests (RFC 9126). */
import type { Context } from 'koa';
import {
  type Configuration,
  type ErrorOut,
  errors,
  interactionPolicy,
  type KoaContextWithOIDC,
  type Provider,
} from 'oidc-provider';
import { storedClientId } from '../domain/clients/lookup.ts';
import type { PromptDetails } from '../domain/grants/consent/types.ts';
import { rememberRequest } from '../http/authorization-cookies.ts';
import type { AuthorizationProblem } from '../oauth/authorization-problem.ts';
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
import { inPlainWords } from './engine/sentences.ts';
import { returnToApp } from './return-to-app.ts';

const { Check, Prompt } = interactionPolicy;

/** The decision that a person made on the consent page, as the engine stores it. */
interface Result {
  consent?: { grantId: string };
}

/**
 * The interaction policy. A person decides on every request on Writ's consent page. Consent is never remembered, so a
 * request with `prompt=none` gets `login_required` (OpenID Connect Core §3.1.2.6). A person without a session signs in
 * first and returns with the same request; nothing is stored until then.
 */
export const createInteractions = (issuer: string, continuations: Continuations) => ({
  policy: [
    new Prompt(
      { name: 'login', requestable: true },
      (): PromptDetails => ({
        asked_at: currentScope()?.continued?.askedAt ?? Date.now() / 1000,
      }),
      new Check(
        'unanswered',
        'the user must decide on a page; send the request without prompt=none',
        'login_required',
        ({ oidc }) => {
          const { consent } = (oidc.result ?? {}) as Result;
          if (!consent) return Check.REQUEST_PROMPT;
          const grant = oidc.entities.Grant as { jti?: string } | undefined;
          if (!oidc.entities.Account || grant?.jti !== consent.grantId)
            throw new errors.AccessDenied('the approval is no longer valid; start again');
          return Check.NO_NEED_TO_PROMPT;
        },
      ),
    ),
    // The consent page always shows the account and offers to switch, so this prompt needs no check.
    new Prompt({ name: 'select_account', requestable: true }),
    new Prompt({ name: 'consent', requestable: true }),
  ],
  url(ctx: KoaContextWithOIDC, { uid }: { uid: string }): string {
    const scope = currentScope();
    // Resumed without a decision: show the consent page again.
    if (ctx.oidc.route === 'resume') return consentPath(ctx.path.split('/').at(-1) ?? '');
    if (!scope?.isStored) return signInFirst(ctx, continuations);
    rememberRequest(ctx, issuer, uid);
    return consentPath(uid);
  },
});

/** The sign-in page, with the sealed request that the person continues with afterwards. */
function signInFirst(ctx: KoaContextWithOIDC, continuations: Continuations): string {
  const { params } = ctx.oidc;
  const sealed = continuations.seal({
    askedAt: Date.now() / 1000,
    query: ctx.querystring,
    pushed: currentScope()?.pushed,
  });
  if (!sealed)
    throw new errors.InvalidRequest(
      'the request is too long; push it to the pushed authorization request endpoint (RFC 9126)',
    );
  return signInForRequestPath(sealed, params?.['login_hint'] as string | undefined);
}

/**
 * Continues an authorization request at `continuePath` after its person has signed in. A request that is too old gets
 * a page with status 410.
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
      const refusal = new errors.InvalidRequest(
        'the authorization request has expired; start again in the app',
      );
      scope?.refusals.push(refusal);
      ctx.status = 410;
      return showProblem(ctx, {
        error: refusal.error,
        description: refusal.error_description ?? '',
      });
    }
    scope.continued = request;
    ctx.path = endpoints.authorization;
    ctx.querystring = request.query;
    return next();
  });
}

/** Shows a page with the error. The status is already set. */
type ShowProblem = (ctx: Context, problem: AuthorizationProblem) => Promise<void>;

/**
 * Responds to an error that cannot be sent to the client's redirect URI (RFC 6749 §4.1.2.1). At the authorization
 * endpoint a browser gets a page (`showProblem`); every other endpoint and client gets JSON (§5.2). A request that
 * cannot be resumed is redirected to its consent page.
 */
export const createRenderError =
  (showProblem: ShowProblem): NonNullable<Configuration['renderError']> =>
  async (ctx, original, error) => {
    const out = withRegisteredCode(inPlainWords(original), error);
    const page = unresumedPage(ctx, error);
    if (page) {
      ctx.status = 303;
      ctx.redirect(page);
      return;
    }
    if (!isForPrograms(ctx.path) && ctx.accepts('json', 'html') === 'html') {
      await showProblem(ctx, {
        error: out.error,
        description: out.error_description ?? '',
        redirectUri: refusedRedirectUri(ctx, error),
        app: returnToApp(ctx, out, error),
      });
      return;
    }
    ctx.type = 'json';
    ctx.body = JSON.stringify(out);
  };

/** RFC 6749 §4.1.2.1 has no code for a wrong redirect URI; the engine's is that of registration (RFC 7591 §3.2.2). */
const withRegisteredCode = (out: ErrorOut, error: unknown): ErrorOut =>
  error instanceof errors.InvalidRedirectUri ? { ...out, error: 'invalid_request' } : out;

const shownLength = 200;

/** The redirect URI that is refused, as far as a page shows it. Anyone can send it, so it is no text for people. */
function refusedRedirectUri(
  { oidc }: KoaContextWithOIDC,
  error: unknown,
): AuthorizationProblem['redirectUri'] {
  const sent = oidc?.params?.['redirect_uri'];
  if (!(error instanceof errors.InvalidRedirectUri) || typeof sent !== 'string') return undefined;
  if (!/^[\x21-\x7e]+$/.test(sent)) return undefined;
  return sent.length > shownLength ? `${sent.slice(0, shownLength - 1)}…` : sent;
}

/** The consent page of a request that cannot be resumed (again): it shows what was decided. */
function unresumedPage(ctx: KoaContextWithOIDC, error: unknown): string | undefined {
  if (!(error instanceof errors.SessionNotFound) || ctx.oidc?.route !== 'resume') return undefined;
  const uid = ctx.path.split('/').at(-1) ?? '';
  return /^[\w-]+$/.test(uid) ? consentPath(uid) : undefined;
}

/**
 * Shows errors on a page instead of redirecting. Anyone can register a client of an app, or one for others to use, so
 * its redirect URI gets no error before a person has decided; otherwise a link to this server would be an open
 * redirector (RFC 9700 §4.11.2). The same holds after a sign-in, because the sign-in page's `form-action` allows only
 * this server. Apps that use the response mode `access_code` understand no error except a denial.
 */
export function keepErrorsOnPages(provider: Provider): void {
  // The engine emits this event right before it decides whether to redirect.
  provider.on('authorization.error', (ctx, error) => {
    const { client, entities } = ctx.oidc;
    if (!client || entities.Interaction?.result) return;
    const scope = currentScope();
    const known = scope?.clients.get(client.clientId);
    const isOfPerson = !known || known.app !== null || known.authorId !== null;
    const isAccessCode = ctx.oidc.params?.['response_mode'] === accessCodeMode;
    if (!isOfPerson && !isAccessCode && !scope?.continued) return;
    error.allow_redirect = false;
    // The error of `prompt=none` carries the status of a redirect.
    if (ctx.status < 400) ctx.status = 400;
  });
}

/** Accepts `app~client` as an alias of a client ID. The engine compares IDs, so it gets the stored form. */
export function acceptClientIdAliases(provider: Provider): void {
  provider.use(async (ctx, next) => {
    const given = ctx.query['client_id'];
    if (ctx.path === endpoints.authorization && typeof given === 'string' && given.includes('~'))
      ctx.query = { ...ctx.query, client_id: storedClientId(given) };
    await next();
  });
}

/** Does the same as `acceptClientIdAliases` for a pushed request, whose client is known by then. */
export function normalizeClientId({ oidc: { client, params } }: KoaContextWithOIDC): void {
  if (client && params) params['client_id'] = client.clientId;
}
