/** The warning about long-lived JWT access tokens: an API that verifies them offline does not notice a revocation. */
import { lifetimes } from '../../../config/lifetimes.ts';
import type { ErrorDetail } from '../../oauth/errors.ts';

/** The access token settings of a resource or a client. */
export interface AccessTokenSettings {
  tokenFormat: 'opaque' | 'jwt' | null;
  /** Lifetime in seconds; null for the default of the installation. */
  accessTokenTtl: number | null;
}

/** Whether access tokens are JWTs that live longer than a revocation should go unnoticed (`lifetimes.longJwt`). */
export const hasLongJwts = ({ tokenFormat, accessTokenTtl }: AccessTokenSettings): boolean =>
  tokenFormat === 'jwt' && (accessTokenTtl ?? lifetimes.accessToken) > lifetimes.longJwt;

/** The lifetime of access tokens in words, such as "30 days" or "12 hours". */
export const lifetimeText = ({
  accessTokenTtl,
}: Pick<AccessTokenSettings, 'accessTokenTtl'>): string => {
  const seconds = accessTokenTtl ?? lifetimes.accessToken;
  const days = Math.round(seconds / 86_400);
  return days > 1 ? `${days} days` : `${Math.round(seconds / 3_600)} hours`;
};

/** The warning for a resource or client with these settings, or an empty list. */
export const longJwtWarnings = (tokens: AccessTokenSettings): ErrorDetail[] =>
  hasLongJwts(tokens)
    ? [
        {
          parameter: 'access_token_ttl',
          message: `JWT access tokens live ${lifetimeText(tokens)}. An API that verifies them offline accepts a revoked one until it expires. Shorten their lifetime (--access-token-ttl 1h), or let the API introspect them or follow the change feed.`,
        },
      ]
    : [];
