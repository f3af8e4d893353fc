import type Router from '@koa/router';
import {
  factorsResetGone,
  factorsResetStopped,
  stopFactorsReset,
} from '../../../views/sign-in/factors-reset.ts';
import type { FactorResets } from '../../domain/accounts/factor-resets.ts';
import { linkPage } from '../framework/link-page.ts';
import type { Pages } from '../framework/page-guards.ts';

interface Dependencies {
  pages: Pages;
  factorResets: Pick<FactorResets, 'findByLink' | 'stopByLink'>;
}

/** `/factors-reset`: a person stops the removal of their second factors with a link. */
export function factorsResetPages(router: Router, { pages, factorResets }: Dependencies): void {
  linkPage(router, pages, {
    path: '/factors-reset',
    find: (value) => factorResets.findByLink(value),
    view: stopFactorsReset,
    stale: (ctx) => pages.messages(ctx).problems.stale,
    gone: (ctx, visitor) => pages.show(ctx, visitor, factorsResetGone, { status: 404 }),
    confirm: async (ctx, value, visitor) => {
      if (!(await factorResets.stopByLink(value, ctx.ip))) return false;
      await pages.show(ctx, visitor, factorsResetStopped);
      return true;
    },
  });
}
