import type Router from '@koa/router';
import type { Context } from 'koa';
import { administratorRole } from '../../../config/roles.ts';
import { accountConnected } from '../../../views/account/connected.ts';
import { accountHome, type ProfileField } from '../../../views/account/home.ts';
import type { SessionShown } from '../../../views/account/sessions.ts';
import type { Accounts } from '../../domain/accounts/accounts.ts';
import type { ClientLogins } from '../../domain/accounts/client-logins.ts';
import type { AccountDeletion } from '../../domain/accounts/deletion.ts';
import type { EmailChange } from '../../domain/accounts/email-change.ts';
import type { EmailVerification } from '../../domain/accounts/email-verification.ts';
import type { FactorRequirement } from '../../domain/accounts/factor-policy.ts';
import type { FactorResets } from '../../domain/accounts/factor-resets.ts';
import type { Passwords } from '../../domain/accounts/passwords.ts';
import type { PersonalData } from '../../domain/accounts/personal-data.ts';
import type { SessionDescription, Sessions } from '../../domain/accounts/sessions.ts';
import type { KeyPairs } from '../../domain/clients/key-pairs.ts';
import type { RegisteredClients } from '../../domain/clients/registered-clients.ts';
import type { Delegations } from '../../domain/delegations/delegations.ts';
import type { ListConnections } from '../../domain/grants/connected-apps.ts';
import type { ConnectedClients } from '../../domain/grants/connected-clients.ts';
import type { ConsentMemory } from '../../domain/grants/consent/memory.ts';
import type { PasskeysDomain } from '../../domain/passkeys/index.ts';
import { queryValue } from '../../http/form.ts';
import { withParameters } from '../../oauth/redirect.ts';
import type { Person } from '../framework/browser-session.ts';
import type { Cookies } from '../framework/cookies.ts';
import { type Refusal, sendAgain, tryForm } from '../framework/forms.ts';
import { noticeOf, withNotice } from '../framework/notices.ts';
import type { Pages } from '../framework/page-guards.ts';
import { seeOther } from '../framework/page-renderer.ts';
import type { MailDelivery } from '../sign-in/forgot.ts';
import { accountDeletionPages } from './deletion.ts';
import { emailPages } from './email.ts';
import { emailChangePages } from './email-change.ts';
import { identitiesOfPerson, identityPages } from './identities.ts';
import { outboxPages, type ReadOutbox } from './outbox.ts';
import { passkeyPages, passkeysOfPerson } from './passkeys.ts';
import { passwordPages } from './password.ts';
import { secondFactorPages, secondFactorSections } from './second-factors.ts';
import { securityPages } from './security.ts';

type Dependencies = Parameters<typeof secondFactorPages>[1] &
  Parameters<typeof identityPages>[1] & {
    issuer: string;
    pages: Pages;
    cookies: Cookies;
    accounts: Pick<Accounts, 'describe' | 'updateProfile'>;
    sessions: Pick<Sessions, 'list' | 'revoke'>;
    clientLogins: Pick<ClientLogins, 'namesBySession'>;
    factorRequirement: (accountId: string) => Promise<FactorRequirement | undefined>;
    factorResets: Pick<FactorResets, 'find' | 'stop'>;
    passwords: Passwords;
    /** Absent if browsers allow this server no passkeys. */
    passkeys?: PasskeysDomain | undefined;
    accountDeletion: Pick<AccountDeletion, 'deleteOwn'>;
    personalData: Pick<PersonalData, 'export'>;
    emailVerification: EmailVerification;
    emailChange: EmailChange;
    mailDelivery: MailDelivery;
    /** Present if emails are not sent, and administrators read them on a page. */
    readOutbox?: ReadOutbox | undefined;
    connectedClients: Pick<ConnectedClients, 'disconnect' | 'revokedClientName'>;
    listConnections: ListConnections;
    consentMemory: Pick<ConsentMemory, 'withdraw'>;
    delegations: Pick<Delegations, 'list' | 'end' | 'allow'>;
    keyPairs: Pick<KeyPairs, 'list' | 'delete' | 'revokeTokens'>;
    /** Present if people can register clients for a resource. */
    registration?: { registeredClients: Pick<RegisteredClients, 'mayRegister'> } | undefined;
  };

const home = '/account';
const connected = '/account/connected';

