/**
 * CLIENT AUTHENTICATION (RFC 6749 §2.3, RFC 7523 §2.2, RFC 8705 §2): reads the credentials of a request and verifies them.
 * Introspection and revocation use this file directly.
 *
 * The engine has no hook to replace how its own endpoints read credentials. The gate (gate.ts) therefore calls
 * `readCredentials` first and passes the result on in the one form that the engine accepts. The engine then calls the
 * same three functions as this file: `ClientSecrets` for a secret, `createAssertionVerifier` for an assertion and
 * `createReplayMarks` for its `jti`. test/protocol/token/client-authentication.test.ts runs one table of cases against
 * every endpoint.
 */

import type { X509Certificate } from 'node:crypto';
import { createLocalJWKSet, decodeJwt, errors, type JWK, type JWTPayload, jwtVerify } from 'jose';
import { lifetimes } from '../../config/lifetimes.ts';
import { issuerTokens } from '../../config/trusted-issuers.ts';
import { hasRegisteredName, type IsTrusted, isRegistered } from '../domain/clients/certificates.ts';
import {
  authenticatesByCertificate,
  authenticatesByIssuer,
  authenticatesBySecret,
  certificateMethods,
  isPublic,
} from '../domain/clients/client-types.ts';
import { type Client, type ClientLookup, storedClientId } from '../domain/clients/lookup.ts';
import { fapi2Algs, isFapi2 } from '../domain/clients/profiles.ts';
import type { ClientSecrets } from '../domain/clients/secrets.ts';
import { IssuedTokenRefusal } from '../domain/issuers/types.ts';
import type { Workload, Workloads } from '../domain/issuers/workloads.ts';
import type { IsFirstUse } from '../domain/short-lived/replay-marks.ts';
import { parseAuthorization } from '../http/authorization.ts';
import type { Form } from '../http/form.ts';
import { decodeEscapes } from '../http/text.ts';
import { clientChallenge } from '../oauth/challenges.ts';
import { OAuthError } from '../oauth/errors.ts';
import { urlOf } from '../oauth/issuer.ts';
import { endpoints } from '../oauth/paths.ts';

/** A client ID and the credentials presented with it. */
export type Credentials =
  | ({ clientId: string } & (
      | { method: 'none' }
      | { method: 'secret'; secret: string }
      | { method: 'assertion'; assertion: string }
    ))
  /** A token of a trusted issuer: a rule says which client it is for, if the request does not. */
  | { method: 'issued'; clientId: string | undefined; assertion: string };

/** The description of every failed authentication, whatever its reason, so it reveals nothing about clients. */
export const authenticationFailed =
  'Client authentication failed. Check client_id, its credentials, and the authentication method that it is registered with.';

/** `invalid_client`. Every reason gets the same response; the reason and the client, if known, go only to the log. */
export class ClientRefusal extends OAuthError {
  readonly clientId: string | undefined;

  /** Pass a `sentence` only if it depends on nothing but the request, so it reveals nothing about clients. */
  constructor(reason: string, client?: Client, sentence = authenticationFailed) {
    super('invalid_client', sentence, { reason });
    this.clientId = client?.clientId;
  }
}

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** The signature algorithms that an assertion can use if the client is registered without one. */
export const assertionAlgorithms = ['RS256', 'PS256', 'ES256', 'Ed25519', 'EdDSA'] as const;

/** The algorithms that the client's assertions can use. */
function algorithmsOf(metadata: Record<string, unknown>): string[] {
  const { token_endpoint_auth_signing_alg: registered } = metadata;
  const allowed = isFapi2(metadata) ? fapi2Algs : assertionAlgorithms;
  return allowed.filter((alg) => registered === undefined || alg === registered);
}

/**
 * Reads the credentials of a request. Throws `invalid_client` if they are missing, empty or malformed (RFC 6749 §5.2),
 * and `invalid_request` if there are several or they name different clients.
 */
export function readCredentials(header: string, form: Form): Credentials {
  const { client_id: clientId, client_secret: secret, client_assertion: assertion } = form;
  if ([header, secret, assertion].filter(Boolean).length > 1)
    throw new OAuthError(
      'invalid_request',
      'Authenticate the client in only one way: Authorization header, client_secret or client_assertion.',
    );
  if (header) return sameClient(clientId, readBasic(header));
  if (assertion) return readAssertion(assertion, form);
  if (!clientId)
    throw new ClientRefusal(
      'no credentials',
      undefined,
      'Authenticate the client: send client_id and client_secret in the Authorization header or the body.',
    );
  return secret ? { method: 'secret', clientId, secret } : { method: 'none', clientId };
}

