import type { Context } from 'koa';
import {
  adminPeople,
  adminPerson,
  adminPersonInvited,
  adminPersonNew,
  type PeopleFilterField,
  type PersonField,
  type PersonNewProps,
  type PersonProps,
  type PersonShown,
  personPath,
  type RoleChoice,
} from '../../../views/admin/people.ts';
import type { AccountFactors } from '../../domain/accounts/account-factors.ts';
import type { AccountDescription, Accounts } from '../../domain/accounts/accounts.ts';
import type { AccountDeletion } from '../../domain/accounts/deletion.ts';
import { emailAddress } from '../../domain/accounts/email-address.ts';
import type { FactorResets } from '../../domain/accounts/factor-resets.ts';
import type { Invitations } from '../../domain/accounts/invitations.ts';
import type { Sessions } from '../../domain/accounts/sessions.ts';
import { isUuid } from '../../domain/database/text-checks.ts';
import type { ConnectedClients } from '../../domain/grants/connected-clients.ts';
import type { Grants } from '../../domain/grants/grants.ts';
import { invitationUri } from '../../domain/installation/installation.ts';
import type { Caller } from '../../domain/roles/management-actor.ts';
import type { Roles } from '../../domain/roles/roles.ts';
import { readPage } from '../../http/cursor.ts';
import { queryValue } from '../../http/form.ts';
import { OAuthError, parameterError } from '../../oauth/errors.ts';
import { type Refusal, tryForm } from '../framework/forms.ts';
import { type NoticeName, withNotice } from '../framework/notices.ts';
import { seeOther } from '../framework/page-renderer.ts';
import type { MailDelivery } from '../sign-in/forgot.ts';
import { type Call, type Console, type Needs, requireScope } from './console.ts';
import { pageAsked, pagesAround } from './list.ts';

