import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import type { JWK } from 'jose';

/** A signed JWT and the key that signed it. */
export interface SignedJwt {
  value: string;
  kid: string;
}

/** Signs claims as a JWT of this type (RFC 7515 §4.1.9); undefined if there is no key for the algorithm. */
export type SignJwt = (
  header: { alg: string; typ: string },
  claims: Record<string, unknown>,
) => Promise<SignedJwt> | SignedJwt | undefined;

type Sign = (data: Buffer) => Buffer | Promise<Buffer>;

/** A key that has signed, with its encoded headers by their `typ`. */
interface Prepared {
  kid: string;
  signBytes: Sign;
  headers: Map<string, string>;
}

/** An ECDSA or EdDSA signature is made here: it takes less time than handing it to another thread. */
const signers: Readonly<Record<string, (key: KeyObject) => Sign>> = {
  ES256: (key) => (data) => joinedNumbers(sign('sha256', data, key)),
  EdDSA: (key) => (data) => sign(null, data, key),
  RS256: (key) => (data) =>
    new Promise((resolve, reject) =>
      sign('sha256', data, key, (error, signature) => (error ? reject(error) : resolve(signature))),
    ),
};

/** Bytes of each of the two numbers of an ES256 signature. */
const numberLength = 32;

/**
 * The two numbers of an ECDSA signature as a JWT has them (RFC 7518 §3.4), from their DER encoding. Node converts too
 * (`ieee-p1363`), but a signature then takes twice as long.
 */
function joinedNumbers(der: Buffer): Buffer {
  const joined = Buffer.alloc(2 * numberLength);
  // A sequence of two integers, each below 128 bytes, so every length is one byte.
  let start = 2;
  for (let end = numberLength; end <= joined.length; end += numberLength) {
    const stop = start + 2 + (der[start + 1] as number);
    // An integer has no leading zeros, or one more if its first bit is set.
    const from = Math.max(start + 2, stop - numberLength);
    der.copy(joined, end - (stop - from), from, stop);
    start = stop;
  }
  return joined;
}

/**
 * Signs with the first key of an algorithm, which is the current one, as the engine does.
 *
 * @param signingKeys The private keys of now.
 */
export function createSignJwt(signingKeys: () => JWK[]): SignJwt {
  // Keyed by the JWK, so a key that is gone is forgotten.
  const prepared = new WeakMap<JWK, Prepared>();

  const prepare = (jwk: JWK, signer: (key: KeyObject) => Sign): Prepared => {
    const key = createPrivateKey({ key: jwk as Record<string, unknown>, format: 'jwk' });
    const made = { kid: String(jwk.kid), signBytes: signer(key), headers: new Map() };
    prepared.set(jwk, made);
    return made;
  };

  return ({ alg, typ }, claims) => {
    const jwk = signingKeys().find((key) => key.alg === alg);
    const signer = signers[alg];
    if (!jwk || !signer) return undefined;
    const { kid, headers, signBytes } = prepared.get(jwk) ?? prepare(jwk, signer);
    const header = headers.get(typ) ?? encode({ alg, typ, kid });
    headers.set(typ, header);
    const signed = `${header}.${encode(claims)}`;
    const finish = (signature: Buffer): SignedJwt => ({
      value: `${signed}.${signature.toString('base64url')}`,
      kid,
    });
    const signature = signBytes(Buffer.from(signed));
    return signature instanceof Promise ? signature.then(finish) : finish(signature);
  };
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