function sameClient<Given extends { clientId: string }>(
  named: string | undefined,
  credentials: Given,
): Given {
  if (named && named !== credentials.clientId)
    throw new OAuthError(
      'invalid_request',
      'client_id and the client credentials name different clients. Send the same client ID in both.',
    );
  return credentials;
}

/** An empty secret is none: some libraries send a public client's ID in a Basic header (RFC 6749 §2.3.1). */
function readBasic(header: string): Credentials & { clientId: string } {
  const { clientId, secret } = parseBasic(header);
  return secret ? { method: 'secret', clientId, secret } : { method: 'none', clientId };
}

/** Parses the Basic scheme (RFC 7617). The ID and the secret are form-encoded before they are joined (RFC 6749 §2.3.1). */
function parseBasic(header: string): { clientId: string; secret: string } {
  const { scheme, token68 = '' } = parseAuthorization(header) ?? {};
  if (scheme !== 'basic') throw malformed('an Authorization header with another scheme');
  const [, digits = '', padding = ''] = /^([A-Za-z0-9+/]+)(={0,2})$/.exec(token68) ?? [];
  const isWhole = padding
    ? (digits.length + padding.length) % 4 === 0
    : digits !== '' && digits.length % 4 !== 1;
  const text = isWhole ? Buffer.from(digits, 'base64').toString('utf8') : '';
  const colon = text.indexOf(':');
  const clientId = decode(text.slice(0, Math.max(colon, 0)));
  const secret = colon < 0 ? '' : decode(text.slice(colon + 1));
  if (!clientId) throw malformed('a Basic header without a client');
  return { clientId, secret };
}

/** A client ID and a secret consist of VSCHAR only (RFC 6749 Appendix A.1, A.2). */
function decode(text: string): string {
  const decoded = decodeEscapes(text, { form: true });
  if (decoded === undefined || !isVisible(decoded))
    throw malformed('a Basic header that is not form-encoded');
  return decoded;
}

const isVisible = (text: string): boolean => /^[\x20-\x7e]*$/.test(text);

const malformed = (reason: string) =>
  new ClientRefusal(
    reason,
    undefined,
    'Send the Basic scheme: base64 of client_id, a colon and client_secret, both form-encoded (RFC 6749 section 2.3.1).',
  );

