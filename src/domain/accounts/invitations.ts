import { sql } from 'kysely';
import { lifetimes } from '../../../config/lifetimes.ts';
import type { Database, Statement } from '../../../db/database.ts';
import type { Connection } from '../../../db/schema.ts';
import { sha256 } from '../../crypto/digest.ts';
import { type PasswordHasher, passwordHasher } from '../../crypto/password.ts';
import { lengthOf256Bits, randomAlphanumeric } from '../../crypto/random.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { recordEvent } from '../audit/events.ts';
import { type Idempotency, makeOnce } from '../database/idempotency.ts';
import { orUnavailable } from '../database/retry.ts';
import { isUuid } from '../database/text-checks.ts';
import type { ManagementActor } from '../roles/management-actor.ts';
import { requireMayManage } from '../roles/rules.ts';
import { unlessQueueFull } from './password-hashing.ts';
import { asTyped, requireGoodPassword } from './password-policy.ts';
import { byPerson, endSessions } from './sessions.ts';

/** What an invitation's link leads to. */
export interface Invitation {
  account: { id: string; name: string; email: string | null };
  /** There is a password that the new one replaces. */
  hasPassword: boolean;
}

/** What the value of an invitation begins with. */
export const invitationPrefix = 'writ_inv_';

const shape = new RegExp(`^${invitationPrefix}[0-9A-Za-z]{${lengthOf256Bits}}$`);

const find: Statement = {
  name: 'invitation-find',
  text: `select a.id, a.name, a.email, a.password_hash is not null as "hasPassword"
    from invitation i join account a on a.id = i.account_id
    where i.digest = $1::bytea and i.expires_at > now() and a.disabled_at is null`,
};

/**
 * Links by which a person chooses a password: the first one, or a new one where they have lost theirs.
 * A link works once, and is stored as a digest alone.
 */
export function createInvitations({
  database,
  hasher = passwordHasher,
}: {
  database: Database;
  hasher?: PasswordHasher | undefined;
}) {
  const { kysely } = database;

  const findLive = async (value: string): Promise<Invitation | undefined> => {
    if (!shape.test(value)) return undefined;
    const [row] = await orUnavailable(() =>
      database.query<Invitation['account'] & { hasPassword: boolean }>(find, [sha256(value)]),
    );
    if (!row) return undefined;
    const { hasPassword, ...account } = row;
    return { account, hasPassword };
  };

  return {
    /**
     * A new link; the one before, if any, no longer works. Throws `not_found`, `access_denied` where the
     * actor may not manage the account, and `conflict` where the account is disabled or has no e-mail
     * address to sign in with.
     */
    create: (
      actor: ManagementActor,
      accountId: string,
      idempotency?: Idempotency,
    ): Promise<{ value: string; expiresAt: Date }> =>
      orUnavailable(() =>
        kysely.transaction().execute(async (transaction) => {
          const account = isUuid(accountId)
            ? await transaction
                .selectFrom('account')
                .select(['email', 'disabled_at', 'roles'])
                .where('id', '=', accountId)
                .forNoKeyUpdate()
                .executeTakeFirst()
            : undefined;
          if (!account) throw new OAuthError('not_found', `There is no account ${accountId}.`);
          requireMayManage(actor, account.roles);
          if (account.disabled_at)
            throw new OAuthError('conflict', 'The account is disabled; enable it first.');
          if (account.email === null)
            throw new OAuthError(
              'conflict',
              'The account has no e-mail address, which people sign in with; give it one first.',
            );
          return makeOnce(idempotency, transaction, async () => {
            const value = `${invitationPrefix}${randomAlphanumeric(lengthOf256Bits)}`;
            const row = {
              digest: sha256(value),
              created_at: sql<Date>`now()`,
              expires_at: sql<Date>`now() + ${sql.lit(lifetimes.invitation)} * interval '1 second'`,
            };
            const { expires_at } = await transaction
              .insertInto('invitation')
              .values({ account_id: accountId, ...row })
              .onConflict((conflict) => conflict.column('account_id').doUpdateSet(row))
              .returning('expires_at')
              .executeTakeFirstOrThrow();
            await recordEvent(transaction, {
              action: 'account.invited',
              target: { kind: 'account', id: accountId },
              details: { expires_at: expires_at.toISOString() },
            });
            return { value, expiresAt: expires_at };
          });
        }),
      ),

    /** Whom a link invites, while it works. */
    find: findLive,

    /**
     * Sets the password and ends the link, and every session that the account has. Of several at once
     * one wins. Throws PasswordRefused; undefined where the link does not work, or no more.
     */
    async accept(value: string, password: string): Promise<{ accountId: string } | undefined> {
      const invitation = await findLive(value);
      if (!invitation) return undefined;
      requireGoodPassword(password, invitation.account);
      const hash = await unlessQueueFull(() => hasher.hash(asTyped(password)));
      const { id } = invitation.account;
      return orUnavailable(() =>
        kysely.transaction().execute(async (transaction) => {
          const account = await transaction
            .selectFrom('account')
            .select('id')
            .where('id', '=', id)
            .where('disabled_at', 'is', null)
            .forNoKeyUpdate()
            .executeTakeFirst();
          if (!account) return undefined;
          const { numDeletedRows } = await transaction
            .deleteFrom('invitation')
            .where('account_id', '=', id)
            .where('digest', '=', sha256(value))
            .where('expires_at', '>', sql<Date>`now()`)
            .executeTakeFirst();
          if (numDeletedRows === 0n) return undefined;
          await transaction
            .updateTable('account')
            .set({ password_hash: hash, password_changed_at: sql<Date>`now()` })
            .where('id', '=', id)
            .execute();
          await endSessions(transaction, id);
          await byPerson(id, undefined, () =>
            recordEvent(transaction, {
              action: 'account.password_changed',
              target: { kind: 'account', id },
              details: { by: 'invitation' },
            }),
          );
          return { accountId: id };
        }),
      );
    },
  };
}

/**
 * Revokes the pending link of an account, as its password, address or rights have changed since, or it was
 * disabled.
 */
export const revokeInvitation = (transaction: Connection, accountId: string): Promise<unknown> =>
  transaction.deleteFrom('invitation').where('account_id', '=', accountId).execute();

export type Invitations = ReturnType<typeof createInvitations>;
