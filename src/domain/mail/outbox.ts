import type { Connection } from '../../../db/schema.ts';
import { attribution } from '../audit/actor.ts';
import type { TokenKind } from '../tokens/value.ts';

/** What people are written about, with what one needs to write of it. Nothing of it is secret. */
export interface MailDetails {
  /** They have a new personal access token, made from that address: a first one, or one that takes the place of another. */
  token_created: { token_id: string; ip?: string | null };
  token_expiring: { token_id: string; days: number };
  /** Something of theirs was found where it should not be, and has been ended. */
  token_leaked: {
    kind: TokenKind | 'client_secret';
    name: string | null;
    hint: string;
    client_id: string;
    /** Those whose client it is are told of the client, and not of a token of theirs. */
    of_client: boolean;
  };
}

export type MailKind = keyof MailDetails;

/** A mail to somebody. It is written when it is sent. */
export type NewMail = {
  [Kind in MailKind]: { kind: Kind; accountId: string; details: MailDetails[Kind] };
}[MailKind] & {
  /** What is told once, whoever finds it out and however often: a second one of that name is not sent. */
  once?: string | undefined;
};

/**
 * Has a mail sent once the transaction holds: it waits in the database until then, and while the mail server
 * is away. Somebody without an address, or who is disabled by then, gets none.
 */
export async function recordMail(
  transaction: Connection,
  { kind, accountId, details, once }: NewMail,
): Promise<void> {
  // Of what somebody does in their name, people are told from where.
  const stored = kind === 'token_created' ? { ip: attribution().ip, ...details } : details;
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
