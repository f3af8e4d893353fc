import type { AppPolicy } from '../../../db/schema.ts';
import { checkEach } from '../../oauth/check-each.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { grantTypes } from '../../oauth/grant-types.ts';
import { agentOf, requireAgent } from '../clients/agents.ts';
import { isPublic } from '../clients/client-types.ts';
import { metadataOfKind } from '../clients/kinds.ts';
import { fapi2SigningAlgs } from '../clients/profiles.ts';
import { assertRedirectUris } from '../clients/redirect-uris.ts';
import type { ClientDescription } from '../clients/store.ts';
import { defaultIdTokenAlg, type SigningAlg, signingAlgs } from '../keys/signing-keys.ts';
import type { Resource } from '../resources/resources.ts';
import { requireSecurity, securityMetadata, securityOf } from './client-security.ts';
import { requireFirstParty, requireSignIn, signInMetadata, signInOf } from './client-sign-in.ts';
import { metadataOfUrls, requireClientUrls, urlsIn } from './client-urls.ts';
import {
  type AppClient,
  type ClientKind,
  type ClientSecurity,
  isConfidentialKind,
  signsPeopleIn,
} from './types.ts';

/** Settings of a client in addition to its role. */
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
  | 'urls'
  | 'security'
  | 'signIn'
  | 'tokenExchange'
  | 'agent'
  | 'firstParty'
>;

/** Protocol metadata of each kind of client (RFC 7591 §2). */
const protocol: Readonly<Record<ClientKind, Record<string, unknown> & { grant_types: string[] }>> =
  metadataOfKind;

/** Builds the metadata of a client, including Writ's own fields such as `access_token_ttl`. */
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
    urls,
    security,
    signIn,
    tokenExchange,
    agent,
    firstParty,
  }: ClientSettings,
): Record<string, unknown> => ({
  client_name: displayName,
  ...protocol[kind],
  ...(tokenExchange && {
    grant_types: [...protocol[kind].grant_types, grantTypes.tokenExchange],
  }),
  ...(agent && { agent }),
  redirect_uris: redirectUris,
  ...(idTokenAlg !== null && { id_token_signed_response_alg: idTokenAlg }),
  ...(accessTokenTtl !== null && { access_token_ttl: accessTokenTtl }),
  ...(accessTokenFormat !== null && { access_token_format: accessTokenFormat }),
  ...(apiCallsLimit !== null && { api_calls_limit: apiCallsLimit }),
  ...(apiTrafficLimit !== null && { api_traffic_limit: apiTrafficLimit }),
  ...(allowAnonymous && { allow_anonymous: true }),
  ...metadataOfUrls(urls),
  ...securityMetadata(security),
  ...signInMetadata(signIn),
  ...(firstParty && { first_party: true }),
});

/** Converts a stored client to a client of an app. */
export function describeClient({
  id,
  client_id: clientId,
  metadata,
  roles,
  disabled_at,
  disabled_by,
  created_at,
}: Pick<
  ClientDescription,
  'id' | 'client_id' | 'metadata' | 'roles' | 'disabled_at' | 'disabled_by' | 'created_at'
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
    urls: urlsIn(metadata),
    security: securityOf(metadata),
    signIn: signInOf(metadata),
    tokenExchange: grantsOf(metadata).includes(grantTypes.tokenExchange),
    agent: agentOf(metadata) ?? null,
    firstParty: metadata['first_party'] === true,
    disabledAt: disabled_at,
    disabledBy: disabled_by,
    createdAt: created_at,
  };
}

/** Monthly API limits of a client, from its metadata. */
export const usageLimitsOf = (metadata: Record<string, unknown>) => ({
  apiCallsLimit: (metadata['api_calls_limit'] as number | undefined) ?? null,
  apiTrafficLimit: (metadata['api_traffic_limit'] as number | undefined) ?? null,
});

/** Signing algorithm of ID tokens, with the default if none was chosen. Servers and agents get no ID tokens. */
export const idTokenAlgOf = (
  kind: ClientKind,
  given: SigningAlg | null | undefined,
  profile: ClientSecurity['profile'] = null,
): SigningAlg | null =>
  given ?? (!signsPeopleIn(kind) ? null : profile ? fapi2SigningAlgs[0] : defaultIdTokenAlg);

const grantsOf = (metadata: Record<string, unknown>) => metadata['grant_types'] as string[];

function kindOf(metadata: Record<string, unknown>): ClientKind {
  const grants = grantsOf(metadata);
  if (agentOf(metadata)) return 'agent';
  if (grants.includes(grantTypes.clientCredentials)) return 'server';
  if (grants.includes(grantTypes.deviceCode)) return 'device';
  if (metadata['application_type'] === 'native') return 'native';
  return isPublic(metadata) ? 'website' : 'website_with_server';
}

