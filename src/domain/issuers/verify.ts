/**
 * TOKENS OF TRUSTED ISSUERS: reads and verifies them (RFC 7519 §7.2, RFC 7523 §3, RFC 8725). What a token is good for is
 * decided by its callers; the header of a token never says where its key is.
 */
import { type CryptoKey, compactVerify, importJWK, type JWK } from 'jose';
import { type IssuerUse, issuerTokens } from '../../../config/trusted-issuers.ts';
import { hasDistinctNames } from '../../oauth/distinct-names.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { urlOf } from '../../oauth/issuer.ts';
import { endpoints } from '../../oauth/paths.ts';
import type { TrustedIssuers } from './issuers.ts';
import {
  type IssuedHeader,
  type IssuedToken,
  IssuedTokenRefusal,
  IssuerAway,
  type IssuerKeys,
  type TrustedIssuer,
} from './types.ts';

/** What a caller accepts. */
export interface Accepted {
  use: IssuerUse;
  /**
   * The types (`typ`) that the token can have, in lower case and without `application/`; undefined: it can have none. Default: none,
   * `jwt` or `jose`, so a token of a special kind is not taken for an ordinary one.
   */
  types?: readonly (string | undefined)[];
  /** Whether a token without `aud` is accepted. A token with one is always for this server. Default: no. */
  audienceIsOptional?: boolean;
  /** Whether a token without `exp` is accepted. Default: no. */
  expiryIsOptional?: boolean;
}

/** Verifies a token. Throws IssuedTokenRefusal, and `temporarily_unavailable` if its issuer is away. */
export type VerifyIssued = (token: string, accepted: Accepted) => Promise<IssuedToken>;

interface Dependencies {
  /** The issuer of this server. */
  issuer: string;
  issuers: Pick<TrustedIssuers, 'byIssuer'>;
  keys: Pick<IssuerKeys, 'find'>;
  /** Seconds since the epoch. */
  now?: (() => number) | undefined;
}

const ordinary: readonly (string | undefined)[] = [undefined, 'jwt', 'jose'];

/** Creates the verifier of tokens of trusted issuers. */
export function createVerifyIssued({
  issuer: self,
  issuers,
  keys,
  now = () => Date.now() / 1000,
}: Dependencies): VerifyIssued {
  return async (token, { use, types = ordinary, ...optional }) => {
    const { header, claims } = readToken(token);
    const { iss } = claims;
    if (typeof iss !== 'string' || iss === '') refuse('The token has no iss.');
    const issuer = await issuers.byIssuer(iss);
    if (!issuer?.enabled) distrust(`The issuer ${shown(iss)} is not trusted here.`);
    if (!issuer.uses.includes(use))
      distrust(`Tokens of ${issuer.id} are not accepted for ${use.replaceAll('_', ' ')}.`);
    requireHeader(header, issuer, types);
    await requireSignature(token, header, issuer, keys);
    return { issuer, header: headerOf(header), ...requireClaims(claims, issuer, optional) };
  };

  function requireClaims(
    claims: Record<string, unknown>,
    issuer: TrustedIssuer,
    { audienceIsOptional = false, expiryIsOptional = false }: Partial<Accepted>,
  ): Pick<IssuedToken, 'subject' | 'jti' | 'expiresAt' | 'claims'> {
    const { sub, jti } = claims;
    if (typeof sub !== 'string' || sub === '') refuse('The token has no sub.');
    if (sub.length > issuerTokens.maxClaim) refuse('The sub of the token is too long.');
    if (jti !== undefined && (typeof jti !== 'string' || jti === '' || jti.length > 500))
      refuse('The jti of the token is not a text of at most 500 characters.');
    requireAudience(claims['aud'], issuer, audienceIsOptional);
    const [exp, iat, nbf] = ['exp', 'iat', 'nbf'].map((name) => timeOf(claims, name));
    const time = now();
    const { clockTolerance } = issuerTokens;
    if (exp === undefined && !expiryIsOptional) refuse('The token has no exp.');
    if (exp !== undefined && exp + clockTolerance <= time) refuse('The token has expired.');
    if (nbf !== undefined && nbf - clockTolerance > time) refuse('The token is not valid yet.');
    if (iat === undefined && !expiryIsOptional) refuse('The token has no iat.');
    if (iat !== undefined && iat - clockTolerance > time)
      refuse('The iat of the token is in the future. Compare the clocks.');
    if (!expiryIsOptional && iat !== undefined && iat + issuer.max_age + clockTolerance <= time)
      refuse(`The token is older than ${issuer.max_age} seconds, the max_age of ${issuer.id}.`);
    return { subject: sub, jti, expiresAt: exp, claims };
  }

  /** One audience: who else is named could present the token here (draft-ietf-oauth-rfc7523bis). */
  function requireAudience(aud: unknown, { audiences }: TrustedIssuer, isOptional: boolean): void {
    if (aud === undefined && isOptional) return;
    const expected = audiences.length > 0 ? audiences : [self, urlOf(self, endpoints.token)];
    const named: unknown[] = [aud].flat();
    const [only] = named;
    if (named.length !== 1 || typeof only !== 'string')
      refuse('The token must have one audience (aud).');
    if (!expected.includes(only))
      refuse(`The token is for ${shown(only)}. Get one for ${expected.join(' or ')}.`);
  }
}

interface Parsed {
  header: Record<string, unknown>;
  claims: Record<string, unknown>;
}

