/** The administrators of an installation: accounts with the role `administrator` that can sign in. */
import { sql } from 'kysely';
import { administratorRole } from '../../../config/roles.ts';
import type { Connection } from '../../../db/schema.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { hasVerifiedPasskey, signsInByPasskey } from '../passkeys/has-passkey.ts';

/** What makes an account an administrator. */
interface Standing {
  roles: readonly string[];
  disabled_at: Date | null;
}

export const isEnabledAdministrator = ({ roles, disabled_at }: Standing): boolean =>
  roles.includes(administratorRole) && disabled_at === null;

/**
 * Whether a change takes the role or every way to sign in from an enabled administrator. An administrator without an email
 * address signs in with a passkey.
 */
export const losesAdministrator = async (
  transaction: Connection,
  id: string,
  before: Standing & { email: string | null },
  after: Standing & { email: string | null },
): Promise<boolean> =>
  isEnabledAdministrator(before) &&
  (!isEnabledAdministrator(after) ||
    (before.email !== null && after.email === null && !(await signsInByPasskey(transaction, id))));

/**
 * The active administrators, the oldest first: accounts with an email address or a passkey, since no one else can sign in. A
 * deleted account has no roles.
 */
export const activeAdministrators = (
  connection: Connection,
): Promise<{ id: string; email: string | null; can_sign_in: boolean }[]> =>
  connection
    .selectFrom('account')
    .select([
      'id',
      'email',
      sql<boolean>`(email is not null and password_hash is not null) or ${hasVerifiedPasskey}`.as(
        'can_sign_in',
      ),
    ])
    .where(sql<boolean>`${administratorRole} = any (roles)`)
    .where('disabled_at', 'is', null)
    .where(sql<boolean>`(email is not null or ${hasVerifiedPasskey})`)
    .orderBy('created_at')
    .execute();

/**
 * Call it in the transaction that removes an administrator, before it does. Throws `conflict` if the account is an active one
 * and no other is left. The lock lasts until the transaction ends, so two administrators who leave at the same time do not
 * count each other.
 */
export async function requireAnotherAdministrator(
  transaction: Connection,
  accountId: string,
): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('writ last administrator'))`.execute(transaction);
  const active = await activeAdministrators(transaction);
  const [last, ...others] = active;
  if (last?.id !== accountId || others.length > 0) return;
  throw new OAuthError(
    'conflict',
    `This is the last active administrator. Give another account the role ${administratorRole} first.`,
  );
}
