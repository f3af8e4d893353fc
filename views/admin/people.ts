import { html } from 'hono/html';
import { badge, disabledBadge } from '../components/badge.ts';
import { copyable } from '../components/code-block.ts';
import { checkboxes, select } from '../components/controls.ts';
import { dangerous, dangerPanel } from '../components/danger.ts';
import { deviceTitle } from '../components/device-name.ts';
import { facts } from '../components/facts.ts';
import { field, fieldsOf, type Problems } from '../components/field.ts';
import { postForm } from '../components/form.ts';
import { table } from '../components/table.ts';
import { ago, fromNow, moment, momentFromNow } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { filterForm, type PagerProps, pager } from './list.ts';
import { adminPage } from './shell.ts';

export interface PersonShown {
  id: string;
  name: string;
  email: string | null;
  emailVerified: boolean;
  roles: string[];
  hasPassword: boolean;
  hasSecondFactor: boolean;
  lastSignInAt: Date | null;
  /** Waits for an administrator since then. */
  waitingSince: Date | null;
  disabledAt: Date | null;
  createdAt: Date;
}

export const personPath = (id: string, rest = ''): string =>
  `/admin/people/${encodeURIComponent(id)}${rest}`;

const can = (frame: Frame, scope: string): boolean => frame.person?.apiScopes?.has(scope) === true;

const stateBadge = ({ disabledAt, waitingSince }: PersonShown): Html | '' => {
  if (waitingSince) return badge('Waits for approval', 'care');
  return disabledAt ? disabledBadge : '';
};

const roleNames = (roles: readonly string[]): Html | string =>
  roles.length === 0
    ? 'None'
    : html`<span class="names">${roles.map((name) => html`<code>${name}</code>`)}</span>`;

export type PeopleFilterField = 'search' | 'show';

export interface PeopleProps {
  people: PersonShown[];
  filter: Partial<Record<PeopleFilterField, string | undefined>>;
  pages: Omit<PagerProps, 'shown'>;
}

/** The people of the installation. */
export function adminPeople(frame: Frame, { people, filter, pages }: PeopleProps): Html {
  const of = fieldsOf<PeopleFilterField>({
    order: ['search', 'show'],
    values: filter,
    focusFirst: false,
  });
  const isFiltered = Object.values(filter).some(Boolean);
  return adminPage(frame, {
    section: 'people',
    title: 'People',
    lead: 'Everyone who has an account here.',
    actions: can(frame, 'accounts:write')
      ? html`<a class="button" href="/admin/people/new">Invite a person</a>`
      : undefined,
    body: html`<section class="panel flush" aria-label="People">
      <div class="flush-part">${filterForm(
        '/admin/people',
        html`${field({ ...of('search'), label: 'Name or email address', optional: true, maxLength: 200 })}
        ${select({
          ...of('show'),
          label: 'Show',
          options: [
            { value: '', label: 'Everyone' },
            { value: 'waiting', label: 'Waiting for approval' },
            { value: 'disabled', label: 'Disabled' },
            { value: 'without-factor', label: 'Without a second factor' },
          ],
        })}`,
        { isFiltered, label: 'Find' },
      )}</div>
      ${
        people.length === 0
          ? html`<div class="flush-part"><p class="sub">${isFiltered ? 'No one fits.' : 'There is no one yet.'}</p></div>`
          : table({
              caption: 'People',
              columns: [
                { label: 'Name' },
                { label: 'Roles' },
                { label: 'Last sign-in', keep: true },
              ],
              rows: people.map((person) => [
                html`<div class="named"><div><a href="${personPath(person.id)}"><bdi>${person.name || person.email || person.id}</bdi></a> ${stateBadge(person)}${person.email && html`<span class="aside block"><bdi>${person.email}</bdi></span>`}</div></div>`,
                roleNames(person.roles),
                person.lastSignInAt ? ago(person.lastSignInAt, frame.now) : 'Never',
              ]),
            })
      }
      <div class="flush-part">${pager({ ...pages, shown: '' })}</div>
    </section>`,
  });
}

