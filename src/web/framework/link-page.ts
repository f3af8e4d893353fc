import type Router from '@koa/router';
import type { Context } from 'koa';
import type { Frame, Html } from '../../../views/layout/frame.ts';
import { readForm } from '../../http/form.ts';
import { logPathAs } from '../../http/log-text.ts';
import type { BrowserSession } from './browser-session.ts';
import { staleForm } from './forms.ts';
import type { Pages } from './page-guards.ts';

interface LinkPage<Found> {
  /** The path below which the link is, and to which its form is sent. */
  path: string;
  /** What the link is for; undefined if it no longer works. */
  find: (value: string) => Promise<Found | undefined>;
  /** The page that asks, as a link alone changes nothing: programs open those of emails. */
  view: (frame: Frame, props: Found & { value: string; problem?: string | undefined }) => Html;
  /** The answer to a link that no longer works. */
  gone: (ctx: Context, visitor: BrowserSession, value: string) => Promise<void>;
  /** Does what the link is for, shows the result, and returns whether the link still worked. */
  confirm: (ctx: Context, value: string, visitor: BrowserSession) => Promise<boolean>;
  /** The problem of a form from before the person signed in or out, in the language of the page. */
  stale?: (ctx: Context) => string;
}

/**
 * THE PAGE OF A LINK THAT WAS SENT BY EMAIL, in any browser, also while another person is signed in there. Its value does not
 * go to the log.
 */
export function linkPage<Found>(
  router: Router,
  pages: Pages,
  { path, find, view, gone, confirm, stale = () => staleForm }: LinkPage<Found>,
): void {
  const show = async (
    ctx: Context,
    visitor: BrowserSession,
    value: string,
    { problem, status = 200 }: { problem?: string; status?: number } = {},
  ) => {
    const found = await find(value);
    if (!found) return gone(ctx, visitor, value);
    await pages.show(
      ctx,
      // The link is not about the person who is signed in.
      { ...visitor, session: undefined },
      (frame) => view(frame, { ...found, value, problem }),
      { status },
    );
  };

  router.get(`${path}/:value`, async (ctx) => {
    logPathAs(ctx, `${path}/[…]`);
    await show(ctx, await pages.browserSession(ctx), String(ctx['params']['value']));
  });

  router.post(path, async (ctx) => {
    const { value = '', ...form } = await readForm(ctx);
    const visitor = await pages.browserSession(ctx);
    if (!visitor.isOurs(ctx, form, 'anyone'))
      return show(ctx, visitor, value, { problem: stale(ctx), status: 403 });
    if (!(await confirm(ctx, value, visitor))) await gone(ctx, visitor, value);
  });
}
