/** SIGN-IN AT OPENID PROVIDERS (OpenID Connect Core §3.1), by openid-client. */
import { createRemoteJWKSet, customFetch as joseFetch } from 'jose';
import * as client from 'openid-client';
import { providerRequests } from '../../config/identity-providers.ts';
import { claimsOfRules } from '../domain/providers/role-rules.ts';
import {
  type IdentityProvider,
  type ProviderFinding,
  UpstreamError,
  type UpstreamIdentity,
} from '../domain/providers/types.ts';
import { fromUpstream } from './errors.ts';
import type { GuardedFetch } from './guarded-fetch.ts';

/** A provider whose discovery document was read. */
export interface OpenedProvider {
  configuration: client.Configuration;
  /** The keys at its `jwks_uri`, for logout tokens; undefined if it names none. */
  keys: ReturnType<typeof createRemoteJWKSet> | undefined;
}

const isHttp = (issuer: string): boolean => issuer.startsWith('http:');

/** Reads the discovery document of a provider (OpenID Connect Discovery 1.0 §4). Throws UpstreamError. */
export const openProvider = (
  provider: IdentityProvider,
  secret: string | undefined,
  fetch: GuardedFetch,
): Promise<OpenedProvider> =>
  fromUpstream('discovery', async () => {
    const configuration = await client.discovery(
      new URL(provider.issuer),
      provider.client_id,
      { [client.clockTolerance]: providerRequests.clockTolerance },
      authentication(secret),
      {
        [client.customFetch]: fetch as client.CustomFetch,
        timeout: providerRequests.timeout / 1000,
        execute: [
          // The signature of an ID token is verified, although it comes over TLS.
          client.enableNonRepudiationChecks,
          ...(isHttp(provider.issuer) ? [client.allowInsecureRequests] : []),
        ],
      },
    );
    const { jwks_uri } = configuration.serverMetadata();
    return {
      configuration,
      keys: jwks_uri
        ? createRemoteJWKSet(new URL(jwks_uri), {
            [joseFetch]: (url, options) => fetch(url, { ...options, body: undefined }),
            timeoutDuration: providerRequests.timeout,
          })
        : undefined,
    };
  });

/**
 * Authenticates by the method that the provider takes. RFC 6749 §2.3.1 recommends the header; some providers decode it wrongly,
 * so the body is used if both are announced.
 */
function authentication(secret: string | undefined): client.ClientAuth {
  if (secret === undefined) return client.None();
  const [post, basic] = [client.ClientSecretPost(secret), client.ClientSecretBasic(secret)];
  return (server, metadata, body, headers) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    const authenticate = methods.includes('client_secret_post') ? post : basic;
    authenticate(server, metadata, body, headers);
  };
}

/** Claims that an ID token can leave to the userinfo endpoint. */
const wanted = ['email', 'name'] as const;

/** Redeems the code of a response, verifies the ID token, and returns who the person is. Throws UpstreamError. */
export const identifyByOpenId = (
  provider: IdentityProvider,
  { configuration }: OpenedProvider,
  callback: URL,
  checks: client.AuthorizationCodeGrantChecks,
): Promise<UpstreamIdentity> =>
  fromUpstream('sign-in', async () => {
    const tokens = await client.authorizationCodeGrant(configuration, callback, checks);
    const idToken = tokens.claims();
    if (!idToken) throw new UpstreamError('invalid', 'there is no ID token');
    const isMissing = [...wanted, ...claimsOfRules(provider)].some(
      (name) => idToken[name] === undefined,
    );
    const more =
      isMissing && configuration.serverMetadata().userinfo_endpoint
        ? await client.fetchUserInfo(configuration, tokens.access_token, idToken.sub)
        : {};
    return identityOf(provider, { ...more, ...idToken }, idToken.iss);
  });

const textOf = (value: unknown, maxLength = 320): string | null =>
  typeof value === 'string' && value !== '' && value.length <= maxLength && value.isWellFormed()
    ? value.replaceAll('\0', '')
    : null;

function identityOf(
  { second_factor_values }: IdentityProvider,
  claims: Readonly<Record<string, unknown>>,
  issuer: string,
): UpstreamIdentity {
  const email = textOf(claims['email']);
  const methods = [claims['acr'], ...(Array.isArray(claims['amr']) ? claims['amr'] : [])];
  const authTime = claims['auth_time'];
  return {
    issuer,
    subject: String(claims['sub']),
    email: email !== null && isAddress(email) ? email : null,
    emailVerified: email !== null && isVerified(claims, email, issuer),
    name: textOf(claims['name']),
    username: textOf(claims['preferred_username']),
    picture: textOf(claims['picture'], 2_000),
    claims,
    usedSecondFactor: methods.some((each) => second_factor_values.includes(String(each))),
    sid: textOf(claims['sid'], 500),
    authenticatedAt: typeof authTime === 'number' ? new Date(authTime * 1000) : null,
  };
}

const isAddress = (text: string): boolean => /^[^\s@]+@[^\s@]+$/.test(text);

/**
 * Whether the address belongs to the person. Google vouches only for its own addresses and those of Workspace (`hd`); Microsoft
 * says it in `xms_edov`, an optional claim.
 */
function isVerified(
  claims: Readonly<Record<string, unknown>>,
  email: string,
  issuer: string,
): boolean {
  if (issuer === 'https://accounts.google.com')
    return (
      claims['email_verified'] === true &&
      (/@gmail\.com$/i.test(email) || typeof claims['hd'] === 'string')
    );
  if (issuer.startsWith('https://login.microsoftonline.com/'))
    return [true, 1, '1', 'true'].includes(claims['xms_edov'] as string);
  return claims['email_verified'] === true;
}

/** What a discovery document says about the settings of a provider. */
export function findingsOf(
  provider: IdentityProvider,
  { configuration, keys }: OpenedProvider,
): ProviderFinding[] {
  const found = configuration.serverMetadata();
  const findings: ProviderFinding[] = [
    { status: 'ok', message: `The discovery document of ${found.issuer} was read.` },
  ];
  const problem = (status: 'warning' | 'failed', message: string) =>
    findings.push({ status, message });
  for (const endpoint of ['authorization_endpoint', 'token_endpoint'] as const)
    if (!found[endpoint]) problem('failed', `It names no ${endpoint}.`);
  if (!keys) problem('failed', 'It names no jwks_uri, so no ID token can be verified.');
  if (found.code_challenge_methods_supported?.includes('S256') !== true)
    problem('warning', 'It does not announce PKCE with S256, which is sent nevertheless.');
  const unknown = provider.scopes.filter(
    (scope) => found.scopes_supported && !found.scopes_supported.includes(scope),
  );
  if (unknown.length > 0)
    problem('warning', `It does not announce the scopes ${unknown.join(' ')}.`);
  if (provider.sign_out && !found.end_session_endpoint)
    problem('warning', 'It names no end_session_endpoint, so sign_out has no effect.');
  return findings;
}
