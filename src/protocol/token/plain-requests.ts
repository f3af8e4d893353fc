/**
 * THE FAST PATH of the token endpoint: plain requests of the grants that have one. Every other request, and every refusal,
 * takes the engine's path.
 */
import type { RequestListener } from 'node:http';
import type { Middleware } from 'koa';
import { agentOf } from '../../domain/clients/agents.ts';
import { authenticatesBySecret, isPublic } from '../../domain/clients/client-types.ts';
import { isClientUrl } from '../../domain/clients/documents/client-urls.ts';
import type { Client, ClientLookup } from '../../domain/clients/lookup.ts';
import { isFapi2 } from '../../domain/clients/profiles.ts';
import type { ClientSecrets } from '../../domain/clients/secrets.ts';
import { rememberClientOf } from '../../http/access-log.ts';
import type { Form } from '../../http/form.ts';
import { requestIdOf } from '../../http/request-id.ts';
import { OAuthError } from '../../oauth/errors.ts';
import type { grantTypes } from '../../oauth/grant-types.ts';
import { type Parameters, parametersOf } from '../../oauth/parameters.ts';
import { endpoints } from '../../oauth/paths.ts';
import { readCredentials } from '../client-authentication.ts';
import { createFastPath, type FastPathResponse } from '../fast-path.ts';

/** Thrown for requests that are not plain. Made once, since an error is slow to make. */
export const notPlain = new Error('not plain');

/** The plain requests of one grant. */
export interface PlainGrant {
  grantType: (typeof grantTypes)[keyof typeof grantTypes];
  /** The parameters that a plain request can have, besides the grant type and the credentials of its client. */
  parameters: readonly string[];
  /** Whether clients without a secret can use it. */
  isForPublicClients: boolean;
  /** Begins with a request, whose client is not known yet. Throws `notPlain`. */
  begin(form: Form): PlainRequest;
  /** Runs what follows on the engine's path, if this grant has failed with this reason. */
  resume?(reason: unknown, next: () => Promise<unknown>): Promise<unknown>;
}

/** One plain request. */
export interface PlainRequest {
  /** Finds the client together with what else the answer depends on. Only reads, since anyone can name a client. */
  find?: ClientLookup;
  /** Answers the authenticated client, which is allowed the grant. Throws `notPlain`. */
  respond(client: Client): Promise<Pick<FastPathResponse, 'body' | 'status'>>;
}

interface Dependencies {
  /** How many trusted proxies are in front of the server. */
  trustProxy: number;
  /** The headers of every response. */
  headers: Readonly<Record<string, string>>;
  clients: ClientLookup;
  secrets: Pick<ClientSecrets, 'matchesGenerated'>;
  grants: readonly PlainGrant[];
}

export interface PlainRequests {
  /** Tries a request before Koa, and passes it to `otherwise` if it is not plain. */
  fastPath(otherwise: RequestListener): RequestListener;
  /** Refuses a request that the fast path has tried, and that must not be tried again. */
  middleware: Middleware;
}

/**
 * Errors that the engine's path must not try again: waiting for the database once more would only make it worse, and a request during
 * which its client was revoked ends with that.
 */
const finalErrors: ReadonlySet<string> = new Set(['temporarily_unavailable', 'invalid_grant']);

/** Parameters of every plain request. */
const ofClients = ['grant_type', 'client_id', 'client_secret'];

/** As at the token endpoint, but a plain request names one resource at most. */
const parameters: Parameters = {
  ...parametersOf[endpoints.token],
  resource: { ...parametersOf[endpoints.token]?.['resource'], repeats: 1 },
};

export function createPlainRequests({
  trustProxy,
  headers,
  clients,
  secrets,
  grants,
}: Dependencies): PlainRequests {
  const app = { proxy: trustProxy > 0 };
  const plainGrants = new Map(
    grants.map((grant) => [
      grant.grantType as string,
      { ...grant, names: new Set([...ofClients, ...grant.parameters]) },
    ]),
  );

  const authenticate = async (
    form: Form,
    authorization: string,
    { grantType, isForPublicClients }: PlainGrant,
    find: ClientLookup,
  ): Promise<Client> => {
    const credentials = readCredentials(authorization, form);
    const { method, clientId } = credentials;
    const isWithoutSecret = method === 'none' && isForPublicClients;
    // Reading a client with a document can fetch it, and counts that for the network of the request.
    if ((method !== 'secret' && !isWithoutSecret) || isClientUrl(clientId ?? '')) throw notPlain;
    const client = await find(clientId ?? '');
    if (!client || !isPlain(client, grantType)) throw notPlain;
    const isAuthentic =
      method === 'secret'
        ? authenticatesBySecret(client.metadata) &&
          secrets.matchesGenerated(client, credentials.secret)
        : isPublic(client.metadata);
    if (!isAuthentic) throw notPlain;
    return client;
  };

  const fast = createFastPath(
    endpoints.token,
    parameters,
    headers,
    async (form, request, response): Promise<FastPathResponse> => {
      const grant = plainGrants.get(form['grant_type'] ?? '');
      if (
        !grant ||
        request.headers['dpop'] !== undefined ||
        Object.keys(form).some((name) => !grant.names.has(name))
      )
        throw notPlain;
      const { authorization = '' } = request.headers;
      const { find = clients, respond } = grant.begin(form);
      const client = await authenticate(form, authorization, grant, find);
      const answer = await respond(client);
      rememberClientOf(response, client.clientId);
      return {
        ...answer,
        headers: {
          // For caches of HTTP/1.0 (RFC 6749 §5.1).
          Pragma: 'no-cache',
          'X-Request-Id': requestIdOf({ req: request, res: response, app }),
        },
      };
    },
  );

  /** What follows on the engine's path, after each grant has had its say. */
  const resume = (reason: unknown, next: () => Promise<unknown>): Promise<unknown> =>
    grants.reduce(
      (run, grant) => (grant.resume ? () => grant.resume?.(reason, run) ?? run() : run),
      next,
    )();

  return {
    fastPath: fast.before,
    async middleware(ctx, next) {
      const { reason } = (ctx.path === endpoints.token && fast.failureOf(ctx.req)) || {};
      if (reason instanceof OAuthError && finalErrors.has(reason.code)) throw reason;
      if (reason === undefined || reason === notPlain) await next();
      else await resume(reason, next);
    },
  };
}

/** Whether nothing about a client needs the engine, and the client is registered for the grant. */
function isPlain({ metadata, ownerId, origin }: Client, grantType: string): boolean {
  const { grant_types: grants } = metadata;
  return (
    ownerId === null &&
    origin === null &&
    Array.isArray(grants) &&
    grants.includes(grantType) &&
    !isFapi2(metadata) &&
    !agentOf(metadata) &&
    metadata['dpop_bound_access_tokens'] !== true &&
    metadata['tls_client_certificate_bound_access_tokens'] !== true
  );
}
