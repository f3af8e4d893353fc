import type { Configuration } from 'oidc-provider';
import { lifetimes } from '../../../config/lifetimes.ts';
import type { Settings } from '../../../config/settings.ts';
import { isFapi2 } from '../../domain/clients/profiles.ts';
import { codeLifetime } from '../../domain/grants/code-lifetime.ts';
import type { Resource } from '../../domain/resources/resources.ts';
import type { EngineClient, EngineToken } from '../engine/models.ts';
import { currentScope } from '../engine/request-scope.ts';

/** The settings that decide how long refresh tokens live. */
export type RefreshTokenSettings = Pick<Settings, 'REFRESH_TOKEN_DAYS' | 'REFRESH_TOKEN_IDLE_DAYS'>;

const day = 86_400;

/** The lifetime in seconds of each kind of token, code and state of the engine. */
export function tokenLifetimes(settings: RefreshTokenSettings): NonNullable<Configuration['ttl']> {
  const accessToken = (token: object, client: object | undefined): number => {
    const { resourceServer } = token as EngineToken;
    const { access_token_ttl: own } = (client ?? {}) as Partial<EngineClient>;
    return capAtGrantExpiry(token, resourceServer?.accessTokenTTL ?? own ?? lifetimes.accessToken);
  };
  return {
    AccessToken: (_ctx, token, client) => accessToken(token, client),
    // For a workload at most as long as its issuer allows.
    ClientCredentials: (_ctx, token, client) =>
      Math.min(
        accessToken(token, client),
        currentScope()?.workload?.workload.issuer.token_lifetime ?? Number.POSITIVE_INFINITY,
      ),
    RefreshToken: (ctx, token, client) =>
      capAtGrantExpiry(
        token,
        refreshTokenLifetime(
          {
            sinceLogin: token.totalLifetime(),
            leftOfPredecessor: secondsUntil(ctx?.oidc?.entities.RotatedRefreshToken?.exp),
            client: client as Partial<EngineClient> | undefined,
          },
          settings,
        ),
      ),
    AuthorizationCode: (ctx, _code, client) =>
      codeLifetime(ctx?.oidc?.params?.['response_mode'], (client ?? {}) as Partial<EngineClient>),
    DeviceCode: lifetimes.deviceCode,
    IdToken: lifetimes.idToken,
    Interaction: lifetimes.interaction,
    // A grant lives as long as its tokens.
    Grant: lifetimes.grant,
  };
}

const secondsUntil = (time: number | undefined): number =>
  time === undefined ? 0 : time - Math.floor(Date.now() / 1000);

/**
 * The lifetime of a refresh token in seconds: until its grant expires, which refreshing does not postpone, and at most
 * the idle lifetime (RFC 9700 §4.14.2). A grant that began under a longer lifetime keeps it: the successor lives at
 * least as long as its predecessor would have.
 */
export function refreshTokenLifetime(
  {
    sinceLogin,
    leftOfPredecessor,
    client,
  }: {
    sinceLogin: number;
    leftOfPredecessor: number;
    client: Partial<EngineClient> | undefined;
  },
  settings: RefreshTokenSettings,
): number {
  const whole = client?.refresh_token_ttl ?? settings.REFRESH_TOKEN_DAYS * day;
  const left = Math.max(whole - sinceLogin, leftOfPredecessor);
  return Math.max(1, Math.min(left, idleLifetime(client, settings) ?? left));
}

/**
 * Seconds that a refresh token can go unused; undefined if it can until its grant expires. The setting does not apply to
 * clients with the profile `fapi2`, whose refresh tokens do not rotate.
 */
export const idleLifetime = (
  client: Partial<EngineClient> | undefined,
  { REFRESH_TOKEN_IDLE_DAYS: days }: RefreshTokenSettings,
): number | undefined =>
  client?.refresh_token_idle_ttl ?? (days === 0 || isFapi2(client ?? {}) ? undefined : days * day);

/**
 * The lifetime in seconds of access tokens for a resource: the client's own, else the resource's, else the
 * installation's; for a client of an app, or one that registered itself, at most what that policy of the resource allows.
 */
export const accessTokenTtlFor = (
  resource: Pick<Resource, 'accessTokenTtl'>,
  {
    preferred,
    policy,
  }: {
    preferred: number | undefined;
    policy: { longest_access_token_ttl: number } | null;
  },
): number =>
  Math.min(
    preferred ?? resource.accessTokenTtl ?? lifetimes.accessToken,
    policy?.longest_access_token_ttl ?? Number.POSITIVE_INFINITY,
  );

/** The expiry that the person chose for the grant of a token, in seconds since 1970; undefined if they chose none. */
export function grantExpiry(token: object): number | undefined {
  const { grantId } = token as { grantId?: string };
  return grantId
    ? (currentScope()?.grants.get(grantId)?.payload['ends_at'] as number | undefined)
    : undefined;
}

/** Caps a lifetime in seconds at the expiry of the grant: no token outlives it, however often it is refreshed. */
export function capAtGrantExpiry(token: object, lifetime: number): number {
  const end = grantExpiry(token);
  if (end === undefined) return lifetime;
  return Math.max(1, Math.min(lifetime, end - Math.floor(Date.now() / 1000)));
}
