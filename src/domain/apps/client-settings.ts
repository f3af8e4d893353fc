import { appDeviceLifetimes } from '../../../config/apps.ts';
import type { AppPolicy } from '../../../db/schema.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { grantTypes } from '../../oauth/grant-types.ts';
import { isPublic } from '../clients/client-types.ts';
import { assertRedirectUris } from '../clients/redirect-uris.ts';
import type { ClientDescription } from '../clients/store.ts';
import { defaultIdTokenAlg, type SigningAlg, signingAlgs } from '../keys/signing-keys.ts';
import type { Resource } from '../resources/resources.ts';
import type { AppClient, ClientKind } from './types.ts';

/** What those who manage a client decide, beside its role. */
export type ClientSettings = Pick<
  AppClient,
  | 'displayName'
  | 'redirectUris'
  | 'idTokenAlg'
  | 'accessTokenTtl'
  | 'accessTokenFormat'
  | 'apiCallsLimit'
  | 'apiTrafficLimit'
  | 'allowAnonymous'
>;

/** What a client of each kind is to the protocol (RFC 7591 §2). */
const protocol: Record<ClientKind, Record<string, unknown>> = {
  server: {
    application_type: 'web',
    grant_types: [grantTypes.clientCredentials],
    response_types: [],
    token_endpoint_auth_method: 'client_secret_basic',
  },
  website_with_server: {
    application_type: 'web',
    grant_types: [grantTypes.authorizationCode, grantTypes.refreshToken],
    response_types: ['code'],
    token_endpoint_auth_method: 'client_secret_basic',
    require_pkce: true,
  },
  website: {
    application_type: 'web',
    grant_types: [grantTypes.authorizationCode, grantTypes.refreshToken],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  },
  native: {
    application_type: 'native',
    grant_types: [grantTypes.authorizationCode, grantTypes.refreshToken],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  },
  device: {
    application_type: 'native',
    grant_types: [grantTypes.deviceCode, grantTypes.refreshToken],
    response_types: [],
    token_endpoint_auth_method: 'none',
    device_lifetimes: appDeviceLifetimes,
  },
};

/** The metadata of a client, ours (`access_token_ttl`, `api_calls_limit` and the like) included. */
export const metadataOf = (
  kind: ClientKind,
  {
    displayName,
    redirectUris,
    idTokenAlg,
    accessTokenTtl,
    accessTokenFormat,
    apiCallsLimit,
    apiTrafficLimit,
    allowAnonymous,
  }: ClientSettings,
): Record<string, unknown> => ({
  client_name: displayName,
  ...protocol[kind],
  redirect_uris: redirectUris,
  ...(idTokenAlg !== null && { id_token_signed_response_alg: idTokenAlg }),
  ...(accessTokenTtl !== null && { access_token_ttl: accessTokenTtl }),
  ...(accessTokenFormat !== null && { access_token_format: accessTokenFormat }),
  ...(apiCallsLimit !== null && { api_calls_limit: apiCallsLimit }),
  ...(apiTrafficLimit !== null && { api_traffic_limit: apiTrafficLimit }),
  ...(allowAnonymous && { allow_anonymous: true }),
});

/** A client of an app, as it is stored, in the words of its app. */
export function describeClient({
  id,
  client_id: clientId,
  metadata,
  roles,
  disabled_at,
  disabled_by,
  created_at,
}: Omit<
  ClientDescription,
  'app' | 'account_id' | 'author_id' | 'taken_over_at' | 'resources' | 'resource_server_for'
>): AppClient {
  const name = clientId.slice(clientId.indexOf(':') + 1);
  const kind = kindOf(metadata);
  return {
    id,
    clientId,
    name,
    displayName: String(metadata['client_name'] ?? name),
    kind,
    role: String(roles[0]),
    redirectUris: (metadata['redirect_uris'] as string[] | undefined) ?? [],
    idTokenAlg: idTokenAlgOf(
      kind,
      metadata['id_token_signed_response_alg'] as SigningAlg | undefined,
    ),
    accessTokenTtl: (metadata['access_token_ttl'] as number | undefined) ?? null,
    accessTokenFormat: (metadata['access_token_format'] as 'opaque' | 'jwt' | undefined) ?? null,
    ...usageLimitsOf(metadata),
    allowAnonymous: metadata['allow_anonymous'] === true,
    disabledAt: disabled_at,
    disabledBy: disabled_by,
    createdAt: created_at,
  };
}

