import type { Context } from 'koa';
import { cookieScopeOf } from '../../http/cookie-scope.ts';

/** What pages keep in a browser. On https each has a prefix that only https can set: `http/cookie-scope.ts`. */
export type CookieName = 'session' | 'csrf' | 'known';

/** How long a browser stays known for the account that signed in on it, in milliseconds. */
const knownFor = 400 * 86_400_000;

/**
 * Reads and sets the cookies of pages. They are `Secure` where the issuer is on https: the app answers
 * so for `ctx.secure`, whatever a proxy says, and Koa refuses a secure cookie in any other app.
 */
export function createCookies(issuer: string) {
  const { prefix, path, secure } = cookieScopeOf(issuer);
  const nameOf = (name: CookieName) => `${prefix}writ_${name}`;
  // Each is a random value that says nothing by itself, or has a signature of its own.
  const attributes = { path, httpOnly: true, sameSite: 'lax', secure, signed: false } as const;

  return {
    /** Nothing where it is absent, or cannot be one of ours. */
    get(ctx: Context, name: CookieName): string | undefined {
      const value = ctx.cookies.get(nameOf(name), { signed: false });
      return value && /^[\w.~-]{1,500}$/.test(value) ? value : undefined;
    },
    /** All but `known` end with the browser. */
    set(ctx: Context, name: CookieName, value: string): void {
      const kept = name === 'known' ? { maxAge: knownFor } : {};
      ctx.cookies.set(nameOf(name), value, { ...attributes, ...kept });
    },
    clear: (ctx: Context, name: CookieName): void =>
      void ctx.cookies.set(nameOf(name), null, attributes),
  };
}

export type Cookies = ReturnType<typeof createCookies>;
