import { type Command, Option } from 'commander';
import { grantTypes } from '../oauth/grant-types.ts';
import { addAgentOptions } from './agent-options.ts';
import type { Json } from './api-client.ts';
import { collect, collectSeconds, length } from './arguments.ts';
import { type Field, fieldsOf } from './edits.ts';
import { Failure } from './failure.ts';
import { readGiven } from './given-files.ts';
import { grantTypeOf } from './grant-names.ts';
import { askFirst, type Session } from './runner.ts';

/** The fields of URLs that clients of apps have as well: where people sign out of a client and open it. */
export const clientUrlFields: Field[] = [
  { option: 'post-logout-redirect-uri', name: 'post_logout_redirect_uris', holds: 'list' },
  { option: 'backchannel-logout-uri', name: 'backchannel_logout_uri', holds: 'one' },
  { option: 'frontchannel-logout-uri', name: 'frontchannel_logout_uri', holds: 'one' },
  { option: 'initiate-login-uri', name: 'initiate_login_uri', holds: 'one' },
];

/** The options of these fields, and what they are. */
export const clientUrlOptions = {
  postLogoutRedirectUri: [
    '--post-logout-redirect-uri <uri>',
    'where people return after signing out',
  ],
  backchannelLogoutUri: [
    '--backchannel-logout-uri <uri>',
    'what gets a logout token when a session ends',
  ],
  frontchannelLogoutUri: [
    '--frontchannel-logout-uri <uri>',
    'what the browser loads when a person signs out',
  ],
  initiateLoginUri: [
    '--initiate-login-uri <uri>',
    'where it starts a login that was asked for elsewhere',
  ],
} as const;

/** The fields that make a client strict, also one of an app. */
export const securityFields: Field[] = [
  {
    option: 'require-pushed-authorization-requests',
    name: 'require_pushed_authorization_requests',
    holds: 'one',
  },
  { option: 'dpop-bound-access-tokens', name: 'dpop_bound_access_tokens', holds: 'one' },
  { option: 'profile', name: 'profile', holds: 'one' },
];

/** The fields of a client's certificate, with the words of their options (RFC 8705 §2.1.2, §3.4). */
const certificateOptions = {
  tls_client_auth_subject_dn: 'the subject of its certificate: CN=backend,O=Acme',
  tls_client_auth_san_dns: 'a host in its certificate',
  tls_client_auth_san_uri: 'a URI in its certificate',
  tls_client_auth_san_ip: 'an IP address in its certificate',
  tls_client_auth_san_email: 'an email address in its certificate',
};

const optionOf = (name: string): string =>
  `certificate-${name.replace(/^tls_client_auth_(san_)?/, '').replace('_dn', '')}`;

const certificateNames = Object.keys(certificateOptions).map(
  (name): Field => ({ option: optionOf(name), name, holds: 'one' }),
);

/** How a client with these options authenticates, if with a certificate. */
export function certificateMethodOf(options: { selfSigned?: unknown }): string | undefined {
  if (options.selfSigned) return 'self_signed_tls_client_auth';
  const isByName = Object.keys(fieldsOf(certificateNames, options)).length > 0;
  return isByName ? 'tls_client_auth' : undefined;
}

const certificateFields: Field[] = [
  ...certificateNames,
  {
    option: 'certificate-bound-tokens',
    name: 'tls_client_certificate_bound_access_tokens',
    holds: 'one',
  },
];

/** Adds the options for `certificateFields`. */
const addCertificateOptions = (command: Command): Command => {
  for (const [name, words] of Object.entries(certificateOptions))
    command.addOption(
      new Option(`--${optionOf(name)} <name>`, words).hideHelp(/ip|email/.test(name)),
    );
  return command
    .option('--certificate-bound-tokens', 'its tokens are bound to its certificate (RFC 8705)')
    .addOption(new Option('--no-certificate-bound-tokens').hideHelp());
};

/** The fields of how people sign in to a client, also to one of an app. */
export const signInFields: Field[] = [
  { option: 'optional-scope', name: 'optional_scopes', holds: 'list' },
  { option: 'default-max-age', name: 'default_max_age', holds: 'one' },
  { option: 'require-auth-time', name: 'require_auth_time', holds: 'one' },
  { option: 'require-second-factor', name: 'require_second_factor', holds: 'one' },
  { option: 'claims-in-id-token', name: 'claims_in_id_token', holds: 'one' },
  { option: 'userinfo-alg', name: 'userinfo_signed_response_alg', holds: 'one' },
];

/** Whether people are asked to allow a client, also one of an app. */
export const firstPartyField: Field = { option: 'first-party', name: 'first_party', holds: 'one' };

