/**
 * RECOVERY CODES: ten random codes that each replace the second factor once. They have 75 bits, so a keyed digest
 * protects them as well as a slow one would.
 */
import { type KeyObject, randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { Database } from '../../../db/database.ts';
import type { Connection } from '../../../db/schema.ts';
import { keyedDigest } from '../../crypto/digest.ts';
import { recordEvent } from '../audit/events.ts';
import { orUnavailable } from '../database/retry.ts';
import { recordMail } from '../mail/outbox.ts';
import { byPerson, lockAccount } from './sessions.ts';

/** How many codes an account gets. */
export const recoveryCodeCount = 10;

/** Base32 of Crockford, whose characters cannot be confused: five bits each. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

const groups = 3;
const groupLength = 5;

const newCode = (): string =>
  Array.from({ length: groups }, () =>
    // 32 divides the values of a byte evenly.
    Array.from(randomBytes(groupLength), (byte) => alphabet[byte % alphabet.length]).join(''),
  ).join('-');

/** A code as it was issued, from what a person typed; undefined if it cannot be one. */
export function normalizeRecoveryCode(typed: string): string | undefined {
  const plain = typed
    .toLowerCase()
    .replace(/[\s-]/g, '')
    .replace(/[il]/g, '1')
    .replaceAll('o', '0');
  if (plain.length !== groups * groupLength) return undefined;
  return [...plain].every((character) => alphabet.includes(character)) ? plain : undefined;
}

/** The state of an account's codes. */
export interface RecoveryCodesState {
  /** How many can still be used. */
  left: number;
  /** When they were issued; null if the account has none. */
  createdAt: Date | null;
}

/** `key` digests the codes; a copy of the database alone cannot test guesses. */
export function createRecoveryCodes({
  database: { kysely },
  key,
}: {
  database: Pick<Database, 'kysely'>;
  key: KeyObject;
}) {
  const digestOf = (accountId: string, plain: string): Buffer =>
    keyedDigest(key, JSON.stringify(['recovery code', accountId, plain]));

  const left = async (connection: Connection, accountId: string): Promise<number> => {
    const { count } = await connection
      .selectFrom('recovery_code')
      .select(sql<number>`count(*)::integer`.as('count'))
      .where('account_id', '=', accountId)
      .where('used_at', 'is', null)
      .executeTakeFirstOrThrow();
    return count;
  };

  /** Replaces all codes, in a transaction that holds the account's lock, and returns the new ones. */
  const issue = async (transaction: Connection, accountId: string): Promise<string[]> => {
    const codes = Array.from({ length: recoveryCodeCount }, newCode);
    await transaction.deleteFrom('recovery_code').where('account_id', '=', accountId).execute();
    await transaction
      .insertInto('recovery_code')
      .values(
        codes.map((code) => ({
          account_id: accountId,
          digest: digestOf(accountId, code.replaceAll('-', '')),
          used_at: null,
        })),
      )
      .execute();
    await recordEvent(transaction, {
      action: 'account.recovery_codes_replaced',
      target: { kind: 'account', id: accountId },
    });
    return codes;
  };

  return {
    issue,

    /** Issues codes if the account has none that can be used; undefined otherwise. */
    issueIfNone: async (
      transaction: Connection,
      accountId: string,
    ): Promise<string[] | undefined> =>
      (await left(transaction, accountId)) > 0 ? undefined : issue(transaction, accountId),

    /** Replaces a person's codes, and notifies them. Their old ones no longer work. */
    replace: (accountId: string, ip: string | undefined): Promise<string[]> =>
      orUnavailable(() =>
        kysely.transaction().execute(async (transaction) => {
          await lockAccount(transaction, accountId);
          return byPerson(accountId, ip, async () => {
            await recordMail(transaction, {
              kind: 'recovery_codes_replaced',
              accountId,
              details: { at: new Date().toISOString() },
            });
            return issue(transaction, accountId);
          });
        }),
      ),

    state: async (accountId: string): Promise<RecoveryCodesState> => {
      const row = await orUnavailable(() =>
        kysely
          .selectFrom('recovery_code')
          .select([
            sql<number>`count(*) filter (where used_at is null)::integer`.as('left'),
            sql<Date | null>`min(created_at)`.as('createdAt'),
          ])
          .where('account_id', '=', accountId)
          .executeTakeFirstOrThrow(),
      );
      return row;
    },

    /**
     * Uses a code, once also for requests at the same time. Records it, and notifies the person. False if it is wrong or
     * was used before.
     */
    async use(transaction: Connection, accountId: string, typed: string): Promise<boolean> {
      const plain = normalizeRecoveryCode(typed);
      if (plain === undefined) return false;
      const { numUpdatedRows } = await transaction
        .updateTable('recovery_code')
        .set({ used_at: sql<Date>`now()` })
        .where('account_id', '=', accountId)
        .where('digest', '=', digestOf(accountId, plain))
        .where('used_at', 'is', null)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) return false;
      const remaining = await left(transaction, accountId);
      await recordEvent(transaction, {
        action: 'account.recovery_code_used',
        target: { kind: 'account', id: accountId },
        details: { left: remaining },
      });
      await recordMail(transaction, {
        kind: 'recovery_code_used',
        accountId,
        details: { at: new Date().toISOString(), left: remaining },
      });
      return true;
    },
  };
}

/** Deletes the codes of an account that has no second factor left. */
export const deleteRecoveryCodes = (transaction: Connection, accountId: string): Promise<unknown> =>
  transaction.deleteFrom('recovery_code').where('account_id', '=', accountId).execute();

export type RecoveryCodes = ReturnType<typeof createRecoveryCodes>;
