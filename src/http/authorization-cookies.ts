import type { Context } from 'koa';
import { cookieScopeOf } from './cookie-scope.ts';

/**
 * How many authorization requests of one browser can be pending; older ones must be started again. A browser that stores
 * too many cookies drops others, such as the session's. Each request has a cookie of its own, so that two that begin at
 * once do not overwrite one another.
 */
const maxRequests = 8;

const prefixOf = (issuer: string) => `${cookieScopeOf(issuer).prefix}writ_authorization_request_`;

/** The app's cookie keys, with which the engine signs as well. */
const keysOf = ({ cookies }: Context) =>
  (cookies as { keys?: { sign(text: string): string; verify(text: string, by: string): boolean } })
    .keys;

interface RequestCookie {
  name: string;
  /** When the request was stored, in milliseconds since the epoch. */
  at: string;
  signature: string;
}

/** The cookies of requests that the browser sent. Koa would keep a regular expression for each name that it reads. */
function cookiesOf(ctx: Context, issuer: string): RequestCookie[] {
  const prefix = prefixOf(issuer);
  return ctx
    .get('cookie')
    .split(';')
    .flatMap((pair) => {
      const [name = '', value = ''] = pair.trim().split('=', 2);
      const [, at = '', signature = ''] = /^(\d{1,15})~([\w-]+)$/.exec(value) ?? [];
      return name.startsWith(prefix) && at !== '' ? [{ name, at, signature }] : [];
    });
}

/** Binds an authorization request to the browser that started it. */
export function rememberRequest(ctx: Context, issuer: string, uid: string): void {
  const { path, secure } = cookieScopeOf(issuer);
  const attributes = { signed: false, path, httpOnly: true, sameSite: 'lax', secure } as const;
  const name = prefixOf(issuer) + uid;
  const at = String(Date.now());
  ctx.cookies.set(name, `${at}~${keysOf(ctx)?.sign(`${name}=${at}`)}`, attributes);
  const others = cookiesOf(ctx, issuer)
    .filter((other) => other.name !== name)
    .sort((one, other) => Number(other.at) - Number(one.at));
  for (const old of others.slice(maxRequests - 1)) ctx.cookies.set(old.name, null, attributes);
}

/** Whether this browser started the request; another browser must not answer it (RFC 6749 §10.12). */
export function startedInThisBrowser(ctx: Context, issuer: string, uid: string): boolean {
  const name = prefixOf(issuer) + uid;
  return cookiesOf(ctx, issuer).some(
    (cookie) =>
      cookie.name === name &&
      keysOf(ctx)?.verify(`${name}=${cookie.at}`, cookie.signature) === true,
  );
}
