import { sql } from 'kysely';
import { lifetimes } from '../../../config/lifetimes.ts';
import type { Database, Statement } from '../../../db/database.ts';
import { sha256 } from '../../crypto/digest.ts';
import { lengthOf256Bits, randomAlphanumeric } from '../../crypto/random.ts';
import type { Keyring } from '../../crypto/sealing.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { recordEvent } from '../audit/events.ts';
import { type Idempotency, runOnce } from '../database/idempotency.ts';
import { orUnavailable } from '../database/retry.ts';
import { isUuid } from '../database/text-checks.ts';
import { choosesEmail, recordMail } from '../mail/outbox.ts';
import type { ManagementActor } from '../roles/management-actor.ts';
import { requireMayManage } from '../roles/rules.ts';
import { type Product, requireGoodPassword } from './password-policy.ts';
import type { PasswordSet, SetPassword } from './set-password.ts';

/** A pending invitation. */
export interface Invitation {
  account: { id: string; name: string; email: string | null };
  /** The account already has a password, which the new one replaces. */
  hasPassword: boolean;
}

interface InvitationOptions {
  /** Whether the person gets the link by email. Default: yes, if there is a mail server. */
  sendEmail?: boolean | undefined;
  idempotency?: Idempotency | undefined;
}

/** Prefix of invitation values. */
export const invitationPrefix = 'writ_inv_';

const shape = new RegExp(`^${invitationPrefix}[0-9A-Za-z]{${lengthOf256Bits}}$`);

const find: Statement = {
  name: 'invitation-find',
  text: `select a.id, a.name, a.email, a.password_hash is not null as "hasPassword"
    from invitation i join account a on a.id = i.account_id
    where i.digest = $1::bytea and i.expires_at > now() and a.disabled_at is null`,
};

type InvitationRow = Invitation['account'] & { hasPassword: boolean };

/**
 * Links with which a person sets their first password, or a new one after losing it. A link works once and is
 * stored only as a digest.
 */
export function createInvitations({
  database,
  keyring,
  product,
  setPassword,
  sendsEmails,
}: {
  database: Database;
  keyring: Pick<Keyring, 'seal'>;
  product: Product;
  setPassword: SetPassword;
  /** Whether there is a mail server. */
  sendsEmails: boolean;
}) {
  const { kysely } = database;

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
     * allowed to manage the account, and `conflict` if the account is disabled or has no email address, or if an email is
     * wanted that cannot be sent. `sentTo`: the address that gets the link by email.
     */
    create: (
      actor: ManagementActor,
      accountId: string,
      { sendEmail, idempotency }: InvitationOptions = {},
    ): Promise<{ value: string; expiresAt: Date; sentTo: string | null }> => {
      const byEmail = choosesEmail(sendEmail, sendsEmails);
      return orUnavailable(() =>
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
          await requireMayManage(transaction, actor, account.roles);
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
              by_email: byEmail,
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
              details: {
                expires_at: expires_at.toISOString(),
                ...(byEmail && { by_email: true }),
              },
            });
            if (byEmail)
              await recordMail(transaction, {
                kind: 'invited',
                accountId,
                details: {
                  expires_at: expires_at.toISOString(),
                  has_password: account.hasPassword,
                },
                secret: { keyring, value },
              });
            return { value, expiresAt: expires_at, sentTo: byEmail ? account.email : null };
          });
        }),
      );
    },

    /** Finds the pending invitation of a link. */
    find: findPending,

    /** Checks a password for the account of a link before it is set. Throws PasswordRefused. */
    async checkPassword(value: string, password: string): Promise<void> {
      const invitation = await read(value);
      if (invitation) await requireGoodPassword(password, { ...invitation, product });
    },

    /**
     * Sets the password with a link, as `createSetPassword` says. Of concurrent requests one succeeds. Throws
     * PasswordRefused; undefined if the link is unknown, used or expired.
     */
    async accept(
      value: string,
      password: string,
      { keepAccess = false }: { keepAccess?: boolean } = {},
    ): Promise<PasswordSet | undefined> {
      const invitation = await read(value);
      if (!invitation) return undefined;
      return setPassword(invitation, {
        password,
        keepAccess,
        by: 'invitation',
        async consume(transaction) {
          const used = await transaction
            .deleteFrom('invitation')
            .where('account_id', '=', invitation.id)
            .where('digest', '=', sha256(value))
            .where('expires_at', '>', sql<Date>`now()`)
            .returning('by_email')
            .executeTakeFirst();
          return used && { provesEmail: used.by_email };
        },
      });
    },
  };
}

export type Invitations = ReturnType<typeof createInvitations>;
