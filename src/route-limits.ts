/** THE LIMITS OF ROUTES: which limits of config/limits.ts count the requests, or the refusals, of each route. */
import type { Context, Middleware } from 'koa';
import { type LimitName, type RouteLimit, requestLimits } from '../config/limits.ts';
import { claimOf } from './dialects/framework/mount.ts';
import { LimitReached } from './domain/limits/rate-limits.ts';
import type { RequestLimitCounter } from './domain/limits/request-limits.ts';
import { refusalOf } from './http/errors.ts';
import { setRateLimit, tooManyRequests } from './http/rate-limit-fields.ts';
import type { RefusalLog } from './http/refusal-log.ts';
import { OAuthError } from './oauth/errors.ts';
import { endpoints, guardPaths } from './oauth/paths.ts';

const clients = ['client_authentication.network', 'client_authentication.client'] as const;
const metadataDocuments = ['client_documents.network', 'client_documents.host'] as const;
const documents: RouteLimit = ['documents.network'];
const pages: RouteLimit = ['pages.network'];
const bearer: RouteLimit = ['bearer.network'];

/**
 * The limits of each route, by its path or a folder above it; the longest match applies. Limits that count calls by
 * network apply before anything else. Limits that count refusals apply after a request was refused, so they never
 * refuse a correct request. Limits by client apply once the client is known: `protocol/engine/adapter/limited.ts`,
 * `domain/clients/secrets.ts`.
 */
export const routeLimits: Readonly<Record<string, RouteLimit>> = {
  [endpoints.authorization]: [
    'authorization.network',
    'authorization.account_client',
    'authorization.account',
    ...metadataDocuments,
  ],
  [endpoints.pushed_authorization_request]: [
    'pushed_authorization.network',
    'pushed_authorization.client',
    ...metadataDocuments,
    ...clients,
  ],
  [endpoints.device_authorization]: [
    'device_authorization.network',
    'device_authorization.client',
    ...metadataDocuments,
    ...clients,
  ],
  [endpoints.token]: [...metadataDocuments, ...clients, 'grant.network'],
  [endpoints.introspection]: [...metadataDocuments, ...clients],
  [guardPaths.introspection]: clients,
  [guardPaths.usage]: clients,
  [guardPaths.anonymous]: clients,
  [endpoints.revocation]: [...metadataDocuments, ...clients],
  [endpoints.userinfo]: bearer,
  [endpoints.end_session]: pages,
  [endpoints.registration]: [
    'client_registration.network',
    'client_registration.installation',
    'bearer.network',
  ],
  '/.well-known': documents,

  '/': pages,
  '/sign-in': pages,
  '/sign-in/with': ['pages.network', 'provider_sign_in.network'],
  '/sign-out': pages,
  '/invitation': pages,
  '/register': [
    'pages.network',
    'registration.network',
    'registration.address',
    'registration.installation',
  ],
  '/registration': pages,
  '/email': pages,
  '/factors-reset': pages,
  '/consent': pages,
  '/device': pages,
  '/account': pages,
  '/admin': pages,
  '/apps': pages,
  '/tokens': pages,

  '/api/v1': bearer,
  '/api/v1/signals': ['bearer.network', 'signals.client', ...clients],
  '/api/v1/openapi.json': documents,
  '/docs': pages,
  '/assets': documents,
  '/example/things': bearer,

  '/healthz': { none: 'It costs nothing and must always be answered.' },
  '/readyz': {
    none: 'It must always be answered; simultaneous requests share one check.',
  },
};

/** The limits of a path; undefined if no route is known there. */
export function limitOfRoute(path: string): RouteLimit | undefined {
  for (let folder = path; folder !== ''; folder = folder.slice(0, folder.lastIndexOf('/')))
    if (Object.hasOwn(routeLimits, folder)) return routeLimits[folder];
  return undefined;
}

/** The limits of a request. A dialect declares those of its own routes (`src/dialects`). */
const limitOfRequest = (ctx: Context): RouteLimit | undefined => {
  const claim = claimOf(ctx);
  return claim ? claim.route?.limit : limitOfRoute(ctx.path);
};

const isCallsByNetwork = (name: LimitName) =>
  requestLimits[name].counts === 'calls' && requestLimits[name].by === 'network';

/** Whether a person reads the response. */
const isForPeople = (names: readonly LimitName[]) =>
  names.includes('pages.network') || names.includes('authorization.network');

/**
 * Counts the requests and refusals of every route. Beyond a limit the response is 429: `showError` renders a page for
 * people, and programs get `too_many_requests`.
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
    // An unknown path costs as little as a document.
    const names = limitOfRequest(ctx) ?? ['documents.network'];
    if ('none' in names || ctx.method === 'OPTIONS') return next();
    try {
      for (const name of names.filter(isCallsByNetwork))
        setRateLimit(ctx, await counter.count(name, { ip: ctx.ip }));
      await countingRefusals(ctx, names, next);
    } catch (error) {
      if (!(error instanceof LimitReached)) throw error;
      const answer = tooManyRequests(ctx, error);
      if (!isForPeople(names)) throw answer;
      noteRefusal(ctx, refusalOf(answer));
      await showError(ctx, answer);
    }
  };

  /** Counts a refusal, whether it was thrown or, as in the engine, already turned into a response. */
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

/** The limit that counts the refusal of a request; undefined if it was not refused. */
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
