import type Router from '@koa/router';
import type { Context } from 'koa';
import { passkeys as config } from '../../../config/passkeys.ts';
import {
  type AccountPasskeyNewProps,
  type AccountPasskeyProps,
  accountPasskey,
  accountPasskeyNew,
  accountPasskeys,
  type PasskeyShown,
  passkeysSection,
} from '../../../views/account/passkeys.ts';
import { recoveryCodesShown } from '../../../views/account/recovery-codes.ts';
import { deviceTitle } from '../../../views/components/device-name.ts';
import type { PasskeysDomain } from '../../domain/passkeys/index.ts';
import type { PasskeyDescription } from '../../domain/passkeys/passkeys.ts';
import { PasskeyRefused } from '../../domain/passkeys/refusal.ts';
import type { AddedPasskey } from '../../domain/passkeys/registration.ts';
import { userAgentOf } from '../../http/text.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { type Person, secretOfBrowser, withSession } from '../framework/browser-session.ts';
import type { Cookies } from '../framework/cookies.ts';
import { type Refusal, sendAgain, tryForm } from '../framework/forms.ts';
import { noticeOf, withNotice } from '../framework/notices.ts';
import type { Pages } from '../framework/page-guards.ts';
import { answerOptions, seeOther } from '../framework/page-renderer.ts';
import type { SecuritySection } from './security.ts';

interface Dependencies {
  pages: Pages;
  cookies: Cookies;
  passkeys: PasskeysDomain;
}

const home = '/account/security/passkeys';
const added = `${home}/new`;
const idOf = (ctx: Context): string => String(ctx['params']['id']);

const shown = (passkey: PasskeyDescription): PasskeyShown => ({
  id: passkey.id,
  credentialId: passkey.credential_id,
  name: passkey.name,
  isVerified: passkey.user_verified,
  isSynced: passkey.backed_up,
  addedAt: passkey.created_at,
  lastUsedAt: passkey.last_used_at,
});

/** The section of `/account/security`. */
export const passkeysOfPerson =
  ({ passkeys }: Pick<Dependencies, 'passkeys'>): SecuritySection =>
  async ({ session }) => {
    const { length: count } = await passkeys.list(session.account.id);
    return (frame) => passkeysSection(frame, { count });
  };

/** `/account/security/passkeys`: a person's passkeys. */
export function passkeyPages(router: Router, { pages, cookies, passkeys }: Dependencies): void {
  const { registration, relyingParty } = passkeys;

  const show = async (ctx: Context, person: Person) => {
    const accountId = person.session.account.id;
    const [list, userId] = await Promise.all([
      passkeys.list(accountId),
      passkeys.handleOf(accountId),
    ]);
    await pages.show(
      ctx,
      person,
      (frame) =>
        accountPasskeys(frame, {
          passkeys: list.map(shown),
          max: config.perAccount,
          accepted: userId === undefined ? undefined : { rpId: relyingParty.id, userId },
        }),
      { current: 'account', notice: noticeOf(ctx) },
    );
  };

  const showNew = (
    ctx: Context,
    person: Person,
    { status = 200, ...props }: AccountPasskeyNewProps & { status?: number } = {},
  ) =>
    pages.show(ctx, person, (frame) => accountPasskeyNew(frame, props), {
      current: 'account',
      notice: ctx.method === 'GET' ? noticeOf(ctx) : undefined,
      status,
      calls: true,
    });

  const showOne = async (
    ctx: Context,
    person: Person,
    { status = 200, ...props }: Omit<AccountPasskeyProps, 'passkey'> & { status?: number } = {},
  ) => {
    const passkey = shown(await passkeys.describe(person.session.account.id, idOf(ctx)));
    await pages.show(ctx, person, (frame) => accountPasskey(frame, { ...props, passkey }), {
      current: 'account',
      notice: ctx.method === 'GET' ? noticeOf(ctx) : undefined,
      status,
    });
  };

  router.get(home, (ctx) =>
    pages.forPerson(ctx, { returnTo: home }, (person) => show(ctx, person)),
  );

  router.get(added, (ctx) =>
    pages.forPerson(ctx, { returnTo: added, recent: true }, (person) => showNew(ctx, person)),
  );

  router.get(`${added}/options`, (ctx) =>
    pages.forPerson(ctx, { returnTo: added, recent: true }, async ({ session }) =>
      answerOptions(
        ctx,
        await registration.options(session.account.id, secretOfBrowser(ctx, cookies)),
      ),
    ),
  );

  router.post(added, (ctx) =>
    pages.forForm(ctx, { returnTo: () => sendAgain(added), recent: true }, (person, form) => {
      const { name = '' } = form;
      return tryForm(
        async () => {
          let created: AddedPasskey;
          try {
            created = await registration.add({
              accountId: person.session.account.id,
              sessionId: person.session.id,
              browser: secretOfBrowser(ctx, cookies),
              response: form['credential'] ?? '',
              name,
              device: deviceTitle(userAgentOf(ctx)),
            });
          } catch (error) {
            if (!(error instanceof PasskeyRefused)) throw error;
            return showNew(ctx, person, { problem: error.message, name, status: 400 });
          }
          const { session, recoveryCodes: codes } = created;
          if (session) cookies.set(ctx, 'session', session);
          if (!codes) return seeOther(ctx, withNotice(home, 'passkey_added'));
          await pages.show(
            ctx,
            session ? withSession(person, session) : person,
            (frame) => recoveryCodesShown(frame, { codes, isFirst: true }),
            { current: 'account' },
          );
        },
        ({ problems, general, status }: Refusal<'name'>) =>
          showNew(ctx, person, { problems, problem: general, name, status }),
        { name: 'name' },
      );
    }),
  );

  router.get(`${home}/:id`, (ctx) =>
    pages.forPerson(ctx, { returnTo: `${home}/${idOf(ctx)}` }, (person) => showOne(ctx, person)),
  );

  router.post(`${home}/:id`, (ctx) =>
    pages.forForm(ctx, { returnTo: () => `${home}/${idOf(ctx)}` }, (person, { name = '' }) =>
      tryForm(
        async () => {
          await passkeys.rename(person.session.account.id, idOf(ctx), name);
          seeOther(ctx, withNotice(home, 'passkey_saved'));
        },
        ({ problems, general, status }: Refusal<'name'>) =>
          showOne(ctx, person, { problems, problem: general, name, status }),
        { name: 'name' },
      ),
    ),
  );

  router.post(`${home}/:id/remove`, (ctx) =>
    pages.forForm(
      ctx,
      { returnTo: () => sendAgain(`${home}/${idOf(ctx)}`), recent: true },
      async (person) => {
        try {
          await passkeys.remove(person.session.account.id, idOf(ctx));
        } catch (error) {
          if (!(error instanceof OAuthError) || error.code !== 'conflict') throw error;
          return showOne(ctx, person, { problem: error.message, status: 409 });
        }
        seeOther(ctx, withNotice(home, 'passkey_removed'));
      },
    ),
  );
}
