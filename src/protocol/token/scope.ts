/** SCOPE AND ITS DEFAULT (RFC 6749 §3.3): the same rules for all grants. */
import { decodeJwt } from 'jose';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { commandLineClientIds } from '../../../config/clients.ts';
import { isOpenIdScope } from '../../../config/scopes.ts';
import { apiResource } from '../../domain/installation/installation.ts';
import { allowedOpenIdScopes } from '../../domain/resources/access.ts';
import { grantTypes } from '../../oauth/grant-types.ts';
import { scopeTokens } from '../../oauth/scope.ts';
import { invalidScope } from '../engine/errors.ts';
import { engineClientOf } from '../engine/models.ts';
import { currentScope } from '../engine/request-scope.ts';
import { readerOf, refusedScope } from './refusals.ts';

/**
 * The requested scope. A request without one gets the client's registered scope: the pre-defined default of RFC 6749
 * §3.3.
 */
export const scopeOrDefault = (requested: string[], registered: string | undefined): string[] =>
  requested.length > 0 ? requested : scopeTokens(registered);

/** A request gets the whole scope that it names or `invalid_scope`, never silently less. */
export function assertScopeAllowed(
  ctx: KoaContextWithOIDC,
  requested: string[],
  allowed: ReadonlySet<string>,
  { isForClient = false }: { isForClient?: boolean } = {},
): void {
  const refused = requested.filter((scope) => !allowed.has(scope));
  if (refused.length === 0) return;
  const { resourceServers, issuer } = ctx.oidc;
  throw refusedScope(refused, {
    client: engineClientOf(ctx),
    resources: Object.keys(resourceServers ?? {}),
    apiResource: apiResource(issuer),
    isForClient,
    ...readerOf(ctx),
  });
}

/**
 * Resolves the scope of a request that a person will decide on, once its resources are known: the scopes of the
 * resources, and the OpenID Connect scopes that the client is allowed. Beside `openid`, a scope that means nothing here
 * is ignored (OpenID Connect Core §3.1.2.1); one that the client is not allowed is refused.
 */
export function resolveScope(ctx: KoaContextWithOIDC, given: string[]): void {
  const { params, resourceServers } = ctx.oidc;
  const client = engineClientOf(ctx);
  if (!client || !params) return;
  const { allowed_scope: registered } = client;
  const ofResources = Object.values(resourceServers ?? {}).flatMap(({ scope }) =>
    scopeTokens(scope),
  );
  const isCommandLine = commandLineClientIds.includes(client.clientId);
  const requested = isCommandLine ? expandWildcards(given, ofResources) : given;
  const named = scopeOrDefault(requested, registered);
  const allowed = new Set([...ofResources, ...allowedOpenIdScopes(registered, named)]);
  const identifiers = Object.keys(resourceServers ?? {});
  assertScopeAllowed(
    ctx,
    requested.includes('openid') && !isCommandLine
      ? requested.filter((name) => isOpenIdScope(name) || isScopeOf(identifiers, name))
      : requested,
    allowed,
  );
  const scope = named.filter((name) => allowed.has(name));
  params['scope'] = scope.length > 0 ? scope.join(' ') : undefined;
}

/**
 * The command line, which does not know the scopes of an API, can ask for all of them, `*`, or for those that end with a
 * word, `*:read`. A wildcard that matches no scope stays, and is refused.
 */
const expandWildcards = (requested: string[], scopes: string[]): string[] =>
  requested.flatMap((name) => {
    if (!name.startsWith('*')) return name;
    const meant = scopes.filter((scope) => scope.endsWith(name.slice(1)));
    return meant.length > 0 ? meant : name;
  });

/** Whether one of the resources, which this request has read, has the scope. */
const isScopeOf = (identifiers: string[], name: string): boolean =>
  identifiers.some((identifier) =>
    currentScope()
      ?.resources.get(identifier)
      ?.scopes.some((scope) => scope.name === name),
  );

/**
 * Does the same as `resolveScope` for an authorization request. The engine has dropped `offline_access` if no consent
 * prompt was requested (OpenID Connect Core §11), but in Writ a person always consents. It is useless to a client
 * without the refresh token grant.
 */
export function resolveAuthorizationScope(ctx: KoaContextWithOIDC): void {
  const { oidc } = ctx;
  if (oidc.route !== 'authorization' && oidc.route !== 'pushed_authorization_request') return;
  const mayRefresh = oidc.client?.grantTypeAllowed(grantTypes.refreshToken) ?? false;
  const requested = [...new Set(scopeTokens(requestedScope(ctx)))];
  resolveScope(
    ctx,
    requested.filter((scope) => mayRefresh || scope !== 'offline_access'),
  );
  if (oidc.params?.['scope'] === undefined && oidc.params?.['authorization_details'] === undefined)
    throw invalidScope('the scope parameter is missing; name the scopes that the app needs');
}

/** The scope as the client sent it. */
function requestedScope({ oidc, query }: KoaContextWithOIDC): string | undefined {
  const pushed = oidc.entities.PushedAuthorizationRequest;
  const { scope } = (pushed?.request ? decodeJwt(pushed.request) : (oidc.body ?? query)) as {
    scope?: string;
  };
  return scope;
}
