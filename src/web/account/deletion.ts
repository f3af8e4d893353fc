import type Router from '@koa/router';
import type { Context } from 'koa';
import { type AccountDeleteProps, accountDelete } from '../../../views/account/delete.ts';
import type { Accounts } from '../../domain/accounts/accounts.ts';
import type { AccountDeletion } from '../../domain/accounts/deletion.ts';
import { PasswordRefused } from '../../domain/accounts/passwords.ts';
import { LimitReached } from '../../domain/limits/rate-limits.ts';
import { OAuthError } from '../../oauth/errors.ts';
import type { Person } from '../framework/browser-session.ts';
import type { Cookies } from '../framework/cookies.ts';
import { withNotice } from '../framework/notices.ts';
import type { Pages } from '../framework/page-guards.ts';
import { seeOther } from '../framework/page-renderer.ts';
import { signInPath } from '../framework/return-to.ts';
import { tooManyAttempts } from '../framework/waiting-time.ts';

interface Dependencies {
  pages: Pages;
  cookies: Cookies;
  accounts: Pick<Accounts, 'describe'>;
  accountDeletion: Pick<AccountDeletion, 'deleteOwn'>;
}

const path = '/account/delete';

/** `/account/delete`: a person deletes their account, with their password if they have one. */
export function accountDeletionPages(
  router: Router,
  { pages, cookies, accounts, accountDeletion }: Dependencies,
): void {
  const show = async (
    ctx: Context,
    person: Person,
    refused: Pick<AccountDeleteProps, 'problem' | 'problems'> = {},
    status = 200,
  ) => {
    const { account } = person.session;
    const { has_password: hasPassword = true } = (await accounts.describe(account.id)) ?? {};
    await pages.show(
      ctx,
      person,
      (frame) => accountDelete(frame, { email: account.email, hasPassword, ...refused }),
      { current: 'account', status },
    );
  };

  router.get(path, (ctx) =>
    pages.forPerson(ctx, { returnTo: path, recent: true }, (person) => show(ctx, person)),
  );

  router.post(path, (ctx) =>
    pages.forForm(ctx, { returnTo: () => path, recent: true }, async (person, { current = '' }) => {
      const { id: sessionId, account } = person.session;
      try {
        await accountDeletion.deleteOwn({
          accountId: account.id,
          sessionId,
          current,
          ip: ctx.ip,
        });
      } catch (error) {
        if (error instanceof PasswordRefused) {
          const { reason, message } = error;
          return show(
            ctx,
            person,
            reason === 'not_recent' ? { problem: message } : { problems: { current: message } },
            400,
          );
        }
        if (error instanceof OAuthError && error.code === 'conflict')
          return show(ctx, person, { problem: error.message }, 409);
        if (!(error instanceof LimitReached)) throw error;
        return show(ctx, person, { problems: { current: tooManyAttempts(ctx, error) } }, 429);
      }
      cookies.clear(ctx, 'session');
      cookies.clear(ctx, 'known');
      seeOther(ctx, withNotice(signInPath('/account'), 'account_deleted'));
    }),
  );
}
