import { html } from 'hono/html';
import { type AppShown, appPath, type ReceivedInvitationShown } from '../components/app.ts';
import { badge, disabledBadge } from '../components/badge.ts';
import { postForm } from '../components/form.ts';
import { appIcon, mailIcon } from '../components/icons.ts';
import { fromNow } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { accountPage } from '../layout/layout.ts';

export interface AppsProps {
  /** Sorted by name. */
  apps: (AppShown & {
    /** The role of the person in it. */
    role: string | null;
    clients: number;
  })[];
  /** The cursor of the next page: `/apps?after=`. */
  next: string | null;
  invitations: ReceivedInvitationShown[];
}

/** The apps that a person is a member of, and the invitations to others. */
export function apps(frame: Frame, { apps, next, invitations }: AppsProps): Html {
  return accountPage(frame, {
    title: 'Apps',
    lead: 'An app holds the clients of a program that you build. Its members manage it together.',
    actions:
      apps.length > 0 ? html`<a class="button" href="/apps/new">Create an app</a>` : undefined,
    body: html`${invitations.length > 0 && waiting(frame, invitations)}
    ${
      apps.length > 0
        ? html`<ul class="rows panel">${apps.map((app) => html`<li>${item(app)}</li>`)}</ul>`
        : nothing()
    }
    ${next && html`<p class="more"><a href="/apps?after=${encodeURIComponent(next)}">More apps</a></p>`}`,
  });
}

function item(app: AppsProps['apps'][number]): Html {
  return html`<div class="row-head">
    <div class="glyph">${appIcon}</div>
    <div class="row-name"><h2><a href="${appPath(app)}"><bdi>${app.displayName || app.name}</bdi></a></h2>
      <p class="sub"><code>${app.name}</code> · ${app.clients} ${app.clients === 1 ? 'client' : 'clients'}</p></div>
    <p class="row-badges">${app.disabledAt && disabledBadge}${app.role && badge(app.role, 'neutral')}</p>
  </div>`;
}

function waiting(frame: Frame, invitations: ReceivedInvitationShown[]): Html {
  return html`<section class="panel" aria-labelledby="waiting">
    <h2 id="waiting">${invitations.length === 1 ? 'Invitation' : 'Invitations'}</h2>
    <ul class="rows">${invitations.map(
      (invitation) => html`<li><div class="row-head">
        <div class="glyph">${mailIcon}</div>
        <div class="row-name"><h3><bdi>${invitation.app.displayName || invitation.app.name}</bdi></h3>
          <p class="sub">As <bdi>${invitation.role}</bdi>${invitation.invitedBy && html`, from <bdi>${invitation.invitedBy}</bdi>`}. Expires ${fromNow(invitation.expiresAt, frame.now)}.</p></div>
        <div class="row-actions">${answer(frame, invitation, 'accept', html`Join`)}${answer(frame, invitation, 'decline', html`Decline`)}</div>
      </div></li>`,
    )}</ul>
  </section>`;
}

const answer = (
  frame: Frame,
  { id, app }: ReceivedInvitationShown,
  how: 'accept' | 'decline',
  label: Html,
): Html =>
  postForm(
    frame,
    `/apps/invitations/${how}`,
    html`<input type="hidden" name="id" value="${id}">
    <button type="submit" class="${how === 'accept' ? 'small' : 'plain small'}">${label}<span class="visually-hidden"> the invitation to <bdi>${app.displayName || app.name}</bdi></span></button>`,
    'inline',
  );

function nothing(): Html {
  return html`<section class="panel empty" aria-labelledby="empty">
    <div class="glyph">${appIcon}</div>
    <h2 id="empty">You have no apps yet</h2>
    <p>Create one for a program that you build. It starts with one client: an ID and a secret, with which the program gets tokens.</p>
    <a class="button" href="/apps/new">Create an app</a>
  </section>`;
}
