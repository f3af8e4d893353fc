import { errors, type KoaContextWithOIDC, type ResourceServer } from 'oidc-provider';
import { lifetimes } from '../../config/lifetimes.ts';
import type { ClientLookup } from '../domain/clients/lookup.ts';
import type { Resource, Resources } from '../domain/resources.ts';
import { scopeTokens } from '../oauth/names.ts';
import { forEngine } from './errors.ts';
import { currentScope } from './request-scope.ts';

/** The engine's client, with the metadata that we added. */
interface EngineClient {
  clientId: string;
  allowed_scope?: string;
  access_token_ttl?: number;
}

/** The scopes of a resource that a client may ask for; nothing where it may have no tokens for it. */
export function scopesFor(
  { identifier, isDefault, scopes }: Resource,
  client: { resources: string[]; scope: string | undefined },
  apiResource: string,
): string[] | undefined {
  const { resources } = client;
  if (!(resources.length === 0 ? isDefault : resources.includes(identifier))) return undefined;
  // Writ's own API gives nothing to a client that was not given it by name.
  const limit = client.scope ?? (identifier === apiResource ? '' : undefined);
  const names = scopes.map(({ name }) => name);
  if (limit === undefined) return names;
  const allowed = new Set(scopeTokens(limit));
  return names.filter((name) => allowed.has(name));
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
  const registered = async ({ clientId }: EngineClient): Promise<string[]> =>
    (currentScope()?.clients.get(clientId) ?? (await clients(clientId)))?.resources ?? [];

  return {
    /** The installation's default where the client may have it, else the first of its own. */
    defaultResource: (_ctx: KoaContextWithOIDC, client?: EngineClient, oneOf?: string[]) =>
      forEngine(async () => {
        if (oneOf) return oneOf.length === 1 ? oneOf[0] : oneOf;
        const own = client ? await registered(client) : [];
        const standard = await resources.findDefault();
        // It is asked for by its name next.
        if (standard) currentScope()?.resources.set(standard.identifier, standard);
        return standard && (own.length === 0 || own.includes(standard.identifier))
          ? standard.identifier
          : own[0];
      }),

    getResourceServerInfo: (
      _ctx: KoaContextWithOIDC,
      identifier: string,
      client: EngineClient,
    ): Promise<ResourceServer> =>
      forEngine(async () => {
        const [resource, own] = await Promise.all([
          currentScope()?.resources.get(identifier) ?? resources.find(identifier),
          registered(client),
        ]);
        const scopes =
          resource &&
          scopesFor(resource, { resources: own, scope: client.allowed_scope }, apiResource);
        if (!scopes)
          throw new errors.InvalidTarget(
            'there is no such resource, or the client may not have tokens for it',
          );
        return {
          scope: scopes.join(' '),
          audience: identifier,
          accessTokenFormat: resource.tokenFormat,
          accessTokenTTL:
            // Those for Writ's own API live no longer than it says, whatever their client was given.
            (identifier === apiResource ? undefined : client.access_token_ttl) ??
            resource.accessTokenTtl ??
            lifetimes.accessToken,
          jwt: { sign: { alg: resource.signingAlg as 'ES256' } },
        };
      }),

    useGrantedResource: () => true,
  };
}
