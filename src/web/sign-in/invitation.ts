import type Router from '@koa/router';
import { invitationGone } from '../../../views/sign-in/invitation.ts';
import type { Invitations } from '../../domain/accounts/invitations.ts';
import type { SignInByLink } from '../../domain/accounts/link-sign-in.ts';
import type { Cookies } from '../framework/cookies.ts';
import type { Pages } from '../framework/page-guards.ts';
import { passwordLinkPage } from './password-link.ts';

interface Dependencies {
  pages: Pages;
  cookies: Cookies;
  invitations: Pick<Invitations, 'find' | 'checkPassword'>;
  signInByInvitation: SignInByLink;
}

/** `/invitation`: a person with the link of an invitation chooses a password, and is signed in. */
export function invitationPages(
  router: Router,
  { pages, cookies, invitations, signInByInvitation }: Dependencies,
): void {
  passwordLinkPage(router, {
    pages,
    cookies,
    path: '/invitation',
    find: (value) => invitations.find(value),
    checkPassword: (value, password) => invitations.checkPassword(value, password),
    signIn: signInByInvitation,
    showGone: (ctx, browserSession) =>
      pages.show(ctx, browserSession, (frame) => invitationGone(frame, {}), { status: 404 }),
  });
}
