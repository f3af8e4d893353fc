import type { Middleware } from 'koa';

/**
 * The headers of every response: no content sniffing, and HSTS (RFC 6797) if the issuer uses https. `hstsSeconds` 0
 * omits HSTS.
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

/** Sets the headers on responses of Koa. */
export const withHeaders =
  (headers: Readonly<Record<string, string>>): Middleware =>
  (ctx, next) => {
    ctx.set(headers);
    return next();
  };
