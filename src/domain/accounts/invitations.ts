import { sql } from 'kysely';
import { lifetimes } from '../../../config/lifetimes.ts';
import type { Database, Statement } from '../../../db/database.ts';
import type { Connection } from '../../../db/schema.ts';
import { sha256 } from '../../crypto/digest.ts';
import { type PasswordHasher, passwordHasher } from '../../crypto/password.ts';
import { lengthOf256Bits, randomAlphanumeric } from '../../crypto/random.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { recordChange } from '../audit/change-feed.ts';
import { recordEvent } from '../audit/events.ts';
import { currentRequest } from '../audit/request-context.ts';
import { deleteKeyPairs } from '../clients/key-pair-deletion.ts';
import { type Idempotency, runOnce } from '../database/idempotency.ts';
import { orUnavailable } from '../database/retry.ts';
import { isUuid } from '../database/text-checks.ts';
import { forgetConsents } from '../grants/consent/memory.ts';
import { revokePasswordLogins } from '../grants/password-logins.ts';
import type { Limits } from '../limits/rate-limits.ts';
import { recordMail } from '../mail/outbox.ts';
import type { ManagementActor } from '../roles/management-actor.ts';
import { requireMayManage } from '../roles/rules.ts';
import { laneOfPerson, unlessQueueFull } from './password-hashing.ts';
import { normalizePassword, type Product, requireGoodPassword } from './password-policy.ts';
import { passwordVersion } from './password-version.ts';
import { byPerson, endSessionsOf } from './sessions.ts';
import { createAttempts } from './sign-in-attempts.ts';

/** A pending invitation. */
export interface Invitation {
  account: { id: string; name: string; email: string | null };
  /** The account already has a password, which the new one replaces. */
  hasPassword: boolean;
}

/** An invitation whose link was used. */
export interface AcceptedInvitation {
  accountId: string;
  passwordVersion: string;
  /** Whether all tokens of the account were revoked. */
  revokedAccess: boolean;
}

/** Prefix of invitation values. */
export const invitationPrefix = 'writ_inv_';

const shape = new RegExp(`^${invitationPrefix}[0-9A-Za-z]{${lengthOf256Bits}}$`);

const find: Statement = {
  name: 'invitation-find',
  text: `select a.id, a.name, a.email, lower(a.email) as lowered, a.password_hash is not null as "hasPassword"
    from invitation i join account a on a.id = i.account_id
    where i.digest = $1::bytea and i.expires_at > now() and a.disabled_at is null`,
};

type InvitationRow = Invitation['account'] & {
  hasPassword: boolean;
  /** The email address as the database compares it. */
  lowered: string | null;
};

/**
 * Links with which a person sets their first password, or a new one after losing it. A link works once and is
 * stored only as a digest.
 */
export function createInvitations({
  database,
  product,
  limits,
  hasher = passwordHasher,
}: {
  database: Database;
  limits: Limits;
  product: Product;
  hasher?: PasswordHasher | undefined;
}) {
  const { kysely } = database;
  const { resetWrongInARow } = createAttempts({ limits });

  const read = async (value: string): Promise<InvitationRow | undefined> => {
    if (!shape.test(value)) return undefined;
    const [row] = await orUnavailable(() => database.query<InvitationRow>(find, [sha256(value)]));
    return row;
  };

  const findPending = async (value: string): Promise<Invitation | undefined> => {
    const row = await read(value);
    if (!row) return undefined;
    const { id, name, email, hasPassword } = row;
    return { account: { id, name, email }, hasPassword };
  };

  return {
    /**
     * Creates an invitation and replaces a pending one. Throws `not_found`, `access_denied` if the actor is not
     * allowed to manage the account, and `conflict` if the account is disabled or has no email address.
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
                .select([
                  'email',
                  'disabled_at',
                  'roles',
                  sql<boolean>`password_hash is not null`.as('hasPassword'),
                ])
                .where('id', '=', accountId)
                .where('deleted_at', 'is', null)
                .forNoKeyUpdate()
                .executeTakeFirst()
            : undefined;
          if (!account) throw new OAuthError('not_found', `There is no account ${accountId}.`);
          requireMayManage(actor, account.roles);
          if (account.disabled_at)
            throw new OAuthError('conflict', 'The account is disabled. Enable it first.');
          if (account.email === null)
            throw new OAuthError(
              'conflict',
              'The account has no email address to sign in with. Add one first.',
            );
          return runOnce(idempotency, transaction, async () => {
            const value = `${invitationPrefix}${randomAlphanumeric(lengthOf256Bits)}`;
            const row = {
              digest: sha256(value),
              created_at: sql<Date>`now()`,
              expires_at: sql<Date>`now() + ${sql.lit(account.hasPassword ? lifetimes.passwordReset : lifetimes.invitation)} * interval '1 second'`,
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

    /** Finds the pending invitation of a link. */
    find: findPending,

    /** Checks a password for the account of a link before it is set. Throws PasswordRefused. */
    async checkPassword(value: string, password: string): Promise<void> {
      const invitation = await read(value);
      if (invitation) await requireGoodPassword(password, { ...invitation, product });
    },

    /**
     * Sets the password, consumes the link, and revokes every session of the account. If there was a password
     * before, someone else may know it, so all tokens of the account (grants, devices, personal access tokens) are
     * revoked too, unless `keepAccess` is set. Of concurrent requests one succeeds. Returns the account, the
     * version of the new password, and whether tokens were revoked. Throws PasswordRefused; undefined if the link is unknown, used or expired.
     */
    async accept(
      value: string,
      password: string,
      { keepAccess = false }: { keepAccess?: boolean } = {},
    ): Promise<AcceptedInvitation | undefined> {
      const invitation = await read(value);
      if (!invitation) return undefined;
      const { id, lowered } = invitation;
      await requireGoodPassword(password, { ...invitation, product });
      const hash = await unlessQueueFull(() =>
        hasher.hash(normalizePassword(password), laneOfPerson(id, currentRequest()?.ip)),
      );
      // The link proves who the person is, so wrong passwords of others must not block them. Outside the
      // transaction, because the embedded database has only one connection.
      if (lowered !== null) await resetWrongInARow(lowered);
      return orUnavailable(() =>
        kysely.transaction().execute(async (transaction) => {
          const account = await transaction
            .selectFrom('account')
            .select(['id', sql<boolean>`password_hash is not null`.as('hasPassword')])
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
          const revokesTokens = account.hasPassword && !keepAccess;
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
              details: { by: 'invitation' },
            });
            if (!revokesTokens) return revokePasswordLogins(transaction, id);
            await deleteKeyPairs(transaction, id);
            await forgetConsents(transaction, id);
            await recordEvent(transaction, { action: 'account.tokens_revoked', target });
            await recordChange(transaction, {
              kind: 'account.tokens_revoked',
              accountId: id,
              epoch,
            });
          };
          await byPerson(id, undefined, () =>
            endSessionsOf(transaction, id, { grantsRevokedByEpoch: revokesTokens }, complete),
          );
          return { accountId: id, passwordVersion: version, revokedAccess: revokesTokens };
        }),
      );
    },
  };
}

/**
 * Revokes the pending invitation of an account whose password, email address or roles changed, or that was
 * disabled.
 */
export const revokeInvitation = (transaction: Connection, accountId: string): Promise<unknown> =>
  transaction.deleteFrom('invitation').where('account_id', '=', accountId).execute();

export type Invitations = ReturnType<typeof createInvitations>;
