import { equal, sha256 } from '../../crypto/digest.ts';
import type { TokenLookup, TokenState } from './token-state.ts';
import { parsePublicId, parseToken, type TokenId } from './value.ts';

/** What a presented value is, if it is a token that was handed out; else nothing. */
export type FindToken = (value: string) => Promise<TokenState | undefined>;

/** What is kept of a JWT, to know it again: whoever has it has every byte of it. */
export const jwtDigest = (value: string): Buffer => sha256(value);

/**
 * Finds tokens by their values. A JWT is known by its bytes, as an opaque token is: its `jti` says
 * where it is stored, and the digest there whether this very text was handed out. That costs a hash
 * instead of the verification of a signature, and whoever stole a signing key cannot make a token
 * that Writ takes for one of its own.
 */
export const createFindToken =
  (lookup: TokenLookup): FindToken =>
  async (value) => {
    if (!value.includes('.')) {
      const id = parseToken(value)?.id;
      return id && lookup(id);
    }
    const id = placeOfJwt(value);
    const state = id && (await lookup(id));
    return state?.digest && equal(state.digest, jwtDigest(value)) ? state : undefined;
  };

/** Where a JWT says that it is stored; nothing where it is no JWT, or none of ours. */
function placeOfJwt(value: string): TokenId | undefined {
  const [, payload = ''] = value.split('.', 2);
  try {
    const { jti } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { jti?: unknown };
    return typeof jti === 'string' ? parsePublicId(jti) : undefined;
  } catch {
    return undefined;
  }
}
