import { randomUUID } from 'node:crypto';
import type { Provider } from 'oidc-provider';
import { jwtDigest } from '../../../domain/tokens/find.ts';
import { mintJwtId, mintToken, partitionFor, publicId } from '../../../domain/tokens/value.ts';
import { grantExpiry } from '../../token/lifetime.ts';
import { tokenModels } from '../adapter/tokens.ts';

/** The part of the engine's token models that decides what their values look like. */
interface TokenModel {
  prototype: {
    generateTokenId(): string;
    getValueAndPayload(): Promise<{ value: string; payload?: Record<string, unknown> }>;
  };
  IN_PAYLOAD: string[];
}

interface Token {
  jti: string;
  format?: string;
  iat?: number;
  exp?: number;
  expiration: number;
  [claim: string]: unknown;
}

/** Gives tokens our values: prefix, partition, 256 random bits, checksum; to a JWT a `jti` that is its public id. */
export function useOurTokenValues(provider: Provider): void {
  for (const [name, kind] of Object.entries(tokenModels)) {
    const model = provider[name as 'AccessToken'] as unknown as TokenModel;
    const { generateTokenId, getValueAndPayload } = model.prototype;

    model.prototype.generateTokenId = function (this: Token) {
      generateTokenId.call(this as never); // decides the format
      // Fixed here, so that the partition and the expiry cannot come from two different seconds.
      this.iat ??= Math.floor(Date.now() / 1000);
      this.exp ??= Math.min(this.iat + this.expiration, grantExpiry(this) ?? Infinity);
      const partition = partitionFor(kind, this.iat, this.exp);
      return this.format === 'jwt'
        ? publicId(mintJwtId(partition))
        : mintToken(kind, partition).value;
    } as never;

    if (kind === 'access_token')
      model.prototype.getValueAndPayload = async function (this: Token) {
        const result = await getValueAndPayload.call(this as never);
        // The engine keeps no state of JWTs. Ours are introspected, listed and revoked like any other.
        return result.payload
          ? result
          : {
              value: result.value,
              payload: {
                ...stateOf(this, model.IN_PAYLOAD),
                kid: kidOf(result.value),
                digest: jwtDigest(result.value),
              },
            };
      } as never;
  }

  (provider.Grant as unknown as TokenModel).prototype.generateTokenId = () => randomUUID();
}

const stateOf = (token: Token, names: string[]): Record<string, unknown> =>
  Object.fromEntries(
    names.filter((name) => token[name] !== undefined).map((name) => [name, token[name]]),
  );

/** The key that signed a JWT which this process has just made. */
const kidOf = (jwt: string): string =>
  JSON.parse(Buffer.from(jwt.slice(0, jwt.indexOf('.')), 'base64url').toString()).kid;
