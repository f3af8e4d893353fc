/** The metadata of a registration (RFC 7591 §2), as far as this server supports it. */
import { OAuthError } from '../../../oauth/errors.ts';
import { grantTypes } from '../../../oauth/grant-types.ts';
import { maySupportGrant } from '../client-types.ts';

type Metadata = Record<string, unknown>;

/** The type of each member that is read; everything else is ignored (§2). */
const members: Readonly<Record<string, 'string' | 'boolean' | 'list' | 'object'>> = {
  client_name: 'string',
  client_uri: 'string',
  tos_uri: 'string',
  redirect_uris: 'list',
  post_logout_redirect_uris: 'list',
  grant_types: 'list',
  response_types: 'list',
  token_endpoint_auth_method: 'string',
  token_endpoint_auth_signing_alg: 'string',
  id_token_signed_response_alg: 'string',
  userinfo_signed_response_alg: 'string',
  application_type: 'string',
  scope: 'string',
  jwks: 'object',
  jwks_uri: 'string',
  dpop_bound_access_tokens: 'boolean',
  tls_client_certificate_bound_access_tokens: 'boolean',
  tls_client_auth_subject_dn: 'string',
  tls_client_auth_san_dns: 'string',
  tls_client_auth_san_uri: 'string',
  tls_client_auth_san_ip: 'string',
  tls_client_auth_san_email: 'string',
  require_pushed_authorization_requests: 'boolean',
  backchannel_logout_uri: 'string',
  frontchannel_logout_uri: 'string',
};

/** Those that make this server send requests, or browsers load pages: only for who has an initial access token. */
const forTrusted = ['jwks_uri', 'backchannel_logout_uri', 'frontchannel_logout_uri'];

/**
 * What is ignored of a client that anyone can register. Older clients of MCP send the `scope` of their first request, and ask for
 * more later: it is no limit that anyone has set. What such a client reaches is decided by the resource, and by people.
 */
const ignoredIfOpen = [...forTrusted, 'scope'];

const maxItems = 50;

const invalid = (parameter: string, message: string) =>
  new OAuthError('invalid_client_metadata', message, { parameter });

const isOfType = (value: unknown, type: 'string' | 'boolean' | 'list' | 'object'): boolean =>
  type === 'list'
    ? Array.isArray(value) &&
      value.length <= maxItems &&
      value.every((item) => typeof item === 'string')
    : typeof value === type && value !== null && !Array.isArray(value);

const meanings = {
  string: 'a string',
  boolean: 'true or false',
  list: `a list of at most ${maxItems} strings`,
  object: 'an object',
};

/**
 * Returns the metadata that is registered. What this server does not support is left out, or replaced (§3.2.1): the response
 * says what was registered. Anyone can register only public clients (`isOpen`). Throws `invalid_client_metadata`.
 */
export function registeredMetadata(given: Metadata, { isOpen }: { isOpen: boolean }): Metadata {
  const read: Metadata = {};
  for (const [name, type] of Object.entries(members)) {
    const value = given[name];
    if (value === undefined || value === null) continue;
    if (!isOfType(value, type)) throw invalid(name, `${name} must be ${meanings[type]}.`);
    if (!(isOpen && ignoredIfOpen.includes(name))) read[name] = value;
  }
  const uris = [...new Set((read['redirect_uris'] as string[] | undefined) ?? [])];
  const method = methodOf(read, isOpen);
  const grants = grantsOf(read, method);
  const usesCodes = grants.includes(grantTypes.authorizationCode);
  if (usesCodes && uris.length === 0)
    throw new OAuthError('invalid_redirect_uri', 'redirect_uris: at least one is needed.', {
      parameter: 'redirect_uris',
    });
  return {
    ...read,
    application_type:
      read['application_type'] ??
      (uris.every((uri) => uri.startsWith('https:')) ? 'web' : 'native'),
    redirect_uris: uris,
    grant_types: grants,
    response_types: usesCodes ? ['code'] : [],
    token_endpoint_auth_method: method,
    ...(usesCodes && { require_pkce: true }),
  };
}

/** A public client for everyone, whatever it asks for; otherwise as it asks, or with a secret (§2). */
function methodOf({ token_endpoint_auth_method: asked }: Metadata, isOpen: boolean): string {
  if (!isOpen) return (asked as string | undefined) ?? 'client_secret_basic';
  if (asked === undefined || asked === 'none' || /^client_secret_/.test(asked as string))
    return 'none';
  throw invalid(
    'token_endpoint_auth_method',
    'Without an initial access token only public clients can be registered: token_endpoint_auth_method must be none.',
  );
}

/** Grants that a registration can have. Others need a decision of an administrator for each client. */
const open: readonly string[] = [
  grantTypes.authorizationCode,
  grantTypes.refreshToken,
  grantTypes.deviceCode,
  grantTypes.clientCredentials,
];

function grantsOf({ grant_types: asked }: Metadata, method: string): string[] {
  const supported = open.filter((type) =>
    maySupportGrant({ token_endpoint_auth_method: method }, type),
  );
  if (asked === undefined) return [grantTypes.authorizationCode];
  const grants = [...new Set(asked as string[])].filter((type) => supported.includes(type));
  if (grants.length === 0)
    throw invalid('grant_types', `grant_types must have at least one of ${supported.join(', ')}.`);
  return grants;
}
