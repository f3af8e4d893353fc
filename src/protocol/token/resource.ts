import { errors, type KoaContextWithOIDC, type ResourceServer } from 'oidc-provider';
import { lifetimes } from '../../../config/lifetimes.ts';
import { openIdScopes } from '../../../config/scopes.ts';
import type { ClientLookup } from '../../domain/clients/lookup.ts';
import { type Limits, mayHave, scopesFor } from '../../domain/resources/access.ts';
import type { Resource, Resources } from '../../domain/resources/resources.ts';
import { grantTypes } from '../../oauth/grant-types.ts';
import { scopeTokens } from '../../oauth/scope.ts';
import { forEngine } from '../engine/errors.ts';
import { currentScope } from '../engine/request-scope.ts';

/** The engine's client, with the metadata that we added. */
interface EngineClient {
  clientId: string;
  allowed_scope?: string;
  access_token_ttl?: number;
  access_token_format?: 'opaque' | 'jwt';
}

/** What tokens for a resource are like: as their client wishes, an app's within today's policy for apps, else as the resource says. */
function tokenPropertiesFor(
  resource: Resource,
  {
    ttl,
    format,
    policy,
  }: {
    ttl?: number | undefined;
    format?: 'opaque' | 'jwt' | undefined;
    policy: Resource['appPolicy'];
  },
) {
  const allowed = format && (policy?.token_formats.includes(format) ?? true);
  return {
    accessTokenFormat: allowed ? format : resource.tokenFormat,
    accessTokenTTL: Math.min(
      ttl ?? resource.accessTokenTtl ?? lifetimes.accessToken,
      policy?.longest_access_token_ttl ?? Number.POSITIVE_INFINITY,
    ),
  };
}

const authorizationRoutes = ['authorization', 'pushed_authorization_request', 'resume'];

/** Who only signs people in asks for no API: their token is for userinfo (OpenID Connect Core §5.3). */
function isSignInAlone({ oidc }: KoaContextWithOIDC): boolean {
  const asked = scopeTokens(oidc.params?.['scope'] as string | undefined);
  return (
    authorizationRoutes.includes(oidc.route) &&
    asked.includes('openid') &&
    asked.every((scope) => (openIdScopes as readonly string[]).includes(scope))
  );
}

/** Which resources a client may ask tokens for (RFC 8707), and what its tokens for them are like. */
export function resourcePolicy({
  resources,
  clients,
  apiResource,
}: {
  resources: Resources;
  clients: ClientLookup;
  apiResource: string;
}) {
  const limitsOf = async ({ clientId, allowed_scope: scope }: EngineClient): Promise<Limits> => {
    const client = currentScope()?.clients.get(clientId) ?? (await clients(clientId));
    return { resources: client?.resources ?? [], app: client?.app ?? null, scope };
  };

  return {
    /** The installation's default where the client may have it, else the first of its own. */
    defaultResource: (ctx: KoaContextWithOIDC, client?: EngineClient, oneOf?: string[]) =>
      forEngine(async () => {
        if (oneOf) return oneOf.length === 1 ? oneOf[0] : oneOf;
        if (isSignInAlone(ctx)) return undefined;
        const limits = client && (await limitsOf(client));
        const standard = await resources.findDefault();
        // It is asked for by its name next.
        if (standard) currentScope()?.resources.set(standard.identifier, standard);
        if (standard && (!limits || mayHave(standard, limits))) return standard.identifier;
        if (!limits?.app || limits.resources.length > 0) return limits?.resources[0];
        const [open] = await resources.openToApps();
        // A person's token may be for what is known of them alone; what would one of a client be for?
        if (!open && ctx.oidc.params?.['grant_type'] === grantTypes.clientCredentials)
          throw new errors.InvalidTarget('no API is open to apps');
        if (open) currentScope()?.resources.set(open.identifier, open);
        return open?.identifier;
      }),

    getResourceServerInfo: (
      _ctx: KoaContextWithOIDC,
      identifier: string,
      client: EngineClient,
    ): Promise<ResourceServer> =>
      forEngine(async () => {
        const [resource, limits] = await Promise.all([
          currentScope()?.resources.get(identifier) ?? resources.find(identifier),
          limitsOf(client),
        ]);
        const scopes = resource && scopesFor(resource, limits, apiResource);
        if (!scopes)
          throw new errors.InvalidTarget(
            'there is no such resource, or the client may not have tokens for it',
          );
        return {
          scope: scopes.join(' '),
          audience: identifier,
          ...tokenPropertiesFor(resource, {
            // Those for Writ's own API are as it says, whatever their client was given.
            ...(identifier !== apiResource && {
              ttl: client.access_token_ttl,
              format: client.access_token_format,
            }),
            policy: limits.app === null ? null : resource.appPolicy,
          }),
          jwt: { sign: { alg: resource.signingAlg as 'ES256' } },
        };
      }),

    useGrantedResource: () => true,
  };
}