/** The fields that `clients create` and `clients update` can set. */
export const clientFields: Field[] = [
  { option: 'name', name: 'client_name', holds: 'one' },
  { option: 'role', name: 'roles', holds: 'list' },
  { option: 'grant', name: 'grant_types', holds: 'list', item: grantTypeOf },
  { option: 'scope', name: 'scope', holds: 'words' },
  { option: 'resource', name: 'resources', holds: 'list' },
  { option: 'resource-server-for', name: 'resource_server_for', holds: 'list' },
  { option: 'redirect-uri', name: 'redirect_uris', holds: 'list' },
  ...clientUrlFields,
  { option: 'id-token-alg', name: 'id_token_signed_response_alg', holds: 'one' },
  { option: 'subject-type', name: 'subject_type', holds: 'one' },
  { option: 'sector-identifier-uri', name: 'sector_identifier_uri', holds: 'one' },
  { option: 'access-token-ttl', name: 'access_token_ttl', holds: 'one' },
  { option: 'authorization-code-ttl', name: 'authorization_code_ttl', holds: 'one' },
  { option: 'refresh-token-ttl', name: 'refresh_token_ttl', holds: 'one' },
  { option: 'refresh-token-idle-ttl', name: 'refresh_token_idle_ttl', holds: 'one' },
  { option: 'rotate-refresh-tokens', name: 'rotate_refresh_tokens', holds: 'one' },
  {
    option: 'device-lifetime',
    name: 'device_lifetimes',
    holds: 'list',
    item: Number,
    removable: true,
  },
  { option: 'enforce-polling-interval', name: 'enforce_polling_interval', holds: 'one' },
  {
    option: 'token-exchange-impersonation',
    name: 'token_exchange_impersonation',
    holds: 'one',
  },
  { option: 'token-endpoint-audience', name: 'token_endpoint_audience', holds: 'one' },
  { option: 'require-pkce', name: 'require_pkce', holds: 'one' },
  firstPartyField,
  ...signInFields,
  ...securityFields,
  ...certificateFields,
  {
    option: 'authorization-details-type',
    name: 'authorization_details_types',
    holds: 'list',
    removable: true,
  },
];

/** Grants of a client that people log in with a code: it stays logged in. */
export const deviceGrants = [grantTypes.deviceCode, grantTypes.refreshToken];

/** The option for the algorithm that signs the ID tokens of a client. */
export const idTokenAlg = (): Option =>
  new Option('--id-token-alg <alg>', 'what signs its ID tokens (default: RS256)').choices(
    algorithms,
  );

const algorithms = ['RS256', 'ES256', 'EdDSA'];

/** Adds the options for `securityFields`, and for the public keys of a client. */
export const addSecurityOptions = (command: Command): Command =>
  command
    .option(
      '--require-pushed-authorization-requests',
      'its authorization requests must be pushed (RFC 9126)',
    )
    .option('--no-require-pushed-authorization-requests', 'they need not be pushed')
    .option('--dpop-bound-access-tokens', 'its token requests need a DPoP proof (RFC 9449)')
    .option('--no-dpop-bound-access-tokens', 'they need none')
    .addOption(
      new Option('--profile <profile>', 'a security profile: sets all that it requires').choices([
        'fapi2',
      ]),
    )
    .option('--jwks <file>', 'its public keys, for private_key_jwt');

/** Adds the options for `signInFields`. */
export const addSignInOptions = (command: Command): Command =>
  command
    .option('--optional-scope <scope>', 'a scope that people can untick', collect)
    .option('--default-max-age <time>', 'how old a sign-in can be for it: 3600, 1h, 30d', length)
    .option('--require-auth-time', 'its ID tokens must have auth_time')
    .option('--no-require-auth-time', 'they have auth_time only if it asks')
    .option('--require-second-factor', 'people need a second factor to sign in to it')
    .option('--no-require-second-factor', 'they need none for it')
    .addOption(new Option('--claims-in-id-token').hideHelp())
    .option('--no-claims-in-id-token', 'name and email are only at userinfo')
    .addOption(
      new Option('--userinfo-alg <alg>', 'userinfo is a JWT, signed with it').choices(algorithms),
    );

