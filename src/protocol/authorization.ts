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
import { lifetimes } from '../../config/lifetimes.ts';
import type { Settings } from '../../config/settings.ts';
import { storedClientId } from '../domain/clients/lookup.ts';
import type { ConsentMemory } from '../domain/grants/consent/memory.ts';
import type { PromptDetails } from '../domain/grants/consent/types.ts';
import { rememberRequest } from '../http/authorization-cookies.ts';
import { rememberUiLocales } from '../http/ui-locales.ts';
import type { AuthorizationProblem } from '../oauth/authorization-problem.ts';
import {
  consentPath,
  continuePath,
  endpoints,
  isForPrograms,
  signInForRequestPath,
} from '../oauth/paths.ts';
import { accessCodeMode } from '../oauth/response-modes.ts';
import type { Responders } from './authorization-response.ts';
import type { Continuations } from './continued-request.ts';
import { forEngine } from './engine/errors.ts';
import type { FindBrowserSession } from './engine/patches/no-sessions.ts';
import { currentScope, type RequestScope } from './engine/request-scope.ts';
import { inPlainWords } from './engine/sentences.ts';
import { returnToApp } from './return-to-app.ts';
import { askedAt } from './silent-login.ts';

const { Check, Prompt } = interactionPolicy;

/**
 * The values of `prompt` (OpenID Connect Core §3.1.2.1): `create` (Initiating User Registration §4.1) if people can
 * register.
 */
export const promptValues = ({ REGISTRATION }: Pick<Settings, 'REGISTRATION'>): string[] => [
  ...['none', 'login', 'consent', 'select_account'],
  ...(REGISTRATION === 'off' ? [] : ['create']),
];

/** The decision that a person made on the consent page, as the engine stores it. */
interface Result {
  consent?: { grantId: string };
}

/** A prompt that the policy decides about by its own checks, also if a request names it. */
function prompt(
  name: 'login' | 'consent' | 'select_account' | 'create',
  ...checks: interactionPolicy.Check[]
): interactionPolicy.Prompt {
  const made = new Prompt({ name, requestable: true }, promptDetails, ...checks);
  made.checks.remove(`${name}_prompt`);
  return made;
}

const promptDetails = (): PromptDetails => ({ asked_at: askedAt() });

/** Refuses a request with `prompt=none` with this error (OpenID Connect Core §3.1.2.6); others get a page. */
const unanswered = (asks: RequestScope['asks'], error: string, description: string) =>
  new Check(asks ?? '', description, error, ({ oidc }) => {
    if (oidc.route === 'authorization') {
      const scope = currentScope();
      if (scope?.isTooLong) throw tooLong();
      return scope?.asks === asks ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT;
    }
    const { consent } = (oidc.result ?? {}) as Result;
    if (!consent) return Check.REQUEST_PROMPT;
    const grant = oidc.entities.Grant as { jti?: string } | undefined;
    if (!oidc.entities.Account || grant?.jti !== consent.grantId)
      throw new errors.AccessDenied('the approval is no longer valid; start again');
    return Check.NO_NEED_TO_PROMPT;
  });

/**
 * The interaction policy. A request is answered without a page if silent-login.ts found a grant for it; otherwise a
 * person decides on Writ's consent page. A person without a session signs in first and returns with the same request;
 * nothing is stored until then.
 */
export const createInteractions = (
  issuer: string,
  continuations: Continuations,
  settings: Pick<Settings, 'REGISTRATION'>,
) => ({
  policy: [
    prompt(
      'login',
      unanswered(
        'login',
        'login_required',
        'the user must sign in; send the request without prompt=none',
      ),
      unanswered(
        'consent',
        'consent_required',
        'the user must allow this; send the request without prompt=none',
      ),
      unanswered(
        'interaction',
        'interaction_required',
        'the user must decide on a page; send the request without prompt=none',
      ),
      unanswered('account', 'account_selection_required', 'the user must choose an account'),
    ),
    prompt('select_account'),
    prompt('consent'),
    // A request that names a value without a prompt gets `invalid_request`.
    ...(promptValues(settings).includes('create') ? [prompt('create')] : []),
  ],
  url(ctx: KoaContextWithOIDC, { uid }: { uid: string }): string {
    // Resumed without a decision: show the consent page again.
    if (ctx.oidc.route === 'resume') return consentPath(ctx.path.split('/').at(-1) ?? '');
    // The pages that follow are in a language that the client asks for (OpenID Connect Core §3.1.2.1).
    rememberUiLocales(ctx, issuer, ctx.oidc.params?.['ui_locales'], lifetimes.interaction);
    const scope = currentScope();
    if (!scope?.isStored) return signInFirst(ctx, continuations);
    rememberRequest(ctx, issuer, uid);
    return consentPath(uid);
  },
});

