import type { Configuration } from 'oidc-provider';
import { lifetimes } from '../../../config/lifetimes.ts';
import type { Settings } from '../../../config/settings.ts';
import type { Resource } from '../../domain/resources/resources.ts';
import type { EngineClient, EngineToken } from '../engine/models.ts';
import { currentScope } from '../engine/request-scope.ts';

/** How many seconds each kind of token, code and state of the engine lives. */
export function tokenLifetimes({
  REFRESH_TOKEN_EXPIRY,
}: Pick<Settings, 'REFRESH_TOKEN_EXPIRY'>): NonNullable<Configuration['ttl']> {
  const accessToken = (token: object, client: object | undefined): number => {
    const { resourceServer } = token as EngineToken;
    const { access_token_ttl: own } = (client ?? {}) as Partial<EngineClient>;
    return capAtGrantExpiry(token, resourceServer?.accessTokenTTL ?? own ?? lifetimes.accessToken);
  };
  return {
    AccessToken: (_ctx, token, client) => accessToken(token, client),
    ClientCredentials: (_ctx, token, client) => accessToken(token, client),
    RefreshToken: (_ctx, token) =>
      capAtGrantExpiry(
        token,
        REFRESH_TOKEN_EXPIRY === 'absolute'
          ? Math.max(1, lifetimes.refreshToken - token.totalLifetime())
          : lifetimes.refreshToken,
      ),
    AuthorizationCode: lifetimes.authorizationCode,
    DeviceCode: lifetimes.deviceCode,
    IdToken: lifetimes.idToken,
    Interaction: lifetimes.interaction,
    // A grant lives as long as its tokens do.
    Grant: 100 * lifetimes.refreshToken,
  };
}

/**
 * Seconds that access tokens for a resource live: as long as their client wishes, else as the resource says,
 * else as the installation does; those of an app's client no longer than the policy for apps allows.
 */
export const accessTokenTtlFor = (
  resource: Pick<Resource, 'accessTokenTtl'>,
  { wished, policy }: { wished: number | undefined; policy: Resource['appPolicy'] },
): number =>
  Math.min(
    wished ?? resource.accessTokenTtl ?? lifetimes.accessToken,
    policy?.longest_access_token_ttl ?? Number.POSITIVE_INFINITY,
  );

/** When the login of a token ends by the person's choice, in seconds since 1970; undefined where none was made. */
export function grantExpiry(token: object): number | undefined {
  const { grantId } = token as { grantId?: string };
  return grantId
    ? (currentScope()?.grants.get(grantId)?.payload['ends_at'] as number | undefined)
    : undefined;
}

/** Caps a lifetime in seconds at the end of the login: no token outlives it, however often it is refreshed. */
function capAtGrantExpiry(token: object, lifetime: number): number {
  const end = grantExpiry(token);
  if (end === undefined) return lifetime;
  return Math.max(1, Math.min(lifetime, end - Math.floor(Date.now() / 1000)));
}
