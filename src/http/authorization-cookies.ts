import type { Context } from 'koa';
import { cookieScopeOf } from './cookie-scope.ts';

/**
 * How many authorization requests of one browser can wait for an answer at once; an older one has to be begun
 * anew. One cookie names them all, since a browser that keeps too many drops another, such as that of the session.
 */
const mostRequests = 8;

const nameOf = (issuer: string) => `${cookieScopeOf(issuer).prefix}writ_authorization_requests`;

/** The keys of the app, with which the engine's cookies would be signed as well. */
const keysOf = ({ cookies }: Context) =>
  (cookies as { keys?: { sign(text: string): string; verify(text: string, by: string): boolean } })
    .keys;

/** The requests that began in this browser, the newest first. Nothing of a cookie that is not ours is believed. */
function requestsOf(ctx: Context, issuer: string): string[] {
  const name = nameOf(issuer);
  const [ids = '', signature = ''] = (ctx.cookies.get(name, { signed: false }) ?? '').split('~');
  const isOurs = keysOf(ctx)?.verify(`${name}=${ids}`, signature);
  return isOurs ? ids.split('.').slice(0, mostRequests) : [];
}

/** Binds an authorization request to the browser that began it. */
export function rememberRequest(ctx: Context, issuer: string, uid: string): void {
  const { path, secure } = cookieScopeOf(issuer);
  const name = nameOf(issuer);
  const others = requestsOf(ctx, issuer).filter((other) => other !== uid);
  const ids = [uid, ...others].slice(0, mostRequests).join('.');
  ctx.cookies.set(name, `${ids}~${keysOf(ctx)?.sign(`${name}=${ids}`)}`, {
    signed: false,
    path,
    httpOnly: true,
    sameSite: 'lax',
    secure,
  });
}

/** Whether the request with this id began in this browser: nobody answers one that somebody else began (RFC 6749 §10.12). */
export const startedInThisBrowser = (ctx: Context, issuer: string, uid: string): boolean =>
  requestsOf(ctx, issuer).includes(uid);
