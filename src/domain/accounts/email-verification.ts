/**
 * EMAIL ADDRESSES THAT ARE KNOWN TO BE A PERSON'S: the person uses a link that this server sent to the address. The link
 * is sealed and nothing of it is stored, so it can be created when the email is sent. It proves one address, and nothing once
 * the account has another. Using it again changes nothing, so a second click is no error.
 */
import { sql } from 'kysely';
import { lifetimes } from '../../../config/lifetimes.ts';
import type { Database } from '../../../db/database.ts';
import { sha256 } from '../../crypto/digest.ts';
import { type Keyring, SealError } from '../../crypto/sealing.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { recordChange } from '../audit/change-feed.ts';
import { recordEvent } from '../audit/events.ts';
import { orUnavailable } from '../database/retry.ts';
import { recordMail } from '../mail/outbox.ts';
import { byPerson } from './sessions.ts';

/** What a link says. */
interface Claim {
  accountId: string;
  email: string;
  /** Seconds since the epoch. */
  expiresAt: number;
}

const place = { table: 'account', row: '', purpose: 'email address' };

const maxLength = 2_000;

/** The value of a link that verifies an email address. */
export function sealEmailClaim(
  keyring: Keyring,
  { accountId, email }: Pick<Claim, 'accountId' | 'email'>,
): string {
  const expiresAt = Math.floor(Date.now() / 1000) + lifetimes.emailVerification;
  const claim: Claim = { accountId, email, expiresAt };
  return keyring.seal(place, JSON.stringify(claim)).toString('base64url');
}

function openClaim(keyring: Keyring, value: string): Claim | undefined {
  if (value.length > maxLength) return undefined;
  try {
    const text = keyring.open(place, Buffer.from(value, 'base64url')).toString('utf8');
    const claim = JSON.parse(text) as Claim;
    return claim.expiresAt > Date.now() / 1000 ? claim : undefined;
  } catch (error) {
    if (error instanceof SealError) return undefined;
    throw error;
  }
}

/** Seconds in which an address gets at most one email with a link. */
const pause = 600;

/** The key by which the outbox drops a second email to the same address. A digest, since the row outlives the address. */
const onceKey = (accountId: string, email: string): string => {
  const address = sha256(email.toLowerCase()).toString('base64url');
  return `email-verification:${accountId}:${address}:${Math.floor(Date.now() / 1000 / pause)}`;
};

export function createEmailVerification({
  database: { kysely },
  keyring,
}: {
  database: Pick<Database, 'kysely'>;
  keyring: Keyring;
}) {
  /** The account of a link, if the address is still the account's. */
  const find = ({ accountId, email }: Claim, connection = kysely) =>
    connection
      .selectFrom('account')
      .select(['id', 'name', 'email', 'email_verified'])
      .where('id', '=', accountId)
      .where(sql`lower(email)`, '=', sql<string>`lower(${email})`)
      .where('disabled_at', 'is', null)
      .where('deleted_at', 'is', null);

  return {
    /**
     * Queues an email with a link to the person's address, unless one to that address was queued minutes ago. Throws `conflict` if the
     * account has no email address.
     */
    request: (accountId: string): Promise<void> =>
      orUnavailable(() =>
        kysely.transaction().execute(async (transaction) => {
          const account = await transaction
            .selectFrom('account')
            .select(['email', 'email_verified'])
            .where('id', '=', accountId)
            .where('disabled_at', 'is', null)
            .executeTakeFirst();
          if (!account?.email)
            throw new OAuthError('conflict', 'The account has no email address.');
          if (account.email_verified) return;
          await recordMail(transaction, {
            kind: 'email_verification',
            accountId,
            details: {},
            once: onceKey(accountId, account.email),
          });
        }),
      ),

    /** The account and address that a link is about; undefined if it has expired or the address has changed. */
    async find(value: string): Promise<{ name: string; email: string } | undefined> {
      const claim = openClaim(keyring, value);
      const account = claim && (await orUnavailable(() => find(claim).executeTakeFirst()));
      return account?.email ? { name: account.name, email: account.email } : undefined;
    },

    /** Marks the address as verified. Returns false if the link no longer holds; using it again changes nothing. */
    async confirm(value: string, ip: string | undefined): Promise<boolean> {
      const claim = openClaim(keyring, value);
      if (!claim) return false;
      const { accountId } = claim;
      return byPerson(accountId, ip, () =>
        orUnavailable(() =>
          kysely.transaction().execute(async (transaction) => {
            const account = await find(claim, transaction).forUpdate().executeTakeFirst();
            if (!account) return false;
            if (account.email_verified) return true;
            const { epoch } = await transaction
              .updateTable('account')
              .set({ email_verified: true, profile_updated_at: sql<Date>`now()` })
              .where('id', '=', accountId)
              .returning('epoch')
              .executeTakeFirstOrThrow();
            await recordEvent(transaction, {
              action: 'account.email_verified',
              target: { kind: 'account', id: accountId },
            });
            await recordChange(transaction, { kind: 'account.changed', accountId, epoch });
            return true;
          }),
        ),
      );
    },
  };
}

export type EmailVerification = ReturnType<typeof createEmailVerification>;