export type PersonField = 'name' | 'email' | 'roles';

export interface RoleChoice {
  name: string;
  description: string;
  checked: boolean;
}

const roleBoxes = (roles: RoleChoice[], problem: string | undefined): Html =>
  checkboxes({
    id: 'roles',
    legend: 'Roles',
    boxes: roles.map(({ name, description, checked }) => ({
      name: `role:${name}`,
      label: html`<code>${name}</code>`,
      description,
      checked,
    })),
    hint: roles.length === 0 ? 'The installation has no roles yet.' : undefined,
    problem,
  });

export interface PersonNewProps {
  values?: Partial<Record<PersonField, string | undefined>> | undefined;
  roles: RoleChoice[];
  /** Whether the invitation is sent by email. */
  isMailed: boolean;
  problems?: Problems<PersonField> | undefined;
  problem?: string | undefined;
}

/** The form that creates an account and invites its person. */
export function adminPersonNew(frame: Frame, props: PersonNewProps): Html {
  const { values, problems } = props;
  const of = fieldsOf<PersonField>({ order: ['name', 'email', 'roles'], values, problems });
  return adminPage(frame, {
    section: 'people',
    trail: [],
    title: 'Invite a person',
    lead: props.isMailed
      ? 'They get an email with a link, and choose a password with it.'
      : 'You get a link for them, with which they choose a password. No email is sent.',
    problem: props.problem,
    problems,
    body: html`<section class="panel" aria-label="The person">${postForm(
      frame,
      '/admin/people',
      html`${field({ ...of('name'), label: 'Name', maxLength: 100 })}
      ${field({ ...of('email'), label: 'Email address', type: 'email', maxLength: 320 })}
      ${roleBoxes(props.roles, problems?.roles)}
      <button type="submit">Invite</button>`,
      { noValidate: true },
    )}</section>`,
  });
}

/** The link of an invitation, shown once. */
export const adminPersonInvited = (
  frame: Frame,
  {
    person,
    link,
    expiresAt,
    sentTo,
  }: { person: { id: string; name: string }; link: string; expiresAt: Date; sentTo: string | null },
): Html =>
  adminPage(frame, {
    section: 'people',
    trail: [[person.name, personPath(person.id)]],
    title: 'Invitation created',
    lead: sentTo
      ? html`An email with this link is on its way to <bdi>${sentTo}</bdi>.`
      : 'No email is sent: pass this link on to the person, and to no one else.',
    body: html`<section class="panel" aria-labelledby="link"><h2 id="link">The link</h2>
      ${copyable('the link', link)}
      <p class="sub">It is shown only once, works once, and expires ${fromNow(expiresAt, frame.now)}, on ${moment(expiresAt)}. A new invitation replaces it.</p></section>
      <div class="form-end"><a class="button" href="${personPath(person.id)}">Go to the person</a></div>`,
  });

export interface PersonProps {
  person: PersonShown;
  roles: RoleChoice[];
  sessions: { signedInAt: Date; lastSeenAt: Date; ip: string | null; userAgent: string | null }[];
  factors: { kind: string; name: string | null; createdAt: Date }[];
  /** When a planned reset of the second factors happens. */
  factorsResetAt: Date | null;
  grants: {
    id: string;
    clientId: string;
    clientName: string;
    approvedAt: Date;
    lastUsedAt: Date | null;
  }[];
  problems?: Problems<PersonField> | undefined;
  problem?: string | undefined;
}

const factorNames: Readonly<Record<string, string>> = {
  authenticator: 'Authenticator app',
  passkey: 'Passkey',
  recovery_codes: 'Recovery codes',
};