interface Dependencies {
  issuer: string;
  accounts: Pick<
    Accounts,
    'describe' | 'page' | 'create' | 'update' | 'disable' | 'enable' | 'approve' | 'revokeTokens'
  >;
  accountDeletion: Pick<AccountDeletion, 'delete' | 'refuse'>;
  accountFactors: Pick<AccountFactors, 'list'>;
  factorResets: Pick<FactorResets, 'find' | 'plan' | 'cancel'>;
  invitations: Pick<Invitations, 'create'>;
  sessions: Pick<Sessions, 'list' | 'revokeAll'>;
  connectedClients: Pick<ConnectedClients, 'list'>;
  grants: Pick<Grants, 'end'>;
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

const noAccount = (id: string) => new OAuthError('not_found', `There is no account ${id}.`);

/** `/admin/people`: finding and inviting people, and everything that an administrator does for one. */
export function peoplePages(
  { page, form: formAt }: Console,
  {
    issuer,
    accounts,
    accountDeletion,
    accountFactors,
    factorResets,
    invitations,
    sessions,
    connectedClients,
    grants,
    roles,
    mailDelivery,
  }: Dependencies,
): void {
  const idOf = (ctx: Context) => String(ctx['params']['account']);
  const back = (ctx: Context) => personPath(idOf(ctx));

  const found = async (ctx: Context): Promise<AccountDescription> => {
    const account = await accounts.describe(idOf(ctx));
    if (!account) throw noAccount(idOf(ctx));
    return account;
  };

  const rolesWith = async (checked: readonly string[]): Promise<RoleChoice[]> =>
    (await roles.page({ limit: maxRoles })).map(({ name, description }) => ({
      name,
      description,
      checked: checked.includes(name),
    }));

  const showNew = async (
    call: Call,
    rest: Omit<PersonNewProps, 'roles' | 'isMailed'> = {},
    checked: string[] = [],
    status = 200,
  ) => {
    const choices = await rolesWith(checked);
    const isMailed = mailDelivery === 'email';
    await call.show((frame) => adminPersonNew(frame, { ...rest, roles: choices, isMailed }), {
      status,
    });
  };

  const show = async (
    call: Call,
    rest: Pick<PersonProps, 'problem' | 'problems'> = {},
    status = 200,
  ) => {
    const account = await found(call.ctx);
    const { id } = account;
    const [signedIn, factors, reset, clients, choices] = await Promise.all([
      sessions.list(id),
      accountFactors.list(id),
      factorResets.find(id),
      call.actor.scopes.has('tokens:read') ? connectedClients.list(id) : [],
      rolesWith(account.roles),
    ]);
    const props: PersonProps = {
      ...rest,
      person: shown(account),
      roles: choices,
      sessions: signedIn.map((session) => ({
        signedInAt: session.signed_in_at,
        lastSeenAt: session.last_seen_at,
        ip: session.ip,
        userAgent: session.user_agent,
      })),
      factors: factors.map(({ kind, name, created_at }) => ({ kind, name, createdAt: created_at })),
      factorsResetAt: reset?.dueAt ?? null,
      grants: clients
        .filter(({ revokedAt }) => revokedAt === null)
        .map(({ grantId, clientId, clientName, approvedAt, lastUsedAt }) => ({
          id: grantId,
          clientId,
          clientName,
          approvedAt,
          lastUsedAt,
        })),
    };
    await call.show((frame) => adminPerson(frame, props), { status });
  };

  const invite = async (call: Call, account: Pick<AccountDescription, 'id' | 'name'>) => {
    const { value, expiresAt, sentTo } = await invitations.create(call.actor, account.id, {
      sendEmail: mailDelivery === 'email',
    });
    const link = invitationUri(issuer, value);
    await call.show(
      (frame) => adminPersonInvited(frame, { person: account, link, expiresAt, sentTo }),
      { copies: true },
    );
  };

  page(home, 'accounts:read', async (call) => {
    const { ctx } = call;
    const filter = Object.fromEntries(
      filterFields.map((name) => [name, queryValue(ctx, name)?.trim() || undefined]),
    ) as Partial<Record<PeopleFilterField, string>>;
    const { search, show: wanted = '' } = filter;
    const one =
      search !== undefined && isUuid(search) ? await accounts.describe(search) : undefined;
    const { items, next } = one
      ? { items: [one], next: null }
      : await readPage(
          pageAsked(ctx),
          (asked) => accounts.page({ ...asked, search, ...shows[wanted] }),
          ({ id }) => id,
        );
    const pages = pagesAround(ctx, home, next, filter);
    await call.show((frame) => adminPeople(frame, { people: items.map(shown), filter, pages }));
  });

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
        await invite(call, account);
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

  page(`${home}/:account`, 'accounts:read', (call) => show(call));

  /** A form that changes the person, after which the page says so. */
  const change = (
    name: string,
    needs: Needs,
    done: NoticeName,
    run: (
      actor: Caller,
      id: string,
      call: Call & { form: Record<string, string> },
    ) => Promise<unknown>,
    next: (ctx: Context) => string = back,
  ) =>
    formAt(`${home}/:account/${name}`, needs, { back }, (call) =>
      tryForm(
        async () => {
          const { id } = await found(call.ctx);
          await run(call.actor, id, call);
          seeOther(call.ctx, withNotice(next(call.ctx), done));
        },
        ({ problems, general, status }: Refusal<PersonField>) =>
          show(call, { problems, problem: general }, status),
        { roles: 'roles' },
      ),
    );

  change('roles', 'accounts:write', 'person_roles_saved', async (actor, id, { form }) => {
    await accounts.update(actor, id, { roles: rolesIn(form) });
  });
  change('disable', 'accounts:support', 'person_disabled', (actor, id) =>
    accounts.disable(actor, id),
  );
  change('enable', 'accounts:support', 'person_enabled', (actor, id) => accounts.enable(actor, id));
  change('approve', 'accounts:write', 'person_approved', (actor, id) =>
    accounts.approve(actor, id),
  );
  change(
    'refuse',
    'accounts:write',
    'person_refused',
    (actor, id) => accountDeletion.refuse(actor, id),
    () => home,
  );
  change(
    'delete',
    'accounts:write',
    'person_deleted',
    (actor, id) => accountDeletion.delete(actor, id),
    () => home,
  );
  change('sign-out', 'accounts:support', 'person_signed_out', (actor, id) =>
    sessions.revokeAll(actor, id),
  );
  change('factors/reset', 'accounts:support', 'person_factors_reset', (actor, id) =>
    factorResets.plan(actor, id),
  );
  change('factors/keep', 'accounts:support', 'person_factors_kept', (actor, id) =>
    factorResets.cancel(actor, id),
  );
  change('end-everything', 'tokens:revoke', 'person_ended', async (actor, id) => {
    requireScope(actor, 'accounts:support');
    // The tokens first: a browser that is still signed in gets no new ones from a token that is revoked.
    await accounts.revokeTokens(actor, id);
    await sessions.revokeAll(actor, id);
  });
  change('grants/end', 'tokens:revoke', 'person_grant_ended', (actor, _id, { form }) =>
    grants.end(actor, form['grant_id'] ?? ''),
  );

  formAt(`${home}/:account/invite`, 'accounts:write', { back }, (call) =>
    tryForm(
      async () => invite(call, await found(call.ctx)),
      ({ general, status }) => show(call, { problem: general }, status),
    ),
  );
}

/** The roles that are ticked in a form. */
const rolesIn = (form: Readonly<Record<string, string>>): string[] =>
  Object.keys(form).flatMap((name) => (name.startsWith('role:') ? name.slice(5) : []));

const shown = (account: AccountDescription): PersonShown => ({
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
