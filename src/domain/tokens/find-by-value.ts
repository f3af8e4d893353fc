import { equal, sha256 } from '../../crypto/digest.ts';
import type { TokenLookup, TokenState } from './token-state.ts';
import { parsePublicId, parseToken, type TokenId } from './value.ts';

/** Finds an issued token by its value, active or not. Returns undefined for any other value. */
export type FindToken = (value: string) => Promise<TokenState | undefined>;

/** The stored digest of an entire JWT. */
export const jwtDigest = (value: string): Buffer => sha256(value);

/**
 * Finds tokens by their values. A JWT is recognized by its bytes, like an opaque token: the `jti` locates its row, and
 * the digest stored there shows that exactly this JWT was issued. A hash is cheaper than verifying the signature, and a
 * stolen signing key cannot be used to forge tokens that Writ itself accepts.
 */
export const createFindToken =
  (lookup: TokenLookup): FindToken =>
  async (value) => {
    if (!value.includes('.')) {
      const id = parseToken(value)?.id;
      return id && lookup(id);
    }
    const id = tokenIdOfJwt(value);
    const state = id && (await lookup(id));
    return state?.digest && equal(state.digest, jwtDigest(value)) ? state : undefined;
  };

/** Decodes the `jti` without verifying anything. Undefined unless the value is a JWT with a `jti` of our format. */
function tokenIdOfJwt(value: string): TokenId | undefined {
  const [, payload = ''] = value.split('.', 2);
  try {
    const { jti } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { jti?: unknown };
    return typeof jti === 'string' ? parsePublicId(jti) : undefined;
  } catch {
    return undefined;
  }
}
