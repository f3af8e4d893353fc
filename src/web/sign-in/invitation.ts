import type Router from '@koa/router';
import type { Context } from 'koa';
import {
  type InvitationProps,
  invitationGone,
  invitation as invitationView,
} from '../../../views/sign-in/invitation.ts';
import type { createInvitationSignIn } from '../../domain/accounts/invitation-sign-in.ts';
import type { Invitations } from '../../domain/accounts/invitations.ts';
import { PasswordRefused } from '../../domain/accounts/passwords.ts';
import { readForm } from '../../http/form.ts';
import type { BrowserSession } from '../framework/browser-session.ts';
import type { Cookies } from '../framework/cookies.ts';
import { staleForm } from '../framework/forms.ts';
import { withNotice } from '../framework/notices.ts';
import type { Pages } from '../framework/page-guards.ts';
import { takeReturn } from '../framework/pending-return.ts';
import { finishSignIn, originOf } from './finish.ts';

interface Dependencies {
  pages: Pages;
  cookies: Cookies;
  invitations: Pick<Invitations, 'find' | 'checkPassword'>;
  signInByInvitation: ReturnType<typeof createInvitationSignIn>;
}

/** `/invitation`: a person with the link of an invitation chooses a password, and is signed in. */
export function invitationPages(
  router: Router,
  { pages, cookies, invitations, signInByInvitation }: Dependencies,
): void {
  const gone = (ctx: Context, browserSession: BrowserSession) =>
    pages.show(ctx, browserSession, (frame) => invitationGone(frame, {}), { status: 404 });

  const show = async (
    ctx: Context,
    browserSession: BrowserSession,
    value: string,
    refused: Pick<InvitationProps, 'problem' | 'problems'> = {},
    status = 200,
  ) => {
    const found = await invitations.find(value);
    if (!found) return gone(ctx, browserSession);
    await pages.show(
      ctx,
      // The link is not about the person who is signed in.
      { ...browserSession, session: undefined },
      (frame) => invitationView(frame, { value, ...found, ...refused }),
      { status },
    );
  };

  router.get('/invitation/:value', async (ctx) =>
    show(ctx, await pages.browserSession(ctx), String(ctx['params']['value'])),
  );

  router.post('/invitation', async (ctx) => {
    const { value = '', password = '', repeat = '', ...form } = await readForm(ctx);
    const browserSession = await pages.browserSession(ctx);
    if (!browserSession.isOurs(ctx, form, 'anyone'))
      return show(ctx, browserSession, value, { problem: staleForm }, 403);
    const repeated = password === repeat ? {} : { repeat: 'The two passwords are different.' };
    const refuse = (problems: NonNullable<InvitationProps['problems']>) =>
      show(ctx, browserSession, value, { problems: { ...problems, ...repeated } }, 400);
    if (password === '') return refuse({ password: 'Enter a password.' });
    try {
      if (password !== repeat) {
        await invitations.checkPassword(value, password);
        return refuse({});
      }
      const accepted = await signInByInvitation({
        value,
        password,
        keepAccess: 'keep_access' in form,
        origin: originOf(ctx, cookies, browserSession),
      });
      if (!accepted) return gone(ctx, browserSession);
      const notice = accepted.revokedAccess ? 'welcome_again' : 'welcome';
      const returnTo = takeReturn(ctx, cookies);
      finishSignIn(
        ctx,
        cookies,
        accepted.signIn,
        returnTo === '/account' ? withNotice(returnTo, notice) : returnTo,
      );
    } catch (error) {
      if (!(error instanceof PasswordRefused)) throw error;
      return refuse({ password: error.message });
    }
  });
}
