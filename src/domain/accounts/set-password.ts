/** SETTING A PASSWORD WITHOUT THE OLD ONE, by a person who followed a link: an invitation, or after forgetting it. */
import { sql } from 'kysely';
import type { Database } from '../../../db/database.ts';
import type { Connection } from '../../../db/schema.ts';
import { type PasswordHasher, passwordHasher } from '../../crypto/password.ts';
import { recordChange } from '../audit/change-feed.ts';
import { recordEvent } from '../audit/events.ts';
import { currentRequest } from '../audit/request-context.ts';
import { deleteKeyPairs } from '../clients/key-pair-deletion.ts';
import { orUnavailable } from '../database/retry.ts';
import { forgetConsents } from '../grants/consent/memory.ts';
import { revokePasswordLogins } from '../grants/password-logins.ts';
import type { Limits } from '../limits/rate-limits.ts';
import { recordMail } from '../mail/outbox.ts';
import { revokeLinks } from './mailed-links.ts';
import { laneOfPerson, unlessQueueFull } from './password-hashing.ts';
import { normalizePassword, type Product, requireGoodPassword } from './password-policy.ts';
import { passwordVersion } from './password-version.ts';
import { byPerson, endSessionsOf } from './sessions.ts';
import { createAttempts } from './sign-in-attempts.ts';

/** The account whose password is set. */
export interface PasswordOwner {
  id: string;
  name: string;
  email: string | null;
}

export interface PasswordByLink {
  password: string;
  /** Whether grants and personal access tokens stay valid. */
  keepAccess: boolean;
  by: 'invitation' | 'email';
  /**
   * Uses the link up, in the transaction that sets the password: undefined if it no longer works. `provesEmail`: only the
   * mailbox of the account got it.
   */
  consume: (transaction: Connection) => Promise<{ provesEmail: boolean } | undefined>;
}

/** An account whose password was set with a link. */
export interface PasswordSet {
  accountId: string;
  passwordVersion: string;
  /** Whether all tokens of the account were revoked. */
  revokedAccess: boolean;
}

export function createSetPassword({
  database: { kysely },
  product,
  limits,
  hasher = passwordHasher,
}: {
  database: Pick<Database, 'kysely'>;
  product: Product;
  limits: Limits;
  hasher?: PasswordHasher | undefined;
}) {
  const { resetWrongInARow } = createAttempts({ limits });

  /**
   * Sets the password, and revokes every session of the account and every other link to it. If there was a password before,
   * someone else may know it, so all tokens of the account (grants, devices, personal access tokens) are revoked too, unless
   * `keepAccess` is set. Throws PasswordRefused; undefined if the link no longer works.
   */
  return async (
    owner: PasswordOwner,
    { password, keepAccess, by, consume }: PasswordByLink,
  ): Promise<PasswordSet | undefined> => {
    const { id, email } = owner;
    await requireGoodPassword(password, { ...owner, product });
    const hash = await unlessQueueFull(() =>
      hasher.hash(normalizePassword(password), laneOfPerson(id, currentRequest()?.ip)),
    );
    // The link proves who the person is, so wrong passwords of others must not block them. Outside the
    // transaction, because the embedded database has only one connection.
    if (email !== null) await resetWrongInARow(await loweredBy(kysely, email));
    return orUnavailable(() =>
      kysely.transaction().execute(async (transaction) => {
        const account = await transaction
          .selectFrom('account')
          .select([
            'id',
            'email_verified',
            sql<boolean>`password_hash is not null`.as('hasPassword'),
          ])
          .where('id', '=', id)
          .where('disabled_at', 'is', null)
          .forNoKeyUpdate()
          .executeTakeFirst();
        if (!account) return undefined;
        const consumed = await consume(transaction);
        if (!consumed) return undefined;
        const revokesTokens = account.hasPassword && !keepAccess;
        const verifies = consumed.provesEmail && !account.email_verified;
        const {
          epoch,
          at,
          passwordVersion: version,
        } = await transaction
          .updateTable('account')
          .set((eb) => ({
            password_hash: hash,
            password_changed_at: sql<Date>`now()`,
            epoch: eb('epoch', '+', revokesTokens ? 1 : 0),
            ...(verifies && { email_verified: true, profile_updated_at: sql<Date>`now()` }),
          }))
          .where('id', '=', id)
          .returning([
            'epoch',
            sql<Date>`password_changed_at`.as('at'),
            sql<string>`${sql.raw(passwordVersion)}`.as('passwordVersion'),
          ])
          .executeTakeFirstOrThrow();
        const complete = async () => {
          const target = { kind: 'account', id } as const;
          await revokeLinks(transaction, id);
          await recordMail(transaction, {
            kind: 'password_changed',
            accountId: id,
            details: {
              at: at.toISOString(),
              by_link: true,
              is_first: !account.hasPassword,
              ended_access: revokesTokens,
            },
          });
          await recordEvent(transaction, {
            action: 'account.password_changed',
            target,
            details: { by },
          });
          if (verifies)
            await recordEvent(transaction, { action: 'account.email_verified', target });
          if (!revokesTokens) {
            await revokePasswordLogins(transaction, id);
            if (verifies)
              await recordChange(transaction, { kind: 'account.changed', accountId: id, epoch });
            return;
          }
          await deleteKeyPairs(transaction, id);
          await forgetConsents(transaction, id);
          await recordEvent(transaction, { action: 'account.tokens_revoked', target });
          await recordChange(transaction, { kind: 'account.tokens_revoked', accountId: id, epoch });
        };
        await byPerson(id, undefined, () =>
          endSessionsOf(transaction, id, { grantsRevokedByEpoch: revokesTokens }, complete),
        );
        return {
          accountId: id,
          passwordVersion: version,
          revokedAccess: revokesTokens,
        };
      }),
    );
  };
}

/** An email address as the database compares it, and limits of sign-in count it. */
const loweredBy = async (kysely: Connection, email: string): Promise<string> => {
  const { rows } = await sql<{ lowered: string }>`select lower(${email}::text) as lowered`.execute(
    kysely,
  );
  return rows[0]?.lowered ?? email;
};

export type SetPassword = ReturnType<typeof createSetPassword>;
