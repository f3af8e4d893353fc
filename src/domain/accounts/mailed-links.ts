/**
 * LINKS IN EMAILS: each works once, until it expires, and is stored only as a digest. The email itself keeps the value
 * sealed until it is sent (`domain/mail/outbox.ts`).
 */
import { sql } from 'kysely';
import type { Connection } from '../../../db/schema.ts';
import { sha256 } from '../../crypto/digest.ts';
import { lengthOf256Bits, randomAlphanumeric } from '../../crypto/random.ts';

export type LinkPurpose = 'password_reset' | 'email_change' | 'email_revert';

/** A link of an account that is not disabled, which has not expired. */
export interface MailedLink {
  account: { id: string; name: string; email: string | null };
  /** The address that the account gets by it. */
  email: string | null;
  emailVerified: boolean;
  createdAt: Date;
  isUsed: boolean;
}

/** Prefix of the values of links. */
const prefix = 'writ_link_';

const shape = new RegExp(`^${prefix}[0-9A-Za-z]{${lengthOf256Bits}}$`);

interface NewLink {
  accountId: string;
  purpose: LinkPurpose;
  /** Seconds. */
  lifetime: number;
  email?: string | undefined;
  emailVerified?: boolean | undefined;
  /** Whether earlier links of the account for the same purpose stop working. */
  replaces: boolean;
}

/** Creates a link. */
export async function insertLink(
  transaction: Connection,
  { accountId, purpose, lifetime, email, emailVerified, replaces }: NewLink,
): Promise<{ value: string; expiresAt: Date }> {
  const value = `${prefix}${randomAlphanumeric(lengthOf256Bits)}`;
  if (replaces)
    await transaction
      .deleteFrom('mailed_link')
      .where('account_id', '=', accountId)
      .where('purpose', '=', purpose)
      .execute();
  const { expires_at } = await transaction
    .insertInto('mailed_link')
    .values({
      digest: sha256(value),
      account_id: accountId,
      purpose,
      email: email ?? null,
      email_verified: emailVerified ?? null,
      expires_at: sql<Date>`now() + ${sql.lit(lifetime)} * interval '1 second'`,
      used_at: null,
    })
    .returning('expires_at')
    .executeTakeFirstOrThrow();
  return { value, expiresAt: expires_at };
}

/** Finds a link, also a used one. */
export async function findLink(
  connection: Connection,
  purpose: LinkPurpose,
  value: string,
): Promise<MailedLink | undefined> {
  if (!shape.test(value)) return undefined;
  const row = await connection
    .selectFrom('mailed_link as l')
    .innerJoin('account as a', 'a.id', 'l.account_id')
    .select(['a.id', 'a.name', 'a.email as current', 'l.email', 'l.email_verified', 'l.created_at'])
    .select(sql<boolean>`l.used_at is not null`.as('isUsed'))
    .where('l.digest', '=', sha256(value))
    .where('l.purpose', '=', purpose)
    .where('l.expires_at', '>', sql<Date>`now()`)
    .where('a.disabled_at', 'is', null)
    .executeTakeFirst();
  if (!row) return undefined;
  return {
    account: { id: row.id, name: row.name, email: row.current },
    email: row.email,
    emailVerified: row.email_verified ?? false,
    createdAt: row.created_at,
    isUsed: row.isUsed,
  };
}

/** Uses a link up. Of concurrent requests one gets true. */
export async function useLink(
  transaction: Connection,
  purpose: LinkPurpose,
  value: string,
): Promise<boolean> {
  const { numUpdatedRows } = await transaction
    .updateTable('mailed_link')
    .set({ used_at: sql<Date>`now()` })
    .where('digest', '=', sha256(value))
    .where('purpose', '=', purpose)
    .where('used_at', 'is', null)
    .where('expires_at', '>', sql<Date>`now()`)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/**
 * Revokes the pending links of an account whose password, email address or roles changed, or that was disabled: its
 * invitation, and links in emails. Those that restore an address stay, for a person whose account someone else controls,
 * unless an administrator chose the address (`alsoReverts`).
 */
export async function revokeLinks(
  transaction: Connection,
  accountId: string,
  { alsoReverts = false }: { alsoReverts?: boolean } = {},
): Promise<void> {
  await transaction.deleteFrom('invitation').where('account_id', '=', accountId).execute();
  await transaction
    .deleteFrom('mailed_link')
    .where('account_id', '=', accountId)
    .where('used_at', 'is', null)
    .$if(!alsoReverts, (links) => links.where('purpose', '<>', 'email_revert'))
    .execute();
}
