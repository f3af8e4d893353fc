/**
 * THE PAGES FOR PEOPLE: sign-in, consent, devices, the account, apps and tokens. Each page reads the request, calls the
 * domain and shows a view; forms redirect with 303. No rules live here, and no protocol: polling by devices belongs to
 * the engine.
 */
import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import {
  leaving,
  type ResponseFormProps,
  responseForm,
  submitScript,
} from '../../views/consent/response.ts';
import type { Brand } from '../../views/layout/frame.ts';
import { type MessageProps, message } from '../../views/layout/message.ts';
import type { Messages } from '../../views/messages/index.ts';
import { browserDigest } from '../domain/accounts/known-browsers.ts';
import type { Session } from '../domain/accounts/sessions.ts';
import { orUnavailable } from '../domain/database/retry.ts';
import { rememberAccount } from '../http/access-log.ts';
import type { HasConsole } from '../http/console-port.ts';
import { asOAuthError, logError, refusalOf } from '../http/errors.ts';
import { mountPathOf } from '../http/issuer-path.ts';
import type { Log } from '../http/log.ts';
import type { RefusalLog } from '../http/refusal-log.ts';
import { requestIdOf } from '../http/request-id.ts';
import type { AuthorizationProblem } from '../oauth/authorization-problem.ts';
import { OAuthError, UnstorableValue } from '../oauth/errors.ts';
import { accountPages } from './account/account.ts';
import { adminPages } from './admin/index.ts';
import { apiReferencePages } from './api-reference/index.ts';
import { appPages } from './apps/index.ts';
import type { Assets } from './brand/assets.ts';
import { registeredClientPages } from './clients/registered.ts';
import { consentPages } from './consent/consent.ts';
import { createCodeGuesses } from './device/code-guesses.ts';
import { devicePages } from './device/device.ts';
import { useOf } from './framework/browser-session.ts';
import { createCookies } from './framework/cookies.ts';
import { authorizationProblem, problemOf, staleFormProblem } from './framework/errors.ts';
import { createSpeak, type Speak } from './framework/language.ts';
import { createPages, type Pages, StaleForm } from './framework/page-guards.ts';
import { answerPage, anywhere, frameOf, seeOther } from './framework/page-renderer.ts';
import { emailCodePages } from './sign-in/email-code.ts';
import { signInEnrolPages } from './sign-in/enrol.ts';
import { signInFactorPages } from './sign-in/factor.ts';
import { factorsResetPages } from './sign-in/factors-reset.ts';
import { forgottenPasswordPages } from './sign-in/forgot.ts';
import { invitationPages } from './sign-in/invitation.ts';
import { registerPages } from './sign-in/register.ts';
import { signInPages } from './sign-in/sign-in.ts';
import { createLogOut, signOutPages } from './sign-in/sign-out.ts';
import { personalTokenPages } from './tokens/index.ts';

type Dependencies = Omit<Parameters<typeof signInPages>[1], 'pages' | 'cookies' | 'showLeaving'> &
  Omit<Parameters<typeof signInFactorPages>[1], 'pages' | 'cookies'> &
  Omit<Parameters<typeof signInEnrolPages>[1], 'pages' | 'cookies' | 'brandName'> &
  Omit<Parameters<typeof signOutPages>[1], 'pages' | 'cookies' | 'showLeaving'> &
  Omit<Parameters<typeof invitationPages>[1], 'pages' | 'cookies'> &
  Omit<Parameters<typeof factorsResetPages>[1], 'pages'> &
  Omit<Parameters<typeof forgottenPasswordPages>[1], 'pages' | 'cookies'> &
  Omit<Parameters<typeof emailCodePages>[1], 'pages' | 'cookies'> &
  Omit<Parameters<typeof registerPages>[1], 'pages' | 'cookies'> &
  Omit<Parameters<typeof devicePages>[1], 'pages' | 'guesses'> &
  Omit<Parameters<typeof consentPages>[1], 'pages' | 'cookies' | 'showLeaving'> &
  Omit<Parameters<typeof accountPages>[1], 'pages' | 'cookies' | 'registration' | 'brandName'> &
  Omit<Parameters<typeof personalTokenPages>[1], 'pages'> &
  Omit<Parameters<typeof appPages>[1], 'pages'> &
  Omit<Parameters<typeof adminPages>[1], 'pages'> &
  Omit<Parameters<typeof apiReferencePages>[1], 'pages'> &
  Pick<Parameters<typeof createPages>[0], 'sessions'> & {
    /** Present if people can register clients for a resource. */
    registration?: Omit<Parameters<typeof registeredClientPages>[1], 'pages'> | undefined;
    assets: Assets;
    /** Where the console is. */
    hasConsole: HasConsole;
    log: Log;
    limits: Parameters<typeof createCodeGuesses>[0];
  };

