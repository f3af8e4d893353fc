import { sql } from 'kysely';
import type { Connection } from '../../../db/schema.ts';
import { OAuthError } from '../../oauth/errors.ts';

const keys = { role: 'name', resource: 'identifier' } as const;

/**
 * Throws `invalid_request` if a role or resource does not exist. `namesOf` maps the request parameter to the names
 * in it. Existing rows are locked until the transaction ends, so that a concurrent delete waits and then sees the
 * new reference.
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
  const existing = new Set(rows.map(({ name }) => name));
  const missing = names.find((name) => !existing.has(name));
  if (missing !== undefined)
    throw new OAuthError(
      'invalid_request',
      `The ${table} ${missing} does not exist. Create it first.`,
      {
        parameter: Object.keys(namesOf).find((parameter) => namesOf[parameter]?.includes(missing)),
      },
    );
}

/** Like `assertAllExist`, for the roles that members and clients of an app can have. */
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
  const existing = new Set(rows.map(({ name }) => name));
  const missing = names.find((name) => !existing.has(name));
  if (missing !== undefined)
    throw new OAuthError(
      'invalid_request',
      `The role ${missing} does not exist in this app. Create it first.`,
      { parameter: 'role' },
    );
}
