/**
 * PEOPLE CHANGE THEIR EMAIL ADDRESS: with a link that is sent to the new one. The old one gets a link that restores it, for a
 * person whose session someone else has used.
 */
import { sql } from 'kysely';
import { emailChanges } from '../../../config/attempts.ts';
import { lifetimes } from '../../../config/lifetimes.ts';
import type { Database } from '../../../db/database.ts';
import { isUniqueViolation } from '../../../db/errors.ts';
import type { Connection } from '../../../db/schema.ts';
import type { Keyring } from '../../crypto/sealing.ts';
import { parameterError } from '../../oauth/errors.ts';
import { recordChange } from '../audit/change-feed.ts';
import { recordEvent } from '../audit/events.ts';
import { orUnavailable } from '../database/retry.ts';
import { isOneLine } from '../database/text-checks.ts';
import { revokePasswordLogins } from '../grants/password-logins.ts';
import { LimitReached, type Limits } from '../limits/rate-limits.ts';
import { recordMail } from '../mail/outbox.ts';
import { findLink, insertLink, type MailedLink, revokeLinks, useLink } from './mailed-links.ts';
import { sendResetLink } from './password-resets.ts';
import { forgetBrowsers } from './remembered-browsers.ts';
import { byPerson, endSessionsOf, lockAccount } from './sessions.ts';

/** A link that gives an account another address, or its old one. */
export interface AddressLink {
  name: string;
  /** The address that the account gets. */
  email: string;
  isUsed: boolean;
}

/** What became of a link. `taken`: another account has the address. */
export type AddressOutcome = 'done' | 'gone' | 'taken';

const maxEmailLength = 320;

export function createEmailChange({
  database: { kysely },
  keyring,
  limits,
  sendsEmails,
}: {
  database: Pick<Database, 'kysely'>;
  keyring: Pick<Keyring, 'seal'>;
  limits: Limits;
  /** Otherwise an administrator passes links on, which proves nothing about a mailbox. */
  sendsEmails: boolean;
}) {
  const ofAccount = limits.limit('email-change', emailChanges.ofAccount);
  const ofAddress = limits.limit('email-change-address', emailChanges.ofAddress);

  const find = async (
    purpose: 'email_change' | 'email_revert',
    value: string,
  ): Promise<AddressLink | undefined> => {
    const link = await orUnavailable(() => findLink(kysely, purpose, value));
    return link?.email
      ? { name: link.account.name, email: link.email, isUsed: link.isUsed }
      : undefined;
  };

  /** Uses a link, and runs the change in the same transaction. */
  const use = async (
    purpose: 'email_change' | 'email_revert',
    value: string,
    ip: string | undefined,
    run: (transaction: Connection, link: MailedLink & { email: string }) => Promise<unknown>,
  ): Promise<AddressOutcome> => {
    try {
      return await orUnavailable(() =>
        kysely.transaction().execute(async (transaction) => {
          const found = await findLink(transaction, purpose, value);
          if (!found?.email) return 'gone';
          const { id } = found.account;
          await lockAccount(transaction, id);
          if (!(await useLink(transaction, purpose, value))) return 'gone';
          // Read again: it may have changed before it was locked.
          const link = await findLink(transaction, purpose, value);
          if (!link?.email) return 'gone';
          const { email } = link;
          await byPerson(id, ip, () => run(transaction, { ...link, email }));
          return 'done';
        }),
      );
    } catch (error) {
      if (isUniqueViolation(error)) return 'taken';
      throw error;
    }
  };

  return {
    /**
     * Queues an email with a link to another address. Whether another account has that address is found out when the email is
     * written, so the response does not reveal it. Throws `invalid_request`, and LimitReached for the account.
     */
    async request(accountId: string, given: string, ip: string | undefined): Promise<void> {
      const email = given.trim();
      if (email === '') throw parameterError('invalid_request', 'email', 'must not be empty.');
      if (email.length > maxEmailLength || !isOneLine(email) || !/^[^\s@]+@[^\s@]+$/.test(email))
        throw parameterError('invalid_request', 'email', 'is not a valid email address.');
      await ofAccount.consume(accountId);
      try {
        await ofAddress.consume(email.normalize('NFKC').toLowerCase());
      } catch (error) {
        // Its mailbox has had enough emails, of whichever accounts.
        if (error instanceof LimitReached) return;
        throw error;
      }
      await byPerson(accountId, ip, () =>
        orUnavailable(() =>
          kysely.transaction().execute(async (transaction) => {
            await lockAccount(transaction, accountId);
            const { value, expiresAt } = await insertLink(transaction, {
              accountId,
              purpose: 'email_change',
              lifetime: lifetimes.emailChange,
              email,
              replaces: true,
            });
            await recordMail(transaction, {
              kind: 'email_change',
              accountId,
              recipient: email,
              details: { email, expires_at: expiresAt.toISOString() },
              secret: { keyring, value },
            });
          }),
        ),
      );
    },

    /** Finds a link to a new address. */
    find: (value: string) => find('email_change', value),

    /** Finds a link that restores an address. */
    findRevert: (value: string) => find('email_revert', value),

    /** Gives the account the address whose mailbox got the link, and the old address a link that restores it. */
    confirm: (value: string, ip: string | undefined): Promise<AddressOutcome> =>
      use('email_change', value, ip, async (transaction, { account, email }) => {
        const before = await transaction
          .selectFrom('account')
          .select(['email', 'email_verified'])
          .where('id', '=', account.id)
          .executeTakeFirstOrThrow();
        await setAddress(transaction, account.id, {
          email,
          isVerified: sendsEmails,
          action: 'account.email_changed',
          before: before.email,
          async also() {
            if (before.email === null) return;
            const revert = await insertLink(transaction, {
              accountId: account.id,
              purpose: 'email_revert',
              lifetime: lifetimes.emailRevert,
              email: before.email,
              emailVerified: before.email_verified,
              replaces: false,
            });
            await recordMail(transaction, {
              kind: 'email_changed',
              accountId: account.id,
              recipient: before.email,
              details: {
                email,
                at: new Date().toISOString(),
                expires_at: revert.expiresAt.toISOString(),
              },
              secret: { keyring, value: revert.value },
            });
          },
        });
      }),

    /**
     * Restores an address: signs the account out everywhere, revokes the links that were sent since it was changed, and
     * sends a link for a new password to the restored address. What was added since then no longer signs anyone in without that
     * password.
     */
    revert: (value: string, ip: string | undefined): Promise<AddressOutcome> =>
      use('email_revert', value, ip, async (transaction, link) => {
        const { account, email, emailVerified, createdAt } = link;
        await transaction
          .deleteFrom('mailed_link')
          .where('account_id', '=', account.id)
          .where('purpose', '=', 'email_revert')
          .where('created_at', '>', createdAt)
          .where('used_at', 'is', null)
          .execute();
        await weakenSince(transaction, account.id, createdAt);
        await endSessionsOf(transaction, account.id, {}, () =>
          setAddress(transaction, account.id, {
            email,
            isVerified: emailVerified,
            action: 'account.email_restored',
            before: account.email,
            async also() {
              await sendResetLink(transaction, keyring, { email, ip: ip ?? null });
              await revokePasswordLogins(transaction, account.id);
            },
          }),
        );
      }),
  };
}

