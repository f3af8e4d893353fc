import type Router from '@koa/router';
import type { Context } from 'koa';
import { accountDelete } from '../../../views/account/delete.ts';
import { accountDevices } from '../../../views/account/devices.ts';
import { accountHome } from '../../../views/account/home.ts';
import { accountPassword } from '../../../views/account/password.ts';
import { accountSessions } from '../../../views/account/sessions.ts';
import type { Accounts } from '../../domain/accounts/accounts.ts';
import type { AccountDeletion } from '../../domain/accounts/deletion.ts';
import { PasswordRefused, type Passwords } from '../../domain/accounts/passwords.ts';
import type { Sessions } from '../../domain/accounts/sessions.ts';
import type { KeyPairs } from '../../domain/clients/key-pairs.ts';
import type { ConnectedClients } from '../../domain/grants/connected-clients.ts';
import { LimitReached } from '../../domain/limits/rate-limits.ts';
import type { PersonalTokens } from '../../domain/tokens/named/types.ts';
import { OAuthError } from '../../oauth/errors.ts';
import type { Person } from '../framework/browser-session.ts';
import type { Cookies } from '../framework/cookies.ts';
import { type Refusal, tryForm } from '../framework/forms.ts';
import { noticeOf, withNotice } from '../framework/notices.ts';
import type { Pages, Show } from '../framework/page-guards.ts';
import { seeOther } from '../framework/page-renderer.ts';
import { signInPath } from '../framework/return-to.ts';
import { waitingTime } from '../framework/waiting-time.ts';

interface Dependencies {
  pages: Pages;
  cookies: Cookies;
  accounts: Pick<Accounts, 'describe' | 'updateProfile'>;
  sessions: Pick<Sessions, 'list' | 'revoke' | 'revokeOthers'>;
  passwords: Passwords;
  accountDeletion: Pick<AccountDeletion, 'deleteOwn'>;
  connectedClients: ConnectedClients;
  keyPairs: Pick<KeyPairs, 'list' | 'delete' | 'revokeTokens'>;
  personalTokens: Pick<PersonalTokens, 'list'>;
}

const paths = {
  home: '/account',
  devices: '/account/devices',
  sessions: '/account/sessions',
  password: '/account/password',
  delete: '/account/delete',
} as const;

