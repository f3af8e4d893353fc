/**
 * DPOP PROOFS (RFC 9449 §4), as a resource server verifies them: Writ's own API, and the guard in other programs. It needs
 * nothing but Node.
 */
import { createHash, createHmac, createPublicKey, type KeyObject, verify } from 'node:crypto';

/** The algorithms of proofs (FAPI 2.0 Security Profile §5.4.1). */
export const dpopAlgs = ['PS256', 'ES256', 'EdDSA', 'Ed25519'] as const;

/** Seconds that a proof is valid after its `iat`, and seconds that its `iat` can be in the future. */
const maxAge = 285;
const maxAhead = 15;

/** Seconds for which a proof that was used must be remembered, so that it cannot be used again. */
export const proofMemory = maxAge + maxAhead;

/** Whether a proof that was issued then is accepted now. Both in seconds since 1970. */
export const isTimely = (issuedAt: number, now = Date.now() / 1000): boolean =>
  issuedAt >= now - maxAge && issuedAt <= now + maxAhead;

/** A verified proof. */
export interface DpopProof {
  /** The thumbprint of its key (RFC 7638), which the token is bound to. */
  jkt: string;
  jti: string;
  nonce: string | undefined;
}

/** What a proof must be for. */
export interface ProofExpected {
  method: string;
  /** The URL of the request as the client sees it; query and fragment do not count. */
  url: string;
  /** The token that is used with it; undefined at the token endpoint (RFC 9449 §5). */
  accessToken: string | undefined;
  /** Whether the proof has a nonce of this server, whose age then counts instead of `iat`. */
  needsNonce?: boolean;
}

/** A proof that is refused, with the reason as a sentence without quotes. */
export class InvalidProof extends Error {}

/**
 * Verifies a DPoP proof, except for its single use, its nonce and its key: the caller compares `jkt` with the token (RFC
 * 9449 §4.3). Throws InvalidProof.
 */
export function verifyProof(proof: string, expected: ProofExpected): DpopProof {
  const [header, payload, key] = read(proof);
  if (header['typ'] !== 'dpop+jwt')
    throw new InvalidProof('The typ of the DPoP proof must be dpop+jwt.');
  if (!isSignedBy(key, header['alg'], proof))
    throw new InvalidProof(`The DPoP proof must be signed with ${dpopAlgs.join(', ')} by its jwk.`);
  const { htm, htu, iat, exp, nbf, jti, ath, nonce } = payload;
  if (typeof jti !== 'string' || jti === '' || jti.length > 512)
    throw new InvalidProof('The DPoP proof needs a jti.');
  if (htm !== expected.method)
    throw new InvalidProof('The htm of the DPoP proof is not the method of the request.');
  if (
    typeof htu !== 'string' ||
    plainUrl(htu) === undefined ||
    plainUrl(htu) !== plainUrl(expected.url)
  )
    throw new InvalidProof('The htu of the DPoP proof is not the URL of the request.');
  if (typeof iat !== 'number' || !(expected.needsNonce || isTimely(iat)))
    throw new InvalidProof('The iat of the DPoP proof is not recent enough.');
  if (!isInForce({ exp, nbf })) throw new InvalidProof('The DPoP proof is not valid at this time.');
  if (
    expected.accessToken !== undefined &&
    ath !== createHash('sha256').update(expected.accessToken).digest('base64url')
  )
    throw new InvalidProof('The ath of the DPoP proof is not the digest of the access token.');
  return {
    jkt: thumbprint(header['jwk'] as Jwk),
    jti,
    nonce: typeof nonce === 'string' ? nonce : undefined,
  };
}

/** A proof needs neither claim, but those that it has count (RFC 7519 §4.1.4, §4.1.5). */
function isInForce({ exp, nbf }: { exp: unknown; nbf: unknown }, now = Date.now() / 1000): boolean {
  return (
    (exp === undefined || (typeof exp === 'number' && exp > now)) &&
    (nbf === undefined || (typeof nbf === 'number' && nbf <= now + maxAhead))
  );
}

