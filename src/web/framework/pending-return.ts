import type { Context } from 'koa';
import { type Cookies, maxCookieValue } from './cookies.ts';
import { readReturnTo } from './return-to.ts';

/**
 * Remembers in a cookie what a person was about to do when they were asked to sign in, for people who sign in with the
 * link of an invitation instead. An authorization request that is too long for a cookie is not remembered.
 */
export function rememberReturn(ctx: Context, cookies: Cookies, returnTo: string): void {
  const value = Buffer.from(returnTo).toString('base64url');
  if (returnTo !== '/account' && value.length <= maxCookieValue)
    cookies.set(ctx, 'return_to', value);
}

/** Where the person was about to go; their account if nothing is remembered. Forgets it. */
export function takeReturn(ctx: Context, cookies: Cookies): string {
  const value = cookies.get(ctx, 'return_to');
  if (value === undefined) return '/account';
  cookies.clear(ctx, 'return_to');
  return readReturnTo(Buffer.from(value, 'base64url').toString());
}
