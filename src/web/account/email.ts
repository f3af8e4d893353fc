import type Router from '@koa/router';
import { emailLinkGone, emailVerified, verifyEmail } from '../../../views/account/email.ts';
import type { EmailVerification } from '../../domain/accounts/email-verification.ts';
import { linkPage } from '../framework/link-page.ts';
import { withNotice } from '../framework/notices.ts';
import type { Pages } from '../framework/page-guards.ts';
import { seeOther } from '../framework/page-renderer.ts';

interface Dependencies {
  pages: Pages;
  emailVerification: EmailVerification;
}

/** `/email`: a person with a link that was sent to their address confirms it, in any browser. */
export function emailPages(router: Router, { pages, emailVerification }: Dependencies): void {
  linkPage(router, pages, {
    path: '/email',
    find: (value) => emailVerification.find(value),
    view: verifyEmail,
    gone: (ctx, visitor) => pages.show(ctx, visitor, emailLinkGone, { status: 404 }),
    confirm: async (ctx, value, visitor) => {
      if (!(await emailVerification.confirm(value, ctx.ip))) return false;
      await pages.show(ctx, visitor, emailVerified);
      return true;
    },
  });

  router.post('/account/email/verify', (ctx) =>
    pages.forForm(ctx, { returnTo: () => '/account' }, async (person) => {
      await emailVerification.request(person.session.account.id);
      seeOther(ctx, withNotice('/account', 'email_sent'));
    }),
  );
}
