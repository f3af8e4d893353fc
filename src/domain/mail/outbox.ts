import { randomUUID } from 'node:crypto';
import type { Connection } from '../../../db/schema.ts';
import type { Keyring, Place } from '../../crypto/sealing.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { attribution } from '../audit/actor.ts';
import { currentRequest, noteMail } from '../audit/request-context.ts';
import type { TokenKind } from '../tokens/value.ts';

/** The kinds of emails, with what is needed to write each one. None of it is secret: links and codes are `secret`. */
export interface MailDetails {
  /** The recipient has a new personal access token, created or regenerated from that IP address. */
  token_created: { token_id: string; ip?: string | null };
  /** A program of the recipient connected an app with its token, from that IP address, without a page. */
  app_let_in: { grant_id: string; ip?: string | null };
  /** The password was changed from that IP address, with a link or on the account page. */
  password_changed: {
    at: string;
    ip?: string | null;
    by_link: boolean;
    /** The account had no password before. */
    is_first?: boolean;
    /** Their grants and personal access tokens were revoked with it. */
    ended_access: boolean;
  };
  /** A passkey was added to the account or removed from it, from that IP address. */
  passkey_added: { name: string; at: string; ip?: string | null };
  passkey_removed: { name: string; at: string; ip?: string | null };
  /** A passkey was refused because its counter went back: there is a copy of it. */
  passkey_cloned: { name: string; at: string; ip?: string | null };
  /** A second factor was added to the account, or removed from it. */
  factor_added: { factor: FactorName; at: string; ip?: string | null };
  factor_removed: { factor: FactorName; at: string; ip?: string | null };
  /** A recovery code was used in place of a second factor. */
  recovery_code_used: { at: string; ip?: string | null; left: number };
  /** The recipient has new recovery codes; the old ones no longer work. */
  recovery_codes_replaced: { at: string; ip?: string | null };
  /** The recipient wants to verify their email address. */
  email_verification: Record<string, never>;
  /** An administrator has planned to remove the second factors of the recipient. */
  factors_reset_planned: { reset_id: string };
  /** The second factors of the recipient were removed by such a reset. */
  factors_reset: { at: string };
  /** An identity at another provider, shown by its address or name there, was connected to the account, or removed. */
  provider_linked: { provider: string; shown: string | null; at: string; ip?: string | null };
  provider_unlinked: { provider: string; shown: string | null; at: string; ip?: string | null };
  token_expiring: { token_id: string; days: number };
  /** A token or secret of the recipient was found in public and revoked. */
  token_leaked: {
    kind: TokenKind | 'client_secret';
    name: string | null;
    hint: string;
    client_id: string;
    /** The recipients own the client and not the token, so the email is about the client. */
    of_client: boolean;
  };
  /** An administrator tries whether emails arrive. */
  trial: Record<string, never>;
  /** A link to set a new password; without a link, since the account has no password. */
  password_reset: { expires_at?: string; ip?: string | null };
  /** The link of an invitation to an account. */
  invited: { expires_at: string; has_password: boolean };
  /** The link of an invitation to an app, to an address that need not belong to an account. */
  app_invitation: { invitation_id: string };
  /** Someone signed in with a browser that the account does not know. */
  new_sign_in: { at: string; ip?: string | null; user_agent: string | null };
  /** The person was signed out of other browsers, or of all. */
  sessions_ended: { at: string; ip?: string | null; by: 'person' | 'administrator'; ended: number };
  /** A link to an address that the recipient wants to have. */
  email_change: { email: string; expires_at: string; ip?: string | null };
  /**
   * To the address that the account had until then, with a link that restores it; without a link, if an administrator has changed
   * or removed it.
   */
  email_changed: { email: string | null; at: string; expires_at?: string; ip?: string | null };
  /** A code with which a sign-in from an unknown browser continues. */
  sign_in_code: { expires_at: string; ip?: string | null; user_agent: string | null };
  /** Someone typed the recipient's address to register. */
  registration_confirm: { registration_id: string };
  /** To administrators: people wait for their approval. */
  registration_waiting: Record<string, never>;
  /** An administrator has approved the account that the recipient registered. */
  registration_approved: Record<string, never>;
  /** An administrator has refused the account that the recipient registered, and it is deleted. */
  registration_refused: Record<string, never>;
}

/** A second factor, in emails and audit events. */
export type FactorName = 'authenticator' | 'passkey';

export type MailKind = keyof MailDetails;

/** An email to an account. Its text is written when it is sent. */
export type NewMail = {
  [Kind in MailKind]: { kind: Kind; details: MailDetails[Kind] };
}[MailKind] & {
  /** A key for deduplication: a second email with it is not sent. */
  once?: string | undefined;
  /** What only the recipient gets to know: it is stored sealed, and removed once the email is sent. */
  secret?: MailSecret | undefined;
} & (
    | { accountId: string /** If it is not the address of the account. */; recipient?: string }
    | { accountId?: undefined; recipient: string }
  );

export interface MailSecret {
  keyring: Pick<Keyring, 'seal'>;
  value: string;
}

/**
 * Whether a link goes out by email, which is the default if there is a mail server. Throws `conflict` if an email is wanted and
 * there is none.
 */
export function choosesEmail(wanted: boolean | undefined, sendsEmails: boolean): boolean {
  if (wanted && !sendsEmails)
    throw new OAuthError(
      'conflict',
      'This installation sends no email, since SMTP_URL is not set. Pass the link on yourself.',
      { parameter: 'send_email' },
    );
  return wanted ?? sendsEmails;
}

/** What the secret of an email is bound to. */
export const mailPlace = ({ id, kind }: { id: string; kind: string }): Place => ({
  table: 'mail',
  row: id,
  purpose: kind,
});

/** Emails about an action, which name the IP address that it came from. */
const aboutActions = new Set<MailKind>([
  'token_created',
  'app_let_in',
  'password_changed',
  'new_sign_in',
  'sessions_ended',
  'email_change',
  'email_changed',
  'sign_in_code',
  'passkey_added',
  'passkey_removed',
  'passkey_cloned',
  'provider_linked',
  'provider_unlinked',
  'factor_added',
  'factor_removed',
  'recovery_code_used',
  'recovery_codes_replaced',
]);

/** Emails that people ask for on a page themselves: they are in its language, if the account names none. */
const askedForOnPages = new Set<MailKind>([
  'sign_in_code',
  'password_reset',
  'new_sign_in',
  'registration_confirm',
]);

/**
 * Queues an email, which is sent after the transaction commits. It waits in the database while the mail server is
 * unreachable. An account that has no email address, or is disabled by then, gets none.
 */
export async function recordMail(
  transaction: Connection,
  { kind, accountId, recipient, details, once, secret }: NewMail,
): Promise<void> {
  const language = askedForOnPages.has(kind) ? currentRequest()?.language : undefined;
  const stored = {
    ...(aboutActions.has(kind) && { ip: attribution().ip }),
    ...(language && { language }),
    ...details,
  };
  const id = randomUUID();
  await transaction
    .insertInto('mail')
    .values({
      id,
      kind,
      account_id: accountId ?? null,
      recipient: recipient ?? null,
      secret: secret ? secret.keyring.seal(mailPlace({ id, kind }), secret.value) : null,
      details: JSON.stringify(stored),
      once: once ?? null,
      sent_at: null,
    })
    .onConflict((conflict) => conflict.column('once').doNothing())
    .execute();
  noteMail();
}

/** Whether emails are sent to an address: the first administrator can have a name to sign in with, which has no mailbox. */
export const getsEmail = (email: string | null): email is string =>
  email !== null && !/@localhost$/i.test(email);
