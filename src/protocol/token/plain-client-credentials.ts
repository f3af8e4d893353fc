/**
 * THE FAST PATH of the client credentials grant (RFC 6749 §4.4), the request that apps send most: a client with a generated
 * secret, and nothing that needs the engine. It asks the same rules as the engine's path and stores the same row.
 * test/protocol/token/plain-client-credentials.test.ts compares both.
 */
import { isOpenIdScope } from '../../../config/scopes.ts';
import type { Client } from '../../domain/clients/lookup.ts';
import { isPairwise } from '../../domain/clients/subjects.ts';
import { defaultResourceFor, limitsOf } from '../../domain/resources/access.ts';
import type { Resource, Resources } from '../../domain/resources/resources.ts';
import { jwtDigest } from '../../domain/tokens/find-by-value.ts';
import type { NewToken, TokenIssue } from '../../domain/tokens/issue.ts';
import type { NoteJwtAudience } from '../../domain/tokens/jwt-audiences.ts';
import { mintJwtId, mintToken, partitionFor, publicId } from '../../domain/tokens/value.ts';
import type { Form } from '../../http/form.ts';
import { grantTypes } from '../../oauth/grant-types.ts';
import { scopeTokens } from '../../oauth/scope.ts';
import type { EngineClient } from '../engine/models.ts';
import { currentScope, inRequestScope } from '../engine/request-scope.ts';
import type { SignJwt } from '../sign-jwt.ts';
import { jwtClaims, type RightsStores, scopeOfJwt } from './jwt.ts';
import { epochsOf, type PartyStores } from './parties.ts';
import { notPlain, type PlainGrant } from './plain-requests.ts';
import type { ResourcePolicy } from './resource.ts';
import { scopeOrDefault } from './scope.ts';

interface Dependencies extends PartyStores, RightsStores {
  issuer: string;
  resources: Resources;
  resourcePolicy: Pick<ResourcePolicy, 'resourceServer'>;
  issue: Pick<TokenIssue, 'insert'>;
  noteJwtAudience: NoteJwtAudience;
  signJwt: SignJwt;
}

export function createPlainClientCredentials({
  issuer,
  resources,
  resourcePolicy,
  issue,
  signJwt,
  ...stores
}: Dependencies): PlainGrant {
  /** Issues the token of an authenticated client. */
  const respond = async (client: Client, form: Form): Promise<Record<string, unknown>> => {
    if (isPairwise(client.metadata)) throw notPlain;
    const scope = currentScope();
    scope?.clients.set(client.clientId, client);
    const identifier =
      form['resource'] ?? (await defaultResourceFor(limitsOf(client), resources)).identifier;
    const resource = identifier === undefined ? undefined : await resources.find(identifier);
    if (!resource) throw notPlain;
    scope?.resources.set(resource.identifier, resource);
    const server = await resourcePolicy.resourceServer(resource.identifier, engineClient(client));
    const requested = scopeTokens(form['scope']);
    const wanted = [
      ...new Set(scopeOrDefault(requested, client.metadata['scope'] as string | undefined)),
    ];
    const allowed = new Set(scopeTokens(server.scope));
    const granted = wanted.filter((name) => allowed.has(name));
    if (wanted.some(isOpenIdScope) || requested.some((name) => !allowed.has(name))) throw notPlain;
    const token = {
      clientId: client.clientId,
      resource,
      scope: granted.length > 0 ? granted.join(' ') : undefined,
      server,
    };
    const issuedAt = Math.floor(Date.now() / 1000);
    const ttl = server.accessTokenTTL;
    if (ttl === undefined) throw notPlain;
    const times = { issuedAt, expiresAt: issuedAt + ttl };
    const { value, row } =
      server.accessTokenFormat === 'jwt' ? await mintJwt(token, times) : mintOpaque(times);
    await issue.insert({
      ...row,
      kind: 'access_token',
      client: client.id,
      epochs: epochsOf({ client, account: undefined, grant: undefined }),
      scope: token.scope,
      audience: [resource.identifier],
      ...times,
    });
    return {
      access_token: value,
      expires_in: ttl,
      ...(token.scope !== undefined && { scope: token.scope }),
      token_type: 'Bearer',
    };
  };

  const mintOpaque = ({ issuedAt, expiresAt }: Times): Minted => {
    const { value, id } = mintToken(
      'access_token',
      partitionFor('access_token', issuedAt, expiresAt),
    );
    return { value, row: { id } };
  };

  const mintJwt = async (
    { clientId, resource, scope, server }: PlainToken,
    { issuedAt, expiresAt }: Times,
  ): Promise<Minted> => {
    const resourceServer = { identifier: () => resource.identifier, scope: server.scope };
    const id = mintJwtId(partitionFor('access_token', issuedAt, expiresAt));
    const signed = await signJwt(
      { alg: resource.signingAlg, typ: 'at+jwt' },
      {
        jti: publicId(id),
        sub: clientId,
        iat: issuedAt,
        exp: expiresAt,
        scope: scopeOfJwt({ resourceServer }, scope),
        client_id: clientId,
        iss: issuer,
        aud: resource.identifier,
        ...(await jwtClaims({ clientId, resourceServer }, stores)),
      },
    );
    if (!signed) throw notPlain;
    return {
      value: signed.value,
      row: { id, kid: signed.kid, digest: jwtDigest(signed.value) },
    };
  };

  return {
    grantType: grantTypes.clientCredentials,
    parameters: ['scope', 'resource'],
    isForPublicClients: false,
    respond: async (client, form) => ({ body: await inRequestScope(() => respond(client, form)) }),
  };
}

interface Times {
  /** Seconds since 1970. */
  issuedAt: number;
  expiresAt: number;
}

interface PlainToken {
  clientId: string;
  resource: Resource;
  scope: string | undefined;
  server: Awaited<ReturnType<ResourcePolicy['resourceServer']>>;
}

interface Minted {
  value: string;
  row: Pick<NewToken, 'id' | 'kid' | 'digest'>;
}

/** The client as the rules of resources read it. */
const engineClient = ({ clientId, metadata }: Client): EngineClient => ({
  ...(metadata as Pick<EngineClient, 'access_token_ttl' | 'access_token_format'>),
  clientId,
  ...(metadata['scope'] !== undefined && { allowed_scope: metadata['scope'] as string }),
});
