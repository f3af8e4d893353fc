import cors from '@koa/cors';
import type { Middleware } from 'koa';
import { endpoints } from '../oauth/paths.ts';

/** Lets apps that run in browsers revoke their tokens from any origin (RFC 7009 §2.3). */
export function revocationCors(): Middleware {
  const allow = cors({
    allowMethods: 'POST',
    exposeHeaders: 'WWW-Authenticate',
    maxAge: 3600,
  }) as Middleware;
  return (ctx, next) => (ctx.path === endpoints.revocation ? allow(ctx, next) : next());
}