/** `/account`: who somebody is here, what they let in, and where they are signed in. */
export function accountPages(router: Router, dependencies: Dependencies): void {
  const { pages, cookies, accounts, sessions, passwords } = dependencies;
  const { connectedClients, keyPairs, personalTokens, accountDeletion } = dependencies;
  const home = async (ctx: Context, person: Person, problem?: string) => {
    const { account } = person.session;
    const [described, connected, signedIn, tokens] = await Promise.all([
      accounts.describe(account.id),
      connectedClients.list(account.id),
      sessions.list(account.id),
      personalTokens.list(account.id),
    ]);
    await pages.show(
      ctx,
      person,
      (frame) =>
        accountHome(frame, {
          name: account.name,
          email: account.email,
          devices: connected.filter(({ endedAt }) => !endedAt).length,
          sessions: signedIn.length,
          tokens: tokens.filter(({ status }) => status === 'active').length,
          passwordChangedAt: described?.password_changed_at ?? null,
          ...(problem && { problem }),
        }),
      { current: 'home', notice: noticeOf(ctx), status: problem ? 400 : 200 },
    );
  };

  router.get(paths.home, (ctx) =>
    pages.forPerson(ctx, { returnTo: paths.home }, (person) => home(ctx, person)),
  );

  router.post('/account/profile', (ctx) =>
    pages.forForm(ctx, { returnTo: () => paths.home }, async (person, form) => {
      const name = (form['name'] ?? '').trim();
      await tryForm(
        async () => {
          await accounts.updateProfile(person.session.account.id, { name });
          seeOther(ctx, withNotice(paths.home, 'profile'));
        },
        ({ problem }: Refusal<'name'>) => home(ctx, person, problem),
        { name: 'name' },
      );
    }),
  );

  router.get(paths.devices, (ctx) =>
    pages.forPerson(ctx, { returnTo: paths.devices }, async (person) => {
      const { id } = person.session.account;
      const [devices, pairs] = await Promise.all([connectedClients.list(id), keyPairs.list(id)]);
      await pages.show(
        ctx,
        person,
        (frame) => accountDevices(frame, { devices, keyPairs: pairs }),
        { current: 'devices', notice: noticeOf(ctx) },
      );
    }),
  );

  router.post('/account/devices/end', (ctx) =>
    pages.forForm(ctx, { returnTo: () => paths.devices }, async (person, form) => {
      // Where it is gone already, what was wanted holds.
      await connectedClients.disconnect(person.session.account.id, form['grant_id'] ?? '');
      seeOther(ctx, withNotice(paths.devices, 'disconnected'));
    }),
  );

  // Where they are gone already, what was wanted holds.
  router.post('/account/keys/delete', (ctx) =>
    pages.forForm(ctx, { returnTo: () => paths.devices }, async (person, form) => {
      await keyPairs.delete(person.session.account.id, form['key_id'] ?? '', ctx.ip);
      seeOther(ctx, withNotice(paths.devices, 'keys_deleted'));
    }),
  );

  router.post('/account/keys/end-tokens', (ctx) =>
    pages.forForm(ctx, { returnTo: () => paths.devices }, async (person, form) => {
      await keyPairs.revokeTokens(person.session.account.id, form['key_id'] ?? '');
      seeOther(ctx, withNotice(paths.devices, 'keys_tokens_ended'));
    }),
  );

  router.get(paths.sessions, (ctx) =>
    pages.forPerson(ctx, { returnTo: paths.sessions }, async (person) => {
      const list = await sessions.list(person.session.account.id);
      await pages.show(
        ctx,
        person,
        (frame) =>
          accountSessions(frame, {
            currentId: person.session.id,
            sessions: list.map(({ id, signed_in_at, last_seen_at, ip, user_agent }) => ({
              id,
              signedInAt: signed_in_at,
              lastSeenAt: last_seen_at,
              ip,
              userAgent: user_agent,
            })),
          }),
        { current: 'sessions', notice: noticeOf(ctx) },
      );
    }),
  );

  router.post('/account/sessions/end', (ctx) =>
    pages.forForm(ctx, { returnTo: () => paths.sessions }, async (person, form) => {
      await sessions.revoke(person.session.account.id, form['session_id'] ?? '');
      seeOther(ctx, withNotice(paths.sessions, 'session'));
    }),
  );

  router.post('/account/sessions/end-others', (ctx) =>
    pages.forForm(ctx, { returnTo: () => paths.sessions }, async (person) => {
      await sessions.revokeOthers(person.session.account.id, person.session.id);
      seeOther(ctx, withNotice(paths.sessions, 'others'));
    }),
  );

  const password = (
    ctx: Context,
    person: Person,
    rest: { problem?: string; field?: 'current' | 'password' | 'repeat' } = {},
    show: Show = {},
  ) =>
    pages.show(
      ctx,
      person,
      (frame) => accountPassword(frame, { email: person.session.account.email ?? '', ...rest }),
      { current: 'password', ...show },
    );

  router.get(paths.password, (ctx) =>
    pages.forPerson(ctx, { returnTo: paths.password, recent: true }, (person) =>
      password(ctx, person, {}, { notice: noticeOf(ctx) }),
    ),
  );

  router.post(paths.password, (ctx) =>
    pages.forForm(
      ctx,
      { returnTo: () => paths.password, recent: true },
      async (person, { current = '', password: next = '', repeat = '' }) => {
        const { id: sessionId, account } = person.session;
        const refuse = (problem: string, field: 'current' | 'password' | 'repeat', status = 400) =>
          password(ctx, person, { problem, field }, { status });
        if (next !== repeat) return refuse('The two new passwords are not the same.', 'repeat');
        try {
          const { knownBrowser, session } = await passwords.change({
            accountId: account.id,
            sessionId,
            current,
            next,
            ip: ctx.ip,
          });
          cookies.set(ctx, 'known', knownBrowser);
          if (session) cookies.set(ctx, 'session', session);
        } catch (error) {
          if (error instanceof PasswordRefused)
            return refuse(error.message, error.reason === 'wrong_current' ? 'current' : 'password');
          if (error instanceof LimitReached) {
            ctx.set('Retry-After', String(error.retryAfter));
            return refuse(
              `There were too many attempts. Try again in ${waitingTime(error.retryAfter)}.`,
              'current',
              429,
            );
          }
          throw error;
        }
        seeOther(ctx, withNotice(paths.password, 'password'));
      },
    ),
  );

  const showDeletion = (
    ctx: Context,
    person: Person,
    rest: { problem?: string; wrongPassword?: boolean } = {},
    status = 200,
  ) =>
    pages.show(
      ctx,
      person,
      (frame) => accountDelete(frame, { email: person.session.account.email, ...rest }),
      { current: 'home', status },
    );

  router.get(paths.delete, (ctx) =>
    pages.forPerson(ctx, { returnTo: paths.delete, recent: true }, (person) =>
      showDeletion(ctx, person),
    ),
  );

  router.post(paths.delete, (ctx) =>
    pages.forForm(
      ctx,
      { returnTo: () => paths.delete, recent: true },
      async (person, { current = '' }) => {
        const { id: sessionId, account } = person.session;
        try {
          await accountDeletion.deleteOwn({
            accountId: account.id,
            sessionId,
            current,
            ip: ctx.ip,
          });
        } catch (error) {
          if (error instanceof PasswordRefused)
            return showDeletion(ctx, person, { problem: error.message, wrongPassword: true }, 400);
          if (error instanceof OAuthError && error.code === 'conflict')
            return showDeletion(ctx, person, { problem: error.message }, 409);
          if (!(error instanceof LimitReached)) throw error;
          ctx.set('Retry-After', String(error.retryAfter));
          const problem = `There were too many attempts. Try again in ${waitingTime(error.retryAfter)}.`;
          return showDeletion(ctx, person, { problem, wrongPassword: true }, 429);
        }
        cookies.clear(ctx, 'session');
        cookies.clear(ctx, 'known');
        seeOther(ctx, withNotice(signInPath('/account'), 'account_deleted'));
      },
    ),
  );
}
