import type Router from '@koa/router';
import type { Context } from 'koa';
import {
  type AccountEmailProps,
  accountEmail,
  addressChanged,
  addressLinkGone,
  addressRestored,
  confirmAddress,
  restoreAddress,
} from '../../../views/account/email-change.ts';
import type { AddressLink, EmailChange } from '../../domain/accounts/email-change.ts';
import { LimitReached } from '../../domain/limits/rate-limits.ts';
import type { BrowserSession, Person } from '../framework/browser-session.ts';
import type { Cookies } from '../framework/cookies.ts';
import { type Refusal, tryForm } from '../framework/forms.ts';
import { linkPage } from '../framework/link-page.ts';
import { withNotice } from '../framework/notices.ts';
import type { Pages } from '../framework/page-guards.ts';
import { seeOther } from '../framework/page-renderer.ts';
import { tooManyAttempts } from '../framework/waiting-time.ts';
import type { MailDelivery } from '../sign-in/forgot.ts';

interface Dependencies {
  pages: Pages;
  cookies: Cookies;
  emailChange: EmailChange;
  mailDelivery: MailDelivery;
}

const path = '/account/email';

/**
 * `/account/email`: a person asks for a link to another address; `/email/change`: they confirm it, in any browser;
 * `/email/revert`: they restore the address that the account had.
 */
export function emailChangePages(
  router: Router,
  { pages, cookies, emailChange, mailDelivery }: Dependencies,
): void {
  const show = (
    ctx: Context,
    person: Person,
    props: Pick<AccountEmailProps, 'email' | 'problems'> = {},
    status = 200,
  ) =>
    pages.show(
      ctx,
      person,
      (frame) =>
        accountEmail(frame, {
          current: person.session.account.email,
          isOutbox: mailDelivery === 'outbox',
          ...props,
        }),
      { current: 'account', status },
    );

  if (mailDelivery !== 'none') {
    router.get(path, (ctx) =>
      pages.forPerson(ctx, { returnTo: path, recent: true }, (person) => show(ctx, person)),
    );

    router.post(path, (ctx) =>
      pages.forForm(ctx, { returnTo: () => path, recent: true }, (person, { email = '' }) => {
        const refuse = (problem: string, status: number) =>
          show(ctx, person, { email, problems: { email: problem } }, status);
        const { account } = person.session;
        if (email.trim() === '') return refuse('Enter the new address.', 400);
        if (email.trim().toLowerCase() === account.email?.toLowerCase())
          return refuse('This is your address already.', 400);
        return tryForm(
          async () => {
            try {
              await emailChange.request(account.id, email, ctx.ip);
            } catch (error) {
              if (!(error instanceof LimitReached)) throw error;
              return refuse(tooManyAttempts(ctx, error), 429);
            }
            seeOther(
              ctx,
              withNotice(
                '/account',
                mailDelivery === 'outbox' ? 'email_change_asked' : 'email_change_sent',
              ),
            );
          },
          ({ problems, status }: Refusal<'email'>) =>
            show(ctx, person, { email, problems }, status),
          { email: 'email' },
        );
      }),
    );
  }

  const addressLink = ({ path: at, find, confirm, view, done }: LinkOfAddress) => {
    const gone = (ctx: Context, visitor: BrowserSession, reason: AddressLinkGoneReason) =>
      pages.show(ctx, visitor, (frame) => addressLinkGone(frame, { reason }), {
        status: reason === 'taken' ? 409 : 404,
      });
    linkPage(router, pages, {
      path: at,
      find: async (value) => {
        const found = await find(value);
        return found?.isUsed ? undefined : found;
      },
      view,
      gone: async (ctx, visitor, value) =>
        gone(ctx, visitor, (await find(value))?.isUsed ? 'used' : 'expired'),
      confirm: async (ctx, value, visitor) => {
        const found = await find(value);
        const outcome = await confirm(value, ctx.ip);
        if (outcome === 'gone' || !found) return false;
        if (outcome === 'taken') {
          await gone(ctx, visitor, 'taken');
          return true;
        }
        if (at === '/email/revert') cookies.clear(ctx, 'session');
        await pages.show(ctx, { ...visitor, session: undefined }, (frame) =>
          done(frame, { email: found.email }),
        );
        return true;
      },
    });
  };

  addressLink({
    path: '/email/change',
    find: (value) => emailChange.find(value),
    confirm: (value, ip) => emailChange.confirm(value, ip),
    view: confirmAddress,
    done: addressChanged,
  });
  addressLink({
    path: '/email/revert',
    find: (value) => emailChange.findRevert(value),
    confirm: (value, ip) => emailChange.revert(value, ip),
    view: restoreAddress,
    done: addressRestored,
  });
}

type AddressLinkGoneReason = Parameters<typeof addressLinkGone>[1]['reason'];

interface LinkOfAddress {
  path: '/email/change' | '/email/revert';
  find: (value: string) => Promise<AddressLink | undefined>;
  confirm: EmailChange['confirm'];
  view: typeof confirmAddress;
  done: typeof addressChanged;
}
