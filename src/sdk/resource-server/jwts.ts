/** JWT ACCESS TOKENS (RFC 9068), verified with the keys of Writ. */
import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { Caller } from './types.ts';

/** A JWT whose signature, issuer, audience and times are right. */
export interface VerifiedJwt {
  claims: JWTPayload;
  kid: string | undefined;
  /** Its caller, once it was asked for. */
  caller?: Caller | undefined;
  /** The version of the revocations that do not revoke it, once they were asked. */
  notRevokedIn?: number;
}

/** The algorithms with which Writ signs access tokens. */
const algorithms = ['ES256', 'RS256', 'PS256', 'EdDSA', 'Ed25519'];

/** Seconds that the clocks of Writ and of the API can differ. */
const clockTolerance = 5;

/** A short key is found faster. The whole token is compared. */
const keyOf = (token: string): string => token.slice(-20);

/** Whether a token has the form of a JWT. */
export const isJwt = (token: string): boolean => /^eyJ[^.]*\.[^.]+\.[^.]+$/.test(token);

export interface Jwts {
  /** Undefined if the token is at fault. Throws if the keys cannot be fetched. */
  verify(token: string): Promise<VerifiedJwt | undefined>;
  /** One that was verified before and has not expired. */
  remembered(token: string): VerifiedJwt | undefined;
}

/**
 * @param options.keys The URL of the JWK Set, or a function that finds keys.
 * @param options.remembered How many verified JWTs are remembered.
 * @param options.rememberSeconds For how long, at most until they expire.
 */
export function createJwts({
  issuer,
  resource,
  keys,
  remembered,
  rememberSeconds,
}: {
  issuer: string;
  resource: string;
  keys: URL | JWTVerifyGetKey;
  remembered: number;
  rememberSeconds: number;
}): Jwts {
  const findKey = keys instanceof URL ? createRemoteJWKSet(keys) : keys;
  /** By the end of the signature. */
  const known = new Map<string, VerifiedJwt & { token: string; until: number }>();

  const remember = (token: string, jwt: VerifiedJwt): void => {
    const exp = (jwt.claims.exp ?? 0) * 1000;
    const until = Math.min(exp, Date.now() + rememberSeconds * 1000);
    if (until <= Date.now() || remembered <= 0) return;
    const [oldest] = known.keys();
    if (known.size >= remembered && oldest !== undefined) known.delete(oldest);
    known.set(keyOf(token), { ...jwt, token, until });
  };

  const recall = (token: string): VerifiedJwt | undefined => {
    const found = known.get(keyOf(token));
    if (found === undefined || found.token !== token) return undefined;
    if (found.until > Date.now()) return found;
    known.delete(keyOf(token));
    return undefined;
  };

  const verifyNow = async (token: string): Promise<VerifiedJwt | undefined> => {
    try {
      const { payload, protectedHeader } = await jwtVerify(token, findKey, {
        issuer,
        audience: resource,
        typ: 'at+jwt',
        algorithms,
        clockTolerance,
        requiredClaims: ['exp', 'iat', 'sub', 'client_id', 'jti'],
      });
      const jwt = { claims: payload, kid: protectedHeader.kid };
      remember(token, jwt);
      return jwt;
    } catch (error) {
      if (isOfToken(error)) return undefined;
      throw error;
    }
  };

  /** Requests with the same token that arrive meanwhile share a verification. */
  const running = new Map<string, Promise<VerifiedJwt | undefined>>();

  return {
    remembered: recall,

    async verify(token) {
      const found = recall(token);
      if (found) return found;
      const verification =
        running.get(token) ?? verifyNow(token).finally(() => running.delete(token));
      running.set(token, verification);
      return verification;
    },
  };
}

/** Whether the token is at fault. Else the keys could not be fetched. */
const isOfToken = (error: unknown): boolean =>
  error instanceof errors.JOSEError &&
  !['ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID', 'ERR_JOSE_GENERIC'].includes(error.code);
