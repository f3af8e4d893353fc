import type { Context } from 'koa';

/** What a page says after something was done; its name travels in the query, so that it needs no memory. */
const notices = {
  welcome: 'Your password is set. Sign in with it now.',
  signed_out: 'You are signed out.',
  profile: 'Your name was changed.',
  password: 'Your password was changed. Everywhere else you have been signed out.',
  disconnected: 'It is disconnected, and can do nothing in your name any more.',
  session: 'That browser has been signed out.',
  others: 'You have been signed out everywhere else.',
} as const;

export type NoticeName = keyof typeof notices;

/** A page's path with what it is to say. */
export const withNotice = (path: string, name: NoticeName): string =>
  `${path}${path.includes('?') ? '&' : '?'}done=${name}`;

/** What the query of a request asks the page to say. */
export function noticeOf(ctx: Context): string | undefined {
  const name = ctx.URL.searchParams.get('done') ?? '';
  return Object.hasOwn(notices, name) ? notices[name as NoticeName] : undefined;
}
