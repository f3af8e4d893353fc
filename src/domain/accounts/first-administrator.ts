import { sql } from 'kysely';
import { firstAdministrator } from '../../../config/administrator.ts';
import { administratorRole } from '../../../config/roles.ts';
import type { Database } from '../../../db/database.ts';
import type { Connection } from '../../../db/schema.ts';
import { serverActor } from '../roles/server-actor.ts';
import type { Accounts } from './accounts.ts';
import { administrators } from './administrators.ts';
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
  accounts: Pick<Accounts, 'create' | 'enable' | 'page' | 'update'>;
  invitations: Pick<Invitations, 'create'>;
}

/**
 * Creates the first administrator and an invitation, if the installation has no account yet. Account rows are never
 * removed, so this happens once, and only in one of several processes that start at the same time. After a crash
 * between the two steps the account exists and can be invited again.
 */
export async function ensureFirstAdministrator(
  dependencies: Dependencies,
  given: NewAdministrator = firstAdministrator,
): Promise<Invited | undefined> {
  return createUnless(hasAccounts, dependencies, given);
}

/**
 * The same if there is no administrator who can sign in or be invited to. An account that has the email address already is enabled and gets
 * the role, besides those that it has.
 */
export async function ensureSomeAdministrator(
  dependencies: Dependencies,
  given: NewAdministrator = firstAdministrator,
): Promise<Invited | undefined> {
  const { database, accounts, invitations } = dependencies;
  if (await hasAdministrator(database.kysely)) return undefined;
  const [found] = await accounts.page({ email: given.email, limit: 1 });
  if (!found) return createUnless(hasAdministrator, dependencies, given);
  const roles = [...new Set([...found.roles, administratorRole])];
  await accounts.update(serverActor, found.id, { roles });
  await accounts.enable(serverActor, found.id);
  return {
    email: found.email ?? given.email,
    invitation: await invitations.create(serverActor, found.id, { sendEmail: false }),
  };
}

/** An administrator, and the link with which they choose a password. */
interface Invited {
  email: string;
  invitation: { value: string; expiresAt: Date };
}

async function createUnless(
  isDone: (connection: Connection) => Promise<boolean>,
  { database: { kysely }, accounts, invitations }: Dependencies,
  { name, email, roles = [] }: NewAdministrator,
): Promise<Invited | undefined> {
  if (await isDone(kysely)) return undefined;
  const created = await kysely.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(hashtext('writ first administrator'))`.execute(
      transaction,
    );
    return (await isDone(transaction))
      ? undefined
      : accounts.create(
          serverActor,
          { name, email, roles: [administratorRole, ...roles] },
          transaction,
        );
  });
  return (
    created && {
      email,
      invitation: await invitations.create(serverActor, created.id, { sendEmail: false }),
    }
  );
}

const hasAdministrator = async (connection: Connection): Promise<boolean> =>
  (await administrators(connection)).length > 0;

const hasAccounts = async (connection: Connection): Promise<boolean> =>
  (await connection.selectFrom('account').select('id').limit(1).executeTakeFirst()) !== undefined;

/** Email address of the oldest administrator while none can sign in. */
export async function pendingAdministrator({
  database,
}: Pick<Dependencies, 'database'>): Promise<string | undefined> {
  const all = await administrators(database.kysely);
  return all.some(({ canSignIn }) => canSignIn) ? undefined : (all[0]?.email ?? undefined);
}
