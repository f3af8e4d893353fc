/** REVOCATION (RFC 7009) of every kind and format of token. */
import cors from '@koa/cors';
import type { Middleware } from 'koa';
import compose from 'koa-compose';
import type { EndToken } from '../domain/tokens/revocation.ts';
import { OAuthError } from '../oauth/errors.ts';
import { endpoints } from '../oauth/paths.ts';
import { type ClientForms, postEndpoint } from './client-form.ts';

/**
 * Revokes a token for the client that it was issued to (RFC 7009 §2). A token that is not active is as good as
 * revoked; that of another client is refused with `unauthorized_client` (§2.1). Apps in browsers may call it
 * from any origin (§2.3).
 */
export function createRevocation({
  forms,
  end,
}: {
  forms: ClientForms;
  end: EndToken;
}): Middleware {
  const endpoint = postEndpoint(endpoints.revocation, async (ctx) => {
    const { token, client } = await forms.read(ctx);
    if (token && token.client !== client.id)
      throw new OAuthError('unauthorized_client', 'The token belongs to another client.');
    if (token) await end(token, { kind: 'client', id: client.clientId, ip: ctx.ip });
    return '';
  });
  const allowEveryOrigin = cors({
    allowMethods: 'POST',
    exposeHeaders: 'WWW-Authenticate',
    maxAge: 3600,
  }) as Middleware;
  return compose([onRevocationPath(allowEveryOrigin), endpoint]);
}

const onRevocationPath =
  (middleware: Middleware): Middleware =>
  (ctx, next) =>
    ctx.path === endpoints.revocation ? middleware(ctx, next) : next();