/** Adds the options for these fields, for the public keys of a client, and for an agent. */
export const addClientOptions = (command: Command): Command =>
  addSignInOptions(
    addCertificateOptions(addSecurityOptions(addAgentOptions(command)))
      .option('--name <name>', 'its name, for people')
      .option('--role <role>', 'a role of its tokens', collect)
      .option('--grant <grant_type>', 'client_credentials, device_code, token_exchange …', collect)
      .option('--scope <scope>', 'a scope it can request', collect)
      .option('--resource <identifier>', 'a resource it can get tokens for', collect)
      .option(
        '--resource-server-for <identifier>',
        'a resource whose tokens it can introspect',
        collect,
      )
      .option('--redirect-uri <uri>', 'where it receives authorization codes', collect)
      .option(...clientUrlOptions.postLogoutRedirectUri, collect)
      .option(...clientUrlOptions.backchannelLogoutUri)
      .option(...clientUrlOptions.frontchannelLogoutUri)
      .option(...clientUrlOptions.initiateLoginUri)
      .addOption(idTokenAlg())
      .addOption(
        new Option('--subject-type <type>', 'IDs of people: of accounts, or its own').choices([
          'public',
          'pairwise',
        ]),
      )
      .option('--sector-identifier-uri <uri>', 'lists the clients that share pairwise IDs')
      .option('--access-token-ttl <time>', 'lifetime of its access tokens: 3600, 1h, 30d', length)
      .option('--authorization-code-ttl <time>', 'lifetime of its codes: 60; at most 10m', length)
      .option('--refresh-token-ttl <time>', 'how long a login lasts, at most', length)
      .option('--refresh-token-idle-ttl <time>', 'how long a login can go unused', length)
      .option('--rotate-refresh-tokens', 'each refresh returns a new refresh token')
      .option('--no-rotate-refresh-tokens', 'it keeps its refresh token')
      .option(
        '--device-lifetime <seconds>',
        'a lifetime that people can choose for a device',
        collectSeconds,
      )
      .addOption(new Option('--enforce-polling-interval').hideHelp())
      .option('--no-enforce-polling-interval', 'its devices can poll as often as they like')
      .option('--require-pkce', 'its authorization requests need a code_challenge')
      .option('--no-require-pkce', 'they need neither code_challenge nor nonce')
      .option(
        '--authorization-details-type <type>',
        'a type of authorization_details it can request (RFC 9396)',
        collect,
      )
      .option('--first-party', 'it is yours: people are not asked to allow it')
      .option('--no-first-party', 'people are asked to allow it')
      .option(
        '--token-exchange-impersonation',
        'tokens that it exchanges do not name it as the actor',
      )
      .option('--no-token-exchange-impersonation', 'they name it as the actor')
      .option('--token-endpoint-audience', 'its assertions can name the token endpoint')
      .option('--no-token-endpoint-audience', 'its assertions name only the issuer'),
  );

/**
 * Asks before a change that revokes the tokens of a client, because new ones must be bound to a key. Throws Failure if the
 * answer is not yes.
 */
export async function confirmTightening(
  { api, confirm }: Pick<Session, 'api' | 'confirm'>,
  { id, path }: { id: string; path: string },
  options: TighteningOptions,
): Promise<void> {
  const { profile, dpopBoundAccessTokens, yes = false } = options;
  const byCertificate = options.certificateBoundTokens;
  if (!profile && !dpopBoundAccessTokens && !byCertificate) return;
  const current = await api.get(path);
  const isTightened =
    (profile && current['profile'] !== profile) ||
    (dpopBoundAccessTokens && current['dpop_bound_access_tokens'] !== true) ||
    (byCertificate && current['tls_client_certificate_bound_access_tokens'] !== true);
  const proof = byCertificate ? 'a certificate' : 'a key';
  if (isTightened)
    await confirm(`Bind new tokens of ${id} to ${proof}, and revoke all that it has?`, { yes });
}

/** The options of an update that can revoke the tokens of a client. */
export interface TighteningOptions {
  profile?: string;
  dpopBoundAccessTokens?: boolean;
  certificateBoundTokens?: boolean;
  yes?: boolean;
}

/** The option that confirms such an update. */
export const tighteningOption = [
  askFirst.flags,
  'do not ask before --profile or --dpop-bound-access-tokens revokes tokens',
] as const;

/** Adds the response types that go with the grant types (RFC 7591 §2.1). */
export const withResponseTypes = (fields: Json): Json =>
  Array.isArray(fields['grant_types'])
    ? {
        ...fields,
        response_types: fields['grant_types'].includes('authorization_code') ? ['code'] : [],
      }
    : fields;

/** The public keys of a client, from a file with a JWK Set. Throws Failure. */
export async function readKeys(file: string | undefined): Promise<Json> {
  if (!file) return {};
  const text = await readGiven(file);
  try {
    return { jwks: JSON.parse(text) };
  } catch (cause) {
    throw new Failure(`${file} is no JSON (${(cause as Error).message}).`, {
      remedy: 'It must have a JWK Set: {"keys":[…]} (RFC 7517 §5).',
      cause,
    });
  }
}