/** Reads the parts of a JWT (RFC 7515 §7.1) without trusting them. Throws IssuedTokenRefusal. */
export function readToken(token: string): Parsed {
  if (token.length > issuerTokens.maxLength)
    refuse(`The token has more than ${issuerTokens.maxLength} characters.`);
  const parts = token.split('.');
  const [header, claims, signature = ''] = parts;
  if (parts.length !== 3 || !parts.every((part) => /^[A-Za-z0-9_-]*$/.test(part)))
    refuse('The token is not a JWT.');
  if (signature === '') refuse('The token has no signature.');
  return { header: objectIn(header), claims: objectIn(claims) };
}

/** The JSON object in a part. Each name must occur once, and it must nest at most 10 deep. */
function objectIn(part = ''): Record<string, unknown> {
  const text = Buffer.from(part, 'base64url').toString('utf8');
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value) || depthOf(value) > 10)
      throw new TypeError('not a JSON object');
    if (!hasDistinctNames(text)) throw new TypeError('a name twice');
    return value as Record<string, unknown>;
  } catch (cause) {
    throw new IssuedTokenRefusal(
      'The token is not a JWT: a part is no JSON object with distinct names.',
      { cause },
    );
  }
}

const depthOf = (value: unknown, limit = 12): number =>
  typeof value === 'object' && value !== null && limit > 0
    ? 1 + Math.max(0, ...Object.values(value).map((each) => depthOf(each, limit - 1)))
    : 0;

function requireHeader(
  { alg, kid, typ, crit }: Record<string, unknown>,
  { id, algorithms }: TrustedIssuer,
  types: readonly (string | undefined)[],
): void {
  if (typeof alg !== 'string' || !algorithms.includes(alg))
    distrust(
      `The token is signed with ${shown(alg)}. The algorithms of ${id} are ${algorithms.join(', ')}.`,
    );
  // No extension is understood (RFC 7515 §4.1.11).
  if (crit !== undefined) distrust('The token has a critical header (crit) that is not supported.');
  if (kid !== undefined && (typeof kid !== 'string' || kid.length > 500))
    distrust('The kid of the token is not a text of at most 500 characters.');
  if (typ !== undefined && typeof typ !== 'string') distrust('The typ of the token is not a text.');
  if (!types.includes(typeOf(typ)))
    distrust(
      `The type (typ) of the token is ${shown(typ ?? 'absent')}. It must be ${types.map((each) => each ?? 'absent').join(' or ')}.`,
    );
}

const typeOf = (typ: string | undefined): string | undefined =>
  typ?.toLowerCase().replace(/^application\//, '');

const headerOf = ({ alg, kid, typ }: Record<string, unknown>): IssuedHeader => ({
  alg: String(alg),
  kid: kid as string | undefined,
  typ: typeOf(typ as string | undefined),
});

async function requireSignature(
  token: string,
  { alg, kid }: Record<string, unknown>,
  issuer: TrustedIssuer,
  keys: Pick<IssuerKeys, 'find'>,
): Promise<void> {
  const found = await keys.find(issuer, kid as string | undefined).catch((cause: unknown) => {
    if (!(cause instanceof IssuerAway)) throw cause;
    throw new OAuthError(
      'temporarily_unavailable',
      'The keys of the issuer cannot be read at the moment. Try again later.',
      { cause, reason: cause.message },
    );
  });
  for (const jwk of found) {
    if (!isFor(jwk, String(alg))) continue;
    if (await isSignedBy(token, jwk, String(alg))) return;
  }
  distrust(`No key of ${issuer.id} has signed the token.`);
}

/** Whether a key is a public one for signatures with the algorithm. */
const isFor = ({ kty, use, alg: own, key_ops: ops, d, k }: JWK, alg: string): boolean =>
  kty !== 'oct' &&
  d === undefined &&
  k === undefined &&
  (use === undefined || use === 'sig') &&
  (own === undefined ||
    own === alg ||
    ['EdDSA,Ed25519', 'Ed25519,EdDSA'].includes(`${own},${alg}`)) &&
  (ops === undefined || (Array.isArray(ops) && ops.includes('verify')));

/** Imported keys, by the object that came from the key set: a new set has new objects. */
const imported = new WeakMap<object, Map<string, Promise<CryptoKey | Uint8Array>>>();

async function isSignedBy(token: string, jwk: JWK, alg: string): Promise<boolean> {
  try {
    const known = imported.get(jwk) ?? new Map<string, Promise<CryptoKey | Uint8Array>>();
    const key = known.get(alg) ?? importJWK({ ...jwk, alg }, alg);
    imported.set(jwk, known.set(alg, key));
    await compactVerify(token, await key, { algorithms: [alg] });
    return true;
  } catch {
    return false;
  }
}

/** A NumericDate (RFC 7519 §2). */
function timeOf(claims: Record<string, unknown>, name: string): number | undefined {
  const value = claims[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isFinite(value) || Math.abs(value) > 1e11)
    refuse(`The ${name} of the token is not a time in seconds.`);
  return value;
}

/** A text of a token in a sentence, without what could break a log line. */
const shown = (value: unknown): string =>
  (typeof value === 'string' ? value : String(JSON.stringify(value) ?? 'nothing'))
    .replaceAll(/[^ -~]/g, '?')
    .slice(0, 200);

function refuse(message: string): never {
  throw new IssuedTokenRefusal(message);
}

/** Refuses a token whose signature is not verified yet. Strangers do not learn whom this server trusts. */
function distrust(message: string): never {
  throw new IssuedTokenRefusal(message, {
    sentence: 'The token is not of an issuer that is trusted here, or not signed by it.',
  });
}
