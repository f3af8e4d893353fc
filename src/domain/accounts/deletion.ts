import { sql } from 'kysely';
import { ownerRole } from '../../../config/apps.ts';
import type { Database } from '../../../db/database.ts';
import type { Connection } from '../../../db/schema.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { recordChange } from '../audit/change-feed.ts';
import { recordEvent } from '../audit/events.ts';
import { deleteThirdPartyApps } from '../clients/apps-of-author.ts';
import { deleteKeyPairs } from '../clients/end-key-pairs.ts';
import { orUnavailable } from '../database/retry.ts';
import { isUuid } from '../database/text-checks.ts';
import type { ManagementActor } from '../roles/management-actor.ts';
import { requireMayManage } from '../roles/rules.ts';
import type { PasswordConfirmation, Passwords } from './passwords.ts';
import { byPerson } from './sessions.ts';

/**
 * Deletes accounts: what is personal goes, and every token and session ends, in one transaction. What stays is the
 * id, which is never used again, with the epoch that keeps its tokens ended, and the audit, which names the id. The
 * key pairs of the person go too, and so do the apps that they registered for others to use. The secrets and API keys of other clients that the person created stay, with the id:
 * they are what programs of others run on, and Owners of apps end them (`domain/apps/member-credentials.ts`).
 */
export function createAccountDeletion({
  database,
  passwords,
}: {
  database: Database;
  passwords: Pick<Passwords, 'confirm'>;
}) {
  const run = (id: string, check: (roles: readonly string[]) => void): Promise<boolean> =>
    orUnavailable(() =>
      database.kysely.transaction().execute(async (transaction) => {
        // Apps before accounts, as in all that changes an app: in the other order each could wait for the other.
        const held = await holdApps(transaction, id);
        const account = await transaction
          .selectFrom('account')
          .select(['roles', 'email', 'deleted_at'])
          .where('id', '=', id)
          .forUpdate()
          .executeTakeFirst();
        if (!account) return false;
        if (account.deleted_at) return true;
        check(account.roles);
        await requireNoSoleOwner(transaction, id, held);
        await deletePersonalData(transaction, id, account.email);
        await deleteKeyPairs(transaction, id);
        const { epoch } = await transaction
          .updateTable('account')
          .set((eb) => ({
            name: '',
            email: null,
            roles: [],
            password_hash: null,
            password_changed_at: null,
            last_sign_in_at: null,
            disabled_at: sql<Date>`coalesce(disabled_at, now())`,
            deleted_at: sql<Date>`now()`,
            epoch: eb('epoch', '+', 1),
          }))
          .where('id', '=', id)
          .returning('epoch')
          .executeTakeFirstOrThrow();
        await recordEvent(transaction, {
          action: 'account.deleted',
          target: { kind: 'account', id },
        });
        await deleteThirdPartyApps(transaction, id);
        await recordChange(transaction, { kind: 'account.deleted', accountId: id, epoch });
        return true;
      }),
    );

  return {
    /**
     * Deletes an account; once more changes nothing. False where there never was one. Throws `access_denied` where the
     * actor may not manage it, and `conflict` with the apps of which it is the last Owner.
     */
    delete: async (actor: ManagementActor, id: string): Promise<boolean> =>
      isUuid(id) ? run(id, (roles) => requireMayManage(actor, roles)) : false,

    /**
     * A person deletes their own account, with the password. Throws PasswordRefused, LimitReached,
     * `temporarily_unavailable` where too many passwords are being checked, and `conflict` as `delete`.
     */
    deleteOwn: async (confirmation: PasswordConfirmation): Promise<void> => {
      await passwords.confirm(confirmation);
      const { accountId, ip } = confirmation;
      await byPerson(accountId, ip, () => run(accountId, () => {}));
    },
  };
}

/**
 * Holds the apps that an account is a member of, invites to or is invited to: two Owners who leave at the same time would
 * each find the other.
 */
