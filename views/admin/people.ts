import { html } from 'hono/html';
import { badge, disabledBadge } from '../components/badge.ts';
import { copyable } from '../components/code-block.ts';
import { checkboxes, select } from '../components/controls.ts';
import { field, fieldsOf, type Problems } from '../components/field.ts';
import { postForm } from '../components/form.ts';
import { table } from '../components/table.ts';
import { ago, fromNow, moment } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { filterForm, type PagerProps, pager } from './list.ts';
import { can } from './rights.ts';
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

export const stateBadge = ({ disabledAt, waitingSince }: PersonShown): Html | '' => {
  if (waitingSince) return badge('Waits for approval', 'care');
  return disabledAt ? disabledBadge : '';
};

export const roleNames = (roles: readonly string[]): Html | string =>
  roles.length === 0
    ? 'None'
    : html`<span class="names">${roles.map((name) => html`<code>${name}</code>`)}</span>`;

export type PeopleFilterField = 'search' | 'show';

export interface PeopleProps {
  people: PersonShown[];
  filter: Partial<Record<PeopleFilterField, string | undefined>>;
  pages: Omit<PagerProps, 'shown'>;
  /** What is wrong with what was chosen. */
  problem?: string | undefined;
}

/** The prefix of the fields of people that are chosen. */
export const selectedPerson = 'person:';

/** What can be done with several people at once, as the list of people names it. */
const acts = {
  disable: 'Disable…',
  enable: 'Enable…',
  'sign-out': 'Sign out everywhere…',
  'give-role': 'Give a role…',
  'take-role': 'Remove a role…',
} as const;

export type PeopleAct = keyof typeof acts;

export const isPeopleAct = (text: string): text is PeopleAct => Object.hasOwn(acts, text);

/** The act for the people that are chosen in a list, and its button. */
const actsOf = (frame: Frame): Html => {
  const options = Object.entries(acts)
    .filter(([act]) => !act.endsWith('-role') || can(frame, 'accounts:write'))
    .map(([value, label]) => ({ value, label }));
  return html`<div class="flush-part with-selected">${select({ name: 'act', label: 'With those chosen', choose: 'Choose', options })}<button type="submit" class="plain">Continue</button></div>`;
};

const maySelect = (frame: Frame): boolean => can(frame, 'accounts:support');

/** A list of which several can be chosen. */
const selection = (frame: Frame, list: Html): Html =>
  maySelect(frame)
    ? postForm(frame, '/admin/people/several', html`${list}${actsOf(frame)}`, 'selection')
    : list;

/** The people of the installation. */
export function adminPeople(frame: Frame, { people, filter, pages, problem }: PeopleProps): Html {
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
    problem,
    actions: can(frame, 'accounts:write')
      ? html`<a class="button" href="/admin/people/new">Invite a person</a>`
      : undefined,
    body: html`<section class="panel flush" aria-label="People">
      <div class="flush-part">${filterForm(
        '/admin/people',
        html`${field({ ...of('search'), label: 'Name, address or ID', optional: true, maxLength: 200 })}
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
          ? html`<div class="flush-part"><p class="sub">${isFiltered ? 'No one fits. Names and addresses are found by how their words begin.' : 'There is no one yet.'}</p></div>`
          : selection(
              frame,
              table({
                caption: 'People',
                columns: [
                  { label: 'Name' },
                  { label: 'Roles' },
                  { label: 'Second factor', keep: true },
                  { label: 'Last sign-in', keep: true },
                ],
                rows: people.map((person) => [
                  html`<div class="named">${maySelect(frame) && html`<input type="checkbox" name="${selectedPerson}${person.id}" aria-label="Choose ${person.name || person.email || person.id}">`}<div><a href="${personPath(person.id)}"><bdi>${person.name || person.email || person.id}</bdi></a> ${stateBadge(person)}${person.email && html`<span class="aside block"><bdi>${person.email}</bdi></span>`}</div></div>`,
                  roleNames(person.roles),
                  person.hasSecondFactor ? 'Yes' : 'No',
                  person.lastSignInAt ? ago(person.lastSignInAt, frame.now) : 'Never',
                ]),
              }),
            )
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

export const roleBoxes = (roles: RoleChoice[], problem: string | undefined): Html =>
  checkboxes({
    id: 'roles',
    legend: 'Roles',
    boxes: roles.map(({ name, description, checked }) => ({
      name: `role:${name}`,
      label: html`<code><bdi>${name}</bdi></code>`,
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
  }: { person: { id: string; name: string }; link: string; expiresAt: Date },
): Html =>
  adminPage(frame, {
    section: 'people',
    trail: [[person.name, personPath(person.id)]],
    title: 'Invitation created',
    lead: 'No email is sent: pass this link on to the person. Everyone who has it can take over the account.',
    body: html`<section class="panel" aria-labelledby="link"><h2 id="link">The link</h2>
      ${copyable('the link', link)}
      <p class="sub">It is shown only once, works once, and expires ${fromNow(expiresAt, frame.now)}, on ${moment(expiresAt)}. A new invitation replaces it.</p></section>
      <div class="form-end"><a class="button" href="${personPath(person.id)}">Go to the person</a></div>`,
  });
