/** The administrators of an installation: enabled accounts with the role `administrator`. */
import { sql } from 'kysely';
import { administratorRole } from '../../../config/roles.ts';
import type { Connection } from '../../../db/schema.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { hasVerifiedPasskey, signsInByPasskey } from '../passkeys/has-passkey.ts';
import { hasIdentity, signsInByProvider } from '../providers/has-identity.ts';
import { hasSignInMethod } from './sign-in-methods.ts';

/** What makes an account an administrator. */
interface Standing {
  roles: readonly string[];
  disabled_at: Date | null;
}

export const isEnabledAdministrator = ({ roles, disabled_at }: Standing): boolean =>
  roles.includes(administratorRole) && disabled_at === null;

/** An administrator who is not disabled, and can sign in or be invited to. */
export interface Administrator {
  id: string;
  /** Null if the account signs in with a passkey or another identity provider only. */
  email: string | null;
  /** Whether they have a way to sign in. Otherwise they have an invitation at most. */
  canSignIn: boolean;
}

/** The administrators, the oldest first. A deleted account has no roles. */
export const administrators = (connection: Connection): Promise<Administrator[]> =>
  connection
    .selectFrom('account')
    .select(['id', 'email', hasSignInMethod.as('canSignIn')])
    .where(sql<boolean>`${administratorRole} = any (roles)`)
    .where('disabled_at', 'is', null)
    .where(sql<boolean>`(email is not null or ${hasVerifiedPasskey} or ${hasIdentity})`)
    .orderBy('created_at')
    .execute();

/**
 * Whether a change takes the role or every way to sign in from an enabled administrator. An administrator without an email
 * address signs in with a passkey, or with another identity provider.
 */
export const losesAdministrator = async (
  transaction: Connection,
  id: string,
  before: Standing & { email: string | null },
  after: Standing & { email: string | null },
): Promise<boolean> =>
  isEnabledAdministrator(before) &&
  (!isEnabledAdministrator(after) ||
    (before.email !== null &&
      after.email === null &&
      !(await signsInByPasskey(transaction, id)) &&
      !(await signsInByProvider(transaction, id))));

/**
 * Call it in the transaction in which an account stops being an administrator, before it does. Throws `conflict` if it is the
 * last one who can sign in, or, while none can, the last one. The lock lasts until the transaction ends, so two administrators
 * who leave at the same time do not count each other.
 */
export async function requireAnotherAdministrator(
  transaction: Connection,
  accountId: string,
): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('writ last administrator'))`.execute(transaction);
  const all = await administrators(transaction);
  const able = all.filter(({ canSignIn }) => canSignIn);
  const counted = able.length > 0 ? able : all;
  const isCounted = counted.some(({ id }) => id === accountId);
  if (!isCounted || counted.length > 1) return;
  throw new OAuthError(
    'conflict',
    all.length > 1
      ? 'This is the last active administrator: the others have not chosen a password yet.'
      : `This is the last active administrator. Give another account the role ${administratorRole} first.`,
  );
}
