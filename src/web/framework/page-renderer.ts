import type { Context } from 'koa';
import type { Brand, Frame, Html } from '../../../views/layout/frame.ts';
import { render } from '../../../views/layout/render.ts';
import { mountPathOf } from '../../http/issuer-path.ts';
import type { BrowserSession } from './browser-session.ts';

/**
 * No script but ours where a page has one, nothing from elsewhere, in nobody's frame; forms lead to this
 * server, and to one other place at most. Pico draws its icons as data.
 */
const contentSecurityPolicy = (copies: boolean, formAction = '') =>
  [
    "default-src 'none'",
    ...(copies ? ["script-src 'self'"] : []),
    "style-src 'self'",
    "img-src 'self' data:",
    `form-action 'self' ${formAction}`.trim(),
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

/** What every page shows around its own content. */
export const frameOf = (
  brand: Brand,
  browserSession: BrowserSession | undefined,
  rest: Partial<Pick<Frame, 'current' | 'notice' | 'copies'>> = {},
): Frame => ({
  brand,
  csrf: browserSession?.csrf ?? '',
  now: new Date(),
  ...(browserSession?.session && {
    person: {
      name: browserSession.session.account.name,
      email: browserSession.session.account.email,
    },
  }),
  ...rest,
});

/** Answers with a page: kept by no cache, so that nobody finds it with the back button after signing out. */
export async function answerPage(
  ctx: Context,
  view: Html,
  status = 200,
  { formAction, copies = false }: { formAction?: string | undefined; copies?: boolean } = {},
): Promise<void> {
  ctx.status = status;
  ctx.set('Content-Security-Policy', contentSecurityPolicy(copies, formAction));
  ctx.set('Cache-Control', 'no-store');
  ctx.set('X-Frame-Options', 'DENY');
  // The origin has to be sent to ourselves, or browsers hide it from our own forms.
  ctx.set('Referrer-Policy', 'same-origin');
  ctx.set('Cross-Origin-Opener-Policy', 'same-origin');
  ctx.set('Cross-Origin-Resource-Policy', 'same-origin');
  ctx.type = 'text/html; charset=utf-8';
  ctx.body = await render(view, mountPathOf(ctx));
}

/** Sends the browser on, by GET, so that going back or reloading sends no form twice (RFC 9110 §15.4.4). */
export function seeOther(ctx: Context, path: string): void {
  ctx.status = 303;
  ctx.set('Location', path);
  ctx.set('Cache-Control', 'no-store');
  ctx.body = '';
}