/** Nonces of DPoP proofs (RFC 9449 §9). */
export interface DpopNonces {
  /** The nonce that clients are to use now. */
  current(): string;
  accepts(nonce: string | undefined): boolean;
}

/** Seconds after which the nonce changes. It is accepted for two more periods, in all less than `proofMemory`. */
const noncePeriod = 60;

/** A key of nonces, derived from a key that all processes share. The engine has nonces of its own. */
export const nonceKey = (key: Buffer, use: 'engine' | 'api' | 'exchange'): Buffer =>
  createHmac('sha256', key).update(`dpop nonces: ${use}`).digest();

/** Nonces that every process with the same key agrees on; nothing is stored. */
export function createDpopNonces(key: Buffer): DpopNonces {
  const nonceOf = (period: number) =>
    createHmac('sha256', key).update(`${period}`).digest('base64url');
  const now = () => Math.floor(Date.now() / 1000 / noncePeriod);
  return {
    current: () => nonceOf(now()),
    // The clock of another process can be ahead.
    accepts: (nonce) => [1, 0, -1, -2].some((shift) => nonce === nonceOf(now() + shift)),
  };
}

type Claims = Record<string, unknown>;
type Jwk = Record<string, string>;

/** The header, the payload and the public key of a proof. */
function read(proof: string): [Claims, Claims, KeyObject] {
  const parts = proof.split('.');
  const [header, payload] = parts.slice(0, 2).map(parse);
  const jwk = header?.['jwk'] as Jwk | undefined;
  // A private or symmetric key must not be accepted (RFC 9449 §4.3).
  if (parts.length !== 3 || !header || !payload || !jwk || 'd' in jwk || 'k' in jwk)
    throw new InvalidProof('The DPoP header must have one JWT with a public key in its jwk.');
  try {
    return [header, payload, createPublicKey({ key: jwk, format: 'jwk' })];
  } catch {
    throw new InvalidProof('The jwk of the DPoP proof is not a public key.');
  }
}

function parse(part: string): Claims | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Claims)
      : undefined;
  } catch {
    return undefined;
  }
}

function isSignedBy(key: KeyObject, alg: unknown, proof: string): boolean {
  const end = proof.lastIndexOf('.');
  const data = Buffer.from(proof.slice(0, end));
  const signature = Buffer.from(proof.slice(end + 1), 'base64url');
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  try {
    if (alg === 'ES256' && type === 'ec' && details?.namedCurve === 'prime256v1')
      return verify('sha256', data, { key, dsaEncoding: 'ieee-p1363' }, signature);
    if (alg === 'PS256' && type === 'rsa' && (details?.modulusLength ?? 0) >= 2048)
      return verify('sha256', data, { key, padding: pssPadding, saltLength: 32 }, signature);
    if ((alg === 'EdDSA' || alg === 'Ed25519') && type === 'ed25519')
      return verify(null, data, key, signature);
  } catch {
    return false;
  }
  return false;
}

/** RSA_PKCS1_PSS_PADDING of OpenSSL. */
const pssPadding = 6;

/** The members of each type of key that its thumbprint covers, in order (RFC 7638 §3.2, RFC 8037 §2). */
const thumbprintMembers: Readonly<Record<string, readonly string[]>> = {
  EC: ['crv', 'kty', 'x', 'y'],
  OKP: ['crv', 'kty', 'x'],
  RSA: ['e', 'kty', 'n'],
};

/** The SHA-256 thumbprint of a public key (RFC 7638). */
function thumbprint(jwk: Jwk): string {
  const members = thumbprintMembers[jwk['kty'] ?? ''] ?? [];
  const canonical = JSON.stringify(Object.fromEntries(members.map((name) => [name, jwk[name]])));
  return createHash('sha256').update(canonical).digest('base64url');
}

/** A URL in its normal form, without query and fragment (RFC 9449 §4.3); undefined if it is none. */
function plainUrl(text: string): string | undefined {
  const url = URL.parse(text);
  if (!url) return undefined;
  url.search = '';
  url.hash = '';
  return url.href;
}
