import type Router from '@koa/router';
import { accountSecurity, passwordSection } from '../../../views/account/security.ts';
import type { Frame, Html } from '../../../views/layout/frame.ts';
import type { Accounts } from '../../domain/accounts/accounts.ts';
import type { Person } from '../framework/browser-session.ts';
import { noticeOf } from '../framework/notices.ts';
import type { Pages } from '../framework/page-guards.ts';

/** A section of the page: reads what it shows. Undefined if there is nothing to show. */
export type SecuritySection = (person: Person) => Promise<((frame: Frame) => Html) | undefined>;

export const securityPath = '/account/security';

/** `/account/security`: how a person signs in, in sections that have pages of their own. */
export function securityPages(
  router: Router,
  {
    pages,
    accounts,
    sections,
  }: {
    pages: Pages;
    accounts: Pick<Accounts, 'describe'>;
    /** After the password, in their order. */
    sections: readonly SecuritySection[];
  },
): void {
  const password: SecuritySection = async ({ session }) => {
    const described = await accounts.describe(session.account.id);
    return (frame) =>
      passwordSection(frame, {
        changedAt: described?.password_changed_at ?? null,
        hasPassword: described?.has_password ?? true,
        hasEmail: session.account.email !== null,
      });
  };

  router.get(securityPath, (ctx) =>
    pages.forPerson(ctx, { returnTo: securityPath }, async (person) => {
      const views = await Promise.all([password, ...sections].map((section) => section(person)));
      await pages.show(
        ctx,
        person,
        (frame) =>
          accountSecurity(frame, {
            sections: views.flatMap((view) => (view ? [view(frame)] : [])),
          }),
        { current: 'account', notice: noticeOf(ctx) },
      );
    }),
  );
}
