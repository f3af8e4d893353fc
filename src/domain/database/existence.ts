import { sql } from 'kysely';
import type { Connection } from '../../../db/schema.ts';
import { OAuthError } from '../../oauth/errors.ts';

const keys = { role: 'name', resource: 'identifier' } as const;

/**
 * Throws `invalid_request` where one of the names is no role or resource; they are given by the parameter
 * that has them. Those that are there stay until the transaction ends: whoever would delete one waits, and then finds who has it.
 */
export async function assertAllExist(
  transaction: Connection,
  table: keyof typeof keys,
  namesOf: Record<string, readonly string[] | undefined>,
): Promise<void> {
  const names = Object.values(namesOf).flatMap((some = []) => some);
  if (names.length === 0) return;
  const key = sql.ref<string>(keys[table]);
  const { rows } = await sql<{ name: string }>`
    select ${key} as name from ${sql.table(table)} where ${key} = any (${names}::text[]) for key share`.execute(
    transaction,
  );
  const there = new Set(rows.map(({ name }) => name));
  const missing = names.find((name) => !there.has(name));
  if (missing !== undefined)
    throw new OAuthError('invalid_request', `There is no ${table} ${missing}; make it first.`, {
      parameter: Object.keys(namesOf).find((parameter) => namesOf[parameter]?.includes(missing)),
    });
}

/** As above, for the roles that those who belong to an app can have. */
export async function requireAppRoles(
  transaction: Connection,
  appId: string,
  names: readonly string[],
): Promise<void> {
  if (names.length === 0) return;
  const { rows } = await sql<{ name: string }>`
    select name from app_role where name = any (${names}::text[]) and (app_id = ${appId}::uuid or app_id is null) for key share`.execute(
    transaction,
  );
  const there = new Set(rows.map(({ name }) => name));
  const missing = names.find((name) => !there.has(name));
  if (missing !== undefined)
    throw new OAuthError(
      'invalid_request',
      `There is no role ${missing} in this app; make it first.`,
      { parameter: 'role' },
    );
}
