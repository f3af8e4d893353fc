import { html } from 'hono/html';
import {
  type AppShown,
  appPage,
  appPath,
  type RoleChoice,
  roleOptions,
} from '../components/app.ts';
import { badge } from '../components/badge.ts';
import { choiceCards, select } from '../components/controls.ts';
import { dangerous, dangerPanel } from '../components/danger.ts';
import { field } from '../components/field.ts';
import { postForm } from '../components/form.ts';
import { mailIcon } from '../components/icons.ts';
import { dayInWords, fromNow } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';

export interface AppMembersProps {
  app: AppShown;
  /** The account of whoever looks. */
  you: string;
  members: MemberShown[];
  /** All that a member can have. */
  roles: RoleChoice[];
  invitations: InvitationShown[];
  /** What was filled in before, to invite somebody. */
  invite?: { email?: string | undefined; role?: string | undefined } | undefined;
  problem?: string | undefined;
  /** Of the form that invites; without one the problem is about the whole. */
  field?: 'email' | 'role' | undefined;
}

export interface MemberShown {
  accountId: string;
  name: string;
  email: string | null;
  role: string;
  since: Date;
}

export interface InvitationShown {
  id: string;
  /** Null where whoever looks does not manage the app. */
  email: string | null;
  role: string;
  /** Null where whoever runs the server did. */
  invitedBy: string | null;
  createdAt: Date;
  expiresAt: Date;
}

/** Who is a member of an app, as what, and who was invited. */
export function appMembers(frame: Frame, props: AppMembersProps): Html {
  const { app, you, members, invitations } = props;
  const isOwner = app.manages === 'app';
  const others = members.filter(({ accountId }) => accountId !== you);
  const isMember = others.length < members.length;
  return appPage(frame, {
    app,
    current: 'members',
    title: 'Members',
    lead: isOwner
      ? 'People who look after this app with you. Each sees all of it but secrets.'
      : 'People who look after this app. The Owner can invite others.',
    problem: props.field ? undefined : props.problem,
    body: html`<ul class="rows panel${isOwner && ' folds'}">${members.map((member) => html`<li class="folding">${item(frame, props, member)}</li>`)}</ul>
    ${invitations.length > 0 && waiting(frame, props)}
    ${isOwner && inviteForm(frame, props)}
    ${isOwner && isMember && others.length > 0 && handOver(frame, app, others)}
    ${!isOwner && isMember && leave(frame, app)}`,
  });
}

function item(
  frame: Frame,
  { app, you, members, roles }: AppMembersProps,
  member: MemberShown,
): Html {
  const { accountId, name, email, role, since } = member;
  const self = accountId === you;
  // The last Owner stays one: they hand the app over.
  const isLast = self && members.filter((other) => other.role === role).length === 1;
  return html`<div class="row-head">
    <div class="glyph initial" aria-hidden="true">${initial(name)}</div>
    <div class="row-name"><h2><bdi>${name || email || 'No name'}</bdi>${self && html` <span class="aside">you</span>`}</h2>
      <p class="sub">${email && html`<bdi>${email}</bdi> · `}since ${dayInWords(since)}</p></div>
    <p class="row-badges">${badge(role, 'neutral')}</p>
  </div>
  ${
    app.manages === 'app' &&
    !isLast &&
    html`<details class="change"><summary>Change<span class="visually-hidden"> <bdi>${name}</bdi></span></summary><div class="change-body">
      ${postForm(
        frame,
        appPath(app, '/members/role'),
        html`<input type="hidden" name="account_id" value="${accountId}">
        ${select({ name: 'role', id: `role-${accountId}`, label: html`Role of <bdi>${name}</bdi>`, options: roleOptions(roles), value: role })}
        <button type="submit">Save</button>`,
      )}
      ${postForm(
        frame,
        self ? appPath(app, '/members/leave') : appPath(app, '/members/remove'),
        html`${!self && html`<input type="hidden" name="account_id" value="${accountId}">`}
        <p class="sub">${self ? 'You see nothing of it any more. Another Owner can invite you again.' : 'They see nothing of the app any more, and programs they signed in to have no rights in it.'}</p>
        <button type="submit" class="danger">${self ? 'Leave the app' : html`Remove <bdi>${name}</bdi>`}</button>`,
        'apart',
      )}
    </div></details>`
  }`;
}

