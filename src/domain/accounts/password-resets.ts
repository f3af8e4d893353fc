/**
 * PEOPLE WHO FORGOT THEIR PASSWORD: they type an address, and its mailbox gets a link if an account with a password has it.
 * The request does the same work for every address: whether there is an account is found out later, by the job.
 */
import { sql } from 'kysely';
import { forgotten } from '../../../config/attempts.ts';
import { lifetimes } from '../../../config/lifetimes.ts';
import type { Database } from '../../../db/database.ts';
import type { Connection } from '../../../db/schema.ts';
import type { Keyring } from '../../crypto/sealing.ts';
import { actingAs } from '../audit/actor.ts';
import { recordEvent } from '../audit/events.ts';
import { noteMail } from '../audit/request-context.ts';
import { orUnavailable } from '../database/retry.ts';
import { networkOf } from '../limits/ip-address.ts';
import { LimitReached, type Limits } from '../limits/rate-limits.ts';
import { recordMail } from '../mail/outbox.ts';
import { findLink, insertLink, useLink } from './mailed-links.ts';
import { type Product, requireGoodPassword } from './password-policy.ts';
import type { PasswordSet, SetPassword } from './set-password.ts';

/** A link with which a person sets a new password. */
export interface PasswordReset {
  account: { name: string; email: string | null };
  /** The person has set a password with it. */
  isUsed: boolean;
}

const maxEmailLength = 320;

/** Whether this can be an address: others get the same response. */
const isPlausible = (email: string): boolean =>
  email.length <= maxEmailLength && /^[^\s@\0]+@[^\s@\0]+$/.test(email) && email.isWellFormed();

export function createPasswordResets({
  database: { kysely },
  keyring,
  limits,
  product,
  setPassword,
  sendsEmails,
}: {
  database: Pick<Database, 'kysely'>;
  keyring: Pick<Keyring, 'seal'>;
  limits: Limits;
  product: Product;
  setPassword: SetPassword;
  /** Otherwise an administrator passes links on, which proves nothing about a mailbox. */
  sendsEmails: boolean;
}) {
  const fromNetwork = limits.limit('forgotten-network', forgotten.fromNetwork);
  const ofAddress = limits.limit('forgotten-address', forgotten.ofAddress);

  const read = (value: string, connection: Connection = kysely) =>
    orUnavailable(() => findLink(connection, 'password_reset', value));

  return {
    /**
     * Queues a request. Beyond the limit of the address nothing is queued, since its mailbox already has links. Throws
     * LimitReached for the network.
     */
    async request({ email: given, ip }: { email: string; ip: string | undefined }): Promise<void> {
      const email = given.trim();
      await fromNetwork.consume(networkOf(ip));
      if (!isPlausible(email)) return;
      try {
        await ofAddress.consume(email.normalize('NFKC').toLowerCase());
      } catch (error) {
        if (error instanceof LimitReached) return;
        throw error;
      }
      await orUnavailable(() =>
        kysely
          .insertInto('forgotten_password')
          .values({ email, ip: ip ?? null })
          .execute(),
      );
      noteMail();
    },

    /** Answers the queued requests with emails. */
    async answer(): Promise<void> {
      while (await kysely.transaction().execute((transaction) => answerOne(transaction, keyring)));
    },

    /** Finds the link of an email; undefined if it has expired, a newer one replaced it, or the account is disabled. */
    async find(value: string): Promise<PasswordReset | undefined> {
      const link = await read(value);
      return link && { account: link.account, isUsed: link.isUsed };
    },

    /** Checks a password for the account of a link before it is set. Throws PasswordRefused. */
    async checkPassword(value: string, password: string): Promise<void> {
      const link = await read(value);
      if (link) await requireGoodPassword(password, { ...link.account, product });
    },

    /**
     * Sets the password, as `createSetPassword` says; a link that was sent also verifies the address. Of concurrent requests one succeeds.
     * Throws PasswordRefused; undefined if the link is unknown, used or expired.
     */
    async accept(
      value: string,
      password: string,
      { keepAccess = false }: { keepAccess?: boolean } = {},
    ): Promise<PasswordSet | undefined> {
      const link = await read(value);
      if (!link || link.isUsed) return undefined;
      const { id, name, email } = link.account;
      return setPassword(
        { id, name, email },
        {
          password,
          keepAccess,
          by: 'email',
          consume: async (transaction) =>
            (await useLink(transaction, 'password_reset', value))
              ? { provesEmail: sendsEmails }
              : undefined,
        },
      );
    },
  };
}

/** Answers the oldest request. False if there is none. */
async function answerOne(
  transaction: Connection,
  keyring: Pick<Keyring, 'seal'>,
): Promise<boolean> {
  const request = await transaction
    .deleteFrom('forgotten_password')
    .where('id', '=', (requests) =>
      requests
        .selectFrom('forgotten_password')
        .select('id')
        .orderBy('created_at')
        .limit(1)
        .forUpdate()
        .skipLocked(),
    )
    .returning(['email', 'ip'])
    .returning(
      sql<boolean>`created_at < now() - ${sql.lit(lifetimes.mailedPasswordReset)} * interval '1 second'`.as(
        'isLate',
      ),
    )
    .executeTakeFirst();
  if (!request) return false;
  if (!request.isLate) await sendResetLink(transaction, keyring, request);
  return true;
}

/** Queues an email with a link to an address, if an account has it; without a link if the account has no password. */
export async function sendResetLink(
  transaction: Connection,
  keyring: Pick<Keyring, 'seal'>,
  { email, ip }: { email: string; ip: string | null },
): Promise<void> {
  const account = await transaction
    .selectFrom('account')
    .select(['id', sql<boolean>`password_hash is not null`.as('hasPassword')])
    .where(sql`lower(email)`, '=', sql<string>`lower(${email})`)
    .where('disabled_at', 'is', null)
    .where('deleted_at', 'is', null)
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (!account) return;
  const { id: accountId, hasPassword } = account;
  if (!hasPassword)
    return recordMail(transaction, { kind: 'password_reset', accountId, details: { ip } });
  const { value, expiresAt } = await insertLink(transaction, {
    accountId,
    purpose: 'password_reset',
    lifetime: lifetimes.mailedPasswordReset,
    replaces: true,
  });
  await recordMail(transaction, {
    kind: 'password_reset',
    accountId,
    details: { expires_at: expiresAt.toISOString(), ip },
    secret: { keyring, value },
  });
  await actingAs({ kind: 'system', id: null, ip: ip ?? undefined }, () =>
    recordEvent(transaction, {
      action: 'account.reset_link_sent',
      target: { kind: 'account', id: accountId },
    }),
  );
}

export type PasswordResets = ReturnType<typeof createPasswordResets>;
