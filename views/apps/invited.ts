import { html } from 'hono/html';
import { type AppShown, appPage, appPath } from '../components/app.ts';
import { copyable } from '../components/code-block.ts';
import { fromNow, moment } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';

export interface AppInvitedProps {
  app: AppShown;
  invitation: { email: string; role: string; expiresAt: Date };
  /** With its value in it. */
  link: string;
}

/** Shows the link of an invitation, this once. */
export function appInvited(frame: Frame, { app, invitation, link }: AppInvitedProps): Html {
  const { email, role, expiresAt } = invitation;
  return appPage(frame, {
    app,
    current: 'members',
    title: 'Invited',
    trail: [['Invited', appPath(app, '/members')]],
    heading: html`<bdi>${email}</bdi> is invited`,
    lead: html`To be ${/^[aeiou]/i.test(role) ? 'an' : 'a'} <bdi>${role}</bdi> of <bdi>${app.displayName || app.name}</bdi>.`,
    body: html`<section class="panel" aria-labelledby="link">
      <h2 id="link">Send them this link</h2>
      <p class="sub">It is shown this once, and no mail is sent. Whoever opens it signs in with the account of this address, and can accept or decline. They find the invitation among their apps, too.</p>
      ${copyable('the link', link)}
      <p class="sub">It ends ${fromNow(expiresAt, frame.now)}, on ${moment(expiresAt)}. Inviting the same address again makes a new link, and this one ends.</p>
    </section>
    <div class="form-end"><a class="button" href="${appPath(app, '/members')}">Back to the members</a></div>`,
  });
}
