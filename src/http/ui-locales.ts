import type { Context } from 'koa';
import { cookieScopeOf } from './cookie-scope.ts';
import { languageTags } from './language.ts';

/** What a cookie holds of them; a page has one language, so the first few decide. */
const maxTags = 10;

const nameOf = (issuer: string) => `${cookieScopeOf(issuer).prefix}writ_ui_locales`;

const attributesOf = (issuer: string) => {
  const { path, secure } = cookieScopeOf(issuer);
  return { path, secure, httpOnly: true, sameSite: 'lax', signed: false } as const;
};

/**
 * Keeps `ui_locales` of an authorization request (OpenID Connect Core §3.1.2.1) for all pages that follow it in this browser,
 * for so many seconds. A request without it, or with nothing usable in it, ends that of the one before.
 */
export function rememberUiLocales(
  ctx: Context,
  issuer: string,
  given: unknown,
  seconds: number,
): void {
  const tags = typeof given === 'string' ? languageTags(given).slice(0, maxTags) : [];
  if (tags.length === 0) {
    forgetUiLocales(ctx, issuer);
    return;
  }
  const maxAge = seconds * 1000;
  ctx.cookies.set(nameOf(issuer), tags.join('~'), { ...attributesOf(issuer), maxAge });
}

/** The tags that are kept, in the order of the client. */
export const uiLocalesOf = (ctx: Context, issuer: string): string[] =>
  languageTags((ctx.cookies.get(nameOf(issuer), { signed: false }) ?? '').replaceAll('~', ' '));

/** Ends it, as when a person chooses a language themselves. */
export function forgetUiLocales(ctx: Context, issuer: string): void {
  if (ctx.cookies.get(nameOf(issuer), { signed: false }) === undefined) return;
  ctx.cookies.set(nameOf(issuer), null, attributesOf(issuer));
}
