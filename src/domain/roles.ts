import { sql } from 'kysely';
import type { Database, Statement } from '../../db/database.ts';
import { createLookup } from './batch.ts';
import { recordChange } from './changes.ts';
import { retryLostConnection } from './retry.ts';

/** A name and the permissions it gives; clients and accounts have roles, their tokens carry them. */
export interface Role {
  name: string;
  description: string;
  permissions: string[];
}

const shown = ['name', 'description', 'permissions'] as const;

const find: Statement = {
  name: 'role-find',
  text: 'select name, description, permissions from role where name = any ($1::text[])',
};

export function createRoles({ database }: { database: Database }) {
  const load = createLookup<Role | undefined>({
    inFlight: 2,
    run: async (names) => {
      const rows = await retryLostConnection(() => database.query<Role>(find, [names]));
      return names.map((name) => rows.find((row) => row.name === name));
    },
  });

  return {
    /** Those of the names that are roles today. */
    async named(names: readonly string[]): Promise<Role[]> {
      const found = await Promise.all(names.map(load));
      return found.filter((role) => role !== undefined);
    },

    /** Makes a role, or gives it other permissions; tokens show them from the next introspection on. */
    set: ({
      name,
      description,
      permissions,
    }: Omit<Role, 'description'> & { description?: string | undefined }): Promise<Role> =>
      database.kysely.transaction().execute(async (transaction) => {
        const role = await transaction
          .insertInto('role')
          .values({ name, permissions, ...(description !== undefined && { description }) })
          .onConflict((conflict) =>
            conflict.column('name').doUpdateSet({
              permissions,
              updated_at: sql<Date>`now()`,
              ...(description !== undefined && { description }),
            }),
          )
          .returning(shown)
          .executeTakeFirstOrThrow();
        await recordChange(transaction, { kind: 'role.changed' });
        return role;
      }),

    list: (): Promise<Role[]> =>
      database.kysely.selectFrom('role').select(shown).orderBy('name').execute(),
  };
}

export type Roles = ReturnType<typeof createRoles>;