/** The refusal of a request that does not fit into a URL, with which it would continue. */
const tooLong = (): Error =>
  new errors.InvalidRequest(
    'the request is too long; push it to the pushed authorization request endpoint (RFC 9126)',
  );

/**
 * The sign-in page, or with `prompt=create` the page where people create an account, with the sealed request that the
 * person continues with afterwards.
 */
function signInFirst(ctx: KoaContextWithOIDC, continuations: Continuations): string {
  const { params } = ctx.oidc;
  const sealed = continuations.seal({
    askedAt: askedAt(),
    query: ctx.querystring,
    pushed: currentScope()?.pushed,
  });
  if (!sealed) throw tooLong();
  return signInForRequestPath(
    sealed,
    params?.['login_hint'] as string | undefined,
    ctx.oidc.prompts.has('create') ? '/register' : '/sign-in',
  );
}

/**
 * Continues an authorization request at `continuePath` after its person has signed in. A request that is too old gets
 * a page with status 410. A request that came by POST without a session returns there first: browsers send the cookie of
 * the session only with the GET, if a page of another site sent the form. If it is too long for that, no one knows whether
 * its person is signed in, so it is refused.
 */
export function continueRequests(
  provider: Provider,
  { open, seal }: Continuations,
  { showProblem, browserSession }: { showProblem: ShowProblem; browserSession: FindBrowserSession },
): void {
  provider.use(async (ctx, next) => {
    const scope = currentScope();
    if (ctx.path === endpoints.authorization && scope?.wasPosted) {
      if (await forEngine(() => browserSession(ctx))) return next();
      const sealed = seal({ askedAt: Date.now() / 1000, query: ctx.querystring, wasPosted: true });
      if (!sealed) {
        scope.isTooLong = true;
        return next();
      }
      ctx.status = 303;
      ctx.redirect(`${continuePath}?request=${sealed}`);
      return;
    }
    if (ctx.path !== continuePath) return next();
    const sealed = ctx.query['request'];
    const request = typeof sealed === 'string' ? open(sealed) : undefined;
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
 * cannot be resumed is redirected to its consent page. An error that was withheld is sent after all if the person has
 * allowed the client.
 */
export const createRenderError =
  ({
    showProblem,
    responders,
    consentMemory,
  }: {
    showProblem: ShowProblem;
    responders: Responders;
    consentMemory: Pick<ConsentMemory, 'hasAllowed'>;
  }): NonNullable<Configuration['renderError']> =>
  async (ctx, original, error) => {
    const out = withRegisteredCode(inPlainWords(original), error);
    const page = unresumedPage(ctx, error);
    if (page) {
      ctx.status = 303;
      ctx.redirect(page);
      return;
    }
    if (await isAllowedByPerson(error, consentMemory)) {
      const { params = {} } = ctx.oidc;
      const mode = String(params['response_mode']);
      const respond = Object.hasOwn(responders, mode)
        ? responders[mode as keyof Responders]
        : responders.query;
      return respond(ctx, String(params['redirect_uri']), { ...out });
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

/** Whether an error was withheld from a client that its person has allowed. */
async function isAllowedByPerson(
  error: unknown,
  { hasAllowed }: Pick<ConsentMemory, 'hasAllowed'>,
): Promise<boolean> {
  const { withheld, browserSession, clients } = currentScope() ?? {};
  if (!withheld || withheld.error !== error || !browserSession) return false;
  const client = clients?.get(withheld.clientId);
  return client !== undefined && forEngine(() => hasAllowed(browserSession.accountId, client.id));
}

/**
 * Shows errors on a page instead of redirecting. Anyone can register a client of an app, or one for others to use, and some
 * clients register themselves, so its redirect URI gets no error before the person has allowed it; otherwise a link to this server would be an open
 * redirector (RFC 9700 §4.11.2). Apps that use the response mode `access_code` understand no error except a denial.
 */
export function keepErrorsOnPages(provider: Provider): void {
  // The engine emits this event right before it decides whether to redirect.
  provider.on('authorization.error', (ctx, error) => {
    const { client, entities, params } = ctx.oidc;
    if (!client || entities.Interaction?.result) return;
    const scope = currentScope();
    const known = scope?.clients.get(client.clientId);
    const isOfStranger =
      !known || known.app !== null || known.authorId !== null || known.origin !== null;
    const isTrusted = !isOfStranger || known?.metadata['first_party'] === true;
    const isAccessCode = params?.['response_mode'] === accessCodeMode;
    if (isTrusted && !isAccessCode) return;
    const redirectUri = params?.['redirect_uri'];
    if (
      scope &&
      !isAccessCode &&
      error.allow_redirect &&
      typeof redirectUri === 'string' &&
      client.redirectUriAllowed(redirectUri)
    )
      scope.withheld = { error, clientId: client.clientId };
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