/** How much a client may use the APIs in a month, by its metadata. */
export const usageLimitsOf = (metadata: Record<string, unknown>) => ({
  apiCallsLimit: (metadata['api_calls_limit'] as number | undefined) ?? null,
  apiTrafficLimit: (metadata['api_traffic_limit'] as number | undefined) ?? null,
});

/** What signs the ID tokens of a client of a kind, with the default for what is not said. */
export const idTokenAlgOf = (
  kind: ClientKind,
  given: SigningAlg | null | undefined,
): SigningAlg | null => given ?? (kind === 'server' ? null : defaultIdTokenAlg);

function kindOf(metadata: Record<string, unknown>): ClientKind {
  const grants = metadata['grant_types'] as string[];
  if (grants.includes(grantTypes.clientCredentials)) return 'server';
  if (grants.includes(grantTypes.deviceCode)) return 'device';
  if (metadata['application_type'] === 'native') return 'native';
  return isPublic(metadata) ? 'website' : 'website_with_server';
}

const minAccessTokenTtl = 60;

/**
 * What the resources that are open to apps let clients choose, all together; each still has its own say when a
 * token is made. Null: no resource is open, so there is nothing to choose.
 */
export const choicesOf = (
  policies: readonly AppPolicy[],
): { tokenFormats: AppPolicy['token_formats']; longestAccessTokenTtl: number } | null =>
  policies.length === 0
    ? null
    : {
        tokenFormats: [...new Set(policies.flatMap((policy) => policy.token_formats))],
        longestAccessTokenTtl: Math.max(
          ...policies.map((policy) => policy.longest_access_token_ttl),
        ),
      };

/**
 * Throws `invalid_request` where a client of the kind cannot have the settings. Those that it has
 * `before` it keeps, also where administrators allow them no more.
 */
export async function requireSettings(
  kind: ClientKind,
  settings: ClientSettings,
  openResources: () => Promise<Pick<Resource, 'appPolicy'>[]>,
  before?: ClientSettings,
): Promise<void> {
  assertRedirectUris(kind, settings.redirectUris);
  requireIdTokenAlg(kind, settings.idTokenAlg);
  requireUsageLimit('api_calls_limit', settings.apiCallsLimit);
  requireUsageLimit('api_traffic_limit', settings.apiTrafficLimit);
  const { accessTokenTtl: ttl, accessTokenFormat: format } = settings;
  const otherTtl = ttl !== null && ttl !== before?.accessTokenTtl;
  const otherFormat = format !== null && format !== before?.accessTokenFormat;
  if (!otherTtl && !otherFormat) return;
  const choices = choicesOf((await openResources()).flatMap(({ appPolicy }) => appPolicy ?? []));
  if (!choices)
    throw new OAuthError(
      'invalid_request',
      'No API is open to apps, so nothing can be said of the tokens for it: ask an administrator of this server.',
      { parameter: otherTtl ? 'access_token_ttl' : 'access_token_format' },
    );
  const { tokenFormats: formats, longestAccessTokenTtl: longest } = choices;
  if (otherTtl && !(Number.isInteger(ttl) && ttl >= minAccessTokenTtl && ttl <= longest))
    throw new OAuthError(
      'invalid_request',
      `Access tokens of apps live from ${minAccessTokenTtl} to ${longest} seconds here.`,
      { parameter: 'access_token_ttl' },
    );
  if (otherFormat && !formats.includes(format))
    throw new OAuthError(
      'invalid_request',
      `Access tokens of apps are ${formats.join(' or ')} here.`,
      { parameter: 'access_token_format' },
    );
}

function requireUsageLimit(parameter: string, limit: number | null): void {
  if (limit === null || (Number.isSafeInteger(limit) && limit > 0)) return;
  throw new OAuthError(
    'invalid_request',
    'A limit is a whole number above zero; leave it out to set none.',
    { parameter },
  );
}

function requireIdTokenAlg(kind: ClientKind, alg: SigningAlg | null): void {
  if (alg === null) return;
  const refuse = (sentence: string) => {
    throw new OAuthError('invalid_request', sentence, {
      parameter: 'id_token_signed_response_alg',
    });
  };
  if (kind === 'server') refuse('A server acts for itself: it gets no ID tokens.');
  if (!signingAlgs.includes(alg)) refuse(`ID tokens are signed by ${signingAlgs.join(', ')}.`);
}