export interface Web {
  /** Answers requests for pages and their assets; others pass through. */
  middleware: Middleware[];
  /** Shows a browser that an address does not exist. */
  showAbsent: (ctx: Context) => Promise<void>;
  /** Shows a person an error. */
  showError: (ctx: Context, error: OAuthError) => Promise<void>;
  /** Signs a person out whom a client sent here, or asks them first. */
  logOut: ReturnType<typeof createLogOut>;
  /** Goes on to an app, or to another page of this server, by itself. */
  showLeaving: (ctx: Context, response: { name: string; url: string }) => Promise<void>;
  /** Sends the response to an app by a form (OAuth 2.0 Form Post Response Mode). */
  showResponseForm: (ctx: Context, response: ResponseFormProps) => Promise<void>;
  /** Shows a person why an app's authorization request cannot continue. The status is already set. */
  showProblem: (ctx: Context, problem: AuthorizationProblem) => Promise<void>;
  /** The session of a browser; undefined if no person is signed in. */
  sessionOf: (ctx: Context) => Promise<Session | undefined>;
  /** The same session, as far as the protocol depends on it. */
  browserSession: (ctx: Context) => Promise<
    | (Pick<Session, 'id' | 'signedInAt' | 'factorAt' | 'hasFactor' | 'mustEnrol' | 'amr'> & {
        accountId: string;
        browser: Buffer | undefined;
      })
    | undefined
  >;
}

/** Mounts every page. test/golden/pages.test.ts reads from the router which pages take a form. */
export function createPageRouter({ assets, log, limits, ...dependencies }: Dependencies): Router {
  const { brand } = assets;
  const cookies = createCookies(dependencies.issuer);
  const { issuer, sessions } = dependencies;
  const speak = createSpeak({ issuer, cookies, languages: brand.languages });
  // Pages that people meet when they sign in have several languages; those of their account are in English.
  const { hasConsole } = dependencies;
  const pages = createPages({ brand, cookies, sessions, speak, hasConsole });
  const englishPages = createPages({ brand, cookies, sessions, hasConsole });
  const showLeaving = createShowLeaving(brand, speak);
  const router = new Router({ sensitive: true, strict: true });
  router.use(
    inPages({
      log,
      brand,
      speak,
      noteRefusal: dependencies.noteRefusal,
      browserSession: pages.browserSession,
    }),
  );
  signInPages(router, { ...dependencies, pages, cookies, showLeaving });
  signInFactorPages(router, { ...dependencies, pages, cookies });
  signInEnrolPages(router, { ...dependencies, pages, cookies, brandName: brand.name });
  signOutPages(router, { ...dependencies, pages, cookies, showLeaving });
  invitationPages(router, { ...dependencies, pages, cookies });
  factorsResetPages(router, { ...dependencies, pages });
  forgottenPasswordPages(router, { ...dependencies, pages, cookies });
  emailCodePages(router, { ...dependencies, pages, cookies });
  if (brand.registration !== false) registerPages(router, { ...dependencies, pages, cookies });
  devicePages(router, { ...dependencies, pages, guesses: createCodeGuesses(limits) });
  consentPages(router, { ...dependencies, pages, cookies, showLeaving });
  accountPages(router, { ...dependencies, pages: englishPages, cookies, brandName: brand.name });
  personalTokenPages(router, { ...dependencies, pages: englishPages });
  if (brand.apps !== false) appPages(router, { ...dependencies, pages: englishPages });
  adminPages(router, { ...dependencies, assets, pages: englishPages });
  apiReferencePages(router, { ...dependencies, pages: englishPages });
  const { registration } = dependencies;
  if (registration) registeredClientPages(router, { ...registration, pages: englishPages });
  router.get('/', async (ctx) => {
    const { session } = await pages.browserSession(ctx);
    seeOther(ctx, session ? '/account' : '/sign-in');
  });
  return router;
}

