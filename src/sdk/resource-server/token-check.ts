/** CHECKING A TOKEN: offline if it is a JWT and that is safe now, else by introspection. */
import { endpoints } from '../../oauth/paths.ts';
import { callerOf } from './callers.ts';
import { type Feed, FeedLost, followRevocations } from './feed.ts';
import { createIntrospection, type TokenState } from './introspection.ts';
import { createJwts, isJwt, type VerifiedJwt } from './jwts.ts';
import type { Caller, GuardOptions, OfflineOptions } from './types.ts';
import type { Writ } from './writ.ts';

export interface TokenCheck {
  /** What the token states; undefined if it is not active or not for this API. Throws if it cannot be checked now. */
  check(token: string): Promise<TokenState | undefined>;
  /** The caller of a token that was verified before and needs no request to Writ; undefined for every other one. */
  known(token: string): Caller | undefined;
  feed: Feed | undefined;
}

const defaults = { follow: true, maxLag: 15, whenLost: 'introspect', remembered: 5_000 } as const;

export function createTokenCheck(
  writ: Writ,
  {
    issuer,
    resource,
    offline = false,
    cacheSeconds = 0,
    onError,
  }: Pick<GuardOptions, 'issuer' | 'resource' | 'offline' | 'cacheSeconds'> & {
    onError: (error: unknown) => void;
  },
): TokenCheck {
  const introspection = createIntrospection(writ, { cacheSeconds });
  const options: OfflineOptions = offline === true ? {} : offline || {};
  const { follow, maxLag, whenLost, remembered } = { ...defaults, ...options };
  const isOffline = offline !== false;
  const feed =
    isOffline && follow
      ? followRevocations(writ, {
          resource,
          maxLag,
          longestLifetime: options.longestLifetime,
          onChange: introspection.forget,
          onError,
        })
      : undefined;
  const jwts = isOffline
    ? createJwts({
        issuer,
        resource,
        keys: new URL(writ.urlOf(endpoints.jwks)),
        remembered,
        // The feed tells of keys that are revoked.
        rememberSeconds: feed ? Number.POSITIVE_INFINITY : cacheSeconds,
      })
    : undefined;

  const introspect = async (token: string): Promise<TokenState | undefined> => {
    const state = await introspection.introspect(token);
    return state['active'] === true && [state['aud']].flat().includes(resource) ? state : undefined;
  };

  /** Whether a JWT that is verified needs no introspection. Throws FeedLost. */
  const isSettled = (claims: VerifiedJwt['claims']): boolean => {
    // It ends with more than it names: with all that it comes from (RFC 8693).
    if ('sources' in claims) return false;
    if (!feed) return true;
    if (!feed.isCurrent()) {
      if (whenLost === 'refuse') throw new FeedLost();
      return whenLost === 'admit';
    }
    const lifetime = (claims.exp ?? 0) - (claims.iat ?? 0);
    return (
      (claims.iat ?? 0) >= feed.reachesBackTo() &&
      (options.longestLifetime === undefined || lifetime <= options.longestLifetime)
    );
  };

  return {
    feed,
    known(token) {
      const jwt = jwts?.remembered(token);
      if (!jwt || feed?.revocations.revokes(jwt.claims, jwt.kid)) return undefined;
      if (jwt.claims['cnf'] !== undefined || (feed && !feed.isCurrent())) return undefined;
      if (!isSettled(jwt.claims)) return undefined;
      jwt.caller ??= Object.freeze(callerOf(jwt.claims, false));
      return jwt.caller;
    },
    async check(token) {
      if (!jwts || !isJwt(token)) return introspect(token);
      const jwt = await jwts.verify(token);
      if (!jwt || feed?.revocations.revokes(jwt.claims, jwt.kid)) return undefined;
      return isSettled(jwt.claims) ? jwt.claims : introspect(token);
    },
  };
}