/**
 * Someone else who changed the address can have added ways to sign in. Of an account with a password, passkeys that were added since count
 * only besides it: they stay second factors, since the person may have added them because someone else reads their old mailbox.
 * Identities at other providers are disconnected, and remembered browsers forgotten.
 */
async function weakenSince(transaction: Connection, accountId: string, since: Date): Promise<void> {
  await forgetBrowsers(transaction, accountId);
  const { hasPassword } = await transaction
    .selectFrom('account')
    .select(sql<boolean>`password_hash is not null`.as('hasPassword'))
    .where('id', '=', accountId)
    .executeTakeFirstOrThrow();
  if (!hasPassword) return;
  await transaction
    .updateTable('passkey')
    .set({ user_verified: false })
    .where('account_id', '=', accountId)
    .where('created_at', '>', since)
    .execute();
  const removed = await transaction
    .deleteFrom('linked_identity')
    .where('account_id', '=', accountId)
    .where('created_at', '>', since)
    .returning(['id', 'provider_id'])
    .execute();
  for (const { id, provider_id: provider } of removed)
    await recordEvent(transaction, {
      action: 'identity.unlinked',
      target: { kind: 'account', id: accountId },
      details: { provider, identity: id },
    });
}

async function setAddress(
  transaction: Connection,
  accountId: string,
  {
    email,
    isVerified,
    action,
    before,
    also,
  }: {
    email: string;
    isVerified: boolean;
    action: 'account.email_changed' | 'account.email_restored';
    before: string | null;
    /** What else belongs to the transaction. Nothing can follow the last statement, which locks the change counter. */
    also: () => Promise<void>;
  },
): Promise<void> {
  const { epoch } = await transaction
    .updateTable('account')
    .set({ email, email_verified: isVerified, profile_updated_at: sql<Date>`now()` })
    .where('id', '=', accountId)
    .returning('epoch')
    .executeTakeFirstOrThrow();
  await revokeLinks(transaction, accountId);
  await recordEvent(transaction, {
    action,
    target: { kind: 'account', id: accountId },
    details: { email: { before, after: email } },
  });
  await also();
  await recordChange(transaction, { kind: 'account.changed', accountId, epoch });
}

export type EmailChange = ReturnType<typeof createEmailChange>;
