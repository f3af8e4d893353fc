import type { Context } from 'koa';
import { cookieScopeOf } from './cookie-scope.ts';

/**
 * How many authorization requests of one browser can be pending at once; older ones must be started again. One cookie
 * names them all, because a browser that stores too many cookies drops others, such as the session's.
 */
const maxRequests = 8;

const nameOf = (issuer: string) => `${cookieScopeOf(issuer).prefix}writ_authorization_requests`;

/** The app's cookie keys, with which the engine signs as well. */
const keysOf = ({ cookies }: Context) =>
  (cookies as { keys?: { sign(text: string): string; verify(text: string, by: string): boolean } })
    .keys;

/** The pending requests of this browser, newest first. Empty if the cookie's signature is not valid. */
function requestsOf(ctx: Context, issuer: string): string[] {
  const name = nameOf(issuer);
  const [ids = '', signature = ''] = (ctx.cookies.get(name, { signed: false }) ?? '').split('~');
  const isOurs = keysOf(ctx)?.verify(`${name}=${ids}`, signature);
  return isOurs ? ids.split('.').slice(0, maxRequests) : [];
}

/** Binds an authorization request to the browser that started it. */
export function rememberRequest(ctx: Context, issuer: string, uid: string): void {
  const { path, secure } = cookieScopeOf(issuer);
  const name = nameOf(issuer);
  const others = requestsOf(ctx, issuer).filter((other) => other !== uid);
  const ids = [uid, ...others].slice(0, maxRequests).join('.');
  ctx.cookies.set(name, `${ids}~${keysOf(ctx)?.sign(`${name}=${ids}`)}`, {
    signed: false,
    path,
    httpOnly: true,
    sameSite: 'lax',
    secure,
  });
}

/** Whether this browser started the request; another browser must not answer it (RFC 6749 §10.12). */
export const startedInThisBrowser = (ctx: Context, issuer: string, uid: string): boolean =>
  requestsOf(ctx, issuer).includes(uid);