function waiting(frame: Frame, { app, invitations }: AppMembersProps): Html {
  return html`<section class="panel" aria-labelledby="invited">
    <h2 id="invited">Invited</h2>
    <ul class="rows">${invitations.map(
      ({ id, email, role, invitedBy, expiresAt }) => html`<li><div class="row-head">
        <div class="glyph">${mailIcon}</div>
        <div class="row-name"><h3>${email === null ? 'A person' : html`<bdi>${email}</bdi>`}</h3>
          <p class="sub">As <bdi>${role}</bdi>${invitedBy && html`, by <bdi>${invitedBy}</bdi>`}. Ends ${fromNow(expiresAt, frame.now)}.</p></div>
        ${
          app.manages === 'app' &&
          html`<div class="row-actions">${postForm(
            frame,
            appPath(app, '/members/revoke'),
            html`<input type="hidden" name="id" value="${id}"><button type="submit" class="plain small">Take back<span class="visually-hidden"> the invitation of <bdi>${email}</bdi></span></button>`,
            'inline',
          )}</div>`
        }
      </div></li>`,
    )}</ul>
  </section>`;
}

function inviteForm(
  frame: Frame,
  { app, roles, invite = {}, problem, field: at }: AppMembersProps,
): Html {
  return html`<section class="panel" aria-labelledby="invite">
    <h2 id="invite">Invite somebody</h2>
    ${postForm(
      frame,
      appPath(app, '/members/invite'),
      html`${field({
        name: 'email',
        label: 'E-mail',
        type: 'email',
        value: invite.email,
        hint: 'Of their account here. You get a link to send them.',
        problem: at === 'email' ? problem : undefined,
      })}
      ${select({
        name: 'role',
        label: 'Role',
        options: roleOptions(roles),
        value: invite.role,
        choose: 'Choose a role',
        hint: html`<a href="${appPath(app, '/roles')}">What the roles permit</a>`,
        problem: at === 'role' ? problem : undefined,
      })}
      <button type="submit">Invite</button>`,
    )}
  </section>`;
}

function handOver(frame: Frame, app: AppShown, others: MemberShown[]): Html {
  return dangerPanel(
    'hand-over',
    'Hand the app over',
    dangerous(
      'Hand it over…',
      postForm(
        frame,
        appPath(app, '/members/hand-over'),
        html`<p class="sub">Somebody else becomes its Owner, and you cannot take it back.</p>
        ${select({
          name: 'to',
          label: 'The new Owner',
          options: others.map(({ accountId, name, email }) => ({
            value: accountId,
            label: email ? `${name} (${email})` : name,
          })),
        })}
        ${choiceCards({
          name: 'afterwards',
          legend: 'And you',
          value: 'stay',
          cards: [
            {
              value: 'stay',
              label: 'Become a Developer',
              description: 'You keep looking after its clients.',
            },
            {
              value: 'leave',
              label: 'Leave the app',
              description:
                'You see nothing of it any more. The secrets and API keys that you created work on.',
            },
          ],
        })}
        <button type="submit" class="danger">Hand the app over</button>`,
      ),
    ),
  );
}

function leave(frame: Frame, app: AppShown): Html {
  return dangerPanel(
    'leave',
    'Leave the app',
    dangerous(
      html`Leave <bdi>${app.displayName || app.name}</bdi>…`,
      html`<p>You see nothing of it any more. The Owner can invite you again.</p>
      ${postForm(frame, appPath(app, '/members/leave'), html`<button type="submit" class="danger">Leave the app</button>`)}`,
    ),
  );
}

/** The first character of a name, as people see it. */
function initial(name: string): string {
  const [first] = new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(name.trim());
  return first?.segment.toLocaleUpperCase('en') ?? '?';
}
