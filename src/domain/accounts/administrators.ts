/** The administrators of an installation: accounts with the role `administrator` that can sign in. */
import { sql } from 'kysely';
import { administratorRole } from '../../../config/roles.ts';
import type { Connection } from '../../../db/schema.ts';
import { OAuthError } from '../../oauth/errors.ts';

/** What decides whether an account is an active administrator. Without an email address no one can sign in. */
interface Standing {
  roles: readonly string[];
  email: string | null;
  disabled_at: Date | null;
}

export const isActiveAdministrator = ({ roles, email, disabled_at }: Standing): boolean =>
  roles.includes(administratorRole) && email !== null && disabled_at === null;

/** The active administrators, the oldest first. A deleted account has no roles. */
export const activeAdministrators = (
  connection: Connection,
): Promise<{ id: string; email: string; has_password: boolean }[]> =>
  connection
    .selectFrom('account')
    .select([
      'id',
      sql<string>`email`.as('email'),
      sql<boolean>`password_hash is not null`.as('has_password'),
    ])
    .where(sql<boolean>`${administratorRole} = any (roles)`)
    .where('disabled_at', 'is', null)
    .where('email', 'is not', null)
    .orderBy('created_at')
    .execute();

/**
 * Call it in the transaction that removes an active administrator. Throws `conflict` if no other one is left. The lock
 * lasts until the transaction ends, so two administrators who leave at the same time do not count each other.
 */
export async function requireAnotherAdministrator(
  transaction: Connection,
  accountId: string,
): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('writ last administrator'))`.execute(transaction);
  const active = await activeAdministrators(transaction);
  if (active.some(({ id }) => id !== accountId)) return;
  throw new OAuthError(
    'conflict',
    `This is the last active administrator. Give another account the role ${administratorRole} first.`,
  );
}
