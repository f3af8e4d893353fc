import { sql } from 'kysely';
import { attempts } from '../../../config/attempts.ts';
import type { Database, Statement } from '../../../db/database.ts';
import { decoyHash, type PasswordHasher, passwordHasher } from '../../crypto/password.ts';
import { recordEvent } from '../audit/events.ts';
import { orUnavailable } from '../database/retry.ts';
import { isUuid } from '../database/text-checks.ts';
import { endPasswordLogins } from '../grants/password-logins.ts';
import type { Limits } from '../limits/rate-limits.ts';
import { recordMail } from '../mail/outbox.ts';
import { revokeInvitation } from './invitations.ts';
import type { KnownBrowsers } from './known-browsers.ts';
import { turnOfPerson, unlessQueueFull } from './password-hashing.ts';
import {
  asTyped,
  PasswordRefused,
  type Product,
  passwordLength,
  requireGoodPassword,
} from './password-policy.ts';
import { byPerson, endSessions, renewSession } from './sessions.ts';

export { PasswordRefused, passwordLength };

/** A person who is signed in, and the password that they give once more. */
export interface PasswordConfirmation {
  accountId: string;
  /** The session in which they give it, or the grant of a login that they began with their password. */
  sessionId: string;
  current: string;
  ip: string | undefined;
}

/** The session or login that the person changes the password in stays. */
export interface PasswordChange extends PasswordConfirmation {
  next: string;
}

interface CredentialsRow {
  name: string;
  email: string | null;
  hash: string | null;
  passwordVersion: string | null;
}

/**
 * The moment of an account's password, to the microsecond, which a JavaScript date does not hold. A
 * hash that is only made anew has the same.
 */
export const passwordVersion = 'extract(epoch from password_changed_at)::text';

const find: Statement = {
  name: 'password-find',
  text: `select name, email, password_hash as hash, ${passwordVersion} as "passwordVersion"
    from account where id = $1::uuid and disabled_at is null`,
};

/** Passwords of people who are signed in. */
export function createPasswords({
  database,
  limits,
  product,
  knownBrowsers,
  hasher = passwordHasher,
}: {
  database: Database;
  limits: Limits;
  product: Product;
  knownBrowsers: KnownBrowsers;
  hasher?: PasswordHasher | undefined;
}) {
  const { kysely } = database;
  const limit = limits.limit('password-change', attempts.atChangingPassword);
  const decoy = decoyHash();

  const findCredentials = async (accountId: string): Promise<CredentialsRow | undefined> => {
    const [stored] = isUuid(accountId)
      ? await orUnavailable(() => database.query<CredentialsRow>(find, [accountId]))
      : [];
    return stored;
  };

  /** Counts the attempt and throws PasswordRefused where the password is not the one that holds. */
  const verifyCurrent = async (
    { accountId, sessionId, current, ip }: PasswordConfirmation,
    hash: string | null,
  ): Promise<void> => {
    if (current.length > 2 * passwordLength.max) throw new PasswordRefused('wrong_current');
    // In one session: who has another's cookie cannot guess long, nor keep the person from changing it.
    const key = JSON.stringify([accountId, sessionId]);
    await limit.consume(key);
    let right: boolean;
    try {
      const turn = turnOfPerson(accountId, ip);
      right = await unlessQueueFull(() => hasher.verify(hash ?? decoy, asTyped(current), turn));
    } catch (error) {
      await limit.giveBack(key);
      throw error;
    }
    if (!right) throw new PasswordRefused('wrong_current');
    await limit.reset(key);
  };

  return {
    /**
     * Asks a person who is signed in for their password once more. Throws PasswordRefused, LimitReached, and
     * `temporarily_unavailable` where too many passwords are being checked.
     */
    async confirm(confirmation: PasswordConfirmation): Promise<void> {
      const stored = await findCredentials(confirmation.accountId);
      if (!stored || !isUuid(confirmation.sessionId)) throw new PasswordRefused('wrong_current');
      await verifyCurrent(confirmation, stored.hash);
    },

    /**
     * Changes a password, ends the account's other sessions, its other logins by password and a link that is out. Gives the new value
     * of the session that stays, and the mark by which the account knows this browser. Throws PasswordRefused, LimitReached, and `temporarily_unavailable`
     * where too many passwords are being checked.
     */
    async change({
      accountId,
      sessionId,
      current,
      next,
      ip,
    }: PasswordChange): Promise<{ knownBrowser: string; session: string | undefined }> {
      const stored = await findCredentials(accountId);
      if (!stored || !isUuid(sessionId)) throw new PasswordRefused('wrong_current');
      await requireGoodPassword(next, { ...stored, product });
      await verifyCurrent({ accountId, sessionId, current, ip }, stored.hash);
      const turn = turnOfPerson(accountId, ip);
      const hash = await unlessQueueFull(() => hasher.hash(asTyped(next), turn));
      return orUnavailable(() =>
        kysely.transaction().execute(async (transaction) => {
          const changed = await transaction
            .updateTable('account')
            .set({ password_hash: hash, password_changed_at: sql<Date>`now()` })
            .where('id', '=', accountId)
            .where('disabled_at', 'is', null)
            .where(
              sql<boolean>`${sql.raw(passwordVersion)} is not distinct from ${stored.passwordVersion}`,
            )
            .returning([
              sql<string>`${sql.raw(passwordVersion)}`.as('passwordVersion'),
              sql<Date>`password_changed_at`.as('at'),
            ])
            .executeTakeFirst();
          // Another has changed it meanwhile, so what was current is not any more.
          if (!changed) throw new PasswordRefused('wrong_current');
          const ended = await endSessions(transaction, accountId, sessionId);
          const session = await renewSession(transaction, accountId, sessionId);
          await revokeInvitation(transaction, accountId);
          await byPerson(accountId, ip, async () => {
            await recordEvent(transaction, {
              action: 'account.password_changed',
              target: { kind: 'account', id: accountId },
              details: { ended_sessions: ended },
            });
            await recordMail(transaction, {
              kind: 'password_changed',
              accountId,
              details: { at: changed.at.toISOString(), by_link: false, ended_access: false },
            });
            await endPasswordLogins(transaction, accountId, sessionId);
          });
          return {
            session,
            knownBrowser: knownBrowsers.remember({
              id: accountId,
              passwordVersion: changed.passwordVersion,
            }),
          };
        }),
      );
    },
  };
}

export type Passwords = ReturnType<typeof createPasswords>;
