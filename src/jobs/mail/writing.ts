import { sql } from 'kysely';
import { languages as allLanguages } from '../../../config/languages.ts';
import { lifetimes } from '../../../config/lifetimes.ts';
import { leaksMailedHourly } from '../../../config/mails.ts';
import type { Database } from '../../../db/database.ts';
import { appInvitationMail } from '../../../views/mails/app-invitation.ts';
import { appLetIn } from '../../../views/mails/app-let-in.ts';
import {
  emailChange,
  emailChanged,
  emailChangedByAdministrator,
} from '../../../views/mails/email-change.ts';
import { emailVerification } from '../../../views/mails/email-verification.ts';
import { factorsReset, factorsResetPlanned } from '../../../views/mails/factors-reset.ts';
import { invited } from '../../../views/mails/invited.ts';
import {
  contactOf,
  type MailProps,
  type Sender,
  type WrittenMail,
  writeMail,
} from '../../../views/mails/mail.ts';
import { newSignIn } from '../../../views/mails/new-sign-in.ts';
import { passkeyAdded, passkeyCloned, passkeyRemoved } from '../../../views/mails/passkeys.ts';
import { passwordChanged } from '../../../views/mails/password-changed.ts';
import { passwordReset } from '../../../views/mails/password-reset.ts';
import { providerLinked } from '../../../views/mails/provider-linked.ts';
import {
  factorChanged,
  recoveryCodesReplaced,
  recoveryCodeUsed,
} from '../../../views/mails/second-factors.ts';
import { sessionsEnded } from '../../../views/mails/sessions-ended.ts';
import { signInCode } from '../../../views/mails/sign-in-code.ts';
import { scopeInWords, tokenCreated } from '../../../views/mails/token-created.ts';
import { tokenExpiring } from '../../../views/mails/token-expiring.ts';
import { tokenLeaked } from '../../../views/mails/token-leaked.ts';
import { trialMail } from '../../../views/mails/trial.ts';
import { catalogues, type Messages } from '../../../views/messages/index.ts';
import { type Keyring, SealError } from '../../crypto/sealing.ts';
import { sealEmailClaim } from '../../domain/accounts/email-verification.ts';
import { sealStopClaim } from '../../domain/accounts/factor-resets.ts';
import { getsEmail, type MailDetails, type MailKind, mailPlace } from '../../domain/mail/outbox.ts';
import { parsePublicId } from '../../domain/tokens/value.ts';
import { lookUpLanguage } from '../../http/language.ts';
import { scopeTokens } from '../../oauth/scope.ts';
import { registrationMails } from './registration-mails.ts';

/** An email that waits to be sent. */
export interface WaitingMail {
  id: string;
  kind: string;
  account_id: string | null;
  /** The recipient, if it is not the address of the account. */
  recipient: string | null;
  /** Sealed: a link or code that the email contains. */
  secret: Buffer | null;
  details: Record<string, unknown>;
}

/** Whom an email is for. */
interface Recipient {
  /** The address that the email goes to. */
  email: string;
  /** Null for a recipient who need not have an account. */
  account: { id: string; name: string; email: string | null; email_verified: boolean } | null;
  /** The link or code of the email. */
  secret: string | undefined;
  /** In the language of the recipient. */
  messages: Messages;
}

/** The content of an email of one kind, for a person of this name; undefined if it has become pointless. */
type Write<Kind extends MailKind> = (
  details: MailDetails[Kind],
  to: string,
  recipient: Recipient,
) => Promise<MailProps | undefined>;

