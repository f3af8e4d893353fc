import type { Middleware } from 'koa';

/**
 * What every answer says: that its type is not to be guessed, and, where the issuer is reached by https, that it
 * is never to be asked without (HSTS, RFC 6797). `hstsSeconds` 0 leaves that out.
 */
export function securityHeaders({
  issuer,
  hstsSeconds,
}: {
  issuer: string;
  hstsSeconds: number;
}): Readonly<Record<string, string>> {
  return {
    'X-Content-Type-Options': 'nosniff',
    ...(issuer.startsWith('https:') &&
      hstsSeconds > 0 && { 'Strict-Transport-Security': `max-age=${hstsSeconds}` }),
  };
}

/** Sets the headers on what Koa answers. */
export const withHeaders =
  (headers: Readonly<Record<string, string>>): Middleware =>
  (ctx, next) => {
    ctx.set(headers);
    return next();
  };
