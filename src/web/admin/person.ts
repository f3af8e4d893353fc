import type { Context } from 'koa';
import { personPath } from '../../../views/admin/people.ts';
import {
  adminPerson,
  adminPersonAccess,
  adminPersonSignIn,
  type PersonOverviewProps,
} from '../../../views/admin/person.ts';
import type { AccountFactors } from '../../domain/accounts/account-factors.ts';
import type { AccountDescription, Accounts } from '../../domain/accounts/accounts.ts';
import type { AccountDeletion } from '../../domain/accounts/deletion.ts';
import type { EndEverything } from '../../domain/accounts/end-everything.ts';
import type { FactorResets } from '../../domain/accounts/factor-resets.ts';
import type { Sessions } from '../../domain/accounts/sessions.ts';
import type { Audit } from '../../domain/audit/events.ts';
import { storedClientId } from '../../domain/clients/lookup.ts';
import type { Delegations } from '../../domain/delegations/delegations.ts';
import type { ConnectedClients } from '../../domain/grants/connected-clients.ts';
import type { Grants } from '../../domain/grants/grants.ts';
import type { NamedTokens } from '../../domain/tokens/named/types.ts';
import { tokenManager } from '../../domain/tokens/principal.ts';
import { publicId } from '../../domain/tokens/value.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { type Refusal, tryForm } from '../framework/forms.ts';
import { type NoticeName, withNotice } from '../framework/notices.ts';
import { seeOther } from '../framework/page-renderer.ts';
import { type Call, type Console, requireScope } from './console.ts';
import { pageSize } from './list.ts';
import { invite, type PeopleDependencies, roleChoices, rolesIn, shown } from './people.ts';

interface Dependencies
  extends Pick<PeopleDependencies, 'invitations' | 'roles' | 'issuer' | 'mailDelivery'> {
  accounts: Pick<
    Accounts,
    'describe' | 'update' | 'enable' | 'disable' | 'approve' | 'revokeTokens'
  >;
  accountDeletion: Pick<AccountDeletion, 'delete' | 'refuse'>;
  accountFactors: AccountFactors;
  factorResets: Pick<FactorResets, 'plan' | 'cancel' | 'find'>;
  sessions: Pick<Sessions, 'list' | 'revokeAll'>;
  endEverything: EndEverything;
  connectedClients: Pick<ConnectedClients, 'list'>;
  delegations: Pick<Delegations, 'list' | 'end'>;
  grants: Pick<Grants, 'end'>;
  namedTokens: Pick<NamedTokens, 'page'>;
  audit: Pick<Audit, 'page'>;
}

const home = '/admin/people';

/** How many sign-ins the history shows. */
const signInsShown = 20;

