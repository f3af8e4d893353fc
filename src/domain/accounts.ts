import type { Database, Statement } from '../../db/database.ts';
import { recordChange } from './changes.ts';
import { retryLostConnection } from './retry.ts';
import { isUuid } from './uuid.ts';

/** A person. The id is the `sub` of their tokens, and never used again. */
export interface Account {
  id: string;
  name: string;
  email: string | null;
  roles: string[];
  epoch: number;
}

const find: Statement = {
  name: 'account-find',
  text: 'select id, name, email, roles, epoch from account where id = $1::uuid and disabled_at is null',
};

/** The people that tokens can belong to. */
export function createAccounts({ database }: { database: Database }) {
  const setDisabled = (id: string, disabled: boolean): Promise<boolean> =>
    database.kysely.transaction().execute(async (transaction) => {
      const changed = await transaction
        .updateTable('account')
        .set((eb) => ({
          disabled_at: disabled ? eb.fn<Date>('now') : null,
          epoch: eb('epoch', '+', disabled ? 1 : 0),
        }))
        .where('id', '=', id)
        .returning('epoch')
        .executeTakeFirst();
      if (changed)
        await recordChange(transaction, {
          kind: disabled ? 'account.disabled' : 'account.enabled',
          accountId: id,
          epoch: changed.epoch,
        });
      return changed !== undefined;
    });

  return {
    /** An account that is there and not disabled. */
    async find(id: string): Promise<Account | undefined> {
      if (!isUuid(id)) return undefined;
      const [row] = await retryLostConnection(() => database.query<Account>(find, [id]));
      return row;
    },

    async create({
      name,
      email,
      roles = [],
    }: {
      name: string;
      email?: string;
      roles?: string[];
    }): Promise<Account> {
      return database.kysely
        .insertInto('account')
        .values({ name, email: email ?? null, roles })
        .returning(['id', 'name', 'email', 'roles', 'epoch'])
        .executeTakeFirstOrThrow();
    },

    /** Ends every token of the account. False where there is no such account. */
    disable: (id: string) => setDisabled(id, true),

    /** Lets the account have tokens again; those that were ended stay so. */
    enable: (id: string) => setDisabled(id, false),
  };
}

export type Accounts = ReturnType<typeof createAccounts>;
