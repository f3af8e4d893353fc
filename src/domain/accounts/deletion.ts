import { sql } from 'kysely';
import { ownerRole } from '../../../config/apps.ts';
import type { Database } from '../../../db/database.ts';
import type { Connection } from '../../../db/schema.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { recordChange } from '../audit/change-feed.ts';
import { recordEvent } from '../audit/events.ts';
import { deleteThirdPartyApps } from '../clients/apps-of-author.ts';
import { deleteKeyPairs } from '../clients/key-pair-deletion.ts';
import { orUnavailable } from '../database/retry.ts';
import { isUuid } from '../database/text-checks.ts';
import { recordMail } from '../mail/outbox.ts';
import type { ManagementActor } from '../roles/management-actor.ts';
import { requireMayManage } from '../roles/rules.ts';
import { requireWaiting } from './accounts.ts';
import { isEnabledAdministrator, requireAnotherAdministrator } from './administrators.ts';
import type { PasswordConfirmation, Passwords } from './passwords.ts';
import { byPerson, endSessionsOf } from './sessions.ts';

/**
 * Deletes accounts. One transaction removes personal data, revokes every token and session, and deletes the
 * person's key pairs and the apps that they registered for others.
 *
 * The account id stays and is never reused: its epoch keeps the tokens revoked, and audit events refer to it.
 * Secrets and API keys of other clients that the person created also stay, because programs of others depend on
 * them; Owners of those apps revoke them (`domain/apps/member-credentials.ts`).
 */
export function createAccountDeletion({
  database,
  passwords,
  peopleCreateApps = true,
}: {
  database: Database;
  /** Whether people manage apps on pages. If not, an administrator does it for them. Default: yes. */
  peopleCreateApps?: boolean | undefined;
  passwords: Pick<Passwords, 'confirm'>;
}) {
  const run = (
    id: string,
    check: (account: Deleted, transaction: Connection) => void | Promise<void>,
    {
      remedy = 'Transfer or delete these apps first.',
      isRefusal = false,
    }: { remedy?: string | undefined; isRefusal?: boolean } = {},
  ): Promise<boolean> =>
    orUnavailable(() =>
      database.kysely.transaction().execute(async (transaction) => {
        // Lock apps before accounts, as all changes of apps do; the opposite order could deadlock.
        const locked = await lockApps(transaction, id);
        const account = await transaction
          .selectFrom('account')
          .select(['id', 'roles', 'email', 'disabled_at', 'deleted_at', 'approval_requested_at'])
          .where('id', '=', id)
          .forUpdate()
          .executeTakeFirst();
        if (!account) return false;
        if (account.deleted_at) return true;
        await check(account, transaction);
        if (isEnabledAdministrator(account)) await requireAnotherAdministrator(transaction, id);
        await requireNoSoleOwner(transaction, id, locked, remedy);
        return endSessionsOf(transaction, id, { grantsRevokedByEpoch: true }, async () => {
          await deletePersonalData(transaction, id, account.email);
          await deleteKeyPairs(transaction, id);
          const { epoch } = await transaction
            .updateTable('account')
            .set((eb) => ({
              name: '',
              email: null,
              email_verified: false,
              given_name: null,
              family_name: null,
              nickname: null,
              picture: null,
              locale: null,
              zoneinfo: null,
              phone_number: null,
              phone_number_verified: false,
              address: null,
              attributes: '{}',
              approval_requested_at: null,
              accepted_terms: null,
              roles: [],
              password_hash: null,
              factor_policies: '{}',
              password_changed_at: null,
              passkey_handle: null,
              last_sign_in_at: null,
              disabled_at: sql<Date>`coalesce(disabled_at, now())`,
              deleted_at: sql<Date>`now()`,
              epoch: eb('epoch', '+', 1),
            }))
            .where('id', '=', id)
            .returning('epoch')
            .executeTakeFirstOrThrow();
          await recordEvent(transaction, {
            action: isRefusal ? 'account.refused' : 'account.deleted',
            target: { kind: 'account', id },
          });
          if (isRefusal && account.email !== null)
            await recordMail(transaction, {
              kind: 'registration_refused',
              recipient: account.email,
              details: {},
            });
          await deleteThirdPartyApps(transaction, id);
          await recordChange(transaction, { kind: 'account.deleted', accountId: id, epoch });
          return true;
        });
      }),
    );

  return {
    /**
     * Deletes an account; idempotent. False if there never was one. Throws `access_denied` if the actor is not
     * allowed to manage the account, and `conflict` for the last active administrator, or naming the apps of which it
     * is the last Owner.
     */
    delete: async (actor: ManagementActor, id: string): Promise<boolean> =>
      isUuid(id)
        ? run(id, ({ roles }, transaction) => requireMayManage(transaction, actor, roles))
        : false,

    /**
     * Refuses the account of a person who registered: notifies them and deletes it. False if there never was one. Throws
     * `access_denied`, and `conflict` if it does not wait for an administrator.
     */
    refuse: async (actor: ManagementActor, id: string): Promise<boolean> =>
      isUuid(id)
        ? run(
            id,
            async (account, transaction) => {
              await requireMayManage(transaction, actor, account.roles);
              requireWaiting(account);
            },
            { isRefusal: true },
          )
        : false,

    /**
     * Deletes the person's own account after confirming the password, or a recent sign-in if there is none. Throws PasswordRefused, LimitReached,
     * `temporarily_unavailable` if too many passwords are being checked, and `conflict` as `delete`.
     */
    deleteOwn: async (confirmation: PasswordConfirmation): Promise<void> => {
      await passwords.confirm(confirmation);
      const { accountId, ip } = confirmation;
      const remedy = peopleCreateApps
        ? undefined
        : 'Ask an administrator to transfer or delete these apps first.';
      await byPerson(accountId, ip, () => run(accountId, () => {}, { remedy }));
    },
  };
}