const minAccessTokenTtl = 60;

/**
 * Token settings that clients can choose: the union over all resources that are open to apps. Each resource applies
 * its own policy when a token is issued. Null if no resource is open.
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
 * Throws `invalid_request` if a client of this kind cannot have these settings. Values in `before` are accepted
 * unchanged, even if administrators no longer allow them.
 */
export async function requireSettings(
  kind: ClientKind,
  settings: ClientSettings,
  openResources: () => Promise<Pick<Resource, 'appPolicy'>[]>,
  before?: ClientSettings,
): Promise<void> {
  await checkEach({
    redirectUris: () => assertRedirectUris(kind, settings.redirectUris),
    urls: () => requireClientUrls(kind, settings.urls, settings.redirectUris),
    idTokenAlg: () => requireIdTokenAlg(kind, settings.idTokenAlg),
    apiCallsLimit: () => requireUsageLimit('api_calls_limit', settings.apiCallsLimit),
    apiTrafficLimit: () => requireUsageLimit('api_traffic_limit', settings.apiTrafficLimit),
    security: () => requireSecurity(kind, settings.security, metadataOf(kind, settings)),
    signIn: () => requireSignIn(kind, settings.signIn),
    tokenExchange: () => requireMayExchange(kind, settings),
    agent: () => requireAgentSettings(kind, settings),
    firstParty: () => requireFirstParty(kind, settings.firstParty),
    tokens: () => requireTokenSettings(settings, openResources, before),
  });
}

async function requireTokenSettings(
  { accessTokenTtl: ttl, accessTokenFormat: format }: ClientSettings,
  openResources: () => Promise<Pick<Resource, 'appPolicy'>[]>,
  before: ClientSettings | undefined,
): Promise<void> {
  const otherTtl = ttl !== null && ttl !== before?.accessTokenTtl;
  const otherFormat = format !== null && format !== before?.accessTokenFormat;
  if (!otherTtl && !otherFormat) return;
  const choices = choicesOf((await openResources()).flatMap(({ appPolicy }) => appPolicy ?? []));
  if (!choices)
    throw new OAuthError(
      'invalid_request',
      'No API is open to apps, so token settings have no effect. Ask an administrator of this server.',
      { parameter: otherTtl ? 'access_token_ttl' : 'access_token_format' },
    );
  const { tokenFormats: formats, longestAccessTokenTtl: maxTtl } = choices;
  await checkEach({
    ttl: () => {
      if (otherTtl && !(Number.isInteger(ttl) && ttl >= minAccessTokenTtl && ttl <= maxTtl))
        throw new OAuthError(
          'invalid_request',
          `The lifetime of access tokens must be between ${minAccessTokenTtl} and ${maxTtl} seconds.`,
          { parameter: 'access_token_ttl' },
        );
    },
    format: () => {
      if (otherFormat && !formats.includes(format))
        throw new OAuthError(
          'invalid_request',
          `The format of access tokens must be ${formats.join(' or ')}.`,
          { parameter: 'access_token_format' },
        );
    },
  });
}

function requireUsageLimit(parameter: string, limit: number | null): void {
  if (limit === null || (Number.isSafeInteger(limit) && limit > 0)) return;
  throw new OAuthError(
    'invalid_request',
    'A limit must be a whole number above zero. Leave it out for no limit.',
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
  if (!signsPeopleIn(kind))
    refuse(
      `A client of the kind ${kind} gets no ID tokens, because it does not sign people in. Leave this out.`,
    );
  if (!signingAlgs.includes(alg))
    refuse(`The algorithm of ID tokens must be one of ${signingAlgs.join(', ')}.`);
}

/** Throws `invalid_request` for token exchange of a client that has no credentials (RFC 8693 §5). */
function requireMayExchange(kind: ClientKind, { tokenExchange }: ClientSettings): void {
  if (tokenExchange && !isConfidentialKind(kind))
    throw new OAuthError(
      'invalid_request',
      'A client without credentials cannot exchange tokens: anyone could do so in its name.',
      { parameter: 'token_exchange' },
    );
}

/** Throws `invalid_request` for an agent that does not say what it is for, and for another client that does. */
function requireAgentSettings(kind: ClientKind, { agent }: ClientSettings): void {
  if (agent && kind !== 'agent')
    throw new OAuthError(
      'invalid_request',
      'Only a client of the kind agent has this. Leave it out.',
      {
        parameter: 'agent',
      },
    );
  if (kind === 'agent') requireAgent({ agent: agent ?? {} });
}
