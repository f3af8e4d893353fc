import { randomUUID } from 'node:crypto';
import type { Provider } from 'oidc-provider';
import { jwtDigest } from '../../../domain/tokens/find-by-value.ts';
import { mintJwtId, mintToken, partitionFor, publicId } from '../../../domain/tokens/value.ts';
import { grantExpiry } from '../../token/lifetime.ts';
import { type TokenModelName, tokenModels } from '../adapter/tokens.ts';
import { type EngineToken, modelsOf } from '../models.ts';
import { currentScope } from '../request-scope.ts';

/**
 * Replaces `generateTokenId` of the token models: a value consists of a prefix, the partition, 256 random bits and a
 * checksum; a JWT gets its public ID as `jti`. Replaces `getValueAndPayload` of access tokens: the engine stores
 * nothing for a JWT, but Writ introspects, lists and revokes JWTs like any other token.
 */
export function patchTokenValues(provider: Provider): void {
  const models = modelsOf(provider);
  for (const name of Object.keys(tokenModels) as TokenModelName[]) {
    const model = models[name];
    const kind = tokenModels[name];
    const { generateTokenId, getValueAndPayload } = model.prototype;

    model.prototype.generateTokenId = function () {
      generateTokenId.call(this); // chooses the format
      // Set here, because the partition and the expiry must come from the same second.
      this.iat ??= Math.floor(Date.now() / 1000);
      this.exp ??= Math.min(this.iat + this.expiration, grantExpiry(this) ?? Infinity);
      const partition = partitionFor(kind, this.iat, this.exp);
      return this.format === 'jwt'
        ? publicId(mintJwtId(partition))
        : mintToken(kind, partition).value;
    };

    if (kind === 'access_token')
      model.prototype.getValueAndPayload = async function () {
        const result = await getValueAndPayload.call(this);
        const work = currentScope()?.work;
        if (work) work.accessToken = result.value;
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
      };
  }

  models.Grant.prototype.generateTokenId = () => randomUUID();
}

const stateOf = (token: EngineToken, names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(
    names.filter((name) => token[name] !== undefined).map((name) => [name, token[name]]),
  );

/** The `kid` of a JWT that this process has just signed. */
const kidOf = (jwt: string): string =>
  JSON.parse(Buffer.from(jwt.slice(0, jwt.indexOf('.')), 'base64url').toString()).kid;
