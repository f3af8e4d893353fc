import { sql } from 'kysely';
import { firstAdministrator } from '../../../config/administrator.ts';
import { administratorRole } from '../../../config/roles.ts';
import type { Database } from '../../../db/database.ts';
import type { Connection } from '../../../db/schema.ts';
import { serverActor } from '../roles/server-actor.ts';
import type { Accounts } from './accounts.ts';
import type { Invitations } from './invitations.ts';

/** The first administrator, before the account exists. */
export interface NewAdministrator {
  name: string;
  email: string;
  /** Roles in addition to the administrator role. */
  roles?: string[];
}

interface Dependencies {
  database: Database;
  accounts: Pick<Accounts, 'create'>;
  invitations: Pick<Invitations, 'create'>;
}

/**
 * Creates the first administrator and an invitation, if the installation has no account yet. Account rows are never
 * removed, so this happens once, and only in one of several processes that start at the same time. After a crash
 * between the two steps the account exists and can be invited again.
 */
export async function ensureFirstAdministrator(
  { database: { kysely }, accounts, invitations }: Dependencies,
  { name, email, roles = [] }: NewAdministrator = firstAdministrator,
): Promise<{ email: string; invitation: { value: string; expiresAt: Date } } | undefined> {
  if (await hasAccounts(kysely)) return undefined;
  const created = await kysely.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(hashtext('writ first administrator'))`.execute(
      transaction,
    );
    return (await hasAccounts(transaction))
      ? undefined
      : accounts.create(
          serverActor,
          { name, email, roles: [administratorRole, ...roles] },
          transaction,
        );
  });
  return created && { email, invitation: await invitations.create(serverActor, created.id) };
}

const hasAccounts = async (connection: Connection): Promise<boolean> =>
  (await connection.selectFrom('account').select('id').limit(1).executeTakeFirst()) !== undefined;

/** Email address of the oldest administrator while no administrator has a password, so that no one can sign in. */
export async function pendingAdministrator({
  database,
}: Pick<Dependencies, 'database'>): Promise<string | undefined> {
  const [first, ...others] = await database.kysely
    .selectFrom('account')
    .select(['email', sql<boolean>`password_hash is not null`.as('has_password')])
    .where(sql<boolean>`${administratorRole} = any (roles)`)
    .where('disabled_at', 'is', null)
    .where('email', 'is not', null)
    .orderBy('created_at')
    .execute();
  if (!first || [first, ...others].some(({ has_password }) => has_password)) return undefined;
  return first.email ?? undefined;
}
