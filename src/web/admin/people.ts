import {
  adminPeople,
  adminPersonInvited,
  adminPersonNew,
  type PeopleFilterField,
  type PeopleProps,
  type PersonField,
  type PersonNewProps,
  type PersonShown,
  personPath,
  type RoleChoice,
} from '../../../views/admin/people.ts';
import type { AccountDescription, Accounts } from '../../domain/accounts/accounts.ts';
import { emailAddress } from '../../domain/accounts/email-address.ts';
import type { Invitations } from '../../domain/accounts/invitations.ts';
import { invitationUri } from '../../domain/installation/installation.ts';
import type { Roles } from '../../domain/roles/roles.ts';
import { readPage } from '../../http/cursor.ts';
import { queryValue } from '../../http/form.ts';
import { parameterError } from '../../oauth/errors.ts';
import { type Refusal, tryForm } from '../framework/forms.ts';
import { withNotice } from '../framework/notices.ts';
import { seeOther } from '../framework/page-renderer.ts';
import type { MailDelivery } from '../sign-in/forgot.ts';
import type { Call, Console } from './console.ts';
import { pageAsked, pagesAround } from './list.ts';

export interface PeopleDependencies {
  issuer: string;
  accounts: Pick<Accounts, 'page' | 'create'>;
  invitations: Pick<Invitations, 'create'>;
  roles: Pick<Roles, 'page'>;
  mailDelivery: MailDelivery;
}

const home = '/admin/people';
const filterFields: readonly PeopleFilterField[] = ['search', 'show'];

/** What the choice of whom to show means for the list. */
const shows: Readonly<Record<string, object>> = {
  waiting: { waiting: true },
  disabled: { disabled: true, waiting: false },
  'without-factor': { secondFactor: false },
};

/** The most roles that a form offers. */
const maxRoles = 500;

/** The roles that a form offers: all that the administrator sees, and those that the person has. */
export async function roleChoices(
  { actor }: Pick<Call, 'actor'>,
  roles: Pick<Roles, 'page'>,
  checked: readonly string[] = [],
): Promise<RoleChoice[]> {
  const seen = actor.scopes.has('roles:read') ? await roles.page({ limit: maxRoles }) : [];
  const others = checked.filter((name) => !seen.some((role) => role.name === name));
  return [...seen, ...others.map((name) => ({ name, description: '' }))].map(
    ({ name, description }) => ({ name, description, checked: checked.includes(name) }),
  );
}

/** Creates a link with which a person chooses a password. It is shown unless it was sent; then the page `then` is. */
export async function invite(
  { ctx, actor, show }: Call,
  person: { id: string; name: string },
  {
    invitations,
    issuer,
    mailDelivery,
  }: Pick<PeopleDependencies, 'invitations' | 'issuer' | 'mailDelivery'>,
  then: string,
): Promise<void> {
  const { value, expiresAt, sentTo } = await invitations.create(actor, person.id, {
    sendEmail: mailDelivery === 'email',
  });
  if (sentTo !== null) return seeOther(ctx, withNotice(then, 'person_invited'));
  const link = invitationUri(issuer, value);
  await show((frame) => adminPersonInvited(frame, { person, link, expiresAt }), { copies: true });
}

/** The list of people that fit the query. */
export async function showPeople(
  call: Call,
  accounts: Pick<Accounts, 'page'>,
  rest: Pick<PeopleProps, 'problem'> = {},
  status = 200,
): Promise<void> {
  const { ctx } = call;
  const filter = Object.fromEntries(
    filterFields.map((name) => [name, queryValue(ctx, name)?.trim() || undefined]),
  ) as PeopleProps['filter'];
  const { search, show: wanted = '' } = filter;
  const { items, next } = await readPage(
    pageAsked(ctx),
    (asked) => accounts.page({ ...asked, search: search?.slice(0, 200), ...shows[wanted] }),
    ({ id }) => id,
  );
  const pages = pagesAround(ctx, home, next, filter);
  const props = { people: items.map(shown), filter, pages, ...rest };
  await call.show((frame) => adminPeople(frame, props), { status });
}

/** `/admin/people`: finding and inviting people. */
export function peoplePages(
  { page, form: formAt }: Console,
  dependencies: PeopleDependencies,
): void {
  const { accounts, roles, mailDelivery } = dependencies;

  const showNew = async (
    call: Call,
    rest: Omit<PersonNewProps, 'roles' | 'isMailed'> = {},
    checked: string[] = [],
    status = 200,
  ) => {
    const choices = await roleChoices(call, roles, checked);
    const isMailed = mailDelivery === 'email';
    await call.show((frame) => adminPersonNew(frame, { ...rest, roles: choices, isMailed }), {
      status,
    });
  };

  page(home, 'accounts:read', (call) => showPeople(call, accounts));

  // `new` comes before the IDs of accounts, which are UUIDs.
  page(`${home}/new`, 'accounts:write', (call) => showNew(call));

  formAt(home, 'accounts:write', { back: `${home}/new` }, (call) =>
    tryForm(
      async () => {
        const { name = '', email = '' } = call.form;
        const address = emailAddress.safeParse(email.trim());
        if (!address.success)
          throw parameterError('invalid_request', 'email', 'must be an email address.');
        const account = await accounts.create(call.actor, {
          name: name.trim(),
          email: address.data,
          roles: rolesIn(call.form),
        });
        await invite(call, account, dependencies, personPath(account.id));
      },
      ({ problems, general, status }: Refusal<PersonField>) =>
        showNew(
          call,
          { values: call.form, problems, problem: general },
          rolesIn(call.form),
          status,
        ),
      { name: 'name', email: 'email', roles: 'roles' },
    ),
  );
}

/** The roles that are ticked in a form. */
export const rolesIn = (form: Readonly<Record<string, string>>): string[] =>
  Object.keys(form).flatMap((name) => (name.startsWith('role:') ? name.slice(5) : []));

export const shown = (account: AccountDescription): PersonShown => ({
  id: account.id,
  name: account.name,
  email: account.email,
  emailVerified: account.email_verified,
  roles: account.roles,
  hasPassword: account.has_password,
  hasSecondFactor: account.second_factor,
  lastSignInAt: account.last_sign_in_at,
  waitingSince: account.approval_requested_at,
  disabledAt: account.disabled_at,
  createdAt: account.created_at,
});