/** The pages of this server. */
export function createWeb(dependencies: Dependencies): Web {
  const { assets } = dependencies;
  const { brand } = assets;
  const cookies = createCookies(dependencies.issuer);
  const router = createPageRouter(dependencies);
  const { issuer, sessions } = dependencies;
  const speak = createSpeak({ issuer, cookies, languages: brand.languages });

  const sessionOf: Web['sessionOf'] = async (ctx) => {
    const presented = cookies.get(ctx, 'session');
    const session = presented ? await dependencies.sessions.find(presented, useOf(ctx)) : undefined;
    rememberAccount(ctx, session?.account.id);
    return session;
  };

  const showError = createShowError(brand, speak);

  const methods: Middleware = (ctx, next) => {
    const { matched = [] } = ctx as { matched?: { methods: string[] }[] };
    if (matched.length === 0 || ctx.status !== 404) return next();
    const allowed = [...new Set(matched.flatMap((layer) => layer.methods))];
    if (allowed.length === 0) return next();
    ctx.set('Allow', allowed.join(', '));
    // The address of a form was opened or reloaded.
    return showError(ctx, (said) => problemOf(new OAuthError('method_not_allowed', ''), said), 405);
  };
  return {
    middleware: [assets.serve, router.routes() as Middleware, methods],
    showError: (ctx, error) => showError(ctx, (said) => problemOf(error, said), error.status),
    logOut: createLogOut({
      ...dependencies,
      cookies,
      showLeaving: createShowLeaving(brand, speak),
      pages: createPages({ brand, cookies, sessions, speak }),
    }),
    sessionOf,
    browserSession: async (ctx) => {
      const session = await sessionOf(ctx);
      if (!session) return undefined;
      const { account, ...proven } = session;
      const browser = browserDigest(cookies.get(ctx, 'known'));
      return { ...proven, accountId: account.id, browser };
    },
    showLeaving: createShowLeaving(brand, speak),
    showResponseForm: (ctx, response) => {
      const spoken = speak(ctx);
      return answerPage(ctx, responseForm(frameOf(brand, undefined, spoken), response), 200, {
        formAction: anywhere,
        script: submitScript,
        language: spoken.messages.code,
      });
    },
    showProblem: (ctx, problem) =>
      showError(ctx, (said) => authorizationProblem(problem, said, requestIdOf(ctx)), ctx.status),
    showAbsent: async (ctx) => {
      // The page also says so while the database is unreachable.
      const session = await sessionOf(ctx).catch(() => undefined);
      const problem = new OAuthError('not_found', '');
      await showError(
        ctx,
        (said) => problemOf(problem, said, { isSignedIn: session !== undefined }),
        404,
      );
    },
  };
}

/** A page that goes on to `url` by itself: the redirects that follow a form end there. */
const createShowLeaving =
  (brand: Brand, speak: Speak): Web['showLeaving'] =>
  async (ctx, { name, url }) => {
    const { messages } = speak(ctx);
    const view = leaving(frameOf(brand, undefined, { messages }), { name, url });
    await answerPage(ctx, view, 200, { language: messages.code });
    ctx.set('Refresh', `0;url=${url.startsWith('/') ? mountPathOf(ctx) + url : url}`);
  };

/** Shows what is wrong, in the language of the request. */
const createShowError =
  (brand: Brand, speak: Speak) =>
  (ctx: Context, problem: (said: Messages) => MessageProps, status: number): Promise<void> => {
    const spoken = speak(ctx);
    const { messages } = spoken;
    const view = message(frameOf(brand, undefined, spoken), problem(messages));
    return answerPage(ctx, view, status, { language: messages.code });
  };

/** Shows errors of pages on a page. Those of the server are logged, under the request ID that the page shows. */
const inPages =
  ({
    log,
    brand,
    speak,
    noteRefusal,
    browserSession,
  }: {
    log: Log;
    brand: Brand;
    speak: Speak;
    noteRefusal: RefusalLog['note'];
    browserSession: Pages['browserSession'];
  }): Middleware =>
  async (ctx, next) => {
    try {
      await orUnavailable(next);
    } catch (thrown) {
      const show = createShowError(brand, speak);
      if (thrown instanceof StaleForm) {
        noteRefusal(ctx, { reason: thrown.message });
        return show(ctx, (said) => staleFormProblem(thrown.back, said), 403);
      }
      const error = asOAuthError(thrown);
      if (error.status >= 500) logError(log, ctx, error.cause ?? error, 'a page failed');
      else if (error.code !== 'not_found') noteRefusal(ctx, refusalOf(error));
      if (error instanceof UnstorableValue) logError(log, ctx, error.cause, error.reason);
      const isSignedIn =
        error.status < 500 && Boolean((await browserSession(ctx).catch(() => undefined))?.session);
      const requestId = requestIdOf(ctx);
      await show(ctx, (said) => problemOf(error, said, { requestId, isSignedIn }), error.status);
    }
  };
