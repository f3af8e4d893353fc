import { sql } from 'kysely';
import { attempts } from '../../../config/attempts.ts';
import type { Database, Statement } from '../../../db/database.ts';
import { type PasswordHasher, passwordHasher } from '../../crypto/password.ts';
import { OAuthError } from '../../oauth/errors.ts';
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
import { byPerson, endSessionsOf, isRecentSession, renewSession } from './sessions.ts';

export { PasswordRefused, passwordLength };

/** A signed-in person who confirms their password, or a recent sign-in if they have none. */
export interface PasswordConfirmation {
  accountId: string;
  /** The session in which they confirm it, or the grant of a login that took their password. */
  sessionId: string;
  /** Not looked at if the account has no password. */
  current: string;
  ip: string | undefined;
}

/** A new password, or the first one of a person who signs in in other ways. The session or login in which it is made survives. */
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

/** Confirms, changes and sets passwords of people who are signed in. */
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

  const findCredentials = async (accountId: string): Promise<CredentialsRow | undefined> => {
    const [stored] = isUuid(accountId)
      ? await orUnavailable(() => database.query<CredentialsRow>(find, [accountId]))
      : [];
    return stored;
  };

  /**
   * Counts the attempt, then verifies the current password. Without a password, a recent sign-in by any other way counts, with a
   * recent second factor if the account has one. Throws PasswordRefused.
   */
  const verifyCurrent = async (
    { accountId, sessionId, current, ip }: PasswordConfirmation,
    hash: string | null,
  ): Promise<void> => {
    if (hash === null) {
      if (await orUnavailable(() => isRecentSession(database, accountId, sessionId))) return;
      throw new PasswordRefused('not_recent');
    }
    if (current.length > 2 * passwordLength.max) throw new PasswordRefused('wrong_current');
    // Counted by session, so that a stolen cookie can neither guess for long nor lock the person out of their own
    // session.
    const key = JSON.stringify([accountId, sessionId]);
    await limit.consume(key);
    let matches: boolean;
    try {
      const lane = laneOfPerson(accountId, ip);
      matches = await unlessQueueFull(() => hasher.verify(hash, normalizePassword(current), lane));
    } catch (error) {
      await limit.giveBack(key);
      throw error;
    }
    if (!matches) throw new PasswordRefused('wrong_current');
    await limit.reset(key);
  };

  return {
    /**
     * Verifies the current password, or that a person without one has signed in recently. Throws PasswordRefused,
     * LimitReached, and `temporarily_unavailable` if too many passwords are being checked.
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
     * Changes a password, and revokes the account's other sessions, its other logins by password, and pending
     * links. A first password gives no one less access, so other sessions continue; links end, which could replace it.
     * Returns a new value for the surviving session and the mark for this browser. Throws PasswordRefused, LimitReached,
     * `conflict` if an account without an email address would get its first password, which could not be used, and
     * `temporarily_unavailable` if too many passwords are being checked.
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
      const isFirst = stored.hash === null;
      if (isFirst && stored.email === null)
        throw new OAuthError(
          'conflict',
          'A password needs an email address to sign in with. Add an address first.',
        );
      await requireGoodPassword(next, { ...stored, product });
      await verifyCurrent({ accountId, sessionId, current, ip }, stored.hash);
      if (!isFirst && normalizePassword(next) === normalizePassword(current))
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
          const complete = async (details: Record<string, unknown>) => {
            const renewed = await renewSession(transaction, accountId, sessionId);
            await revokeLinks(transaction, accountId);
            await recordEvent(transaction, {
              action: 'account.password_changed',
              target: { kind: 'account', id: accountId },
              details,
            });
            await recordMail(transaction, {
              kind: 'password_changed',
              accountId,
              details: {
                at: changed.at.toISOString(),
                by_link: false,
                is_first: isFirst,
                ended_access: false,
              },
            });
            await revokePasswordLogins(transaction, accountId, sessionId);
            return renewed;
          };
          const session = await byPerson(accountId, ip, () =>
            isFirst
              ? complete({ is_first: true })
              : endSessionsOf(
                  transaction,
                  accountId,
                  { exceptSessionId: sessionId },
                  ({ ids: { length: revoked } }) => complete({ ended_sessions: revoked }),
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
