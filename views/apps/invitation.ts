import { html } from 'hono/html';
import type { ReceivedInvitationShown } from '../components/app.ts';
import { facts } from '../components/facts.ts';
import { postForm } from '../components/form.ts';
import { appIcon, clockIcon } from '../components/icons.ts';
import { warning } from '../components/notice.ts';
import { symbol } from '../components/symbol.ts';
import { momentFromNow } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { cardPage } from '../layout/layout.ts';

export interface AppInvitationProps {
  invitation: ReceivedInvitationShown;
  /** Whether it is for another address than that of the person who is signed in. */
  wrongAccount: boolean;
  problem?: string | undefined;
}

/** Asks an invited person to join an app. */
export function appInvitation(frame: Frame, props: AppInvitationProps): Html {
  const { invitation, wrongAccount, problem } = props;
  const { app, role, roleDescription, email, invitedBy, expiresAt } = invitation;
  const name = html`<bdi>${app.displayName || app.name}</bdi>`;
  return cardPage(frame, {
    title: 'Invitation',
    symbol: symbol(appIcon, 'neutral'),
    heading: html`Join ${name}?`,
    lead: invitedBy
      ? html`<bdi>${invitedBy}</bdi> invited you to this app.`
      : html`You are invited to this app.`,
    problem,
    body: html`${facts([
      ['App', html`${name} <code><bdi>${app.name}</bdi></code>`],
      [
        'Role',
        html`<bdi>${role}</bdi>${roleDescription && html` <span class="aside"><bdi>${roleDescription}</bdi></span>`}`,
      ],
      ['Sent to', html`<bdi>${email}</bdi>`],
      ['Expires', momentFromNow(expiresAt, frame.now)],
    ])}
    ${wrongAccount ? otherAccount(email) : answers(frame, invitation)}`,
  });
}

function answers(frame: Frame, { id }: ReceivedInvitationShown): Html {
  const answer = (how: 'accept' | 'decline', label: string) =>
    postForm(
      frame,
      `/apps/invitations/${how}`,
      html`<input type="hidden" name="id" value="${id}"><button type="submit" class="wide${how === 'decline' && ' plain'}">${label}</button>`,
    );
  return html`<div class="buttons">${answer('accept', 'Join')}${answer('decline', 'Decline')}</div>`;
}

const otherAccount = (email: string): Html =>
  html`${warning(html`<p><strong>This invitation is for another account.</strong> Sign out below, sign in as <bdi>${email}</bdi>, and open the link again.</p>`)}
  <a class="button wide plain" href="/apps">Go to your apps</a>`;

/** Says that an invitation does not exist or no longer works. */
export function appInvitationGone(frame: Frame, _props: Record<string, never> = {}): Html {
  return cardPage(frame, {
    title: 'This invitation no longer works',
    symbol: symbol(clockIcon, 'neutral'),
    lead: 'It was accepted, declined or revoked, it expired, or a newer one replaced it.',
    body: html`<p class="centred">If you accepted it, the app is in your list. Otherwise, ask the person who invited you for a new link.</p>
    <a class="button wide" href="/apps">Go to your apps</a>`,
  });
}
