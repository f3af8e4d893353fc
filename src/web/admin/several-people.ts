import type { ApiScope } from '../../../config/scopes.ts';
import { isPeopleAct, type PeopleAct, selectedPerson } from '../../../views/admin/people.ts';
import {
  adminSeveralPeople,
  adminSeveralPeopleDone,
  type SeveralPeopleProps,
} from '../../../views/admin/several-people.ts';
import type { AccountDescription, Accounts } from '../../domain/accounts/accounts.ts';
import type { Sessions } from '../../domain/accounts/sessions.ts';
import type { Caller } from '../../domain/roles/management-actor.ts';
import type { Roles } from '../../domain/roles/roles.ts';
import type { Form } from '../../http/form.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { type Call, type Console, requireScope } from './console.ts';
import { roleChoices, shown, showPeople } from './people.ts';
import { chosenIn, onEach } from './selection.ts';

interface Dependencies {
  accounts: Pick<Accounts, 'page' | 'describe' | 'update' | 'enable' | 'disable'>;
  sessions: Pick<Sessions, 'list' | 'revokeAll'>;
  roles: Pick<Roles, 'page'>;
}

const home = '/admin/people';

/** The scope that an act needs, as its operation of the API does. */
const needs: Readonly<Record<PeopleAct, ApiScope>> = {
  disable: 'accounts:support',
  enable: 'accounts:support',
  'sign-out': 'accounts:support',
  'give-role': 'accounts:write',
  'take-role': 'accounts:write',
};

/** `/admin/people/several`: one act on each of the people that are chosen in the list. */
export function severalPeoplePages(
  { form: formAt }: Console,
  { accounts, sessions, roles }: Dependencies,
): void {
  /** The people that are chosen in a form. Those that are gone are left out. */
  const chosen = async (form: Form): Promise<AccountDescription[]> => {
    const found = await Promise.all(chosenIn(form, selectedPerson).map(accounts.describe));
    return found.filter((account) => account !== undefined);
  };

  /** Replaces the roles of an account, unless they were changed since it was read. */
  const setRoles = (
    actor: Caller,
    { id, roles: read }: AccountDescription,
    next: readonly string[],
  ) =>
    accounts.update(actor, id, { roles: [...next] }, (current) => {
      if (current && current.roles.join(' ') !== read.join(' '))
        throw new OAuthError('conflict', 'Someone else changed their roles meanwhile. Try again.');
    });

  /** What each act does, with the same rules as on the page of the person. */
  const acts: Readonly<
    Record<
      PeopleAct,
      (actor: Caller, account: AccountDescription, role: string) => Promise<unknown>
    >
  > = {
    disable: (actor, { id }) => accounts.disable(actor, id),
    enable: (actor, { id }) => accounts.enable(actor, id),
    'sign-out': (actor, { id }) => sessions.revokeAll(actor, id),
    'give-role': (actor, account, role) =>
      setRoles(actor, account, [...new Set([...account.roles, role])]),
    'take-role': (actor, account, role) =>
      setRoles(
        actor,
        account,
        account.roles.filter((name) => name !== role),
      ),
  };

  /** The roles that can be given to these people, or taken from them. */
  const rolesFor = async (
    call: Call,
    act: PeopleAct,
    people: readonly AccountDescription[],
  ): Promise<string[]> => {
    if (act === 'give-role') return (await roleChoices(call, roles)).map(({ name }) => name);
    return act === 'take-role' ? [...new Set(people.flatMap((person) => person.roles))] : [];
  };

  // First it shows what ends; then it does the act on each, as its operation of the API does.
  formAt(`${home}/several`, 'accounts:support', { back: home }, async (call) => {
    const { actor, form, person } = call;
    const { act = '', role = '' } = form;
    const people = await chosen(form);
    if (people.length === 0)
      return showPeople(call, accounts, { problem: 'Choose the people first.' }, 400);
    if (!isPeopleAct(act))
      return showPeople(call, accounts, { problem: 'Choose what to do with them.' }, 400);
    requireScope(actor, needs[act]);
    const choices = await rolesFor(call, act, people);
    const isOfRole = act === 'give-role' || act === 'take-role';
    const isConfirmed = form['confirmed'] === 'yes';
    const self = person.session.account.id;

    if (!isConfirmed || (isOfRole && !choices.includes(role))) {
      const browsers = isOfRole ? [] : await Promise.all(people.map(({ id }) => sessions.list(id)));
      const props: SeveralPeopleProps = {
        act,
        people: people.map((account, index) => ({
          ...shown(account),
          isSelf: account.id === self,
          sessions: browsers[index]?.length ?? 0,
        })),
        roles: choices,
        problems: isConfirmed ? { role: 'Choose a role.' } : undefined,
      };
      return call.show((frame) => adminSeveralPeople(frame, props), {
        status: isConfirmed ? 400 : 200,
      });
    }

    const outcome = await onEach(
      people,
      ({ id, name, email }) => name || email || id,
      async (account) => {
        if (account.id === self)
          throw new OAuthError('access_denied', 'This is your own account: change it on its page.');
        const result = await acts[act](actor, account, role);
        if (result === false || result === undefined)
          throw new OAuthError('not_found', 'There is no such account.');
      },
    );
    await call.show((frame) => adminSeveralPeopleDone(frame, { act, role, ...outcome }));
  });
}