/** One person: the account, its sign-ins, what has access, and what an administrator can end. */
export function adminPerson(frame: Frame, props: PersonProps): Html {
  const { person, grants, problems } = props;
  return adminPage(frame, {
    section: 'people',
    trail: [],
    title: person.name || 'Person',
    heading: html`<bdi>${person.name || 'Person'}</bdi> ${stateBadge(person)}`,
    lead: person.email ? html`<bdi>${person.email}</bdi>` : undefined,
    problem: props.problem,
    problems,
    body: html`${waiting(frame, person)}
      <section class="panel" aria-labelledby="about"><h2 id="about">Account</h2>
      ${facts([
        ['ID', html`<code>${person.id}</code>`],
        [
          'Email',
          person.email
            ? html`<bdi>${person.email}</bdi> ${badge(person.emailVerified ? 'Verified' : 'Not verified', 'neutral')}`
            : 'None',
        ],
        ['Roles', roleNames(person.roles)],
        ['Password', person.hasPassword ? 'Set' : 'Not set'],
        [
          'Last sign-in',
          person.lastSignInAt ? momentFromNow(person.lastSignInAt, frame.now) : 'Never',
        ],
        ['Created', momentFromNow(person.createdAt, frame.now)],
        ...(person.disabledAt
          ? [['Disabled', momentFromNow(person.disabledAt, frame.now)] as [string, Html]]
          : []),
      ])}
      ${
        can(frame, 'accounts:write') &&
        html`<details><summary>Change roles</summary>${postForm(
          frame,
          personPath(person.id, '/roles'),
          html`${roleBoxes(props.roles, problems?.roles)}<button type="submit">Save the roles</button>
          <p class="fine left">Tokens of the person have the new roles at once. More rights at this server sign them out everywhere first.</p>`,
        )}</details>`
      }
      ${can(frame, 'audit:read') && html`<p><a href="/admin/audit?about=${person.id}">What they did, and what happened to the account</a></p>`}
      </section>
      ${signIn(frame, props)}
      <section class="panel" aria-labelledby="access"><h2 id="access">Apps and devices</h2>
      ${
        grants.length === 0
          ? html`<p class="sub">None has access to the account.</p>`
          : html`<ul class="rows">${grants.map(
              (grant) =>
                html`<li><div class="row-head"><div class="row-name"><h3><bdi>${grant.clientName}</bdi></h3><p class="sub"><bdi>${grant.clientId}</bdi> · since ${ago(grant.approvedAt, frame.now)}${grant.lastUsedAt && html` · used ${ago(grant.lastUsedAt, frame.now)}`}</p></div>${
                  can(frame, 'tokens:revoke') &&
                  html`<div class="row-actions">${postForm(frame, personPath(person.id, '/grants/end'), html`<input type="hidden" name="grant_id" value="${grant.id}"><button type="submit" class="plain">End<span class="visually-hidden"> the access of ${grant.clientName}</span></button>`, 'inline')}</div>`
                }</div></li>`,
            )}</ul>`
      }
      ${can(frame, 'tokens:read') && html`<p><a href="/admin/tokens?person=${person.id}">Their personal access tokens</a></p>`}
      </section>
      ${endings(frame, person)}`,
  });
}

const waiting = (frame: Frame, { id, waitingSince }: PersonShown): Html | '' =>
  waitingSince && can(frame, 'accounts:write')
    ? html`<section class="panel row" aria-labelledby="waits"><div><h2 id="waits">Waits for your approval</h2><p>The person registered ${ago(waitingSince, frame.now)} and cannot sign in yet. They get an email with your decision.</p></div>
      <div class="actions">${postForm(frame, personPath(id, '/refuse'), html`<button type="submit" class="plain">Refuse and delete</button>`, 'inline')}${postForm(frame, personPath(id, '/approve'), html`<button type="submit">Approve</button>`, 'inline')}</div></section>`
    : '';

