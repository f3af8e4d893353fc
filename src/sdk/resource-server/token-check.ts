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

  /** Whether a current feed tells all about a JWT. */
  const isTold = ({ exp = 0, iat = 0 }: VerifiedJwt['claims'], { reachesBackTo }: Feed): boolean =>
    iat >= reachesBackTo() &&
    (options.longestLifetime === undefined || exp - iat <= options.longestLifetime);

  /** Whether a JWT ends with more than it names: with all that it comes from (RFC 8693). */
  const hasSources = (claims: VerifiedJwt['claims']): boolean => 'sources' in claims;

  /** Whether a JWT that is verified needs no introspection. Throws FeedLost. */
  const isSettled = (claims: VerifiedJwt['claims']): boolean => {
    if (hasSources(claims)) return false;
    if (!feed) return true;
    if (feed.isCurrent()) return isTold(claims, feed);
    if (whenLost === 'refuse') throw new FeedLost();
    return whenLost === 'admit';
  };

  const isRevoked = (jwt: VerifiedJwt): boolean => {
    if (!feed) return false;
    const version = feed.revocations.version();
    if (jwt.notRevokedIn === version) return false;
    if (feed.revocations.revokes(jwt.claims, jwt.kid)) return true;
    jwt.notRevokedIn = version;
    return false;
  };

  /** What `known` needs of the claims, which stay the same. */
  const callerAtOnce = ({ claims }: VerifiedJwt): Caller | undefined =>
    claims['cnf'] === undefined && !hasSources(claims)
      ? Object.freeze(callerOf(claims, false))
      : undefined;

  return {
    feed,
    known(token) {
      const jwt = jwts?.remembered(token);
      if (!jwt || isRevoked(jwt)) return undefined;
      if (feed && !(feed.isCurrent() && isTold(jwt.claims, feed))) return undefined;
      jwt.caller ??= callerAtOnce(jwt);
      return jwt.caller;
    },
    async check(token) {
      if (!jwts || !isJwt(token)) return introspect(token);
      const jwt = await jwts.verify(token);
      if (!jwt || isRevoked(jwt)) return undefined;
      return isSettled(jwt.claims) ? jwt.claims : introspect(token);
    },
  };
}
