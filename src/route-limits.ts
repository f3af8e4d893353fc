/** THE LIMITS OF ROUTES: which limits of config/limits.ts count the requests, or the refusals, of which route. */
import type { Context, Middleware } from 'koa';
import { type LimitName, type RouteLimit, requestLimits } from '../config/limits.ts';
import { claimOf } from './dialects/framework/mount.ts';
import { LimitReached } from './domain/limits/rate-limits.ts';
import type { RequestLimitCounter } from './domain/limits/request-limits.ts';
import { refusalOf } from './http/errors.ts';
import { tellRateLimit, tooManyRequests } from './http/rate-limit-fields.ts';
import type { RefusalLog } from './http/refusal-log.ts';
import { OAuthError } from './oauth/errors.ts';
import { endpoints, guardPaths } from './oauth/paths.ts';

const clients = ['client_authentication.network', 'client_authentication.client'] as const;
const documents: RouteLimit = ['documents.network'];
const pages: RouteLimit = ['pages.network'];
const bearer: RouteLimit = ['bearer.network'];

/**
 * What each route says of its limit, by its path or the folders above it; the longest that fits holds. Limits of
 * calls by network are counted before anything else is done; limits of refusals once a request has been
 * refused, so that what is right is never refused by them and pays nothing. Limits by client are counted where the
 * client is known: `protocol/engine/adapter/limited.ts`, `domain/clients/secrets.ts`.
 */
export const routeLimits: Readonly<Record<string, RouteLimit>> = {
  [endpoints.authorization]: ['authorization.network', 'authorization.account'],
  [endpoints.pushed_authorization_request]: [
    'pushed_authorization.network',
    'pushed_authorization.client',
    ...clients,
  ],
  [endpoints.device_authorization]: [
    'device_authorization.network',
    'device_authorization.client',
    ...clients,
  ],
  [endpoints.token]: [...clients, 'grant.network'],
  [endpoints.introspection]: clients,
  [guardPaths.usage]: clients,
  [guardPaths.anonymous]: clients,
  [endpoints.revocation]: clients,
  [endpoints.userinfo]: bearer,
  '/.well-known': documents,

  '/': pages,
  '/sign-in': pages,
  '/sign-out': pages,
  '/invitation': pages,
  '/consent': pages,
  '/device': pages,
  '/account': pages,
  '/apps': pages,
  '/tokens': pages,

  '/api/v1': bearer,
  '/api/v1/openapi.json': documents,
  '/docs': documents,
  '/assets': documents,
  '/example/things': bearer,

  '/healthz': { none: 'It costs nothing, and must be answered whatever else is asked.' },
  '/readyz': {
    none: 'It must be answered whatever else is asked; all who ask at once share one look.',
  },
};

/** What is said of the limit of a path; nothing where no route is known there. */
export function limitOfRoute(path: string): RouteLimit | undefined {
  for (let folder = path; folder !== ''; folder = folder.slice(0, folder.lastIndexOf('/')))
    if (Object.hasOwn(routeLimits, folder)) return routeLimits[folder];
  return undefined;
}

/** What is said of the limit of a request: a dialect says it of its own routes (`src/dialects`). */
const limitOfRequest = (ctx: Context): RouteLimit | undefined => {
  const claim = claimOf(ctx);
  return claim ? claim.route?.limit : limitOfRoute(ctx.path);
};

const isCallsByNetwork = (name: LimitName) =>
  requestLimits[name].counts === 'calls' && requestLimits[name].by === 'network';

/** Where a person reads the answer. */
const isForPeople = (names: readonly LimitName[]) =>
  names.includes('pages.network') || names.includes('authorization.network');

/**
 * Counts the requests and the refusals of every route. Answers 429 beyond a limit: `showError` tells a person, and
 * programs get `too_many_requests`.
 */
export function limitRoutes({
  requestLimits: counter,
  noteRefusal,
  showError,
}: {
  requestLimits: RequestLimitCounter;
  noteRefusal: RefusalLog['note'];
  showError: (ctx: Context, error: OAuthError) => Promise<void>;
}): Middleware {
  return async (ctx, next) => {
    // What is not there costs as little as a document.
    const names = limitOfRequest(ctx) ?? ['documents.network'];
    if ('none' in names || ctx.method === 'OPTIONS') return next();
    try {
      for (const name of names.filter(isCallsByNetwork))
        tellRateLimit(ctx, await counter.count(name, { ip: ctx.ip }));
      await countingRefusals(ctx, names, next);
    } catch (error) {
      if (!(error instanceof LimitReached)) throw error;
      const answer = tooManyRequests(ctx, error);
      if (!isForPeople(names)) throw answer;
      noteRefusal(ctx, refusalOf(answer));
      await showError(ctx, answer);
    }
  };

  /** The engine answers its refusals itself; Writ's own endpoints throw them. */
  async function countingRefusals(
    ctx: Context,
    names: readonly LimitName[],
    next: () => Promise<void>,
  ): Promise<void> {
    let thrown: unknown;
    try {
      await next();
    } catch (error) {
      thrown = error;
    }
    const refused = limitOfRefusal(ctx, names, thrown);
    if (refused && names.includes(refused))
      try {
        await counter.count(refused, { ip: ctx.ip });
      } catch (error) {
        ctx.remove('WWW-Authenticate');
        throw error;
      }
    if (thrown) throw thrown;
  }
}

/** The limit that counts how a request was refused; nothing for one that was not. */
function limitOfRefusal(
  ctx: Context,
  names: readonly LimitName[],
  thrown: unknown,
): LimitName | undefined {
  const status = thrown instanceof OAuthError ? thrown.status : thrown ? 500 : ctx.status;
  if (status === 401)
    return names.includes('bearer.network') ? 'bearer.network' : 'client_authentication.network';
  const { error } = (ctx.body ?? {}) as { error?: unknown };
  return status === 400 && error === 'invalid_grant' ? 'grant.network' : undefined;
}