/** Addresses that these pages had before. */
const moved: Record<string, string> = {
  '/account/devices': connected,
  '/account/sessions': `${home}#sessions`,
};

const profileOf = (read: (field: ProfileField) => string): Record<ProfileField, string> => ({
  name: read('name'),
  given_name: read('given_name'),
  family_name: read('family_name'),
  nickname: read('nickname'),
  picture: read('picture'),
  locale: read('locale'),
  zoneinfo: read('zoneinfo'),
  phone_number: read('phone_number'),
});

const shownSession = (session: SessionDescription, apps: string[] = []): SessionShown => ({
  id: session.id,
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
  apps,
});

/** `/account`: profile and sessions; `/account/security`: how the person signs in; `/account/connected`: the apps and devices that have access. */
export function accountPages(router: Router, dependencies: Dependencies): void {
  const { pages, accounts, sessions, clientLogins, registration } = dependencies;
  const {
    issuer,
    connectedClients,
    listConnections,
    consentMemory,
    keyPairs,
    delegations,
    mailDelivery,
    readOutbox,
  } = dependencies;
  const { factorRequirement, factorResets } = dependencies;

  const showHome = async (
    ctx: Context,
    person: Person,
    {
      problems,
      profile,
      status = 200,
    }: Partial<Refusal<ProfileField>> & { profile?: Record<ProfileField, string> } = {},
  ) => {
    const { id: currentSessionId, account, hasFactor } = person.session;
    const [described, list, entered, required, reset, mayRegisterClients] = await Promise.all([
      accounts.describe(account.id),
      sessions.list(account.id),
      clientLogins.namesBySession(account.id),
      hasFactor ? undefined : factorRequirement(account.id),
      hasFactor ? factorResets.find(account.id) : undefined,
      registration?.registeredClients.mayRegister(account) ?? false,
    ]);
    await pages.show(
      ctx,
      person,
      (frame) =>
        accountHome(frame, {
          profile: profile ?? profileOf((field) => described?.[field] ?? ''),
          email: account.email,
          emailVerified: described?.email_verified ?? false,
          canChangeEmail: mailDelivery !== 'none',
          canVerifyEmail:
            mailDelivery === 'email' && account.email !== null && !described?.email_verified,
          sessions: list.map((session) => shownSession(session, entered.get(session.id))),
          currentSessionId,
          factorDueAt: required?.dueAt,
          factorsResetAt: reset?.dueAt,
          mayRegisterClients,
          isAdministrator: account.roles.includes(administratorRole),
          hasOutbox: readOutbox !== undefined && account.roles.includes(administratorRole),
          problems,
        }),
      { current: 'account', notice: ctx.method === 'GET' ? noticeOf(ctx) : undefined, status },
    );
  };

  router.get(home, (ctx) =>
    pages.forPerson(ctx, { returnTo: home }, (person) => showHome(ctx, person)),
  );

  router.post('/account/security/keep-factors', (ctx) =>
    pages.forForm(ctx, { returnTo: () => home }, async (person) => {
      await factorResets.stop(person.session.account.id, ctx.ip);
      seeOther(ctx, withNotice(home, 'factors_kept'));
    }),
  );

  for (const [before, path] of Object.entries(moved))
    router.get(before, (ctx) =>
      pages.forPerson(ctx, { returnTo: path.split('#', 1)[0] ?? home }, async () =>
        seeOther(ctx, path),
      ),
    );

  router.post('/account/profile', (ctx) =>
    pages.forForm(ctx, { returnTo: () => home }, async (person, form) => {
      const profile = profileOf((field) => (form[field] ?? '').trim());
      // Empty fields are not sent on, so the form says that it has all of them.
      const sent = Object.entries(profile).filter(([field]) => field === 'name' || form['whole']);
      await tryForm(
        async () => {
          await accounts.updateProfile(person.session.account.id, Object.fromEntries(sent));
          seeOther(ctx, withNotice(home, 'profile'));
        },
        (refusal: Refusal<ProfileField>) => showHome(ctx, person, { ...refusal, profile }),
        profileOf((field) => field),
      );
    }),
  );

  // A file of everything would serve a thief, so the sign-in must be recent.
  router.post('/account/data', (ctx) =>
    pages.forForm(ctx, { returnTo: () => sendAgain(home), recent: true }, async (person) => {
      const data = await dependencies.personalData.export(person.session.account.id, ctx.ip);
      ctx.attachment('account.json');
      ctx.set('Cache-Control', 'no-store');
      ctx.type = 'application/json';
      ctx.body = `${JSON.stringify(data, null, 2)}\n`;
    }),
  );

  router.post('/account/sessions/end', (ctx) =>
    pages.forForm(ctx, { returnTo: () => sendAgain(home), recent: true }, async (person, form) => {
      await sessions.revoke(person.session.account.id, form['session_id'] ?? '');
      seeOther(ctx, withNotice(home, 'session'));
    }),
  );

  router.post('/account/sessions/end-others', (ctx) =>
    pages.forForm(ctx, { returnTo: () => sendAgain(home), recent: true }, async (person) => {
      await sessions.revokeOthers(person.session.account.id, person.session.id);
      seeOther(ctx, withNotice(home, 'others'));
    }),
  );

  router.get(connected, (ctx) =>
    pages.forPerson(ctx, { returnTo: connected }, async (person) => {
      const { id } = person.session.account;
      const grantId = queryValue(ctx, 'grant');
      const [connections, pairs, agents, revoked] = await Promise.all([
        listConnections(id),
        keyPairs.list(id),
        delegations.list(id),
        grantId ? connectedClients.revokedClientName(id, grantId) : undefined,
      ]);
      await pages.show(
        ctx,
        person,
        (frame) =>
          accountConnected(frame, {
            ...connections,
            apps: connections.apps.map(({ initiateLoginUri: uri, ...rest }) => ({
              ...rest,
              openHref: uri && withParameters(uri, { iss: issuer }),
            })),
            keyPairs: pairs,
            agents,
          }),
        {
          current: 'connected',
          notice: revoked === undefined ? noticeOf(ctx) : `Access of ${revoked} is revoked.`,
        },
      );
    }),
  );

  // If it no longer exists, the result is what the person wanted.
  router.post(`${connected}/revoke`, (ctx) =>
    pages.forForm(ctx, { returnTo: () => connected }, async (person, form) => {
      const { id } = person.session.account;
      const { client_id: clientId, grant_id: grantId = '' } = form;
      if (clientId) await consentMemory.withdraw(id, clientId);
      else await connectedClients.disconnect(id, grantId);
      seeOther(
        ctx,
        withNotice(`${connected}?grant=${encodeURIComponent(grantId)}`, 'disconnected'),
      );
    }),
  );

  const decidesOnAgents = (
    path: string,
    decide: 'end' | 'allow',
    notice: 'agent_ended' | 'agent_allowed',
  ): void => {
    router.post(path, (ctx) =>
      pages.forForm(ctx, { returnTo: () => connected }, async (person, form) => {
        await delegations[decide](person.session.account.id, form['client_id'] ?? '');
        seeOther(ctx, withNotice(connected, notice));
      }),
    );
  };
  decidesOnAgents(`${connected}/end`, 'end', 'agent_ended');
  decidesOnAgents(`${connected}/allow`, 'allow', 'agent_allowed');

  router.post('/account/keys/delete', (ctx) =>
    pages.forForm(ctx, { returnTo: () => connected }, async (person, form) => {
      await keyPairs.delete(person.session.account.id, form['key_id'] ?? '', ctx.ip);
      seeOther(ctx, withNotice(connected, 'keys_deleted'));
    }),
  );

  router.post('/account/keys/end-tokens', (ctx) =>
    pages.forForm(ctx, { returnTo: () => connected }, async (person, form) => {
      await keyPairs.revokeTokens(person.session.account.id, form['key_id'] ?? '');
      seeOther(ctx, withNotice(connected, 'keys_tokens_ended'));
    }),
  );

  const { cookies, passkeys } = dependencies;
  securityPages(router, {
    pages,
    accounts,
    sections: [
      ...(passkeys ? [passkeysOfPerson({ passkeys })] : []),
      ...secondFactorSections(dependencies),
      identitiesOfPerson(dependencies),
    ],
  });
  secondFactorPages(router, dependencies);
  if (passkeys) passkeyPages(router, { pages, cookies, passkeys });
  identityPages(router, dependencies);
  passwordPages(router, dependencies);
  accountDeletionPages(router, dependencies);
  emailPages(router, dependencies);
  emailChangePages(router, dependencies);
  outboxPages(router, dependencies);
}
