import { sql } from 'kysely';
import { hasVerifiedPasskey } from '../passkeys/has-passkey.ts';
import { hasIdentity } from '../providers/has-identity.ts';

/**
 * SQL: whether an account has a way to sign in. Every way there is belongs here, because it decides who counts as an active
 * administrator.
 */
export const hasSignInMethod = sql<boolean>`((account.email is not null and account.password_hash is not null)
  or ${hasVerifiedPasskey} or ${hasIdentity})`;
