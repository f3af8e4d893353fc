import type { Context } from 'koa';
import { resumePath } from '../oauth/paths.ts';

/**
 * The cookies that bind an authorization request to the browser that began it; they belong to one path
 * each. On https they have the prefix that no page without TLS can set (RFC 6265bis §4.1.3.1).
 */
export function engineCookieNames(issuer: string) {
  const prefix = issuer.startsWith('https:') ? '__Secure-' : '';
  return {
    session: `${prefix}_session`,
    interaction: `${prefix}_interaction`,
    resume: `${prefix}_interaction_resume`,
  };
}

/** Whether the request with this id began in this browser: nobody answers one that somebody else began (RFC 6749 §10.12). */
export const startedInThisBrowser = (ctx: Context, issuer: string, uid: string): boolean =>
  ctx.cookies.get(engineCookieNames(issuer).interaction, { signed: true }) === uid;

/** Lets this browser, and no other, take up the answer; also once more, where it clicked twice. */
export const setResumeCookie = (ctx: Context, issuer: string, uid: string): void =>
  void ctx.cookies.set(engineCookieNames(issuer).resume, uid, {
    signed: true,
    path: resumePath(uid),
    httpOnly: true,
    sameSite: 'lax',
  });
