import type Router from '@koa/router';
import type { Context } from 'koa';
import { type AccountPasswordProps, accountPassword } from '../../../views/account/password.ts';
import type { Accounts } from '../../domain/accounts/accounts.ts';
import { PasswordRefused, type Passwords } from '../../domain/accounts/passwords.ts';
import { LimitReached } from '../../domain/limits/rate-limits.ts';
import { OAuthError } from '../../oauth/errors.ts';
import type { Person } from '../framework/browser-session.ts';
import type { Cookies } from '../framework/cookies.ts';
import { withNotice } from '../framework/notices.ts';
import type { Pages } from '../framework/page-guards.ts';
import { seeOther } from '../framework/page-renderer.ts';
import { tooManyAttempts } from '../framework/waiting-time.ts';

interface Dependencies {
  pages: Pages;
  cookies: Cookies;
  accounts: Pick<Accounts, 'describe'>;
  passwords: Passwords;
}

type Problems = NonNullable<AccountPasswordProps['problems']>;

const path = '/account/password';

/** `/account/password`: a person changes their password, or sets their first one. */
export function passwordPages(
  router: Router,
  { pages, cookies, accounts, passwords }: Dependencies,
): void {
  const isFirst = async ({ session }: Person): Promise<boolean> =>
    (await accounts.describe(session.account.id))?.has_password === false;

  const show = async (
    ctx: Context,
    person: Person,
    problems: Problems = {},
    { status = 200, problem }: { status?: number; problem?: string } = {},
  ) => {
    const first = await isFirst(person);
    await pages.show(
      ctx,
      person,
      (frame) =>
        accountPassword(frame, {
          email: person.session.account.email,
          isFirst: first,
          problem,
          problems,
        }),
      { current: 'account', status },
    );
  };

  router.get(path, (ctx) =>
    pages.forPerson(ctx, { returnTo: path, recent: true }, (person) => show(ctx, person)),
  );

  router.post(path, (ctx) =>
    pages.forForm(
      ctx,
      { returnTo: () => path, recent: true },
      async (person, { current = '', password: next = '', repeat = '' }) => {
        const { id: sessionId, account } = person.session;
        const first = await isFirst(person);
        const problems: Problems = {
          ...(current === '' && !first && { current: 'Enter your current password.' }),
          ...(next === '' && { password: 'Enter a new password.' }),
          ...(next !== repeat && { repeat: 'The two new passwords are different.' }),
        };
        try {
          if (Object.keys(problems).length > 0) {
            // Everything that is wrong is shown at once.
            if (next !== '') await passwords.checkNew(account.id, next);
            return show(ctx, person, problems, { status: 400 });
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
            if (error.reason === 'not_recent')
              return show(ctx, person, {}, { problem: error.message, status: 400 });
            const field = error.reason === 'wrong_current' ? 'current' : 'password';
            return show(ctx, person, { ...problems, [field]: error.message }, { status: 400 });
          }
          if (error instanceof OAuthError && error.code === 'conflict')
            return show(ctx, person, {}, { problem: error.message, status: 409 });
          if (!(error instanceof LimitReached)) throw error;
          return show(ctx, person, { current: tooManyAttempts(ctx, error) }, { status: 429 });
        }
        seeOther(ctx, withNotice('/account/security', first ? 'first_password' : 'password'));
      },
    ),
  );
}