/** Writes emails when they are sent, with the current state of things: one can have waited for days. */
export function createMailWriting({
  database,
  keyring,
  sender,
}: {
  database: Database;
  keyring: Keyring;
  sender: Sender;
}) {
  const { kysely } = database;

  /** A named token, as its owner knows it. */
  const read = async (token: string) => {
    const id = parsePublicId(token);
    const row =
      id &&
      (await kysely
        .selectFrom('token')
        .select(['name', 'scope', 'audience', 'issued_at', 'expires_at', 'revoked_at', 'successor'])
        .select(sql<Date>`now()`.as('now'))
        .where('shelf', '=', id.partition)
        .where('key', '=', id.key)
        .executeTakeFirst());
    if (!row) return undefined;
    const identifier = row.audience?.[0] ?? '';
    const resource = await kysely
      .selectFrom('resource')
      .select(['name', 'scopes'])
      .where('identifier', '=', identifier)
      .executeTakeFirst();
    return {
      ...row,
      facts: {
        name: row.name ?? '',
        resource: resource?.name ?? identifier,
        scope: scopeTokens(row.scope).map((name) =>
          scopeInWords(name, resource?.scopes.find((scope) => scope.name === name)?.description),
        ),
      },
    };
  };

  const aboutProvider = async (
    { provider, shown, at, ip = null }: MailDetails['provider_linked'],
    to: string,
    isLinked: boolean,
  ): Promise<MailProps> =>
    providerLinked({
      to,
      provider,
      shown,
      isLinked,
      at: new Date(at),
      ip,
      contact: contactOf(sender),
    });

  const kinds: { [Kind in MailKind]: Write<Kind> } = {
    async trial(_details, to) {
      return trialMail({ to });
    },

    async token_created({ token_id, ip = null }, to) {
      const token = await read(token_id);
      if (!token) return undefined;
      return tokenCreated({
        to,
        token: { ...token.facts, expiresAt: token.expires_at },
        createdAt: token.issued_at,
        ip,
        contact: contactOf(sender),
      });
    },

    async app_let_in({ grant_id, ip = null }, to) {
      const { rows } = await sql<{ app: string; scope: string | null; approvedAt: Date }>`
        select coalesce(c.metadata->>'client_name', c.client_id) as app, g.created_at as "approvedAt",
          (select string_agg(r.scope, ' ') from jsonb_each_text(g.payload->'resources') as r (resource, scope)) as scope
        from oauth_grant g join client c on c.id = g.client_id
        where g.id = ${grant_id}::uuid and c.deleted_at is null`.execute(kysely);
      const [grant] = rows;
      if (!grant) return undefined;
      return appLetIn({
        ...grant,
        to,
        scope: scopeTokens(grant.scope ?? undefined),
        ip,
        contact: contactOf(sender),
      });
    },

    async password_changed(
      { at, ip = null, by_link, is_first = false, ended_access },
      to,
      { messages },
    ) {
      return passwordChanged({
        to,
        changedAt: new Date(at),
        ip,
        byLink: by_link,
        isFirst: is_first,
        endedAccess: ended_access,
        contact: contactOf(sender, messages),
        messages,
      });
    },

    async passkey_added({ name, at, ip = null }, to) {
      return passkeyAdded({ to, name, at: new Date(at), ip, contact: contactOf(sender) });
    },

    async passkey_removed({ name, at, ip = null }, to) {
      return passkeyRemoved({ to, name, at: new Date(at), ip, contact: contactOf(sender) });
    },

    async passkey_cloned({ name, at, ip = null }, to) {
      return passkeyCloned({ to, name, at: new Date(at), ip, contact: contactOf(sender) });
    },

    async factor_added({ factor, at, ip = null }, to) {
      return factorChanged({
        to,
        factor,
        change: 'factor_added',
        at: new Date(at),
        ip,
        contact: contactOf(sender),
      });
    },

    async factor_removed({ factor, at, ip = null }, to) {
      return factorChanged({
        to,
        factor,
        change: 'factor_removed',
        at: new Date(at),
        ip,
        contact: contactOf(sender),
      });
    },

    async recovery_code_used({ at, ip = null, left }, to) {
      return recoveryCodeUsed({ to, at: new Date(at), ip, left, contact: contactOf(sender) });
    },

    async recovery_codes_replaced({ at, ip = null }, to) {
      return recoveryCodesReplaced({ to, at: new Date(at), ip, contact: contactOf(sender) });
    },

    async email_verification(_details, to, { account, email }) {
      if (!account || account.email_verified) return undefined;
      return emailVerification({
        to,
        value: sealEmailClaim(keyring, { accountId: account.id, email }),
        expiresAt: new Date(Date.now() + lifetimes.emailVerification * 1000),
      });
    },

    async factors_reset_planned({ reset_id }, to, { account }) {
      if (!account) return undefined;
      const reset = await kysely
        .selectFrom('factor_reset')
        .select('due_at')
        .where('account_id', '=', account.id)
        .where('id', '=', reset_id)
        .executeTakeFirst();
      // It was cancelled, or has happened.
      if (!reset) return undefined;
      return factorsResetPlanned({
        to,
        dueAt: reset.due_at,
        value: sealStopClaim(keyring, { accountId: account.id, resetId: reset_id }),
        contact: contactOf(sender),
      });
    },

    async factors_reset({ at }, to) {
      return factorsReset({ to, at: new Date(at), contact: contactOf(sender) });
    },

    provider_linked: (details, to) => aboutProvider(details, to, true),
    provider_unlinked: (details, to) => aboutProvider(details, to, false),

    async password_reset({ expires_at, ip = null }, to, { secret, messages }) {
      const contact = contactOf(sender, messages);
      if (expires_at === undefined)
        return passwordReset({ to, link: undefined, ip, contact, messages });
      if (secret === undefined || hasExpired(expires_at)) return undefined;
      const link = { value: secret, expiresAt: new Date(expires_at) };
      return passwordReset({ to, link, ip, contact, messages });
    },

    async invited({ expires_at, has_password }, to, { secret, messages }) {
      if (secret === undefined || hasExpired(expires_at)) return undefined;
      return invited({
        to,
        brand: sender.brand,
        value: secret,
        expiresAt: new Date(expires_at),
        hasPassword: has_password,
        contact: contactOf(sender, messages),
        messages,
      });
    },

    async app_invitation({ invitation_id }, _to, { email, secret }) {
      const { rows } = await sql<{
        app: string;
        role: string;
        invitedBy: string | null;
        expiresAt: Date;
      }>`
        select coalesce(nullif(app.display_name, ''), app.name) as app, i.role, inviter.name as "invitedBy", i.expires_at as "expiresAt"
        from app_invitation i join app on app.id = i.app_id left join account inviter on inviter.id = i.invited_by
        where i.id = ${invitation_id}::uuid and i.expires_at > now() and app.deleted_at is null`.execute(
        kysely,
      );
      const [invitation] = rows;
      if (!invitation || secret === undefined) return undefined;
      return appInvitationMail({
        ...invitation,
        brand: sender.brand,
        email,
        value: secret,
        contact: contactOf(sender),
      });
    },

    async new_sign_in({ at, ip = null, user_agent }, to, { messages }) {
      return newSignIn({
        to,
        signedInAt: new Date(at),
        ip,
        userAgent: user_agent,
        contact: contactOf(sender, messages),
        messages,
      });
    },

    async sessions_ended({ at, ip = null, by, ended }, to) {
      return sessionsEnded({
        to,
        endedAt: new Date(at),
        ip,
        by,
        ended,
        contact: contactOf(sender),
      });
    },

    async email_change({ email, expires_at, ip = null }, to, { secret }) {
      if (secret === undefined || hasExpired(expires_at)) return undefined;
      const taken = await kysely
        .selectFrom('account')
        .select('id')
        .where(sql`lower(email)`, '=', sql<string>`lower(${email})`)
        .executeTakeFirst();
      if (taken) return undefined;
      return emailChange({
        to,
        brand: sender.brand,
        email,
        value: secret,
        expiresAt: new Date(expires_at),
        ip,
      });
    },

    async email_changed({ email, at, expires_at, ip = null }, to, { secret }) {
      const contact = contactOf(sender);
      if (expires_at === undefined)
        return emailChangedByAdministrator({ to, email, changedAt: new Date(at), contact });
      if (email === null || secret === undefined || hasExpired(expires_at)) return undefined;
      return emailChanged({
        to,
        email,
        changedAt: new Date(at),
        ip,
        value: secret,
        expiresAt: new Date(expires_at),
        contact,
      });
    },

    async sign_in_code({ expires_at, ip = null, user_agent }, to, { secret, messages }) {
      if (secret === undefined || hasExpired(expires_at)) return undefined;
      return signInCode({
        to,
        code: secret,
        expiresAt: new Date(expires_at),
        ip,
        userAgent: user_agent,
        contact: contactOf(sender, messages),
        messages,
      });
    },

    ...registrationMails({ kysely, keyring, sender }),

    async token_expiring({ token_id, days }, to) {
      const token = await read(token_id);
      if (!token?.expires_at || token.revoked_at || token.successor) return undefined;
      const left = token.expires_at.getTime() - token.now.getTime();
      // It has expired in the meantime, or its expiry was changed.
      if (left <= 0 || left > days * 86_400_000) return undefined;
      return tokenExpiring({
        to,
        token: { ...token.facts, expiresAt: token.expires_at },
        now: token.now,
      });
    },

    async token_leaked({ kind, name, hint, client_id, of_client }, to) {
      const app = await kysely
        .selectFrom('client')
        .innerJoin('app', 'app.id', 'client.app_id')
        .select('app.name')
        .where('client.client_id', '=', client_id)
        .executeTakeFirst();
      return tokenLeaked({
        to,
        kind,
        name,
        hint,
        client: {
          id: client_id,
          app: app?.name ?? null,
          name: client_id.slice(client_id.indexOf(':') + 1),
        },
        ofClient: of_client,
        hourly: (leaksMailedHourly as readonly string[]).includes(kind),
      });
    },
  };

  /** What the email says in secret; undefined if there is nothing, or no key of SECRET_KEYS opens it any longer. */
  const open = ({ id, kind, secret }: WaitingMail): string | undefined => {
    if (!secret) return undefined;
    try {
      return keyring.open(mailPlace({ id, kind }), secret).toString('utf8');
    } catch (error) {
      if (error instanceof SealError) return undefined;
      throw error;
    }
  };

  /** The email and its address; undefined if it is not to be sent. */
  const write = async (mail: WaitingMail): Promise<(WrittenMail & { to: string }) | undefined> => {
    const { kind, account_id, recipient, details } = mail;
    const account =
      account_id === null
        ? null
        : await kysely
            .selectFrom('account')
            .select(['id', 'name', 'email', 'email_verified', 'locale'])
            .where('id', '=', account_id)
            .where('disabled_at', 'is', null)
            .executeTakeFirst();
    if (account === undefined) return undefined;
    const email = recipient ?? account?.email;
    if (!email || !getsEmail(email)) return undefined;
    const writeKind = kinds[kind as MailKind] as Write<MailKind>;
    const content = await writeKind(details as never, account?.name ?? '', {
      email,
      account,
      secret: open(mail),
      messages: messagesFor(sender, account?.locale, details['language']),
    });
    return content && { ...(await writeMail(sender, content)), to: email };
  };

  // Kinds that only a newer version knows are left to its processes.
  return { kinds: Object.keys(kinds), write };
}

export type MailWriting = ReturnType<typeof createMailWriting>;

/** In the language of the account, otherwise in that of the page on which the email was asked for. */
function messagesFor(
  { languages = allLanguages }: Sender,
  locale: string | null | undefined,
  ofPage: unknown,
): Messages {
  const wanted = [locale ?? '', typeof ofPage === 'string' ? ofPage : ''];
  return catalogues[lookUpLanguage(wanted, languages) ?? languages[0] ?? 'en'];
}

const hasExpired = (time: string): boolean => new Date(time).getTime() <= Date.now();
