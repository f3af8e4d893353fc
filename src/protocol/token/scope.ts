import { decodeJwt } from 'jose';
import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import { allowedOpenIdScopes } from '../../domain/resources/access.ts';
import { grantTypes } from '../../oauth/grant-types.ts';
import { scopeTokens } from '../../oauth/scope.ts';

/**
 * Settles the scope of a request that a person will answer, once its resources are known: a scope that is
 * asked for is there in whole or the request is refused; without one, it is what the client is registered
 * with, the pre-defined default of RFC 6749 §3.3.
 */
export function resolveScope({ oidc }: KoaContextWithOIDC, asked: string[]): void {
  const { client, params, resourceServers } = oidc;
  if (!client || !params) return;
  const { allowed_scope: registered } = client as { allowed_scope?: string };
  const ofResources = Object.values(resourceServers ?? {}).flatMap((resourceServer) =>
    scopeTokens((resourceServer as unknown as { scope?: string }).scope),
  );
  const allowed = new Set([...ofResources, ...allowedOpenIdScopes(registered)]);
  const refused = asked.filter((scope) => !allowed.has(scope));
  if (refused.length > 0)
    throw new errors.InvalidScope(
      'the requested resource does not have this scope, or the client may not have it',
      refused.join(' '),
    );
  const settled =
    asked.length > 0 ? asked : scopeTokens(registered).filter((scope) => allowed.has(scope));
  params['scope'] = settled.length > 0 ? settled.join(' ') : undefined;
}

/**
 * As `resolveScope`, for an authorization request. The engine has dropped `offline_access` where no consent
 * was asked for (OpenID Connect Core §11), and here a person always consents. A client without the grant
 * that renews has no use for it.
 */
export function resolveAuthorizationScope(ctx: KoaContextWithOIDC): void {
  const { oidc } = ctx;
  if (oidc.route !== 'authorization' && oidc.route !== 'pushed_authorization_request') return;
  const renews = oidc.client?.grantTypeAllowed(grantTypes.refreshToken) ?? false;
  const asked = [...new Set(scopeTokens(askedScope(ctx)))];
  resolveScope(
    ctx,
    asked.filter((scope) => renews || scope !== 'offline_access'),
  );
  if (oidc.params && oidc.params['scope'] === undefined)
    throw new errors.InvalidScope(
      'the scope parameter must say what is asked for',
      undefined as never,
    );
}

/** The scope as the client sent it. */
function askedScope({ oidc, query }: KoaContextWithOIDC): string | undefined {
  const pushed = oidc.entities.PushedAuthorizationRequest as { request?: string } | undefined;
  const { scope } = (pushed?.request ? decodeJwt(pushed.request) : (oidc.body ?? query)) as {
    scope?: string;
  };
  return scope;
}
