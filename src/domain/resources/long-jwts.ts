/** What to know of JWT access tokens that live long: who verifies one offline does not see that it was revoked. */
import { lifetimes } from '../../../config/lifetimes.ts';
import type { ErrorDetail } from '../../oauth/errors.ts';

/** The tokens of a resource, or of a client at one. */
export interface TokenKindOf {
  tokenFormat: 'opaque' | 'jwt' | null;
  /** Seconds; null for the installation's default. */
  accessTokenTtl: number | null;
}

/** Whether access tokens are JWTs that live longer than a revocation may go unseen. */
export const hasLongJwts = ({ tokenFormat, accessTokenTtl }: TokenKindOf): boolean =>
  tokenFormat === 'jwt' && (accessTokenTtl ?? lifetimes.accessToken) > lifetimes.longJwt;

/** How long they live, in words. */
export const lifeOf = ({ accessTokenTtl }: Pick<TokenKindOf, 'accessTokenTtl'>): string => {
  const seconds = accessTokenTtl ?? lifetimes.accessToken;
  const days = Math.round(seconds / 86_400);
  return days > 1 ? `${days} days` : `${Math.round(seconds / 3_600)} hours`;
};

/** What is said to whoever makes tokens so; an empty list where there is nothing to say. */
export const longJwtWarnings = (tokens: TokenKindOf): ErrorDetail[] =>
  hasLongJwts(tokens)
    ? [
        {
          parameter: 'access_token_ttl',
          message: `The JWTs live ${lifeOf(tokens)}, and an API that verifies them offline does not see that one was revoked. Let them live shorter (--access-token-ttl 1h), or have the API introspect them or follow the change feed.`,
        },
      ]
    : [];
