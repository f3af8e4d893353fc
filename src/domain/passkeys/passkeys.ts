import { passkeys as config } from '../../../config/passkeys.ts';
import type { Database } from '../../../db/database.ts';
import type { Connection } from '../../../db/schema.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { accountHasFactor } from '../accounts/account-factors.ts';
import type { FactorPolicy } from '../accounts/factor-policy.ts';
import { deleteRecoveryCodes } from '../accounts/recovery-codes.ts';
import { forgetBrowsers } from '../accounts/remembered-browsers.ts';
import { lockAccount } from '../accounts/sessions.ts';
import { hasSignInMethod } from '../accounts/sign-in-methods.ts';
import { recordEvent } from '../audit/events.ts';
import { orUnavailable } from '../database/retry.ts';
import { isUuid } from '../database/text-checks.ts';
import { recordMail } from '../mail/outbox.ts';
import { displayName } from '../names/display-names.ts';

/** A passkey as its owner sees it. */
export interface PasskeyDescription {
  id: string;
  /** The ID that its authenticator gave it, in base64url. */
  credential_id: string;
  name: string;
  /** Whether it signs its owner in without a password; otherwise it only counts besides one. */
  user_verified: boolean;
  backed_up: boolean;
  created_at: Date;
  last_used_at: Date | null;
}

/** Lists, renames and removes the passkeys of a person, who is the actor. */
export function createPasskeys({
  database: { kysely },
  factorPolicy,
}: {
  database: Pick<Database, 'kysely'>;
  factorPolicy: Pick<FactorPolicy, 'requireNotNeeded'>;
}) {
  const ofAccount = (connection: Connection, accountId: string) =>
    connection
      .selectFrom('passkey')
      .select([
        'id',
        'credential_id',
        'name',
        'user_verified',
        'backed_up',
        'created_at',
        'last_used_at',
      ])
      .where('account_id', '=', accountId);

  const describe = (
    row: {
      [Field in keyof PasskeyDescription]: Field extends 'credential_id'
        ? Buffer
        : PasskeyDescription[Field];
    },
  ): PasskeyDescription => ({ ...row, credential_id: row.credential_id.toString('base64url') });

  return {
    /** The passkeys of an account, the oldest first. */
    list: async (accountId: string): Promise<PasskeyDescription[]> =>
      isUuid(accountId)
        ? (
            await orUnavailable(() =>
              ofAccount(kysely, accountId).orderBy('created_at').orderBy('id').execute(),
            )
          ).map(describe)
        : [],

    /** One passkey of an account. Throws `not_found`. */
    async describe(accountId: string, id: string): Promise<PasskeyDescription> {
      const row =
        isUuid(accountId) && isUuid(id)
          ? await orUnavailable(() =>
              ofAccount(kysely, accountId).where('id', '=', id).executeTakeFirst(),
            )
          : undefined;
      if (!row) throw notFound();
      return describe(row);
    },

    /** The random ID by which authenticators know an account, in base64url; undefined if it never had a passkey. */
    async handleOf(accountId: string): Promise<string | undefined> {
      const row = await orUnavailable(() =>
        kysely
          .selectFrom('account')
          .select('passkey_handle')
          .where('id', '=', accountId)
          .executeTakeFirst(),
      );
      return row?.passkey_handle?.toString('base64url');
    },

    /** Renames a passkey. Throws `not_found`, and `invalid_request` for the name. */
    async rename(accountId: string, id: string, given: string): Promise<void> {
      if (!isUuid(id)) throw notFound();
      await orUnavailable(() =>
        kysely.transaction().execute(async (transaction) => {
          await lockAccount(transaction, accountId);
          const before = await ofAccount(transaction, accountId)
            .where('id', '=', id)
            .executeTakeFirst();
          if (!before) throw notFound();
          const name = displayName(given, {
            parameter: 'name',
            maxLength: config.nameLength,
            before: before.name,
          });
          if (name === before.name) return;
          await transaction.updateTable('passkey').set({ name }).where('id', '=', id).execute();
          await recordEvent(transaction, {
            action: 'passkey.renamed',
            target: { kind: 'account', id: accountId },
            details: { passkey_id: id, name },
          });
        }),
      );
    },

    /**
     * Removes a passkey. Throws `not_found`, and `conflict` if it is the person's only way to sign in, or the last second
     * factor of an account that must have one.
     */
    async remove(accountId: string, id: string): Promise<void> {
      if (!isUuid(id)) throw notFound();
      await orUnavailable(() =>
        kysely.transaction().execute(async (transaction) => {
          await lockAccount(transaction, accountId);
          const removed = await transaction
            .deleteFrom('passkey')
            .where('id', '=', id)
            .where('account_id', '=', accountId)
            .returning('name')
            .executeTakeFirst();
          if (!removed) throw notFound();
          await requireAnotherWay(transaction, accountId);
          if (!(await accountHasFactor(transaction, accountId))) {
            await factorPolicy.requireNotNeeded(transaction, accountId);
            await deleteRecoveryCodes(transaction, accountId);
          }
          await forgetBrowsers(transaction, accountId);
          await recordEvent(transaction, {
            action: 'passkey.removed',
            target: { kind: 'account', id: accountId },
            details: { passkey_id: id, name: removed.name },
          });
          await recordMail(transaction, {
            kind: 'passkey_removed',
            accountId,
            details: { name: removed.name, at: new Date().toISOString() },
          });
        }),
      );
    },
  };
}

/** Throws `conflict` if a person cannot sign in in any way after a passkey was removed. */
async function requireAnotherWay(transaction: Connection, accountId: string): Promise<void> {
  const { canSignIn } = await transaction
    .selectFrom('account')
    .select(hasSignInMethod.as('canSignIn'))
    .where('id', '=', accountId)
    .executeTakeFirstOrThrow();
  if (canSignIn) return;
  throw new OAuthError(
    'conflict',
    'You have no other way to sign in. Add another passkey first, or ask for a link to set a password.',
  );
}

const notFound = () =>
  new OAuthError('not_found', 'This passkey does not exist: it was removed in the meantime.');

export type Passkeys = ReturnType<typeof createPasskeys>;
