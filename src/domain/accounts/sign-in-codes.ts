/**
 * CODES BY EMAIL: a person who enters their password in a browser that their account does not know continues with a code
 * from their mailbox, if SIGN_IN_CHALLENGE says so. A code belongs to the browser, works once, and is stored as a keyed digest.
 */
import { randomInt } from 'node:crypto';
import { sql } from 'kysely';
import { signInCodes } from '../../../config/attempts.ts';
import { lifetimes } from '../../../config/lifetimes.ts';
import type { Settings } from '../../../config/settings.ts';
import type { Database } from '../../../db/database.ts';
import type { Connection } from '../../../db/schema.ts';
import { equal, sha256 } from '../../crypto/digest.ts';
import type { Keyring } from '../../crypto/sealing.ts';
import { orUnavailable } from '../database/retry.ts';
import { getsEmail, recordMail } from '../mail/outbox.ts';
import { accountHasFactor } from './account-factors.ts';
import type { PendingSignIn } from './pending-sign-in.ts';
import { byPerson } from './sessions.ts';
import type { CompletionOrigin, Requirement, SignInCompletion } from './sign-in-completion.ts';

/** The outcome of a code that was wrong, or came too late. */
export type CodeRefusal = 'wrong' | 'expired';

/** The row of the code of an account in a browser. */
const rowId = (accountId: string, browser: string): Buffer =>
  sha256(JSON.stringify(['sign-in code', accountId, browser]));

/** What the digest of a code is about: it opens nothing in another row. */
const digested = (id: Buffer, code: string): string => `${id.toString('base64url')} ${code}`;

const purpose = 'sign-in code';

/** Decides whether a sign-in needs a code, and sends it. */
export function createCodeRequirement({
  challenge,
  keyring,
  sendsEmails,
}: {
  challenge: Settings['SIGN_IN_CHALLENGE'];
  keyring: Pick<Keyring, 'seal' | 'digests'>;
  /** Without a mail server no code is asked for: it would lock people out. */
  sendsEmails: boolean;
}): Requirement {
  /** Sends a code, unless one was sent a moment ago, or the mailbox had too many in an hour. */
  const send = async (
    transaction: Connection,
    accountId: string,
    { browser = '', ip, userAgent }: CompletionOrigin,
  ): Promise<void> => {
    const id = rowId(accountId, browser);
    const { rows } = await sql<{ isFresh: boolean; sent: number }>`
      select exists (select from sign_in_code where id = ${id} and attempts < ${signInCodes.attempts}
          and created_at > now() - ${sql.lit(signInCodes.pause)} * interval '1 second') as "isFresh",
        (select count(*)::integer from mail where account_id = ${accountId}::uuid and kind = 'sign_in_code'
          and created_at > now() - interval '1 hour') as sent`.execute(transaction);
    const [state] = rows;
    if (!state || state.isFresh || state.sent >= signInCodes.anHour) return;
    const code = String(randomInt(10 ** signInCodes.digits)).padStart(signInCodes.digits, '0');
    const row = {
      account_id: accountId,
      digest: keyring.digests(purpose, digested(id, code))[0],
      attempts: 0,
      expires_at: sql<Date>`now() + ${sql.lit(lifetimes.signInCode)} * interval '1 second'`,
    };
    const { expires_at } = await transaction
      .insertInto('sign_in_code')
      .values({ id, ...row })
      .onConflict((conflict) =>
        conflict.column('id').doUpdateSet({ ...row, created_at: sql<Date>`now()` } as typeof row),
      )
      .returning('expires_at')
      .executeTakeFirstOrThrow();
    await byPerson(accountId, ip, () =>
      recordMail(transaction, {
        kind: 'sign_in_code',
        accountId,
        details: { expires_at: expires_at.toISOString(), user_agent: userAgent ?? null },
        secret: { keyring, value: code },
      }),
    );
  };

  return async (transaction, pending, { email, isKnownBrowser, mustEnrol }) => {
    const { accountId, amr, hasFactor, done, isUnderAttack, origin } = pending;
    if (challenge === 'off' || !sendsEmails || !getsEmail(email)) return undefined;
    if (isKnownBrowser || hasFactor || !amr.includes('pwd') || done.includes('email_code'))
      return undefined;
    // Someone who only knows the password must not set up the factor that protects the account from then on.
    if (challenge === 'under-attack' && !isUnderAttack && !mustEnrol) return undefined;
    if (await accountHasFactor(transaction, accountId)) return undefined;
    await send(transaction, accountId, origin);
    return 'email_code';
  };
}

/** Verifies codes. */
export function createSignInCodes({
  database: { kysely },
  keyring,
  continueSignIn,
}: {
  database: Pick<Database, 'kysely'>;
  keyring: Pick<Keyring, 'digests'>;
  continueSignIn: SignInCompletion['continueSignIn'];
}) {
  return {
    /**
     * Continues a sign-in with a code. A wrong one counts; after `signInCodes.attempts` of them the code no longer works.
     * Throws SignInExpired.
     */
    enter: (
      pending: PendingSignIn,
      typed: string,
      origin: CompletionOrigin,
    ): Promise<CodeRefusal | Awaited<ReturnType<SignInCompletion['continueSignIn']>>> =>
      orUnavailable(() =>
        kysely.transaction().execute(async (transaction) => {
          const { accountId } = pending;
          const id = rowId(accountId, origin.browser ?? '');
          const row = await transaction
            .selectFrom('sign_in_code')
            .select(['digest', 'attempts'])
            .where('id', '=', id)
            .where('account_id', '=', accountId)
            .where('attempts', '<', signInCodes.attempts)
            .where('expires_at', '>', sql<Date>`now()`)
            .forUpdate()
            .executeTakeFirst();
          if (!row) return 'expired';
          const code = typed.replace(/[\s-]/g, '');
          const matches = keyring
            .digests(purpose, digested(id, code))
            .some((digest) => equal(digest, row.digest));
          if (!matches) {
            await transaction
              .updateTable('sign_in_code')
              .set({ attempts: row.attempts + 1 })
              .where('id', '=', id)
              .execute();
            return row.attempts + 1 < signInCodes.attempts ? 'wrong' : 'expired';
          }
          await transaction.deleteFrom('sign_in_code').where('id', '=', id).execute();
          return continueSignIn(
            pending,
            { done: 'email_code', amr: [], hasFactor: false },
            origin,
            transaction,
          );
        }),
      ),
  };
}

export type SignInCodes = ReturnType<typeof createSignInCodes>;
