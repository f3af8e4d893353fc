import { sql } from 'kysely';
import { administratorRole } from '../../../config/roles.ts';
import type { Database, Statement } from '../../../db/database.ts';
import { isUniqueViolation } from '../../../db/errors.ts';
import type { Connection } from '../../../db/schema.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { OAuthError, parameterError } from '../../oauth/errors.ts';
import { recordChange } from '../audit/change-feed.ts';
import { diffOf, isSame, recordEvent } from '../audit/events.ts';
import { disableThirdPartyApps, enableThirdPartyApps } from '../clients/apps-of-author.ts';
import { deleteKeyPairs } from '../clients/end-key-pairs.ts';
import { assertAllExist } from '../database/existence.ts';
import type { Precondition } from '../database/precondition.ts';
import { orUnavailable } from '../database/retry.ts';
import { isUuid } from '../database/text-checks.ts';
import { endPasswordLogins } from '../grants/password-logins.ts';
import { displayName } from '../names/display-names.ts';
import type { ManagementActor } from '../roles/management-actor.ts';
import { requireMayManage } from '../roles/rules.ts';
import { revokeInvitation } from './invitations.ts';
import { byPerson, endSessions } from './sessions.ts';

/** Characters that a person's name has at most, as people count them. */
export const accountNameLength = 200;

/** A person. The id is the `sub` of their tokens, and never used again. */
export interface Account {
  id: string;
  name: string;
  email: string | null;
  roles: string[];
  epoch: number;
}

/** An account as its administrator sees it. */
export interface AccountDescription {
  id: string;
  email: string | null;
  name: string;
  roles: string[];
  /** Whether they chose a password, with which they sign in. */
  has_password: boolean;
  password_changed_at: Date | null;
  last_sign_in_at: Date | null;
  disabled_at: Date | null;
  created_at: Date;
}

export interface NewAccount {
  name: string;
  email?: string | null | undefined;
  roles?: string[] | undefined;
}

const shown = [
  'id',
  'email',
  'name',
  'roles',
  sql<boolean>`password_hash is not null`.as('has_password'),
  'password_changed_at',
  'last_sign_in_at',
  'disabled_at',
  'created_at',
] as const;

const find: Statement = {
  name: 'account-find',
  text: 'select id, name, email, roles, epoch from account where id = $1::uuid and disabled_at is null',
};

