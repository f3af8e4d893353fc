import type { Middleware } from 'koa';
import { apiResource } from '../domain/installation/installation.ts';
import type { Resources } from '../domain/resources/resources.ts';
import { urlOf } from '../oauth/issuer.ts';
import { apiMetadataPath } from '../oauth/paths.ts';
import { protectedResourceMetadata } from '../oauth/protected-resource.ts';

/**
 * The metadata of Writ's own API (RFC 9728), without authentication: a client that was challenged reads there which server
 * issues tokens for the API, and the scopes that they can have.
 */
export function serveResourceMetadata({
  issuer,
  resources,
}: {
  issuer: string;
  resources: Pick<Resources, 'find'>;
}): Middleware {
  const identifier = apiResource(issuer);
  return async (ctx, next) => {
    if (ctx.path !== apiMetadataPath) return next();
    const { name, scopes = [] } = (await resources.find(identifier)) ?? {};
    ctx.set('Cache-Control', 'public, max-age=300');
    ctx.body = protectedResourceMetadata({
      resource: identifier,
      issuer,
      scopes: scopes.map((scope) => scope.name),
      name,
      documentation: urlOf(issuer, '/docs'),
    });
  };
}
