/** ACCESS TOKENS OF THE FAST PATHS: the value and the row that the engine would make (formats/opaque.js, formats/jwt.js). */
import type { ResourceServer } from 'oidc-provider';
import type { Client } from '../../domain/clients/lookup.ts';
import type { Resource } from '../../domain/resources/resources.ts';
import { jwtDigest } from '../../domain/tokens/find-by-value.ts';
import type { NewToken } from '../../domain/tokens/issue.ts';
import type { NoteJwtAudience } from '../../domain/tokens/jwt-audiences.ts';
import { mintJwtId, mintToken, partitionFor, publicId } from '../../domain/tokens/value.ts';
import type { EngineClient } from '../engine/models.ts';
import type { SignJwt } from '../sign-jwt.ts';
import { jwtClaims, type RightsStores, scopeOfJwt } from './jwt.ts';
import type { LoginContext } from './login-context.ts';
import type { PartyStores } from './parties.ts';
import { notPlain } from './plain-requests.ts';

export interface PlainTokenDependencies extends PartyStores, RightsStores {
  issuer: string;
  noteJwtAudience: NoteJwtAudience;
  signJwt: SignJwt;
}

export interface PlainAccessToken {
  clientId: string;
  /** Of a token that is a person's. */
  login?: { accountId: string; grantId: string; context: LoginContext };
  resource: Resource;
  scope: string | undefined;
  server: ResourceServer;
}

/** Seconds since 1970. */
export interface Times {
  issuedAt: number;
  expiresAt: number;
}

interface Minted {
  value: string;
  row: Pick<NewToken, 'id' | 'kid' | 'digest'>;
}

/** Makes the value of an access token in the format of its API. Throws `notPlain` if there is no key to sign with. */
export type MintAccessToken = (token: PlainAccessToken, times: Times) => Promise<Minted>;

export function createMintAccessToken({
  issuer,
  signJwt,
  ...stores
}: PlainTokenDependencies): MintAccessToken {
  const mintOpaque = ({ issuedAt, expiresAt }: Times): Minted => {
    const { value, id } = mintToken(
      'access_token',
      partitionFor('access_token', issuedAt, expiresAt),
    );
    return { value, row: { id } };
  };

  const mintJwt = async (
    { clientId, login, resource, scope, server }: PlainAccessToken,
    { issuedAt, expiresAt }: Times,
  ): Promise<Minted> => {
    const resourceServer = { identifier: () => resource.identifier, scope: server.scope };
    const { accountId, grantId } = login ?? {};
    const id = mintJwtId(partitionFor('access_token', issuedAt, expiresAt));
    const signed = await signJwt(
      { alg: resource.signingAlg, typ: 'at+jwt' },
      {
        jti: publicId(id),
        sub: accountId ?? clientId,
        iat: issuedAt,
        exp: expiresAt,
        scope: scopeOfJwt({ resourceServer }, scope),
        client_id: clientId,
        iss: issuer,
        aud: resource.identifier,
        ...(await jwtClaims({ clientId, accountId, grantId, resourceServer }, stores)),
        ...login?.context,
      },
    );
    if (!signed) throw notPlain;
    return {
      value: signed.value,
      row: { id, kid: signed.kid, digest: jwtDigest(signed.value) },
    };
  };

  return (token, times) =>
    token.server.accessTokenFormat === 'jwt'
      ? mintJwt(token, times)
      : Promise.resolve(mintOpaque(times));
}

/** The client as the rules of resources and lifetimes read it. */
export const engineClientOfPlain = ({ clientId, metadata }: Client): EngineClient => ({
  ...(metadata as Omit<EngineClient, 'clientId'>),
  clientId,
  clientAuthMethod: metadata['token_endpoint_auth_method'] as string | undefined,
  ...(metadata['scope'] !== undefined && { allowed_scope: metadata['scope'] as string }),
});
