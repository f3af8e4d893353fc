/**
 * THE FAST PATH of the client credentials grant (RFC 6749 §4.4), the request that apps send most: a client with a generated
 * secret, and nothing that needs the engine. It asks the same rules as the engine's path and stores the same row.
 * test/protocol/token/plain-client-credentials.test.ts compares both. Every other request, and every refusal, takes the
 * engine's path.
 */
import type { RequestListener } from 'node:http';
import type { Middleware } from 'koa';
import { isOpenIdScope } from '../../../config/scopes.ts';
import { agentOf } from '../../domain/clients/agents.ts';
import { authenticatesBySecret } from '../../domain/clients/client-types.ts';
import { isClientUrl } from '../../domain/clients/documents/client-urls.ts';
import type { Client, ClientLookup } from '../../domain/clients/lookup.ts';
import { isFapi2 } from '../../domain/clients/profiles.ts';
import type { ClientSecrets } from '../../domain/clients/secrets.ts';
import { isPairwise } from '../../domain/clients/subjects.ts';
import { defaultResourceFor, limitsOf } from '../../domain/resources/access.ts';
import type { Resource, Resources } from '../../domain/resources/resources.ts';
import { jwtDigest } from '../../domain/tokens/find-by-value.ts';
import type { NewToken, TokenIssue } from '../../domain/tokens/issue.ts';
import type { NoteJwtAudience } from '../../domain/tokens/jwt-audiences.ts';
import { mintJwtId, mintToken, partitionFor, publicId } from '../../domain/tokens/value.ts';
import { rememberClientOf } from '../../http/access-log.ts';
import type { Form } from '../../http/form.ts';
import { requestIdOf } from '../../http/request-id.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { grantTypes } from '../../oauth/grant-types.ts';
import { type Parameters, parametersOf } from '../../oauth/parameters.ts';
import { endpoints } from '../../oauth/paths.ts';
import { scopeTokens } from '../../oauth/scope.ts';
import { readCredentials } from '../client-authentication.ts';
import type { EngineClient } from '../engine/models.ts';
import { currentScope, inRequestScope } from '../engine/request-scope.ts';
import { createFastPath, type FastPathResponse } from '../fast-path.ts';
import type { SignJwt } from '../sign-jwt.ts';
import { jwtClaims, type RightsStores, scopeOfJwt } from './jwt.ts';
import { epochsOf, type PartyStores } from './parties.ts';
import type { ResourcePolicy } from './resource.ts';
import { scopeOrDefault } from './scope.ts';

interface Dependencies extends PartyStores, RightsStores {
  issuer: string;
  /** How many trusted proxies are in front of the server. */
  trustProxy: number;
  /** The headers of every response. */
  headers: Readonly<Record<string, string>>;
  clients: ClientLookup;
  secrets: Pick<ClientSecrets, 'matchesGenerated'>;
  resources: Resources;
  resourcePolicy: Pick<ResourcePolicy, 'resourceServer'>;
  issue: Pick<TokenIssue, 'insert'>;
  noteJwtAudience: NoteJwtAudience;
  signJwt: SignJwt;
}

export interface PlainClientCredentials {
  /** Tries a request before Koa, and passes it to `otherwise` if it is not plain. */
  fastPath(otherwise: RequestListener): RequestListener;
  /** Refuses a request that the fast path has tried, and that must not be tried again. */
  middleware: Middleware;
}

/** Thrown for requests that are not plain. Made once, since an error is slow to make. */
const notPlain = new Error('not plain');

/**
 * Errors that the engine's path must not try again: waiting for the database once more would only make it worse, and a request during
 * which its client was revoked ends with that.
 */
const finalErrors: ReadonlySet<string> = new Set(['temporarily_unavailable', 'invalid_grant']);

/** Names of parameters that a plain request can have. */
const plainParameters = new Set(['grant_type', 'scope', 'resource', 'client_id', 'client_secret']);

/** As at the token endpoint, but a plain request names one resource at most. */
const parameters: Parameters = {
  ...parametersOf[endpoints.token],
  resource: { ...parametersOf[endpoints.token]?.['resource'], repeats: 1 },
};

export function createPlainClientCredentials({
  issuer,
  trustProxy,
  headers,
  secrets,
  resources,
  resourcePolicy,
  issue,
  signJwt,
  ...stores
}: Dependencies): PlainClientCredentials {
  const { clients } = stores;
  const app = { proxy: trustProxy > 0 };

  const authenticate = async (form: Form, authorization: string): Promise<Client> => {
    const credentials = readCredentials(authorization, form);
    // Reading a client with a document can fetch it, and counts that for the network of the request.
    if (credentials.method !== 'secret' || isClientUrl(credentials.clientId)) throw notPlain;
    const client = await clients(credentials.clientId);
    if (!client || !isPlain(client) || !secrets.matchesGenerated(client, credentials.secret))
      throw notPlain;
    return client;
  };

  /** Issues the token of an authenticated client. */
  const respond = async (client: Client, form: Form): Promise<Record<string, unknown>> => {
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

  const fast = createFastPath(
    endpoints.token,
    parameters,
    headers,
    async (form, request, response): Promise<FastPathResponse> => {
      if (
        form['grant_type'] !== grantTypes.clientCredentials ||
        request.headers['dpop'] !== undefined ||
        Object.keys(form).some((name) => !plainParameters.has(name))
      )
        throw notPlain;
      const client = await authenticate(form, request.headers.authorization ?? '');
      const body = await inRequestScope(() => respond(client, form));
      rememberClientOf(response, client.clientId);
      return {
        body,
        headers: {
          // For caches of HTTP/1.0 (RFC 6749 §5.1).
          Pragma: 'no-cache',
          'X-Request-Id': requestIdOf({ req: request, res: response, app }),
        },
      };
    },
  );

  return {
    fastPath: fast.before,
    async middleware(ctx, next) {
      const { reason } = (ctx.path === endpoints.token && fast.failureOf(ctx.req)) || {};
      if (reason instanceof OAuthError && finalErrors.has(reason.code)) throw reason;
      await next();
    },
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

/** Whether nothing about a client needs the engine. */
function isPlain({ metadata, ownerId, origin }: Client): boolean {
  const { grant_types: grants } = metadata;
  return (
    ownerId === null &&
    origin === null &&
    Array.isArray(grants) &&
    grants.includes(grantTypes.clientCredentials) &&
    authenticatesBySecret(metadata) &&
    !isFapi2(metadata) &&
    !isPairwise(metadata) &&
    !agentOf(metadata) &&
    metadata['dpop_bound_access_tokens'] !== true &&
    metadata['tls_client_certificate_bound_access_tokens'] !== true
  );
}

/** The client as the rules of resources read it. */
const engineClient = ({ clientId, metadata }: Client): EngineClient => ({
  ...(metadata as Pick<EngineClient, 'access_token_ttl' | 'access_token_format'>),
  clientId,
  ...(metadata['scope'] !== undefined && { allowed_scope: metadata['scope'] as string }),
});