/** A Basic header that every parser reads as these credentials (RFC 6749 §2.3.1). */
export const basicHeader = ({ clientId, secret }: { clientId: string; secret: string }): string =>
  `Basic ${Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(secret)}`).toString('base64')}`;

/**
 * The `WWW-Authenticate` challenge for a client that failed to authenticate with the Authorization header (RFC 6749
 * §5.2). Undefined for every other error and for clients that sent no such header.
 */
export const basicChallenge = (
  issuer: string,
  error: unknown,
  authorization: string,
): string | undefined =>
  authorization && error instanceof OAuthError && error.code === 'invalid_client'
    ? clientChallenge(error.message, { realm: issuer })
    : undefined;

/**
 * The subject names the client (RFC 7523 §3), which is also the issuer of its assertion; an assertion with the URL of
 * another issuer is a token of that issuer. None of it is trusted until the assertion is verified.
 */
function readAssertion(assertion: string, form: Form): Credentials {
  const { iss, sub: clientId } = claimsOf(assertion);
  if (!clientId) throw new ClientRefusal('the assertion has no sub');
  if (form['client_assertion_type'] !== assertionType)
    throw new ClientRefusal(
      'an assertion with another type',
      undefined,
      `client_assertion_type must be ${assertionType}.`,
    );
  if (typeof iss === 'string' && iss !== clientId && /^https?:/.test(iss))
    return { method: 'issued', clientId: form['client_id'] || undefined, assertion };
  if (typeof clientId !== 'string' || !isVisible(clientId))
    throw new ClientRefusal('the sub of the assertion is not a client id');
  return sameClient(form['client_id'], { method: 'assertion' as const, clientId, assertion });
}

function claimsOf(assertion: string): JWTPayload {
  try {
    return decodeJwt(assertion);
  } catch (cause) {
    throw new ClientRefusal(
      `client_assertion is not a JWT: ${(cause as Error).name}`,
      undefined,
      'client_assertion must be a JWT.',
    );
  }
}

/** The cached keys of a client's `jwks_uri`. */
export interface RemoteKeys {
  current(): JWK[];
  /** Fetches the keys again. Returns false if the cached ones are recent enough; throws if the fetch fails. */
  refresh(): Promise<boolean>;
}

/** The claims that identify an assertion for replay detection. `exp` in seconds since 1970. */
export interface VerifiedAssertion {
  iss: string;
  jti: string;
  exp: number;
}

/** Verifies an assertion, except for its single use. */
export type VerifyAssertion = (client: Client, assertion: string) => Promise<VerifiedAssertion>;

/**
 * Verifies client assertions (RFC 7523 §3) with the client's registered keys; throws `invalid_client`. At every
 * endpoint the only audience is the issuer: an assertion that names further audiences could be presented here by one
 * of them (draft-ietf-oauth-rfc7523bis). A client registered with `token_endpoint_audience` can name the token
 * endpoint instead, as older libraries do. Clients with the profile `fapi2` have fewer algorithms and send `aud` as a
 * string.
 */
export function createAssertionVerifier({
  issuer,
  remoteKeys,
}: {
  issuer: string;
  remoteKeys: (clientId: string) => Promise<RemoteKeys>;
}): VerifyAssertion {
  return async (client, assertion) => {
    const { jwks, jwks_uri: uri } = client.metadata;
    const verifyBy = async (keys: JWK[]): Promise<VerifiedAssertion> => {
      const { payload } = await verifyByOneOf(keys, assertion, {
        algorithms: algorithmsOf(client.metadata),
        issuer: client.clientId,
        audience: client.metadata['token_endpoint_audience']
          ? [issuer, urlOf(issuer, endpoints.token)]
          : issuer,
        requiredClaims: ['exp', 'jti', 'sub'],
        clockTolerance: lifetimes.assertionClockTolerance,
      });
      return requireClaims(payload, client);
    };
    const remote = uri ? await remoteKeys(client.clientId) : undefined;
    try {
      return await verifyBy(remote?.current() ?? (jwks as { keys: JWK[] } | undefined)?.keys ?? []);
    } catch (error) {
      try {
        if (await remote?.refresh()) return await verifyBy(remote?.current() ?? []);
      } catch (later) {
        throw new ClientRefusal(reasonOf(later), client);
      }
      throw new ClientRefusal(reasonOf(error), client);
    }
  };
}

/** Tries every matching key: without a `kid`, several can match. */
async function verifyByOneOf(
  keys: JWK[],
  assertion: string,
  options: Parameters<typeof jwtVerify>[2],
): Promise<{ payload: JWTPayload }> {
  try {
    return await jwtVerify(assertion, createLocalJWKSet({ keys }), options);
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    let failure: unknown = error;
    for await (const key of error) {
      try {
        return await jwtVerify(assertion, key, options);
      } catch (reason) {
        failure = reason;
      }
    }
    throw failure;
  }
}

/** Checks the claims that RFC 7523 §3 and Writ require beyond what `jwtVerify` checks. */
function requireClaims(
  { iss, sub, aud, exp, iat, jti }: JWTPayload,
  { clientId, metadata }: Client,
): VerifiedAssertion {
  const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
  if (!isText(sub) || storedClientId(sub) !== clientId) throw new InvalidClaim('sub');
  if ([aud].flat().length !== 1) throw new InvalidClaim('aud');
  if (isFapi2(metadata)) requireStrictClaims({ aud, iat });
  if (!isText(jti)) throw new InvalidClaim('jti');
  if (!exp || exp > Date.now() / 1000 + lifetimes.assertion) throw new InvalidClaim('exp');
  return { iss: String(iss), jti, exp };
}

/** FAPI 2.0 Security Profile §5.3.2.1: the audience is a string, not an array, and `iat` is not in the future. */
function requireStrictClaims({ aud, iat = 0 }: { aud: unknown; iat: number | undefined }): void {
  if (typeof aud !== 'string') throw new InvalidClaim('aud');
  if (iat > Date.now() / 1000 + lifetimes.assertionClockTolerance) throw new InvalidClaim('iat');
}

class InvalidClaim extends Error {
  readonly claim: string;

  constructor(claim: string) {
    super('invalid claim');
    this.claim = claim;
  }
}

/** The reason for the log: only the error code and the claim, because messages of `jose` can quote the assertion. */
function reasonOf(error: unknown): string {
  const { claim, code } = error as { claim?: string; code?: string };
  return claim
    ? `the claim ${claim} of the assertion is invalid`
    : `assertion: ${code ?? 'no key'}`;
}

interface Dependencies {
  issuer: string;
  clients: ClientLookup;
  secrets: ClientSecrets;
  isFirstUse: IsFirstUse;
  remoteKeys: (clientId: string) => Promise<RemoteKeys>;
  workloads: Pick<Workloads, 'identify'>;
  isTrusted: IsTrusted;
}

/** Where a request comes from. Both are read only if they are needed. */
export interface RequestOrigin {
  /** Its address; needed only for a wrong secret. */
  ip(): string | undefined;
  /** The certificate of its client. Throws `invalid_request` if the proxy states one that cannot be read. */
  certificate(): X509Certificate | undefined;
}

/**
 * Authenticates the client of a request. Throws `ClientRefusal`, and `LimitReached` after too many wrong secrets.
 */
export function createAuthenticate({
  issuer,
  clients,
  secrets,
  isFirstUse,
  remoteKeys,
  workloads,
  isTrusted,
}: Dependencies) {
  const verifyAssertion = createAssertionVerifier({ issuer, remoteKeys });
  /** Requests of the same tick share one client object; each of its secrets is verified once for all of them. */
  const checked = new WeakMap<Client, Map<string, Promise<boolean>>>();

  return async (credentials: Credentials, { ip, certificate }: RequestOrigin): Promise<Client> => {
    if (credentials.method === 'issued') {
      const { clientId } = await workloadOf(credentials, { workloads, isFirstUse });
      const client = await clients(clientId);
      if (!client) throw new ClientRefusal('client not found');
      return client;
    }
    const client = await clients(credentials.clientId);
    if (!client) throw new ClientRefusal('client not found');
    if (credentials.method === 'none' && authenticatesByCertificate(client.metadata)) {
      await verifyCertificate(client, certificate());
      return client;
    }
    if (credentials.method !== methodOf(client))
      throw new ClientRefusal('not the registered authentication method', client);
    if (credentials.method === 'secret' && !(await matches(client, credentials.secret, ip)))
      throw new ClientRefusal('wrong secret', client);
    if (credentials.method === 'assertion') {
      const { iss, jti, exp } = await verifyAssertion(client, credentials.assertion);
      if (!(await isFirstUse(iss, jti, exp + lifetimes.assertionClockTolerance)))
        throw new ClientRefusal('the assertion was already used', client);
    }
    return client;
  };

  /** Throws unless the certificate is the client's (RFC 8705 §2). The engine has the same rules at its endpoints. */
  async function verifyCertificate(
    client: Client,
    certificate: X509Certificate | undefined,
  ): Promise<void> {
    if (!certificate) throw new ClientRefusal('no client certificate', client);
    if (client.metadata['token_endpoint_auth_method'] === certificateMethods.byName) {
      if (!isTrusted(certificate))
        throw new ClientRefusal('the certificate is of no trusted authority', client);
      if (!hasRegisteredName(certificate, client.metadata))
        throw new ClientRefusal('the certificate has another name', client);
      return;
    }
    const { jwks, jwks_uri: uri } = client.metadata;
    const remote = uri ? await remoteKeys(client.clientId) : undefined;
    await remote?.refresh();
    const keys = remote?.current() ?? (jwks as { keys: JWK[] } | undefined)?.keys ?? [];
    if (!isRegistered(certificate, keys))
      throw new ClientRefusal('the certificate is not registered', client);
  }

  function matches(client: Client, secret: string, ip: () => string | undefined): Promise<boolean> {
    const known = checked.get(client) ?? new Map<string, Promise<boolean>>();
    const result = known.get(secret) ?? secrets.matches(client, secret, ip);
    checked.set(client, known.set(secret, result));
    return result;
  }
}

/** Returns the client that the credentials belong to; see `createAuthenticate`. */
export type Authenticate = ReturnType<typeof createAuthenticate>;

/** A secret is accepted in the header and in the body, whichever of the two methods is registered. */
const methodOf = (client: Client): Credentials['method'] =>
  isPublic(client.metadata)
    ? 'none'
    : authenticatesBySecret(client.metadata)
      ? 'secret'
      : authenticatesByIssuer(client.metadata)
        ? 'issued'
        : 'assertion';

/**
 * The workload that a token of a trusted issuer identifies, as the credential of a client; a token that is used once is marked as
 * used. Throws `ClientRefusal`, and `temporarily_unavailable` while the issuer is away.
 */
export async function workloadOf(
  { clientId, assertion }: Pick<Credentials & { method: 'issued' }, 'clientId' | 'assertion'>,
  { workloads, isFirstUse }: { workloads: Pick<Workloads, 'identify'>; isFirstUse: IsFirstUse },
): Promise<Workload> {
  try {
    const workload = await workloads.identify(assertion, clientId && storedClientId(clientId));
    const { jti, expiresAt, issuer } = workload;
    const until = expiresAt + issuerTokens.clockTolerance;
    if (jti !== undefined && !(await isFirstUse(issuer.issuer, jti, until)))
      throw new ClientRefusal('the assertion was already used');
    return workload;
  } catch (error) {
    if (error instanceof IssuedTokenRefusal) throw new ClientRefusal(error.message);
    throw error;
  }
}