/** The people that tokens can belong to. */
export function createAccounts({ database }: { database: Database }) {
  const { kysely } = database;

  const locked = (transaction: Connection, id: string): Promise<AccountDescription | undefined> =>
    transaction
      .selectFrom('account')
      .select(shown)
      .where('id', '=', id)
      .where('deleted_at', 'is', null)
      .forUpdate()
      .executeTakeFirst();

  /** Changes an account in whole: the row, the event, and the feed that verifiers follow. */
  const change = async (
    id: string,
    action: 'account.disabled' | 'account.enabled' | 'account.tokens_revoked',
    disabled: boolean | undefined,
    check: Precondition<AccountDescription> = () => {},
  ): Promise<boolean> => {
    if (!isUuid(id)) return false;
    return kysely.transaction().execute(async (transaction) => {
      const before = await locked(transaction, id);
      check(before);
      // What is as it should be is left alone: its tokens and sessions ended when it was disabled.
      if (before && disabled !== undefined && (before.disabled_at !== null) === disabled)
        return true;
      const changed = await transaction
        .updateTable('account')
        .set((eb) => ({
          ...(disabled !== undefined && { disabled_at: disabled ? sql<Date>`now()` : null }),
          epoch: eb('epoch', '+', action === 'account.enabled' ? 0 : 1),
        }))
        .where('id', '=', id)
        .where('deleted_at', 'is', null)
        .returning('epoch')
        .executeTakeFirst();
      if (!changed) return false;
      if (disabled) {
        await endSessions(transaction, id);
        await revokeInvitation(transaction, id);
      }
      if (action === 'account.tokens_revoked') await deleteKeyPairs(transaction, id);
      await recordEvent(transaction, { action, target: { kind: 'account', id } });
      if (action === 'account.disabled') await disableThirdPartyApps(transaction, id);
      if (action === 'account.enabled') await enableThirdPartyApps(transaction, id);
      await recordChange(transaction, { kind: action, accountId: id, epoch: changed.epoch });
      return true;
    });
  };

  /** Writes changes to an account, with the event, if `check` of the account as it is, locked, does not throw. */
  const write = async (
    id: string,
    changes: Partial<NewAccount>,
    check: Precondition<AccountDescription> = () => {},
  ): Promise<AccountDescription | undefined> => {
    if (!isUuid(id)) return undefined;
    return unlessTaken(changes.email, () =>
      kysely.transaction().execute(async (transaction) => {
        const before = await locked(transaction, id);
        check(before);
        if (!before) return undefined;
        await assertAllExist(transaction, 'role', { roles: changes.roles });
        const next = {
          name: changes.name === undefined ? before.name : asName(changes.name, before.name),
          email: changes.email === undefined ? before.email : changes.email,
          roles: changes.roles ?? before.roles,
        };
        if (isSame({ ...before }, { ...before, ...next })) return before;
        const { epoch, ...account } = await transaction
          .updateTable('account')
          .set(next)
          .where('id', '=', id)
          .returning(['epoch', ...shown])
          .executeTakeFirstOrThrow();
        // Whoever sent the link that is out, or signed in by one, may not have been one who may invite an administrator.
        const promoted = isAdministrator(account) && !isAdministrator(before);
        if (promoted) await endSessions(transaction, id);
        if (promoted || account.email !== before.email) await revokeInvitation(transaction, id);
        await recordEvent(transaction, {
          action: 'account.updated',
          target: { kind: 'account', id },
          details: diffOf({ ...before }, { ...account }),
        });
        if (promoted) await endPasswordLogins(transaction, id);
        await recordChange(transaction, { kind: 'account.changed', accountId: id, epoch });
        return account;
      }),
    );
  };

  return {
    /** An account that is there and not disabled. */
    async find(id: string): Promise<Account | undefined> {
      if (!isUuid(id)) return undefined;
      const [row] = await orUnavailable(() => database.query<Account>(find, [id]));
      return row;
    },

    /** An account, also a disabled one. */
    describe: async (id: string): Promise<AccountDescription | undefined> =>
      isUuid(id)
        ? kysely
            .selectFrom('account')
            .select(shown)
            .where('id', '=', id)
            .where('deleted_at', 'is', null)
            .executeTakeFirst()
        : undefined,

    /** What accounts are called, by their ids, also disabled ones; those that are not there are left out. */
    namesOf: async (ids: readonly string[]): Promise<Map<string, string>> => {
      const wanted = [...new Set(ids)].filter(isUuid);
      if (wanted.length === 0) return new Map();
      const rows = await kysely
        .selectFrom('account')
        .select(['id', 'name'])
        .where('id', 'in', wanted)
        .where('deleted_at', 'is', null)
        .execute();
      return new Map(rows.map(({ id, name }) => [id, name]));
    },

    /** In the order of their ids, those after `after`; with an e-mail address, whoever has it. */
    page: async ({
      after,
      limit,
      email,
    }: {
      after?: string | undefined;
      limit: number;
      email?: string | undefined;
    }): Promise<AccountDescription[]> => {
      if (after !== undefined && !isUuid(after))
        throw parameterError('invalid_request', 'after', 'is not a cursor of this list.');
      return kysely
        .selectFrom('account')
        .select(shown)
        .where('deleted_at', 'is', null)
        .$if(after !== undefined, (query) => query.where('id', '>', String(after)))
        .$if(email !== undefined, (query) =>
          query.where(sql`lower(email)`, '=', sql<string>`lower(${email})`),
        )
        .orderBy('id')
        .limit(limit)
        .execute();
    },

    /**
     * Throws `access_denied` where the actor may not assign the roles, `conflict` where another account has
     * the e-mail address, and `invalid_request` for a role that does not exist or a name that is none.
     */
    create: (
      actor: ManagementActor,
      { name, email, roles = [] }: NewAccount,
      connection: Connection = kysely,
    ): Promise<AccountDescription> =>
      unlessTaken(email, () =>
        inTransaction(connection, async (transaction) => {
          requireMayManage(actor, roles);
          await assertAllExist(transaction, 'role', { roles });
          const account = await transaction
            .insertInto('account')
            .values({ name: asName(name), email: email ?? null, roles, disabled_at: null })
            .returning(shown)
            .executeTakeFirstOrThrow();
          await recordEvent(transaction, {
            action: 'account.created',
            target: { kind: 'account', id: account.id },
            details: { email: account.email, roles },
          });
          return account;
        }),
      ),

    /**
     * Changes an account; introspection shows other roles at once. `precondition` is called with the
     * account as it is, locked, and may throw. Undefined where there is none. Throws `access_denied` where
     * the actor may not manage the account as it is, or as it would be; else as `create`.
     */
    update: (
      actor: ManagementActor,
      id: string,
      changes: Partial<NewAccount>,
      precondition: Precondition<AccountDescription> = () => {},
    ): Promise<AccountDescription | undefined> =>
      write(id, changes, (before) => {
        requireMayManage(actor, before?.roles, changes.roles);
        precondition(before);
      }),

    /** What a person changes of themself. Undefined where there is no such account. */
    updateProfile: (id: string, { name }: { name: string }) =>
      byPerson(id, undefined, () => write(id, { name })),

    /**
     * Revokes every token and ends every session of the account, and disables the apps that the person registered for
     * others to use: no one is responsible for them then. False where there is no such account. Throws
     * `access_denied`.
     */
    disable: (actor: ManagementActor, id: string): Promise<boolean> =>
      change(id, 'account.disabled', true, (before) => requireMayManage(actor, before?.roles)),

    /**
     * Lets the account and the apps that were disabled with it have tokens again; those that were revoked stay so. False
     * where there is no such account. Throws `access_denied`.
     */
    enable: (actor: ManagementActor, id: string): Promise<boolean> =>
      change(id, 'account.enabled', false, (before) => requireMayManage(actor, before?.roles)),

    /** Ends every token that the account has; it may get new ones at once. */
    revokeTokens: (id: string) => change(id, 'account.tokens_revoked', undefined),
  };
}

/** What a person is called; one of `before` may stay. Throws `invalid_request`. */
const asName = (text: string, before?: string): string =>
  displayName(text, { parameter: 'name', longest: accountNameLength, before });

const isAdministrator = ({ roles }: Pick<AccountDescription, 'roles'>): boolean =>
  roles.includes(administratorRole);

export type Accounts = ReturnType<typeof createAccounts>;

async function unlessTaken<Result>(
  email: string | null | undefined,
  run: () => Promise<Result>,
): Promise<Result> {
  try {
    return await run();
  } catch (cause) {
    if (!isUniqueViolation(cause)) throw cause;
    throw new OAuthError('conflict', `Another account has the e-mail address ${email}.`, {
      parameter: 'email',
      cause,
    });
  }
}
