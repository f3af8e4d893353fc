/**
 * CLIENT AUTHENTICATION (RFC 6749 §2.3, RFC 7523 §2.2): the credentials of a request, and whether they
 * are those of a client. Introspection and revocation authenticate here.
 *
 * The engine has no hook in place of reading the requests of its own endpoints. The gate (gate.ts) reads them
 * first, by `readCredentials`, and hands on what it read in the one form that the engine takes. The engine then asks
 * the same three rules as this file: `ClientSecrets` for a secret, `createAssertionVerifier` for an assertion,
 * `createReplayMarks` for its `jti`. test/protocol/token/client-authentication.test.ts holds all endpoints to one
 * table of answers.
 */

import { createLocalJWKSet, decodeJwt, errors, type JWK, type JWTPayload, jwtVerify } from 'jose';
import { lifetimes } from '../../config/lifetimes.ts';
import { authenticatesBySecret, isPublic } from '../domain/clients/client-types.ts';
import { type Client, type ClientLookup, storedClientId } from '../domain/clients/lookup.ts';
import type { ClientSecrets } from '../domain/clients/secrets.ts';
import { createReplayMarks } from '../domain/short-lived/replay-marks.ts';
import type { EphemeralStore } from '../domain/short-lived/store.ts';
import { parseAuthorization, quotable } from '../http/authorization.ts';
import type { Form } from '../http/form.ts';
import { decodeEscapes } from '../http/text.ts';
import { OAuthError } from '../oauth/errors.ts';
import { urlOf } from '../oauth/issuer.ts';
import { endpoints } from '../oauth/paths.ts';

/** A client id, and what was presented with it. */
export type Credentials = { clientId: string } & (
  | { method: 'none' }
  | { method: 'secret'; secret: string }
  | { method: 'assertion'; assertion: string }
);

/** `invalid_client`, one answer for every reason; the reason and the client, where there is one, are for the log. */
export class ClientRefusal extends OAuthError {
  readonly clientId: string | undefined;

  /** The sentence says more only where it depends on nothing but what was sent. */
  constructor(reason: string, client?: Client, sentence = 'client authentication failed') {
    super('invalid_client', sentence, { reason });
    this.clientId = client?.clientId;
  }
}

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** What may sign an assertion where the client is registered with no algorithm. */
export const assertionAlgorithms = ['RS256', 'PS256', 'ES256', 'Ed25519', 'EdDSA'] as const;

/**
 * Reads the credentials of a request. Throws `invalid_client` where there are none, or where they are empty or
 * malformed (RFC 6749 §5.2), and `invalid_request` where there are several, or where they name different clients.
 */
export function readCredentials(header: string, form: Form): Credentials {
  const { client_id: clientId, client_secret: secret, client_assertion: assertion } = form;
  if ([header, secret, assertion].filter(Boolean).length > 1)
    throw new OAuthError('invalid_request', 'Authenticate the client in one way only.');
  if (header) return sameClient(clientId, { method: 'secret', ...parseBasic(header) });
  if (assertion) return readAssertion(assertion, form);
  if (!clientId)
    throw new ClientRefusal(
      'no credentials',
      undefined,
      'Authenticate the client: client_id and client_secret, in the Authorization header or the body.',
    );
  return secret ? { method: 'secret', clientId, secret } : { method: 'none', clientId };
}

function sameClient<Given extends { clientId: unknown }>(
  named: string | undefined,
  credentials: Given,
): Given {
  if (named && named !== credentials.clientId)
    throw new OAuthError(
      'invalid_request',
      'client_id and the credentials name different clients.',
    );
  return credentials;
}

/** The Basic scheme (RFC 7617), both of whose parts are form-encoded before they are joined (RFC 6749 §2.3.1). */
function parseBasic(header: string): { clientId: string; secret: string } {
  const { scheme, token68 = '' } = parseAuthorization(header) ?? {};
  if (scheme !== 'basic') throw malformed('an Authorization header of another scheme');
  const [, digits = '', padding = ''] = /^([A-Za-z0-9+/]+)(={0,2})$/.exec(token68) ?? [];
  const isWhole = padding
    ? (digits.length + padding.length) % 4 === 0
    : digits !== '' && digits.length % 4 !== 1;
  const text = isWhole ? Buffer.from(digits, 'base64').toString('utf8') : '';
  const colon = text.indexOf(':');
  const clientId = decode(text.slice(0, Math.max(colon, 0)));
  const secret = decode(text.slice(colon + 1));
  if (!clientId || !secret) throw malformed('a Basic header without a client or a secret');
  return { clientId, secret };
}

/** Neither a client id nor a secret has anything but VSCHAR (RFC 6749 Appendix A.1, A.2). */
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

