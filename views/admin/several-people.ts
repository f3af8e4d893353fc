import { html } from 'hono/html';
import { select } from '../components/controls.ts';
import { fieldsOf, type Problems } from '../components/field.ts';
import { postForm } from '../components/form.ts';
import { checkIcon, warningIcon } from '../components/icons.ts';
import { caution } from '../components/notice.ts';
import { count } from '../components/number.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { type PeopleAct, type PersonShown, selectedPerson, stateBadge } from './people.ts';
import { adminPage } from './shell.ts';

/** A person on whom the act is about to be done. */
export interface ChosenPerson extends PersonShown {
  /** Whether it is the person who looks at the page. */
  isSelf: boolean;
  /** How many browsers they are signed in in. */
  sessions: number;
}

export interface SeveralPeopleProps {
  act: PeopleAct;
  people: ChosenPerson[];
  /** The roles that can be given or removed. */
  roles: string[];
  problems?: Problems<'role'> | undefined;
}

const sessionsOf = (number: number): string =>
  number === 1 ? '1 session' : `${count(number)} sessions`;

/** What an act does, in words, before it is done. */
const does: Readonly<
  Record<
    PeopleAct,
    {
      title: (people: string) => string;
      lead: string;
      what?: (sessions: string) => Html;
      button: string;
      isDanger: boolean;
    }
  >
> = {
  disable: {
    title: (people) => `Disable ${people}?`,
    lead: 'They cannot sign in until they are enabled again. This ends now, and stays ended:',
    what: (sessions) =>
      html`<ul class="ending"><li>all of their sessions (${sessions} now) and tokens</li><li>links to choose a password that they were sent</li><li>the apps that they registered for others, until they are enabled again</li></ul>`,
    button: 'Disable',
    isDanger: true,
  },
  enable: {
    title: (people) => `Enable ${people}?`,
    lead: 'They can sign in again. What has ended stays ended.',
    button: 'Enable',
    isDanger: false,
  },
  'sign-out': {
    title: (people) => `Sign ${people} out everywhere?`,
    lead: 'Other tokens stay. Each person gets an email. This ends now:',
    what: (sessions) =>
      html`<ul class="ending"><li>${sessions}, with the tokens of apps that were entered there without <code>offline_access</code></li><li>logins by password in apps</li><li>browsers that are remembered, which ask for a second factor again</li></ul>`,
    button: 'Sign out everywhere',
    isDanger: true,
  },
  'give-role': {
    title: (people) => `Give ${people} a role`,
    lead: 'It applies at once, also to tokens that they have. Those to whom it gives more rights in this installation are signed out.',
    button: 'Give the role',
    isDanger: false,
  },
  'take-role': {
    title: (people) => `Remove a role from ${people}`,
    lead: 'It applies at once, also to tokens that they have. Their other roles stay.',
    button: 'Remove the role',
    isDanger: true,
  },
};

const peopleOf = (number: number): string =>
  number === 1 ? '1 person' : `${count(number)} people`;

/** What is about to be done with several people, before it is. */
export function adminSeveralPeople(frame: Frame, props: SeveralPeopleProps): Html {
  const { act, people, roles, problems } = props;
  const { title, lead, what, button, isDanger } = does[act];
  const others = people.filter(({ isSelf }) => !isSelf);
  const waiting = others.filter(({ waitingSince }) => waitingSince !== null).length;
  const isOfRole = act === 'give-role' || act === 'take-role';
  const lacksRoles = isOfRole && roles.length === 0;
  const of = fieldsOf<'role'>({ order: ['role'], problems });
  return adminPage(frame, {
    section: 'people',
    trail: [],
    title: title(peopleOf(others.length)),
    lead,
    problems,
    body: html`<section class="panel" aria-label="${button}">
      ${what?.(sessionsOf(others.reduce((sum, { sessions }) => sum + sessions, 0)))}
      ${act === 'enable' && waiting > 0 && caution(html`<p><strong>${waiting === 1 ? 'One of them waits for approval.' : `${count(waiting)} of them wait for approval.`}</strong> Enabling approves them, and they get an email.</p>`)}
      ${others.length < people.length && caution(html`<p>Your own account is left out. Change it on its page.</p>`)}
      ${lacksRoles && caution(html`<p>${act === 'give-role' ? 'You see no role that you could give.' : 'None of them has a role.'}</p>`)}
      ${postForm(
        frame,
        '/admin/people/several',
        html`<input type="hidden" name="confirmed" value="yes"><input type="hidden" name="act" value="${act}">${people.map(({ id }) => html`<input type="hidden" name="${selectedPerson}${id}" value="on">`)}
        ${
          isOfRole &&
          !lacksRoles &&
          select({
            ...of('role'),
            label: 'Role',
            choose: 'Choose a role',
            options: roles.map((name) => ({ value: name, label: name })),
          })
        }
        <div class="form-end">${!lacksRoles && others.length > 0 && html`<button type="submit"${isDanger && html` class="danger"`}>${button}</button>`}<a class="button plain" href="/admin/people">Cancel</a></div>`,
      )}</section>
      <section class="panel" aria-labelledby="who"><h2 id="who">Who</h2><ul class="ending">${others.map(
        (person) =>
          html`<li><bdi>${person.name || person.email || person.id}</bdi> ${stateBadge(person)} <span class="aside">${person.email && html`<bdi>${person.email}</bdi>`}${isOfRole ? html`${person.email && ', '}${person.roles.length > 0 ? person.roles.map((name, index) => html`${index > 0 && ', '}<bdi>${name}</bdi>`) : 'no role'}` : html`${person.email && ', '}${sessionsOf(person.sessions)}`}</span></li>`,
      )}</ul></section>`,
  });
}

const done: Readonly<Record<PeopleAct, string>> = {
  disable: 'disabled',
  enable: 'enabled',
  'sign-out': 'signed out everywhere',
  'give-role': 'given the role',
  'take-role': 'without the role',
};

/** With how many of the people it was done, and why not with the others. */
export function adminSeveralPeopleDone(
  frame: Frame,
  {
    act,
    role,
    done: number,
    refused,
  }: { act: PeopleAct; role: string; done: number; refused: { name: string; why: string }[] },
): Html {
  const isOfRole = act === 'give-role' || act === 'take-role';
  const text = `${peopleOf(number)} ${number === 1 ? 'is' : 'are'} ${done[act]}`;
  return adminPage(frame, {
    section: 'people',
    trail: [],
    title: isOfRole ? `${text} ${role}` : text,
    heading: isOfRole ? html`${text} <bdi>${role}</bdi>` : undefined,
    body: html`${
      refused.length > 0
        ? html`<div class="box warning">${warningIcon}<div><p><strong>${refused.length === 1 ? 'One was' : `${count(refused.length)} were`} refused.</strong></p><ul class="reasons">${refused.map(({ name, why }) => html`<li><bdi>${name}</bdi>: ${why}</li>`)}</ul></div></div>`
        : html`<div class="box done">${checkIcon}<p>It applies now. The audit has an event for each person.</p></div>`
    }<p><a class="button plain" href="/admin/people">Back to the people</a></p>`,
  });
}
