import type { Context } from 'koa';

/** What pages keep in a browser. On https each has the prefix that no other host of the domain can set (RFC 6265bis §4.1.3.2). */
export type CookieName = 'session' | 'csrf' | 'known';

/** How long a browser stays known for the account that signed in on it, in milliseconds. */
const knownFor = 400 * 86_400_000;

/**
 * Reads and sets the cookies of pages. They are `Secure` where the issuer is on https: the app answers
 * so for `ctx.secure`, whatever a proxy says, and Koa refuses a secure cookie in any other app.
 */
export function createCookies(issuer: string) {
  const secure = issuer.startsWith('https:');
  const nameOf = (name: CookieName) => `${secure ? '__Host-' : ''}writ_${name}`;
  // Each is a random value that says nothing by itself, or has a signature of its own.
  const attributes = { path: '/', httpOnly: true, sameSite: 'lax', secure, signed: false } as const;

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
