/** RESOURCE INDICATORS (RFC 8707): which resource a token is for, and the properties of its tokens. */
import { errors, type KoaContextWithOIDC, type ResourceServer } from 'oidc-provider';
import { isOpenIdScope } from '../../../config/scopes.ts';
import type { ClientLookup } from '../../domain/clients/lookup.ts';
import { fapi2SigningAlgs, isFapi2 } from '../../domain/clients/profiles.ts';
import {
  type ClientLimits,
  defaultResourceFor,
  limitsOf,
  scopesFor,
} from '../../domain/resources/access.ts';
import type { Resource, Resources } from '../../domain/resources/resources.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { grantTypes } from '../../oauth/grant-types.ts';
import { scopeTokens } from '../../oauth/scope.ts';
import { forEngine } from '../engine/errors.ts';
import type { EngineClient } from '../engine/models.ts';
import { currentScope } from '../engine/request-scope.ts';
import { accessTokenTtlFor } from './lifetime.ts';
import {
  missingResource,
  type RefusalReader,
  readerOf,
  refusedResource,
  refusedSigningAlg,
} from './refusals.ts';
import { scopeOrDefault } from './scope.ts';

interface Dependencies {
  resources: Resources;
  clients: ClientLookup;
  apiResource: string;
}

/** The rules of resources for the engine and for code that issues tokens without it. */
export interface ResourcePolicy {
  /**
   * The resource of a request that names none; undefined for one that only signs a person in. Of several that were
   * granted (`oneOf`) none is chosen: the engine then refuses a request that needs a single one. Throws
   * `invalid_target` if the client has none, so that every token for an API has an audience (RFC 9068 §3).
   */
  defaultResource(
    ctx: KoaContextWithOIDC,
    client: EngineClient | undefined,
    oneOf?: readonly string[],
  ): Promise<string | readonly string[] | undefined>;
  /** What a client's tokens for a resource are like. Throws `invalid_target` if it is not allowed any. */
  resourceServer(
    identifier: string,
    client: EngineClient,
    reader?: RefusalReader,
  ): Promise<ResourceServer>;
}

/** Creates the resource policy. `apiResource` is the identifier of Writ's own API. */
export function createResourcePolicy({
  resources,
  clients,
  apiResource,
}: Dependencies): ResourcePolicy {
  const limitsFor = async ({
    clientId,
    allowed_scope: scope,
    subjectType,
  }: EngineClient): Promise<ClientLimits> => {
    const client = currentScope()?.clients.get(clientId) ?? (await clients(clientId));
    return {
      ...(client ? limitsOf(client) : { resources: [], app: null }),
      scope,
      isPairwise: subjectType === 'pairwise',
    };
  };

  const resourceOf = async (identifier: string): Promise<Resource | undefined> => {
    const known = currentScope()?.resources;
    const resource = known?.get(identifier) ?? (await resources.find(identifier));
    if (resource) known?.set(identifier, resource);
    return resource;
  };

  return {
    defaultResource: (ctx, client, oneOf) =>
      forEngine(async () => {
        if (oneOf) return oneOf.length === 1 ? oneOf[0] : oneOf;
        if (requestsSignInOnly(ctx)) return undefined;
        const limits = client && (await limitsFor(client));
        const { identifier, resource } = await defaultResourceFor(limits, resources);
        // The engine looks this resource up by its identifier next.
        if (resource) currentScope()?.resources.set(resource.identifier, resource);
        if (identifier !== undefined && beginsSignIn(ctx)) {
          const { scopes = [] } = (await resourceOf(identifier)) ?? {};
          if (!requestedScopes(ctx).some((name) => scopes.some((scope) => scope.name === name)))
            return undefined;
        }
        // Only userinfo accepts a token without an audience (OpenID Connect Core §5.3).
        if (identifier === undefined && !requestsOpenId(ctx, limits))
          throw missingResource(client, readerOf(ctx));
        return identifier;
      }),

    resourceServer: (identifier, client, { isTokenRequest } = { isTokenRequest: false }) =>
      forEngine(async () => {
        const [resource, limits] = await Promise.all([resourceOf(identifier), limitsFor(client)]);
        const scopes = resource && scopesFor(resource, limits, apiResource);
        if (!scopes)
          throw refusedResource(client, {
            identifier,
            isOwnApi: identifier === apiResource,
            isTokenRequest,
          });
        const policy = limits.app === null ? null : resource.appPolicy;
        const longest = limits.isSelfRegistered ? resource.selfRegisteredPolicy : policy;
        // The client's own preferences do not apply to tokens for Writ's own API.
        const preferred: Partial<EngineClient> = identifier === apiResource ? {} : client;
        // In a JWT, a client with pairwise subjects could read the ID of the account.
        const accessTokenFormat =
          client.subjectType === 'pairwise'
            ? 'opaque'
            : formatFor(resource, preferred.access_token_format, policy);
        const { signingAlg } = resource;
        if (
          isFapi2(client) &&
          accessTokenFormat === 'jwt' &&
          !fapi2SigningAlgs.some((alg) => alg === signingAlg)
        )
          throw refusedSigningAlg(identifier, signingAlg);
        return {
          scope: scopes.join(' '),
          audience: identifier,
          accessTokenFormat,
          accessTokenTTL: accessTokenTtlFor(resource, {
            preferred: preferred.access_token_ttl,
            policy: longest,
          }),
          jwt: { sign: { alg: signingAlg as 'ES256' } },
        };
      }),
  };
}

