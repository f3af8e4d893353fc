/** THE AUTHENTICATOR APP of an account: set up, used once for each code, removed. */
import { sql } from 'kysely';
import { lifetimes } from '../../../config/lifetimes.ts';
import type { Database } from '../../../db/database.ts';
import type { Connection } from '../../../db/schema.ts';
import { type Keyring, SealError } from '../../crypto/sealing.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { orUnavailable } from '../database/retry.ts';
import type { Limits } from '../limits/rate-limits.ts';
import { accountHasFactor, requireNoFactor } from './account-factors.ts';
import { createFactorAttempts, FactorRefused } from './factor-attempts.ts';
import type { FactorPolicy } from './factor-policy.ts';
import { deleteRecoveryCodes, type RecoveryCodes } from './recovery-codes.ts';
import { recordFactorChange } from './second-factors.ts';
import { byPerson, lockAccount, raiseSession } from './sessions.ts';
import { authenticatorPlace, newSecret, normalizeCode, stepOfCode } from './totp.ts';

/** What a proof by a code of an authenticator app adds to `amr` (RFC 8176). */
export const amrOfCode = ['otp', 'mfa'] as const;

/** A key that is not confirmed yet. Nothing of it is stored. */
export interface AuthenticatorSetUp {
  /** Base32. */
  secret: string;
  /** The same, sealed for the form that confirms it. */
  sealed: string;
}

interface Claim {
  secret: string;
  sessionId: string;
  /** Seconds since the epoch. */
  expiresAt: number;
}

const setUpPlace = (accountId: string) => ({
  table: 'authenticator',
  row: accountId,
  purpose: 'set-up',
});

const maxLength = 1_000;

