import type { Context } from 'koa';
import { providerLifetimes } from '../../../config/identity-providers.ts';
import { lifetimes } from '../../../config/lifetimes.ts';
import { cookieScopeOf } from '../../http/cookie-scope.ts';

/** The cookies of pages. On https, each name has a prefix that only https can set: `http/cookie-scope.ts`. */
export type CookieName =
  | 'session'
  | 'csrf'
  | 'known'
  | 'return_to'
  | 'pending_sign_in'
  | 'remembered'
  | 'pending_identity'
  | 'way'
  | 'language';

/** How long a cookie lives, in milliseconds; one that is not listed ends with the browser. */
const maxAges: Partial<Record<CookieName, number>> = {
  // How long a browser stays known to the account that signed in with it.
  known: 400 * 86_400_000,
  // The longest time that can be set; the server decides when it ends.
  remembered: 365 * 86_400_000,
  // As long as the requests that a sign-in continues.
  return_to: lifetimes.interaction * 1000,
  pending_identity: providerLifetimes.pendingIdentity * 1000,
  // The way in which a person last signed in with this browser: `password`, or a provider.
  way: 400 * 86_400_000,
  // The language that a person chose in this browser.
  language: 400 * 86_400_000,
  pending_sign_in: lifetimes.pendingSignIn * 1000,
};

/** Browsers drop a cookie of more than 4096 bytes, with its name and attributes. */
export const maxCookieValue = 3500;

/**
 * Reads and sets the cookies of pages. They are `Secure` if the issuer is on https: the app answers so for
 * `ctx.secure`, whatever a proxy says, and Koa refuses a secure cookie otherwise.
 */
export function createCookies(issuer: string) {
  const { prefix, path, secure } = cookieScopeOf(issuer);
  const nameOf = (name: CookieName) => `${prefix}writ_${name}`;
  // Each value is random and meaningless by itself, signed on its own, or checked when it is read.
  const attributes = { path, httpOnly: true, sameSite: 'lax', secure, signed: false } as const;

  return {
    /** Undefined if it is absent or cannot be one of ours. */
    get(ctx: Context, name: CookieName): string | undefined {
      const value = ctx.cookies.get(nameOf(name), { signed: false });
      return value && value.length <= maxCookieValue && /^[\w.~-]+$/.test(value)
        ? value
        : undefined;
    },
    set(ctx: Context, name: CookieName, value: string): void {
      const maxAge = maxAges[name];
      ctx.cookies.set(nameOf(name), value, { ...attributes, ...(maxAge && { maxAge }) });
    },
    clear: (ctx: Context, name: CookieName): void =>
      void ctx.cookies.set(nameOf(name), null, attributes),
  };
}

export type Cookies = ReturnType<typeof createCookies>;
