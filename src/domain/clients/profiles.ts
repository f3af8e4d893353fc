/**
 * SECURITY PROFILES OF CLIENTS. The metadata `profile` sets every member that the profile requires, and refuses metadata
 * that contradicts it. `fapi2` is the FAPI 2.0 Security Profile with `private_key_jwt` and DPoP, or with mutual TLS (RFC 8705) in the
 * place of either.
 */
import { lifetimes } from '../../../config/lifetimes.ts';
import { isLoopback } from '../../../config/loopback.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { grantTypes } from '../../oauth/grant-types.ts';
import { authenticatesByCertificate, getsIdTokens } from './client-types.ts';

/** The profiles that a client can have. */
export const clientProfiles = ['fapi2'] as const;

const certificateBound = 'tls_client_certificate_bound_access_tokens';

/** Whether a client follows the FAPI 2.0 Security Profile. */
export const isFapi2 = ({ profile }: { readonly profile?: unknown }): boolean =>
  profile === 'fapi2';

/**
 * Whether a change of metadata requires more of the tokens of a client than before: a key or a certificate that they are bound to (RFC
 * 9449 §5.2, RFC 8705 §3.4), or the profile. The tokens from before must then be revoked, because they lack it.
 */
export const tightensTokens = (
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): boolean =>
  (isFapi2(after) && !isFapi2(before)) ||
  boundMembers.some((member) => after[member] === true && before[member] !== true);

/** The members that bind tokens to what a client proves. */
const boundMembers = ['dpop_bound_access_tokens', certificateBound] as const;

/** The algorithms of JWTs that clients of the profile sign (FAPI 2.0 Security Profile §5.4.1). */
export const fapi2Algs = ['PS256', 'ES256', 'EdDSA', 'Ed25519'] as const;

/** The algorithms of the JWTs that this server signs for clients of the profile. */
export const fapi2SigningAlgs = ['ES256', 'EdDSA'] as const;

const { authorizationCode, clientCredentials, refreshToken } = grantTypes;
const fapi2Grants: readonly string[] = [authorizationCode, clientCredentials, refreshToken];

/** What the profile sets, and what it refuses to have another value. Tokens are bound to a key if not to a certificate. */
const fapi2Members = ({ [certificateBound]: bound }: Readonly<Record<string, unknown>>) => ({
  token_endpoint_auth_method: 'private_key_jwt',
  require_pushed_authorization_requests: true,
  require_pkce: true,
  ...(bound !== true && { dpop_bound_access_tokens: true }),
});

/** Adds the members that the profile of the metadata sets. Members that are given stay, for `requireProfile`. */
export function withProfile(given: Record<string, unknown>): Record<string, unknown> {
  if (!isFapi2(given)) return given;
  return {
    ...fapi2Members(given),
    ...(getsIdTokens(given) && { id_token_signed_response_alg: fapi2SigningAlgs[0] }),
    ...given,
  };
}

/** Throws `invalid_client_metadata` with every member that contradicts the profile of the metadata. */
export function requireProfile(metadata: Record<string, unknown>): void {
  if (!isFapi2(metadata)) return;
  const problems = [...problemsOf(metadata)];
  const [first] = problems;
  if (!first) return;
  throw new OAuthError(
    'invalid_client_metadata',
    `The profile fapi2 does not fit: ${problems.map(({ message }) => message).join(' ')}`,
    { details: problems },
  );
}

/** The problems of metadata with the profile, each with the parameter that it is about. */
function* problemsOf(
  metadata: Record<string, unknown>,
): Generator<{ parameter: string; message: string }> {
  for (const [parameter, value] of Object.entries(fapi2Members(metadata)))
    if (
      metadata[parameter] !== value &&
      !(parameter === 'token_endpoint_auth_method' && authenticatesByCertificate(metadata))
    )
      yield { parameter, message: `${parameter} must be ${value}.` };
  const grants = (metadata['grant_types'] as string[] | undefined) ?? [];
  const otherGrant = grants.find((grant) => !fapi2Grants.includes(grant));
  if (otherGrant !== undefined)
    yield {
      parameter: 'grant_types',
      message: `grant_types can only be ${fapi2Grants.join(', ')}, not ${otherGrant}.`,
    };
  if (metadata['token_endpoint_audience'] === true)
    yield {
      parameter: 'token_endpoint_audience',
      message: 'token_endpoint_audience must be false, because assertions name only the issuer.',
    };
  for (const parameter of ['id_token_signed_response_alg', 'userinfo_signed_response_alg'])
    if (metadata[parameter] !== undefined && !includes(fapi2SigningAlgs, metadata[parameter]))
      yield { parameter, message: `${parameter} must be ${fapi2SigningAlgs.join(' or ')}.` };
  const codeTtl = metadata['authorization_code_ttl'];
  if (codeTtl !== undefined && !((codeTtl as number) <= lifetimes.authorizationCode))
    yield {
      parameter: 'authorization_code_ttl',
      message: `authorization_code_ttl must be at most ${lifetimes.authorizationCode} seconds.`,
    };
  const uris = (metadata['redirect_uris'] as string[] | undefined) ?? [];
  for (const [index, uri] of uris.entries())
    if (!isStrictRedirectUri(uri, metadata['application_type'] === 'native'))
      yield {
        parameter: `redirect_uris[${index}]`,
        message:
          'Redirect URIs must begin with https://, or with http:// on localhost for a native client.',
      };
  const { keys } = (metadata['jwks'] ?? {}) as { keys?: Record<string, unknown>[] };
  if (Array.isArray(keys) && !authenticatesByCertificate(metadata) && !keys.some(canSign))
    yield {
      parameter: 'jwks',
      message: 'jwks needs a key for PS256, ES256 or EdDSA.',
    };
}

const includes = (list: readonly unknown[], value: unknown): boolean => list.includes(value);

/** FAPI 2.0 Security Profile §5.3.2.2: https, except a loopback address of a native client (RFC 8252 §7.3). */
function isStrictRedirectUri(uri: string, isNative: boolean): boolean {
  const { protocol, hostname = '' } = URL.parse(uri) ?? {};
  return protocol === 'https:' || (isNative && protocol === 'http:' && isLoopback(hostname));
}

/** Whether a public key fits one of the profile's algorithms. */
function canSign({ kty, crv, alg, use }: Record<string, unknown>): boolean {
  if (use !== undefined && use !== 'sig') return false;
  if (alg !== undefined) return includes(fapi2Algs, alg);
  return kty === 'RSA' || (kty === 'EC' && crv === 'P-256') || (kty === 'OKP' && crv === 'Ed25519');
}