/** Does the same as `resourceServer` outside the engine's endpoints. Throws `conflict` instead of `invalid_target`. */
export async function resolveResourceServer(
  policy: ResourcePolicy,
  identifier: string,
  client: EngineClient,
): Promise<ResourceServer> {
  try {
    return await policy.resourceServer(identifier, client);
  } catch (cause) {
    if (!(cause instanceof errors.InvalidTarget)) throw cause;
    throw new OAuthError(
      'conflict',
      'The API does not exist, or the client is no longer allowed tokens for it.',
      { cause },
    );
  }
}

/** The format that the client prefers, if the app policy allows it; otherwise the resource's. */
const formatFor = (
  { tokenFormat }: Resource,
  preferred: 'opaque' | 'jwt' | undefined,
  policy: Resource['appPolicy'],
): 'opaque' | 'jwt' =>
  preferred && (policy?.token_formats.includes(preferred) ?? true) ? preferred : tokenFormat;

const authorizationRoutes = ['authorization', 'pushed_authorization_request', 'resume'];

/** Grants in which no one signs in. */
const ownGrants: readonly string[] = [grantTypes.clientCredentials, grantTypes.jwtBearer];

/** Whether a person's sign-in is part of the request, or of what its client requests by default. */
const requestsOpenId = ({ oidc }: KoaContextWithOIDC, limits: ClientLimits | undefined): boolean =>
  !ownGrants.includes(String(oidc.params?.['grant_type'])) &&
  scopeOrDefault(scopeTokens(oidc.params?.['scope'] as string | undefined), limits?.scope).includes(
    'openid',
  );

const requestedScopes = ({ oidc }: KoaContextWithOIDC): string[] =>
  scopeTokens(oidc.params?.['scope'] as string | undefined);

/**
 * Whether a browser is sent here with `openid`. If no other scope is one of an API, the token is for userinfo (OpenID
 * Connect Core §5.3).
 */
const beginsSignIn = (ctx: KoaContextWithOIDC): boolean =>
  authorizationRoutes.includes(ctx.oidc.route) && requestedScopes(ctx).includes('openid');

const requestsSignInOnly = (ctx: KoaContextWithOIDC): boolean =>
  beginsSignIn(ctx) && requestedScopes(ctx).every(isOpenIdScope);
