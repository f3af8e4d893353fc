import type { Context } from 'koa';
import type { Brand, Frame, Html } from '../../../views/layout/frame.ts';
import { render } from '../../../views/layout/render.ts';
import { sha256 } from '../../crypto/digest.ts';
import { mountPathOf } from '../../http/issuer-path.ts';
import { sectionsFor } from '../admin/sections.ts';
import type { BrowserSession } from './browser-session.ts';
import type { Spoken } from './language.ts';

/** A page whose only form sends to another site, and may be redirected by it. */
export const anywhere = Symbol('anywhere');

export interface Policy {
  /**
   * Where forms of the page can send besides this server, and where the response can redirect: a source of a
   * Content-Security-Policy. `anywhere` for a form that sends to an app, which can redirect to any other site.
   */
  formAction?: string | typeof anywhere | undefined;
  /** The text of its only inline script. */
  script?: string | undefined;
  /** The sources of its frames. */
  frames?: readonly string[] | undefined;
  calls?: boolean;
  /** A picture of a page, which a page of this server frames: it runs no script, and its forms send nothing. */
  isPicture?: boolean | undefined;
  /** Its elements carry their style, as those of emails do. */
  inlineStyle?: boolean | undefined;
  /** The tag of its language, if it was chosen for the request. */
  language?: string | undefined;
}

/**
 * Nothing but named frames is loaded from other servers, no page can be framed but pictures of pages, and forms send to this server and at most one other
 * source, except that of a response to an app. Pages without a script allow none. Pico draws its icons as data URLs.
 */
const contentSecurityPolicy = (
  scripts: string | undefined,
  { formAction = '', frames = [], calls = false, isPicture = false, inlineStyle = false }: Policy,
) =>
  [
    "default-src 'none'",
    ...(scripts && !isPicture ? [`script-src ${scripts}`] : []),
    `style-src 'self'${inlineStyle ? " 'unsafe-inline'" : ''}`,
    "img-src 'self' data:",
    ...(isPicture
      ? ["form-action 'none'"]
      : formAction === anywhere
        ? []
        : [`form-action 'self' ${formAction}`.trim()]),
    ...(frames.length > 0 ? [`frame-src ${frames.join(' ')}`] : []),
    ...(calls ? ["connect-src 'self'"] : []),
    "base-uri 'none'",
    isPicture ? "frame-ancestors 'self'" : "frame-ancestors 'none'",
  ].join('; ');

/** The frame of a page. */
export const frameOf = (
  brand: Brand,
  browserSession: BrowserSession | undefined,
  spoken: Spoken,
  {
    hasConsole = true,
    ...rest
  }: Partial<Pick<Frame, 'current' | 'notice' | 'copies'>> & {
    /** Whether the console is where the request arrived. */
    hasConsole?: boolean;
  } = {},
): Frame => ({
  brand,
  ...spoken,
  csrf: browserSession?.csrf ?? '',
  now: new Date(),
  ...(browserSession?.session && {
    person: {
      name: browserSession.session.account.name,
      email: browserSession.session.account.email,
      apiScopes: browserSession.session.account.apiScopes,
      sections: hasConsole ? sectionsFor(browserSession.session.account.apiScopes) : [],
    },
  }),
  ...rest,
});

/** The scripts that a page can run, as sources of a Content-Security-Policy; undefined for none. */
function scriptsOf(text: string, inline: string | undefined): string | undefined {
  const own = text.includes('<script src=') ? ["'self'"] : [];
  const hash = inline ? [`'sha256-${sha256(inline).toString('base64')}'`] : [];
  return [...own, ...hash].join(' ') || undefined;
}

/** Answers with a page. No cache keeps it, so the back button shows nothing after signing out. */
export async function answerPage(
  ctx: Context,
  view: Html,
  status = 200,
  policy: Policy = {},
): Promise<void> {
  const text = await render(view, mountPathOf(ctx));
  ctx.status = status;
  ctx.set('Content-Security-Policy', contentSecurityPolicy(scriptsOf(text, policy.script), policy));
  ctx.set('Cache-Control', 'no-store');
  ctx.set('X-Frame-Options', policy.isPicture ? 'SAMEORIGIN' : 'DENY');
  // Browsers must send our own forms their origin.
  ctx.set('Referrer-Policy', 'same-origin');
  ctx.set('Cross-Origin-Opener-Policy', 'same-origin');
  ctx.set('Cross-Origin-Resource-Policy', 'same-origin');
  ctx.set('Content-Language', policy.language ?? 'en');
  if (policy.language) ctx.vary('Accept-Language');
  ctx.type = 'text/html; charset=utf-8';
  ctx.body = text;
}

/** Answers the script of a page, which asks for a passkey with these options (WebAuthn §5.1). */
export function answerOptions(ctx: Context, options: object): void {
  ctx.status = 200;
  ctx.set('Cache-Control', 'no-store');
  ctx.set('Cross-Origin-Resource-Policy', 'same-origin');
  ctx.body = options;
}

/** Redirects by GET, so that going back or reloading does not send a form twice (RFC 9110 §15.4.4). */
export function seeOther(ctx: Context, path: string): void {
  ctx.status = 303;
  ctx.set('Location', path);
  ctx.set('Cache-Control', 'no-store');
  ctx.body = '';
}
