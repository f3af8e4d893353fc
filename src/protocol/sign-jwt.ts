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

/** An ECDSA or EdDSA signature is made here: it takes less time than handing it to another thread. */
const signers: Readonly<Record<string, (key: KeyObject) => Sign>> = {
  ES256: (key) => (data) => sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' }),
  EdDSA: (key) => (data) => sign(null, data, key),
  RS256: (key) => (data) =>
    new Promise((resolve, reject) =>
      sign('sha256', data, key, (error, signature) => (error ? reject(error) : resolve(signature))),
    ),
};

/**
 * Signs with the first key of an algorithm, which is the current one, as the engine does.
 *
 * @param signingKeys The private keys of now.
 */
export function createSignJwt(signingKeys: () => JWK[]): SignJwt {
  // Keyed by the JWK, so a key that is gone is forgotten.
  const prepared = new WeakMap<JWK, Sign>();

  const prepare = (jwk: JWK, signer: (key: KeyObject) => Sign): Sign => {
    const made = signer(createPrivateKey({ key: jwk as Record<string, unknown>, format: 'jwk' }));
    prepared.set(jwk, made);
    return made;
  };

  return ({ alg, typ }, claims) => {
    const jwk = signingKeys().find((key) => key.alg === alg);
    const signer = signers[alg];
    if (!jwk || !signer) return undefined;
    const kid = String(jwk.kid);
    const signed = `${encode({ alg, typ, kid })}.${encode(claims)}`;
    const finish = (signature: Buffer): SignedJwt => ({
      value: `${signed}.${signature.toString('base64url')}`,
      kid,
    });
    const signature = (prepared.get(jwk) ?? prepare(jwk, signer))(Buffer.from(signed));
    return signature instanceof Promise ? signature.then(finish) : finish(signature);
  };
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