/** `/admin/people/{id}`: one person, how they sign in, and what has access to their account. */
export function personPages(
  { page, form: formAt }: Console,
  {
    accounts,
    accountDeletion,
    accountFactors,
    factorResets,
    sessions,
    connectedClients,
    delegations,
    grants,
    namedTokens,
    audit,
    roles,
    endEverything,
    ...inviting
  }: Dependencies,
): void {
  const path = `${home}/:person`;
  const idOf = (ctx: Context) => String(ctx['params']['person']);
  const gone = () => new OAuthError('not_found', 'There is no such account.');

  const found = async (ctx: Context): Promise<AccountDescription> => {
    const account = await accounts.describe(idOf(ctx));
    if (!account) throw gone();
    return account;
  };

  const isSelf = ({ ctx, person }: Call) => person.session.account.id === idOf(ctx);

  const showOverview = async (
    call: Call,
    rest: Pick<PersonOverviewProps, 'problems' | 'problem'> & { chosen?: string[] } = {},
    status = 200,
  ) => {
    const account = await found(call.ctx);
    const { chosen = account.roles, ...problems } = rest;
    const choices = await roleChoices(call, roles, [...new Set([...account.roles, ...chosen])]);
    const props = {
      person: shown(account),
      isSelf: isSelf(call),
      roles: choices.map((role) => ({ ...role, checked: chosen.includes(role.name) })),
      ...problems,
    };
    await call.show((frame) => adminPerson(frame, props), { status });
  };

  const showSignIn = async (call: Call, problem?: string, status = 200) => {
    const account = await found(call.ctx);
    const { id } = account;
    const [browsers, factors, reset, history] = await Promise.all([
      sessions.list(id),
      accountFactors.list(id),
      factorResets.find(id),
      call.actor.scopes.has('audit:read')
        ? audit.page({ target: id, action: 'account.signed_in', limit: signInsShown })
        : undefined,
    ]);
    const props = {
      person: shown(account),
      isSelf: isSelf(call),
      problem,
      sessions: browsers.map((session) => ({
        signedInAt: session.signed_in_at,
        lastSeenAt: session.last_seen_at,
        ip: session.ip,
        userAgent: session.user_agent,
        amr: session.amr,
        elsewhere: session.elsewhere_at && {
          at: session.elsewhere_at,
          ip: session.elsewhere_ip,
          userAgent: session.elsewhere_user_agent,
        },
      })),
      factors: factors.map(({ kind, name, left, created_at, last_used_at }) => ({
        kind,
        name,
        left,
        createdAt: created_at,
        lastUsedAt: last_used_at,
      })),
      resetDue: reset?.dueAt ?? null,
      history: history?.items.map(({ at, ip, details }) => ({
        at,
        ip,
        amr: Array.isArray(details?.['amr']) ? details['amr'].map(String) : [],
      })),
    };
    await call.show((frame) => adminPersonSignIn(frame, props), { status });
  };

  const showAccess = async (call: Call, problem?: string, status = 200) => {
    const account = await found(call.ctx);
    const { id } = account;
    const [logins, acting, named, browsers] = await Promise.all([
      connectedClients.list(id),
      delegations.list(id),
      namedTokens.page(tokenManager(call.actor), {
        accountId: id,
        status: 'active',
        limit: pageSize,
      }),
      sessions.list(id),
    ]);
    const props = {
      person: shown(account),
      isSelf: isSelf(call),
      problem,
      logins: logins
        .filter(({ revokedAt }) => revokedAt === null)
        .map(({ scopes, ...login }) => ({ ...login, scopes: scopes.map(({ name }) => name) })),
      delegations: acting,
      tokens: named.items.map((token) => ({
        id: publicId(token.id),
        kind: token.kind,
        name: token.name,
        expiresAt: token.expiresAt === null ? null : new Date(token.expiresAt * 1000),
        lastUsedAt: token.lastUsedAt === null ? null : new Date(token.lastUsedAt * 1000),
      })),
      hasMoreTokens: named.next !== null,
      sessions: browsers.length,
    };
    await call.show((frame) => adminPersonAccess(frame, props), { status });
  };

  page(path, 'accounts:read', (call) => showOverview(call));
  page(`${path}/sign-in`, 'accounts:read', (call) => showSignIn(call));
  page(`${path}/access`, 'tokens:read', (call) => showAccess(call));

  const tabs = {
    '': (call: Call, problem: string | undefined, status: number) =>
      showOverview(call, { problem }, status),
    '/sign-in': showSignIn,
    '/access': showAccess,
  };

  /**
   * A form of a tab. `run` returns false if what it is about does not exist. Afterwards a page shows the notice `done`: that of
   * the tab, or `next`.
   */
  const change = (
    name: string,
    needs: 'accounts:support' | 'accounts:write' | 'tokens:revoke',
    tab: keyof typeof tabs,
    done: NoticeName,
    run: (id: string, call: Call & { form: Record<string, string> }) => Promise<unknown>,
    next?: string,
  ) => {
    const back = (ctx: Context) => personPath(idOf(ctx), tab);
    formAt(`${path}/${name}`, needs, { back }, (call) =>
      tryForm(
        async () => {
          if ((await run(idOf(call.ctx), call)) === false) throw gone();
          seeOther(call.ctx, withNotice(next ?? back(call.ctx), done));
        },
        ({ general, status }) => tabs[tab](call, general, status),
      ),
    );
  };

  change('approve', 'accounts:write', '', 'person_approved', (id, { actor }) =>
    accounts.approve(actor, id),
  );
  change(
    'refuse',
    'accounts:write',
    '',
    'person_refused',
    (id, { actor }) => accountDeletion.refuse(actor, id),
    home,
  );
  change('disable', 'accounts:support', '', 'person_disabled', (id, { actor }) =>
    accounts.disable(actor, id),
  );
  change('enable', 'accounts:support', '', 'person_enabled', (id, { actor }) =>
    accounts.enable(actor, id),
  );
  change(
    'delete',
    'accounts:write',
    '',
    'person_deleted',
    (id, { actor }) => accountDeletion.delete(actor, id),
    home,
  );

  formAt(`${path}/roles`, 'accounts:write', { back: (ctx) => personPath(idOf(ctx)) }, (call) => {
    const chosen = rolesIn(call.form);
    return tryForm(
      async () => {
        if (!(await accounts.update(call.actor, idOf(call.ctx), { roles: chosen }))) throw gone();
        seeOther(call.ctx, withNotice(personPath(idOf(call.ctx)), 'person_roles_saved'));
      },
      ({ problems, general, status }: Refusal<'roles'>) =>
        showOverview(call, { chosen, problems, problem: general }, status),
      { roles: 'roles' },
    );
  });

  change('sign-out', 'accounts:support', '/sign-in', 'person_signed_out', async (id, call) => {
    await found(call.ctx);
    await sessions.revokeAll(call.actor, id);
  });
  change('factors/reset', 'accounts:support', '/sign-in', 'person_factors_reset', (id, { actor }) =>
    factorResets.plan(actor, id),
  );
  change('factors/keep', 'accounts:support', '/sign-in', 'person_factors_kept', (id, { actor }) =>
    factorResets.cancel(actor, id),
  );
  formAt(
    `${path}/invite`,
    'accounts:write',
    { back: (ctx) => personPath(idOf(ctx), '/sign-in') },
    (call) =>
      tryForm(
        async () => {
          const person = await found(call.ctx);
          await invite(call, person, inviting, personPath(person.id, '/sign-in'));
        },
        ({ general, status }) => showSignIn(call, general, status),
      ),
  );

  change('grants/end', 'tokens:revoke', '/access', 'person_grant_ended', async (id, call) => {
    const { grant_id: grant = '' } = call.form;
    const own = await connectedClients.list(id);
    return own.some(({ grantId }) => grantId === grant) && grants.end(call.actor, grant);
  });
  change('delegations/end', 'tokens:revoke', '/access', 'delegation_ended', (id, { actor, form }) =>
    delegations.end(id, storedClientId(form['client'] ?? ''), actor),
  );
  change('tokens/revoke', 'tokens:revoke', '/access', 'person_tokens_revoked', (id, { actor }) =>
    accounts.revokeTokens(actor, id),
  );
  change('end-everything', 'tokens:revoke', '/access', 'person_ended', async (id, { actor }) => {
    requireScope(actor, 'accounts:support');
    return endEverything(actor, id);
  });
}
