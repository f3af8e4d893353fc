import Koa, { type Context, type Middleware } from 'koa';
import compose from 'koa-compose';
import type { Provider } from 'oidc-provider';
import { withWaitBudget } from '../db/deadline.ts';
import { confirmChanges } from './confirm-changes.ts';
import { claimOf } from './dialects/framework/mount.ts';
import { inRequestContext, type RequestContext } from './domain/audit/request-context.ts';
import { orUnavailable } from './domain/database/retry.ts';
import type { RequestLimitCounter } from './domain/limits/request-limits.ts';
import { rememberContext } from './http/access-log.ts';
import { answerPreflight } from './http/cors.ts';
import { answerErrors, logError, requireReadableTarget } from './http/errors.ts';
import { prefixLocation } from './http/issuer-path.ts';
import { useIssuerInUrls } from './http/issuer-urls.ts';
import type { Log } from './http/log.ts';
import { requireAllowedMethod } from './http/methods.ts';
import { notFound } from './http/not-found.ts';
import type { RefusalLog } from './http/refusal-log.ts';
import { requestIdOf } from './http/request-id.ts';
import { retryAfter } from './http/retry-after.ts';
import { withHeaders } from './http/security-headers.ts';
import { logUnsentResponse } from './http/unsent-response.ts';
import type { AuthorizationProblem } from './oauth/authorization-problem.ts';
import type { OAuthError } from './oauth/errors.ts';
import { basePathOf } from './oauth/issuer.ts';
import { mountEngine } from './protocol/engine-mount.ts';
import { createGate } from './protocol/gate.ts';
import type { ReadWorkload } from './protocol/workload-identity.ts';
import { limitRoutes } from './route-limits.ts';

interface Dependencies {
  log: Log;
  refusals: RefusalLog;
  issuer: string;
  /** The number of proxies in front of the server that are trusted. */
  trustProxy: number;
  provider: Provider;
  /** Notifies clients that a session ended, without waiting for them. */
  notifyClients: () => void;
  sendMails: () => void;
  /** Waits as a write does (`Database.confirm`). */
  confirm: () => Promise<void>;
  /** Headers of every response. */
  headers: Readonly<Record<string, string>>;
  introspection: Middleware;
  revocation: Middleware;
  /** Refuses token requests that their fast path has already tried in vain. */
  plainRequests: Middleware;
  guard: Middleware;
  clientRegistration: Middleware;
  endSession: Middleware;
  api: Middleware[];
  web: Middleware[];
  /** The middleware that finds the dialect of a request, and the one that answers it. */
  dialects: { claim: Middleware; answer: Middleware };
  requestLimits: RequestLimitCounter;
  /** Reads the token of a trusted issuer in a request. */
  readWorkload: ReadWorkload;
  /** Shows a person an error on a page. */
  showError: (ctx: Context, error: OAuthError) => Promise<void>;
  /** Shows a browser that a page does not exist. */
  showAbsent: (ctx: Context) => Promise<void>;
  /** Shows a person why the request of the app that sent them fails. */
  showProblem: (ctx: Context, problem: AuthorizationProblem) => Promise<void>;
}

/** The order of the middleware: the most frequent requests first. */
export function createApp({
  log,
  refusals,
  issuer,
  trustProxy,
  provider,
  notifyClients,
  sendMails,
  confirm,
  headers,
  introspection,
  revocation,
  plainRequests,
  guard,
  clientRegistration,
  endSession,
  api,
  web,
  dialects,
  requestLimits,
  readWorkload,
  showError,
  showAbsent,
  showProblem,
}: Dependencies): Koa {
  const inItsContext = createContextOfRequests({ notifyClients, sendMails });
  // Entries of X-Forwarded-For to the left of those that our proxies added are set by the caller.
  const app = new Koa({ proxy: trustProxy > 0, maxIpsCount: trustProxy });
  // The engine signs its interaction cookies with the keys of the app that it is mounted in.
  if (provider.keys) app.keys = provider.keys;
  useIssuerInUrls(app, issuer);
  app.on('error', logUnsentResponse(log));
  const base = basePathOf(issuer);
  if (base) app.use(prefixLocation(base));
  app.use(withHeaders(headers));
  app.use(answerErrors(log, refusals.note));
  app.use(requireReadableTarget(notFound(showAbsent)));
  app.use((_ctx, next) => withWaitBudget(() => orUnavailable(next)));
  app.use(dialects.claim);
  app.use(limitRoutes({ requestLimits, noteRefusal: refusals.note, showError }));
  // Before the protocol, since a dialect can pass its request on to it.
  const reading = compose([inItsContext, dialects.answer]);
  const changing = compose([confirmChanges(confirm), reading]);
  app.use((ctx, next) => {
    const claim = claimOf(ctx);
    return claim ? (claim.route?.reads ? reading : changing)(ctx, next) : next();
  });
  // First of Writ's own endpoints, since no other is called as often.
  app.use(introspection);
  app.use(confirmChanges(confirm));
  app.use(revocation);
  app.use(inItsContext);
  app.use(guard);
  app.use(answerPreflight);
  app.use(requireAllowedMethod);
  app.use(retryAfter);
  app.use(clientRegistration);
  app.use(endSession);
  app.use(plainRequests);
  app.use(
    mountEngine(provider, {
      gate: createGate({ issuer, readWorkload, showProblem, noteRefusal: refusals.note }),
      log: {
        logError: (ctx, error, message) => logError(log, ctx, error, message),
        noteRefusal: refusals.note,
      },
    }),
  );
  for (const middleware of [...api, ...web]) app.use(middleware);
  app.use(notFound(showAbsent));
  return app;
}

/**
 * From here on the response has the request ID, and so has everything that is logged or audited. A request that has ended a
 * session has committed by its end, so clients can be notified; the same holds for emails.
 */
const createContextOfRequests =
  ({ notifyClients, sendMails }: Pick<Dependencies, 'notifyClients' | 'sendMails'>): Middleware =>
  async (ctx, next) => {
    rememberContext(ctx);
    const requestId = requestIdOf(ctx);
    ctx.set('X-Request-Id', requestId);
    const context: RequestContext = {
      requestId,
      ip: ctx.ip,
      dialect: claimOf(ctx)?.dialect.name,
    };
    try {
      await inRequestContext(context, next);
    } finally {
      if (context.hasLogoutNotices) notifyClients();
      if (context.hasMails) sendMails();
    }
  };
