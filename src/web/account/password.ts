import type Router from '@koa/router';
import type { Context } from 'koa';
import { type AccountPasswordProps, accountPassword } from '../../../views/account/password.ts';
import { PasswordRefused, type Passwords } from '../../domain/accounts/passwords.ts';
import { LimitReached } from '../../domain/limits/rate-limits.ts';
import type { Person } from '../framework/browser-session.ts';
import type { Cookies } from '../framework/cookies.ts';
import { withNotice } from '../framework/notices.ts';
import type { Pages } from '../framework/page-guards.ts';
import { seeOther } from '../framework/page-renderer.ts';
import { tooManyAttempts } from '../framework/waiting-time.ts';

interface Dependencies {
  pages: Pages;
  cookies: Cookies;
  passwords: Passwords;
}

type Problems = NonNullable<AccountPasswordProps['problems']>;

const path = '/account/password';

/** `/account/password`: a person changes their password. */
export function passwordPages(router: Router, { pages, cookies, passwords }: Dependencies): void {
  const show = (ctx: Context, person: Person, problems: Problems = {}, status = 200) =>
    pages.show(
      ctx,
      person,
      (frame) => accountPassword(frame, { email: person.session.account.email, problems }),
      { current: 'account', status },
    );

  router.get(path, (ctx) =>
    pages.forPerson(ctx, { returnTo: path, recent: true }, (person) => show(ctx, person)),
  );

  router.post(path, (ctx) =>
    pages.forForm(
      ctx,
      { returnTo: () => path, recent: true },
      async (person, { current = '', password: next = '', repeat = '' }) => {
        const { id: sessionId, account } = person.session;
        const problems: Problems = {
          ...(current === '' && { current: 'Enter your current password.' }),
          ...(next === '' && { password: 'Enter a new password.' }),
          ...(next !== repeat && { repeat: 'The two new passwords are different.' }),
        };
        try {
          if (Object.keys(problems).length > 0) {
            // Everything that is wrong is shown at once.
            if (next !== '') await passwords.checkNew(account.id, next);
            return show(ctx, person, problems, 400);
          }
          const { knownBrowser, session } = await passwords.change({
            accountId: account.id,
            sessionId,
            current,
            next,
            ip: ctx.ip,
            knownBrowser: cookies.get(ctx, 'known'),
          });
          cookies.set(ctx, 'known', knownBrowser);
          if (session) cookies.set(ctx, 'session', session);
        } catch (error) {
          if (error instanceof PasswordRefused) {
            const field = error.reason === 'wrong_current' ? 'current' : 'password';
            return show(ctx, person, { ...problems, [field]: error.message }, 400);
          }
          if (!(error instanceof LimitReached)) throw error;
          return show(ctx, person, { current: tooManyAttempts(ctx, error) }, 429);
        }
        seeOther(ctx, withNotice('/account/security', 'password'));
      },
    ),
  );
}
