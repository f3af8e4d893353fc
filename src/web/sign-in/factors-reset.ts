import type Router from '@koa/router';
import type { Context } from 'koa';
import {
  factorsResetGone,
  factorsResetStopped,
  stopFactorsReset,
} from '../../../views/sign-in/factors-reset.ts';
import type { FactorResets } from '../../domain/accounts/factor-resets.ts';
import { readForm } from '../../http/form.ts';
import { logPathAs } from '../../http/log-text.ts';
import type { BrowserSession } from '../framework/browser-session.ts';
import type { Pages } from '../framework/page-guards.ts';

interface Dependencies {
  pages: Pages;
  factorResets: Pick<FactorResets, 'findByLink' | 'stopByLink'>;
}

/** `/factors-reset`: a person stops the removal of their second factors with a link, in any browser. */
export function factorsResetPages(router: Router, { pages, factorResets }: Dependencies): void {
  const gone = (ctx: Context, browserSession: BrowserSession) =>
    pages.show(ctx, browserSession, (frame) => factorsResetGone(frame), { status: 404 });

  const show = async (
    ctx: Context,
    browserSession: BrowserSession,
    value: string,
    { problem, status = 200 }: { problem?: string; status?: number } = {},
  ) => {
    const found = await factorResets.findByLink(value);
    if (!found) return gone(ctx, browserSession);
    await pages.show(
      ctx,
      // The link is not about the person who is signed in.
      { ...browserSession, session: undefined },
      (frame) => stopFactorsReset(frame, { value, name: found.name, dueAt: found.dueAt, problem }),
      { status },
    );
  };

  router.get('/factors-reset/:value', async (ctx) => {
    logPathAs(ctx, '/factors-reset/[…]');
    await show(ctx, await pages.browserSession(ctx), String(ctx['params']['value']));
  });

  router.post('/factors-reset', async (ctx) => {
    const { value = '', ...form } = await readForm(ctx);
    const browserSession = await pages.browserSession(ctx);
    if (!browserSession.isOurs(ctx, form, 'anyone'))
      return show(ctx, browserSession, value, {
        problem: pages.messages(ctx).problems.stale,
        status: 403,
      });
    if (!(await factorResets.stopByLink(value, ctx.ip))) return gone(ctx, browserSession);
    await pages.show(ctx, browserSession, (frame) => factorsResetStopped(frame));
  });
}