export function createAuthenticators({
  database: { kysely },
  keyring,
  limits,
  recoveryCodes,
  factorPolicy,
  now = Date.now,
}: {
  database: Pick<Database, 'kysely'>;
  keyring: Keyring;
  limits: Limits;
  recoveryCodes: Pick<RecoveryCodes, 'issueIfNone'>;
  factorPolicy: Pick<FactorPolicy, 'requireNotNeeded'>;
  /** The clock of the process, in milliseconds. */
  now?: (() => number) | undefined;
}) {
  const attempt = createFactorAttempts({ limits });

  const seal = (accountId: string, sessionId: string, secret: string): string => {
    const expiresAt = Math.floor(Date.now() / 1000) + lifetimes.authenticatorSetUp;
    const claim: Claim = { secret, sessionId, expiresAt };
    return keyring.seal(setUpPlace(accountId), JSON.stringify(claim)).toString('base64url');
  };

  /** The secret of a form, if it was created for this session and has not expired. */
  const open = (accountId: string, sessionId: string, sealed: string): string | undefined => {
    if (sealed.length > maxLength) return undefined;
    try {
      const value = keyring.open(setUpPlace(accountId), Buffer.from(sealed, 'base64url'));
      const claim = JSON.parse(value.toString('utf8')) as Claim;
      const isValid = claim.sessionId === sessionId && claim.expiresAt > Date.now() / 1000;
      return isValid ? claim.secret : undefined;
    } catch (error) {
      if (error instanceof SealError) return undefined;
      throw error;
    }
  };

  return {
    /** The authenticator app of an account, if it has one. */
    describe: (accountId: string): Promise<{ created_at: Date; last_used_at: Date } | undefined> =>
      orUnavailable(() =>
        kysely
          .selectFrom('authenticator')
          .select(['created_at', 'last_used_at'])
          .where('account_id', '=', accountId)
          .executeTakeFirst(),
      ),

    /** A new key for a person's authenticator app. */
    begin(accountId: string, sessionId: string): AuthenticatorSetUp {
      const secret = newSecret();
      return { secret, sealed: seal(accountId, sessionId, secret) };
    },

    /** The key of a form that is shown again; undefined if it is no longer valid. */
    resume(accountId: string, sessionId: string, sealed: string): AuthenticatorSetUp | undefined {
      const secret = open(accountId, sessionId, sealed);
      return secret === undefined ? undefined : { secret, sealed };
    },

    /**
     * Confirms a key with a code: from now on the account needs a second factor. The session has proven it, and gets a
     * new value. Returns recovery codes if the account had none. Throws FactorRefused, and `conflict` if the key is no
     * longer valid or the account has an authenticator app; with `onlyFirst` also if it has a factor by now, which the person must
     * prove instead.
     */
    async confirm({
      accountId,
      sessionId,
      sealed,
      code,
      ip,
      onlyFirst = false,
    }: {
      accountId: string;
      sessionId: string;
      sealed: string;
      code: string;
      ip: string | undefined;
      onlyFirst?: boolean | undefined;
    }): Promise<{ session: string | undefined; recoveryCodes: string[] | undefined }> {
      const secret = open(accountId, sessionId, sealed);
      if (secret === undefined) throw new OAuthError('conflict', 'This key has expired.');
      const succeeded = await attempt({ accountId, ip, isKnownBrowser: true, isGuessable: true });
      const step = stepOfCode(secret, normalizeCode(code), now());
      if (step === undefined) throw new FactorRefused('wrong');
      await succeeded();
      return orUnavailable(() =>
        kysely.transaction().execute(async (transaction) => {
          await lockAccount(transaction, accountId);
          if (onlyFirst) await requireNoFactor(transaction, accountId);
          const { numInsertedOrUpdatedRows } = await transaction
            .insertInto('authenticator')
            .values({
              account_id: accountId,
              secret: keyring.seal(authenticatorPlace(accountId), secret),
              last_step: step,
            })
            .onConflict((conflict) => conflict.doNothing())
            .executeTakeFirst();
          if (numInsertedOrUpdatedRows === 0n)
            throw new OAuthError('conflict', 'The account has an authenticator app.');
          return byPerson(accountId, ip, async () => {
            const issued = await recoveryCodes.issueIfNone(transaction, accountId);
            await recordFactorChange(transaction, {
              accountId,
              factor: 'authenticator',
              change: 'factor_added',
            });
            const session = await raiseSession(transaction, accountId, sessionId, amrOfCode);
            return { session, recoveryCodes: issued };
          });
        }),
      );
    },

    /** Removes the authenticator app of a person, and the recovery codes with their last second factor. */
    remove: (accountId: string, ip: string | undefined): Promise<boolean> =>
      orUnavailable(() =>
        kysely.transaction().execute(async (transaction) => {
          await lockAccount(transaction, accountId);
          const { numDeletedRows } = await transaction
            .deleteFrom('authenticator')
            .where('account_id', '=', accountId)
            .executeTakeFirst();
          if (numDeletedRows === 0n) return false;
          await byPerson(accountId, ip, () =>
            recordFactorChange(transaction, {
              accountId,
              factor: 'authenticator',
              change: 'factor_removed',
            }),
          );
          if (!(await accountHasFactor(transaction, accountId))) {
            await factorPolicy.requireNotNeeded(transaction, accountId);
            await deleteRecoveryCodes(transaction, accountId);
          }
          return true;
        }),
      ),

    /**
     * Uses a code, once also for requests at the same time: its step and those before it are not accepted again (RFC 6238
     * §5.2). False if it is wrong, or the account has no authenticator app.
     */
    async use(transaction: Connection, accountId: string, typed: string): Promise<boolean> {
      const row = await transaction
        .selectFrom('authenticator')
        .select('secret')
        .where('account_id', '=', accountId)
        .executeTakeFirst();
      if (!row) return false;
      const secret = keyring.open(authenticatorPlace(accountId), row.secret).toString('utf8');
      const step = stepOfCode(secret, normalizeCode(typed), now());
      if (step === undefined) return false;
      const { numUpdatedRows } = await transaction
        .updateTable('authenticator')
        .set({ last_step: step, last_used_at: sql<Date>`now()` })
        .where('account_id', '=', accountId)
        .where('secret', '=', row.secret)
        .where('last_step', '<', step)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
  };
}

export type Authenticators = ReturnType<typeof createAuthenticators>;
