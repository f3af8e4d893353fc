import { html } from 'hono/html';
import {
  type AppShown,
  appPage,
  appPath,
  type RoleChoice,
  roleOptions,
} from '../components/app.ts';
import { badge } from '../components/badge.ts';
import { checkboxes, choiceCards, select } from '../components/controls.ts';
import { dangerous, dangerPanel } from '../components/danger.ts';
import { field, fieldsOf, type Problems } from '../components/field.ts';
import { postForm } from '../components/form.ts';
import { mailIcon } from '../components/icons.ts';
import { dayInWords, fromNow } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';

export interface AppMembersProps {
  app: AppShown;
  /** The account of the viewer. */
  you: string;
  members: MemberShown[];
  /** The roles that a member can have. */
  roles: RoleChoice[];
  invitations: InvitationShown[];
  /** The values of the form that invites. */
  invite?: Partial<Record<InviteField, string | undefined>> | undefined;
  /** Whether the link can be sent by email, and the choice of the viewer. */
  sendsEmails?: boolean | undefined;
  sendEmail?: boolean | undefined;
  /** What is wrong with that form. */
  problems?: Problems<InviteField> | undefined;
  /** What is wrong with any other form, or with a form as a whole. */
  problem?: string | undefined;
}

type InviteField = 'email' | 'role';

export interface MemberShown {
  accountId: string;
  name: string;
  email: string | null;
  role: string;
  since: Date;
}

export interface InvitationShown {
  id: string;
  /** Null if the viewer does not manage the app. */
  email: string | null;
  role: string;
  /** Null if an operator sent it. */
  invitedBy: string | null;
  createdAt: Date;
  expiresAt: Date;
}

/** The members of an app, their roles, and the pending invitations. */
export function appMembers(frame: Frame, props: AppMembersProps): Html {
  const { app, you, members, invitations } = props;
  const isOwner = app.manages === 'app';
  const others = members.filter(({ accountId }) => accountId !== you);
  const isMember = others.length < members.length;
  return appPage(frame, {
    app,
    current: 'members',
    title: 'Members',
    problem: props.problem,
    problems: props.problems,
    body: html`<p class="lead">${
      isOwner
        ? 'Every member sees the clients, members, roles and activity of this app, but no secrets. Developers also create and change clients and their secrets. Owners can do everything: they invite and remove members, and change roles and the app itself.'
        : 'Every member sees the clients, members, roles and activity of this app, but no secrets. Developers also create and change clients and their secrets. Only Owners invite and remove members, and change roles.'
    }</p>
    <ul class="rows panel${isOwner && ' folds'}">${members.map((member) => html`<li class="folding">${item(frame, props, member)}</li>`)}</ul>
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
  // The last Owner can only transfer the app.
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
        <p class="sub">${self ? 'You no longer see the app. Another Owner can invite you again.' : 'They no longer see the app, and tokens of programs that they signed in to lose their permissions in it.'}</p>
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
          <p class="sub">As <bdi>${role}</bdi>${invitedBy && html`, by <bdi>${invitedBy}</bdi>`}. Expires ${fromNow(expiresAt, frame.now)}.</p></div>
        ${
          app.manages === 'app' &&
          html`<div class="row-actions">${postForm(
            frame,
            appPath(app, '/members/revoke'),
            html`<input type="hidden" name="id" value="${id}"><button type="submit" class="plain small">Revoke<span class="visually-hidden"> the invitation of <bdi>${email}</bdi></span></button>`,
            'inline',
          )}</div>`
        }
      </div></li>`,
    )}</ul>
  </section>`;
}

function inviteForm(frame: Frame, props: AppMembersProps): Html {
  const { app, roles, invite, problems, sendsEmails, sendEmail = true } = props;
  const of = fieldsOf<InviteField>({
    order: ['email', 'role'],
    values: invite,
    problems,
    focusFirst: false,
  });
  return html`<section class="panel" aria-labelledby="invite">
    <h2 id="invite">Invite a person</h2>
    ${postForm(
      frame,
      appPath(app, '/members/invite'),
      html`${field({
        ...of('email'),
        label: 'Email',
        type: 'email',
        hint: sendsEmails
          ? 'The address of their account here.'
          : 'The address of their account here. You get a link to send them.',
      })}
      ${select({
        ...of('role'),
        label: 'Role',
        options: roleOptions(roles),
        choose: 'Choose a role',
        hint: html`<a href="${appPath(app, '/roles')}">What each role allows</a>`,
      })}
      ${
        sendsEmails &&
        checkboxes({
          legend: 'The link',
          boxes: [
            {
              name: 'send_email',
              label: 'Send it by email',
              description: 'Otherwise you send it to them yourself.',
              checked: sendEmail,
            },
          ],
        })
      }
      <button type="submit">Invite</button>`,
      { noValidate: true },
    )}
  </section>`;
}

function handOver(frame: Frame, app: AppShown, others: MemberShown[]): Html {
  return dangerPanel(
    'hand-over',
    'Transfer the app',
    dangerous(
      'Transfer…',
      postForm(
        frame,
        appPath(app, '/members/hand-over'),
        html`<p class="sub">Another member becomes its Owner. You cannot undo this.</p>
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
          legend: 'Your membership',
          value: 'stay',
          cards: [
            {
              value: 'stay',
              label: 'Become a Developer',
              description: 'You can still manage its clients.',
            },
            {
              value: 'leave',
              label: 'Leave the app',
              description:
                'You no longer see the app. The secrets and API keys that you created keep working.',
            },
          ],
        })}
        <button type="submit" class="danger">Transfer the app</button>`,
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
      html`<p>You no longer see the app. An Owner can invite you again.</p>
      ${postForm(frame, appPath(app, '/members/leave'), html`<button type="submit" class="danger">Leave the app</button>`)}`,
    ),
  );
}

/** The first character (grapheme cluster) of a name. */
function initial(name: string): string {
  const [first] = new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(name.trim());
  return first?.segment.toLocaleUpperCase('en') ?? '?';
}