/** A Basic header that every reader takes for these credentials (RFC 6749 §2.3.1). */
export const basicHeader = ({ clientId, secret }: { clientId: string; secret: string }): string =>
  `Basic ${Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(secret)}`).toString('base64')}`;

/**
 * What `WWW-Authenticate` says of an error: a client that tried the Authorization header learns its scheme (RFC 6749
 * §5.2). Undefined for every other error and client.
 */
export const basicChallenge = (
  issuer: string,
  error: unknown,
  authorization: string,
): string | undefined =>
  authorization && error instanceof OAuthError && error.code === 'invalid_client'
    ? `Basic realm="${issuer}", error="invalid_client", error_description="${quotable(error.message)}"`
    : undefined;

/** Its subject is the client (RFC 7523 §3); nothing of it is believed before it is verified. */
function readAssertion(assertion: string, form: Form): Credentials {
  const clientId: unknown = subjectOf(assertion);
  if (!clientId) throw new ClientRefusal('the assertion has no sub');
  if (form['client_assertion_type'] !== assertionType)
    throw new ClientRefusal(
      'an assertion of another type',
      undefined,
      `client_assertion_type must be ${assertionType}.`,
    );
  if (typeof clientId !== 'string' || !isVisible(clientId))
    throw new ClientRefusal('the sub of the assertion is no client id');
  return sameClient(form['client_id'], { method: 'assertion', clientId, assertion });
}

function subjectOf(assertion: string): unknown {
  try {
    return decodeJwt(assertion).sub;
  } catch (cause) {
    throw new ClientRefusal(
      `a client_assertion that is no JWT: ${(cause as Error).name}`,
      undefined,
      'The client_assertion is not a JWT.',
    );
  }
}

/** The keys at a client's `jwks_uri`: those at hand, and whether newer ones could be fetched. */
export interface RemoteKeys {
  current(): JWK[];
  /** False where those at hand are recent enough. Throws where they cannot be fetched. */
  refresh(): Promise<boolean>;
}

/** The claims that `jti` is marked by. `exp` in seconds since 1970. */
export interface VerifiedAssertion {
  iss: string;
  jti: string;
  exp: number;
}

/** Verifies all of an assertion but that it is used once. */
export type VerifyAssertion = (client: Client, assertion: string) => Promise<VerifiedAssertion>;

/**
 * Verifies client assertions (RFC 7523 §3) with the keys that the client is registered with; throws
 * `invalid_client`. An assertion is for the issuer alone, at every endpoint: one that names others as well could be
 * presented here by one of them (draft-ietf-oauth-rfc7523bis). A client can be registered with
 * `token_endpoint_audience`, as older ones name the token endpoint.
 */
export function createAssertionVerifier({
  issuer,
  remoteKeys,
}: {
  issuer: string;
  remoteKeys: (clientId: string) => Promise<RemoteKeys>;
}): VerifyAssertion {
  return async (client, assertion) => {
    const { jwks, jwks_uri: uri, token_endpoint_auth_signing_alg: registered } = client.metadata;
    const verifyBy = async (keys: JWK[]): Promise<VerifiedAssertion> => {
      const { payload } = await verifyByOneOf(keys, assertion, {
        algorithms: registered ? [String(registered)] : [...assertionAlgorithms],
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

/** Where several keys fit, as they do without a `kid`, any may be the one. */
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

/** What RFC 7523 §3 and Writ ask of claims beyond what `jwtVerify` does. */
function requireClaims(
  { iss, sub, aud, exp, jti }: JWTPayload,
  { clientId }: Client,
): VerifiedAssertion {
  const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
  if (!isText(sub) || storedClientId(sub) !== clientId) throw new InvalidClaim('sub');
  if ([aud].flat().length !== 1) throw new InvalidClaim('aud');
  if (!isText(jti)) throw new InvalidClaim('jti');
  if (!exp || exp > Date.now() / 1000 + lifetimes.assertion) throw new InvalidClaim('exp');
  return { iss: String(iss), jti, exp };
}

class InvalidClaim extends Error {
  readonly claim: string;

  constructor(claim: string) {
    super('invalid claim');
    this.claim = claim;
  }
}

/** For the log: the code of an error and the claim, since a sentence of `jose` may quote what was presented. */
function reasonOf(error: unknown): string {
  const { claim, code } = error as { claim?: string; code?: string };
  return claim
    ? `the claim ${claim} of the assertion is refused`
    : `assertion: ${code ?? 'no key'}`;
}

interface Dependencies {
  issuer: string;
  clients: ClientLookup;
  secrets: ClientSecrets;
  /** Keeps the replay marks. */
  ephemeral: EphemeralStore;
  remoteKeys: (clientId: string) => Promise<RemoteKeys>;
}

/**
 * Authenticates the client of a request; throws ClientRefusal, and LimitReached where too
 * many secrets were wrong. `ip`, where the request came from, is called only for one that is wrong.
 */
export function createAuthenticate({
  issuer,
  clients,
  secrets,
  ephemeral,
  remoteKeys,
}: Dependencies) {
  const verifyAssertion = createAssertionVerifier({ issuer, remoteKeys });
  const isFirstUse = createReplayMarks({ ephemeral });
  /** Requests of one tick share one reading of their client; of these, each secret is checked once. */
  const checked = new WeakMap<Client, Map<string, Promise<boolean>>>();

  return async (credentials: Credentials, ip: () => string | undefined): Promise<Client> => {
    const client = await clients(credentials.clientId);
    if (!client) throw new ClientRefusal('client not found');
    if (credentials.method !== methodOf(client))
      throw new ClientRefusal('not the authentication method of the client', client);
    if (credentials.method === 'secret' && !(await matches(client, credentials.secret, ip)))
      throw new ClientRefusal('wrong secret', client);
    if (credentials.method === 'assertion') {
      const { iss, jti, exp } = await verifyAssertion(client, credentials.assertion);
      if (!(await isFirstUse(iss, jti, exp + lifetimes.assertionClockTolerance)))
        throw new ClientRefusal('the assertion was used before', client);
    }
    return client;
  };

  function matches(client: Client, secret: string, ip: () => string | undefined): Promise<boolean> {
    const known = checked.get(client) ?? new Map<string, Promise<boolean>>();
    const result = known.get(secret) ?? secrets.matches(client, secret, ip);
    checked.set(client, known.set(secret, result));
    return result;
  }
}

export type Authenticate = ReturnType<typeof createAuthenticate>;

/** A client with a secret may present it in the header and in the body, whichever it is registered with. */
const methodOf = (client: Client): Credentials['method'] =>
  isPublic(client.metadata)
    ? 'none'
    : authenticatesBySecret(client.metadata)
      ? 'secret'
      : 'assertion';
