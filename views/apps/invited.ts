import { html } from 'hono/html';
import { type AppShown, appPath, appSubpage } from '../components/app.ts';
import { copyable } from '../components/code-block.ts';
import { fromNow, moment } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';

export interface AppInvitedProps {
  app: AppShown;
  invitation: { email: string; role: string; expiresAt: Date };
  /** The URL that accepts the invitation. */
  link: string;
  /** It was sent to the address. */
  isSent?: boolean;
  /** It was not sent, since there were too many such emails. */
  tooMany?: boolean;
}

/** Shows the link of a new invitation, only this once. */
export function appInvited(frame: Frame, props: AppInvitedProps): Html {
  const { app, invitation, link, isSent = false, tooMany = false } = props;
  const { email, role, expiresAt } = invitation;
  return appSubpage(frame, {
    app,
    trail: [['Members', appPath(app, '/members')]],
    title: 'Invitation created',
    heading: html`<bdi>${email}</bdi> is invited`,
    lead: html`As ${/^[aeiou]/i.test(role) ? 'an' : 'a'} <bdi>${role}</bdi> of <bdi>${app.displayName || app.name}</bdi>.`,
    body: html`<section class="panel" aria-labelledby="link">
      <h2 id="link">${isSent ? 'An email with this link is on its way' : 'Send them this link'}</h2>
      <p class="sub">It is shown only once${tooMany ? ', and no email is sent: there were too many invitations today' : !isSent && ', and no email is sent'}. They sign in with the account of this address, and accept or decline. The invitation is also listed on their page of apps.</p>
      ${copyable('the link', link)}
      <p class="sub">It expires ${fromNow(expiresAt, frame.now)}, on ${moment(expiresAt)}. A new invitation of the same address replaces it.</p>
    </section>
    <div class="form-end"><a class="button" href="${appPath(app, '/members')}">Back to the members</a></div>`,
  });
}