async function holdApps(transaction: Connection, accountId: string): Promise<Set<string>> {
  const apps = await transaction
    .selectFrom('app')
    .select('id')
    .where('id', 'in', (query) =>
      query
        .selectFrom('app_member')
        .select('app_id')
        .where('account_id', '=', accountId)
        .union(
          query.selectFrom('app_invitation').select('app_id').where('invited_by', '=', accountId),
        )
        .union(
          query
            .selectFrom('app_invitation as i')
            .innerJoin('account as a', (join) =>
              join.on(sql<boolean>`lower(a.email) = lower(i.email)`),
            )
            .select('i.app_id')
            .where('a.id', '=', accountId),
        ),
    )
    .orderBy('id')
    .forNoKeyUpdate()
    .execute();
  return new Set(apps.map(({ id }) => id));
}

/**
 * Throws `conflict` with the names of the apps that would have no Owner left who can act, or that are not held since the
 * account has become an Owner of them in this moment.
 */
async function requireNoSoleOwner(
  transaction: Connection,
  accountId: string,
  held: ReadonlySet<string>,
): Promise<void> {
  const owned = await transaction
    .selectFrom('app_member as own')
    .innerJoin('app', 'app.id', 'own.app_id')
    .select(({ not, exists, selectFrom }) => [
      'app.id',
      'app.name',
      not(
        exists(
          selectFrom('app_member as other')
            .innerJoin('account', 'account.id', 'other.account_id')
            .select('account.id')
            .whereRef('other.app_id', '=', 'own.app_id')
            .whereRef('other.account_id', '<>', 'own.account_id')
            .where('other.role', '=', ownerRole)
            .where('account.disabled_at', 'is', null),
        ),
      ).as('alone'),
    ])
    .where('own.account_id', '=', accountId)
    .where('own.role', '=', ownerRole)
    .where('app.deleted_at', 'is', null)
    .orderBy('app.name')
    .execute();
  const alone = owned.filter((app) => app.alone || !held.has(app.id));
  if (alone.length > 0)
    throw new OAuthError(
      'conflict',
      `The account is the last Owner of ${alone.map(({ name }) => name).join(', ')}: hand over or delete these apps first.`,
    );
}

/** Rows about a person. Their tokens for logins end with the epoch, and leave with their partition. */
async function deletePersonalData(
  transaction: Connection,
  id: string,
  email: string | null,
): Promise<void> {
  await forgetAddress(transaction, id, email);
  const of = ['session', 'invitation', 'mail', 'device_decision', 'consent_decision'] as const;
  for (const table of of)
    await transaction.deleteFrom(table).where('account_id', '=', id).execute();
  await transaction.deleteFrom('oauth_grant').where('account_id', '=', id).execute();
  await transaction.deleteFrom('app_member').where('account_id', '=', id).execute();
  await transaction
    .deleteFrom('app_invitation')
    .where((eb) =>
      eb.or([
        eb('invited_by', '=', id),
        ...(email === null ? [] : [eb(sql`lower(email)`, '=', sql<string>`lower(${email})`)]),
      ]),
    )
    .execute();
  await transaction
    .deleteFrom('token')
    .where('shelf', '=', 0)
    .where('account_id', '=', id)
    .where('kind', '=', 'personal_access_token')
    .execute();
}

/**
 * The audit names the id alone from now on: in events of the account, and in those of apps that it was invited to. Those
 * are found by the app: where the account did something, or has an invitation.
 */
async function forgetAddress(
  transaction: Connection,
  id: string,
  email: string | null,
): Promise<void> {
  await sql`update audit_event set details = details - 'email' - 'name'
    where target_kind = 'account' and target_id = ${id} and (details ? 'email' or details ? 'name')`.execute(
    transaction,
  );
  await sql`update audit_event set details = details - 'email'
    where target_kind = 'app' and details ? 'email'
      and (details->>'account_id' = ${id} or lower(details->>'email') = lower(${email}::text))
      and target_id in (
        select target_id from audit_event where actor_id = ${id} and target_kind = 'app'
        union select app.name from app_member join app on app.id = app_member.app_id where account_id = ${id}::uuid
        union select app.name from app_invitation join app on app.id = app_invitation.app_id
          where lower(email) = lower(${email}::text))`.execute(transaction);
}

export type AccountDeletion = ReturnType<typeof createAccountDeletion>;
