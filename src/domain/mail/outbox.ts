import type { Connection } from '../../../db/schema.ts';
import { attribution } from '../audit/actor.ts';
import type { TokenKind } from '../tokens/value.ts';

/** The kinds of emails, with what is needed to write each one. None of it is secret. */
export interface MailDetails {
  /** The recipient has a new personal access token, created or regenerated from that IP address. */
  token_created: { token_id: string; ip?: string | null };
  /** A program of the recipient connected an app with its token, from that IP address, without a page. */
  app_let_in: { grant_id: string; ip?: string | null };
  /** The password was changed from that IP address, with a link or with the old password. */
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
  /** The recipient wants to verify their email address. */
  email_verification: Record<string, never>;
  /** An administrator has planned to remove the second factors of the recipient. */
  factors_reset_planned: { reset_id: string };
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
}

export type MailKind = keyof MailDetails;

/** An email to an account. Its text is written when it is sent. */
export type NewMail = {
  [Kind in MailKind]: { kind: Kind; accountId: string; details: MailDetails[Kind] };
}[MailKind] & {
  /** A key for deduplication: a second email with it is not sent. */
  once?: string | undefined;
};

/** Kinds about an action of the recipient, or of someone else with their account. */
const namesAddress: ReadonlySet<MailKind> = new Set([
  'token_created',
  'app_let_in',
  'password_changed',
  'passkey_added',
  'passkey_removed',
  'passkey_cloned',
]);

/**
 * Queues an email, which is sent after the transaction commits. It waits in the database while the mail server is
 * unreachable. An account that has no email address, or is disabled by then, gets none.
 */
export async function recordMail(
  transaction: Connection,
  { kind, accountId, details, once }: NewMail,
): Promise<void> {
  // Emails about an action name the IP address that it came from.
  const stored = namesAddress.has(kind) ? { ip: attribution().ip, ...details } : details;
  await transaction
    .insertInto('mail')
    .values({
      kind,
      account_id: accountId,
      details: JSON.stringify(stored),
      once: once ?? null,
      sent_at: null,
    })
    .onConflict((conflict) => conflict.column('once').doNothing())
    .execute();
}
