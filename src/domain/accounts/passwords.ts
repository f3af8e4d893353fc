import { sql } from 'kysely';
import { attempts } from '../../../config/attempts.ts';
import type { Database, Statement } from '../../../db/database.ts';
import { decoyHash, type PasswordHasher, passwordHasher } from '../../crypto/password.ts';
import { recordEvent } from '../audit/events.ts';
import { orUnavailable } from '../database/retry.ts';
import { isUuid } from '../database/text-checks.ts';
import { revokePasswordLogins } from '../grants/password-logins.ts';
import type { Limits } from '../limits/rate-limits.ts';
import { recordMail } from '../mail/outbox.ts';
import type { KnownBrowsers } from './known-browsers.ts';
import { revokeLinks } from './mailed-links.ts';
import { laneOfPerson, unlessQueueFull } from './password-hashing.ts';
import {
  normalizePassword,
  PasswordRefused,
  type Product,
  passwordLength,
  requireGoodPassword,
} from './password-policy.ts';
import { passwordVersion } from './password-version.ts';
import { byPerson, endSessionsOf, renewSession } from './sessions.ts';

export { PasswordRefused, passwordLength };

/** A signed-in person who confirms their password. */
export interface PasswordConfirmation {
  accountId: string;
  /** The session in which they confirm it, or the grant of a login that took their password. */
  sessionId: string;
  current: string;
  ip: string | undefined;
}

/** A password change. The session or login in which it is made survives. */
export interface PasswordChange extends PasswordConfirmation {
  next: string;
  /** The browser's mark from an earlier sign-in. */
  knownBrowser?: string | undefined;
}

interface CredentialsRow {
  name: string;
  email: string | null;
  hash: string | null;
  passwordVersion: string | null;
}

const find: Statement = {
  name: 'password-find',
  text: `select name, email, password_hash as hash, ${passwordVersion} as "passwordVersion"
    from account where id = $1::uuid and disabled_at is null`,
};

/** Confirms and changes passwords of people who are signed in. */
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

  /** Counts the attempt, then verifies the current password. Throws PasswordRefused if it is incorrect. */
  const verifyCurrent = async (
    { accountId, sessionId, current, ip }: PasswordConfirmation,
    hash: string | null,
  ): Promise<void> => {
    if (current.length > 2 * passwordLength.max) throw new PasswordRefused('wrong_current');
    // Counted by session, so that a stolen cookie can neither guess for long nor lock the person out of their own
    // session.
    const key = JSON.stringify([accountId, sessionId]);
    await limit.consume(key);
    let matches: boolean;
    try {
      const lane = laneOfPerson(accountId, ip);
      matches = await unlessQueueFull(() =>
        hasher.verify(hash ?? decoy, normalizePassword(current), lane),
      );
    } catch (error) {
      await limit.giveBack(key);
      throw error;
    }
    if (!matches) throw new PasswordRefused('wrong_current');
    await limit.reset(key);
  };

  return {
    /**
     * Verifies the current password. Throws PasswordRefused, LimitReached, and `temporarily_unavailable` if too
     * many passwords are being checked.
     */
    async confirm(confirmation: PasswordConfirmation): Promise<void> {
      const stored = await findCredentials(confirmation.accountId);
      if (!stored || !isUuid(confirmation.sessionId)) throw new PasswordRefused('wrong_current');
      await verifyCurrent(confirmation, stored.hash);
    },

    /** Checks a new password of an account before it is set. Throws PasswordRefused. */
    async checkNew(accountId: string, next: string): Promise<void> {
      const stored = await findCredentials(accountId);
      if (stored) await requireGoodPassword(next, { ...stored, product });
    },

    /**
     * Changes a password. Revokes the account's other sessions, its other logins by password, and pending
     * links. Returns a new value for the surviving session and the mark for this browser. Throws
     * PasswordRefused, LimitReached, and `temporarily_unavailable` if too many passwords are being checked.
     */
    async change({
      accountId,
      sessionId,
      current,
      next,
      ip,
      knownBrowser,
    }: PasswordChange): Promise<{ knownBrowser: string; session: string | undefined }> {
      const stored = await findCredentials(accountId);
      if (!stored || !isUuid(sessionId)) throw new PasswordRefused('wrong_current');
      await requireGoodPassword(next, { ...stored, product });
      await verifyCurrent({ accountId, sessionId, current, ip }, stored.hash);
      if (normalizePassword(next) === normalizePassword(current))
        throw new PasswordRefused('unchanged');
      const lane = laneOfPerson(accountId, ip);
      const hash = await unlessQueueFull(() => hasher.hash(normalizePassword(next), lane));
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
          // The password was changed concurrently, so `current` is no longer current.
          if (!changed) throw new PasswordRefused('wrong_current');
          const session = await byPerson(accountId, ip, () =>
            endSessionsOf(
              transaction,
              accountId,
              { exceptSessionId: sessionId },
              async ({ ids: { length: revoked } }) => {
                const renewed = await renewSession(transaction, accountId, sessionId);
                await revokeLinks(transaction, accountId);
                await recordEvent(transaction, {
                  action: 'account.password_changed',
                  target: { kind: 'account', id: accountId },
                  details: { ended_sessions: revoked },
                });
                await recordMail(transaction, {
                  kind: 'password_changed',
                  accountId,
                  details: { at: changed.at.toISOString(), by_link: false, ended_access: false },
                });
                await revokePasswordLogins(transaction, accountId, sessionId);
                return renewed;
              },
            ),
          );
          return {
            session,
            knownBrowser: knownBrowsers.remember(
              { id: accountId, passwordVersion: changed.passwordVersion },
              knownBrowser,
            ),
          };
        }),
      );
    },
  };
}

export type Passwords = ReturnType<typeof createPasswords>;
