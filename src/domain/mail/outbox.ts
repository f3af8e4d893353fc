import type { Connection } from '../../../db/schema.ts';
import { attribution } from '../audit/actor.ts';
import type { TokenKind } from '../tokens/value.ts';

/** What people are written about, with what one needs to write of it. Nothing of it is secret. */
export interface MailDetails {
  /** They have a new personal access token, made from that address: a first one, or one that takes the place of another. */
  token_created: { token_id: string; ip?: string | null };
  /** A program of theirs let an app in by a token, from that address: no page asked them. */
  app_let_in: { grant_id: string; ip?: string | null };
  /** Their password is another, from that address: by a link, or by one who knew the old one. */
  password_changed: {
    at: string;
    ip?: string | null;
    by_link: boolean;
    /** Their grants and personal access tokens ended with it. */
    ended_access: boolean;
  };
  token_expiring: { token_id: string; days: number };
  /** Something of theirs was found where it should not be, and has been ended. */
  token_leaked: {
    kind: TokenKind | 'client_secret';
    name: string | null;
    hint: string;
    client_id: string;
    /** The recipients own the client, and not the token: the mail speaks of the client. */
    of_client: boolean;
  };
}

export type MailKind = keyof MailDetails;

/** A mail to an account. Its text is written when it is sent. */
export type NewMail = {
  [Kind in MailKind]: { kind: Kind; accountId: string; details: MailDetails[Kind] };
}[MailKind] & {
  /** A key for deduplication: a second mail with it is not sent. */
  once?: string | undefined;
};

/**
 * Queues a mail, which is sent after the transaction commits. It waits in the database while the mail server
 * is unreachable. An account without an address, or disabled by then, gets none.
 */
export async function recordMail(
  transaction: Connection,
  { kind, accountId, details, once }: NewMail,
): Promise<void> {
  // Mails about what was done in someone's name say from which address.
  const stored =
    kind === 'token_created' || kind === 'app_let_in' || kind === 'password_changed'
      ? { ip: attribution().ip, ...details }
      : details;
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