/** What decides whether an account can be deleted. */
interface Deleted {
  id: string;
  roles: readonly string[];
  approval_requested_at: Date | null;
}

/**
 * Locks the apps that the account is a member of, invited someone to, or is invited to. Without the lock, two
 * Owners who leave at the same time would each count the other as the remaining Owner.
 */
async function lockApps(transaction: Connection, accountId: string): Promise<Set<string>> {
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
 * Throws `conflict` naming the apps that would be left without an active Owner, or that the account became an Owner
 * of after the apps were locked.
 */
async function requireNoSoleOwner(
  transaction: Connection,
  accountId: string,
  locked: ReadonlySet<string>,
  remedy: string,
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
      ).as('isSole'),
    ])
    .where('own.account_id', '=', accountId)
    .where('own.role', '=', ownerRole)
    .where('app.deleted_at', 'is', null)
    .orderBy('app.name')
    .execute();
  const orphaned = owned.filter((app) => app.isSole || !locked.has(app.id));
  if (orphaned.length > 0)
    throw new OAuthError(
      'conflict',
      `The account is the last Owner of ${orphaned.map(({ name }) => name).join(', ')}. ${remedy}`,
    );
}

/**
 * Deletes the rows about a person. Tokens of logins are revoked by the epoch, and are dropped with their partition.
 */
async function deletePersonalData(
  transaction: Connection,
  id: string,
  email: string | null,
): Promise<void> {
  await redactAuditEvents(transaction, id, email);
  const tables = [
    'invitation',
    'mailed_link',
    'sign_in_code',
    'authenticator',
    'passkey',
    'recovery_code',
    'remembered_browser',
    'factor_reset',
    'mail',
    'device_decision',
    'consent_decision',
    'consent',
    'linked_identity',
  ] as const;
  for (const table of tables)
    await transaction.deleteFrom(table).where('account_id', '=', id).execute();
  if (email !== null)
    await transaction
      .deleteFrom('mail')
      .where('account_id', 'is', null)
      .where(sql`lower(recipient)`, '=', sql<string>`lower(${email})`)
      .execute();
  if (email !== null)
    await transaction
      .deleteFrom('registration')
      .where(sql`lower(email)`, '=', sql<string>`lower(${email})`)
      .execute();
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
 * Removes the email address and name from audit events, which keep only the id. Besides events of the account these
 * are events of apps that the person was invited to: apps in which the account acted, is a member or has an
 * invitation.
 */
async function redactAuditEvents(
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