function signIn(frame: Frame, { person, sessions, factors, factorsResetAt }: PersonProps): Html {
  const supports = can(frame, 'accounts:support');
  return html`<section class="panel" aria-labelledby="sign-in"><h2 id="sign-in">Sign-in</h2>
    ${
      sessions.length === 0
        ? html`<p class="sub">They are signed in nowhere.</p>`
        : html`<ul class="rows">${sessions.map(
            ({ userAgent, ip, signedInAt, lastSeenAt }) =>
              html`<li><div class="row-head"><div class="row-name"><h3>${deviceTitle(userAgent)}</h3><p class="sub">${ip && html`<bdi>${ip}</bdi> · `}signed in ${ago(signedInAt, frame.now)} · seen ${ago(lastSeenAt, frame.now)}</p></div></div></li>`,
          )}</ul>`
    }
    ${facts([
      [
        'Second factors',
        factors.length === 0
          ? 'None'
          : html`<ul class="plain-list">${factors.map(
              ({ kind, name, createdAt }) =>
                html`<li>${factorNames[kind] ?? kind}${name && html` “<bdi>${name}</bdi>”`} <span class="aside">since ${ago(createdAt, frame.now)}</span></li>`,
            )}</ul>`,
      ],
      ...(factorsResetAt
        ? [
            ['Reset', html`They are removed ${momentFromNow(factorsResetAt, frame.now)}`] as [
              string,
              Html,
            ],
          ]
        : []),
    ])}
    ${
      supports &&
      html`<div class="actions">
      ${sessions.length > 0 && postForm(frame, personPath(person.id, '/sign-out'), html`<button type="submit" class="plain">Sign out everywhere</button>`, 'inline')}
      ${
        factorsResetAt
          ? postForm(
              frame,
              personPath(person.id, '/factors/keep'),
              html`<button type="submit" class="plain">Cancel the reset</button>`,
              'inline',
            )
          : factors.length > 0 &&
            dangerous(
              'Reset the second factors…',
              html`<p>For a person who lost theirs. First make sure that the request is theirs. They get an email with which they can stop it; then the factors are removed and they are signed out everywhere.</p>${postForm(frame, personPath(person.id, '/factors/reset'), html`<button type="submit" class="danger">Plan the reset</button>`)}`,
            )
      }
    </div>`
    }
  </section>`;
}

function endings(frame: Frame, person: PersonShown): Html | '' {
  const supports = can(frame, 'accounts:support');
  const writes = can(frame, 'accounts:write');
  const revokes = can(frame, 'tokens:revoke');
  if (!supports && !writes && !revokes) return '';
  const name = html`<bdi>${person.name || person.email || 'this person'}</bdi>`;
  return dangerPanel(
    'end',
    'Access and account',
    html`
    ${
      writes &&
      !person.disabledAt &&
      person.email &&
      dangerous(
        person.hasPassword ? 'Let them choose another password…' : 'Invite them again…',
        html`<p>Creates a link with which ${name} chooses a password, and replaces the last one. ${person.hasPassword && 'Choosing it signs them out everywhere and revokes their tokens, unless they keep them.'}</p>${postForm(frame, personPath(person.id, '/invite'), html`<button type="submit" class="danger">Create the link</button>`)}`,
      )
    }
    ${
      revokes &&
      supports &&
      dangerous(
        'End everything…',
        html`<p>For a stolen laptop or an account that someone else uses: ${name} is signed out of every browser, and every token of theirs is revoked now, of apps, devices and command lines, personal access tokens and key pairs included. Nothing of it can be restored; they can sign in again.</p>${postForm(frame, personPath(person.id, '/end-everything'), html`<button type="submit" class="danger">Sign out and revoke everything</button>`)}`,
      )
    }
    ${
      supports &&
      !person.waitingSince &&
      (person.disabledAt
        ? dangerous(
            'Enable the account…',
            html`<p>${name} can sign in again. Tokens from before stay revoked.</p>${postForm(frame, personPath(person.id, '/enable'), html`<button type="submit" class="danger">Enable the account</button>`)}`,
          )
        : dangerous(
            'Disable the account…',
            html`<p>${name} is signed out, their tokens are revoked now, and they cannot sign in until you enable the account.</p>${postForm(frame, personPath(person.id, '/disable'), html`<button type="submit" class="danger">Disable the account</button>`)}`,
          ))
    }
    ${
      writes &&
      dangerous(
        'Delete the account…',
        html`<p>Their profile, sign-in methods, tokens and connections are deleted. The audit keeps the ID. You cannot undo this.</p>${postForm(frame, personPath(person.id, '/delete'), html`<button type="submit" class="danger">Delete the account</button>`)}`,
      )
    }`,
  );
}
