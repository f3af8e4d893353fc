import type { Database, Statement } from '../../../db/database.ts';
import { isUniqueViolation } from '../../../db/errors.ts';
import { orUnavailable } from '../database/retry.ts';
import { isUuid } from '../database/text-checks.ts';
import { type EphemeralRecord, type EphemeralStore, UserCodeTakenError } from './store.ts';

const put: Statement = {
  name: 'artifact-put',
  idempotent: true,
  text: `insert into artifact (kind, id, sealed, expires_at, grant_id, user_code)
    values ($1, $2::bytea, $3::bytea, now() + $4::float8 * interval '1 second', $5::uuid, $6::bytea)
    on conflict (kind, id) do update set sealed = excluded.sealed, expires_at = excluded.expires_at,
      grant_id = excluded.grant_id, user_code = excluded.user_code`,
};

const getBy = (column: 'id' | 'user_code'): Statement => ({
  name: `artifact-get-by-${column}`,
  text: `select id, sealed from artifact where kind = $1 and ${column} = $2::bytea and expires_at > now()`,
});

const once: Statement = {
  name: 'artifact-insert-once',
  text: `insert into artifact (kind, id, sealed, expires_at) values ($1, $2::bytea, '', now() + $3::float8 * interval '1 second')
    on conflict (kind, id) do update set expires_at = excluded.expires_at where artifact.expires_at <= now()
    returning 1 as inserted`,
};

/** The store of installations without Redis, and the fallback of those with it. Jobs delete expired rows. */
export function createPostgresEphemeralStore({ database }: { database: Database }): EphemeralStore {
  const find = async (
    by: Statement,
    kind: string,
    value: Buffer,
  ): Promise<EphemeralRecord | undefined> => {
    const [row] = await orUnavailable(() => database.query<EphemeralRecord>(by, [kind, value]));
    return row;
  };

  return {
    async put(kind, id, sealed, lifetime, { grantId, userCode } = {}) {
      try {
        await orUnavailable(() =>
          database.query(put, [kind, id, sealed, lifetime, grantId ?? null, userCode ?? null]),
        );
      } catch (error) {
        throw userCode && isUniqueViolation(error) ? new UserCodeTakenError() : error;
      }
    },
    get: (kind, id) => find(getBy('id'), kind, id),
    getByUserCode: (kind, userCode) => find(getBy('user_code'), kind, userCode),
    async delete(kind, id) {
      const deleted = await orUnavailable(() =>
        database.query(
          {
            name: 'artifact-delete',
            idempotent: true,
            text: 'delete from artifact where kind = $1 and id = $2::bytea returning 1 as deleted',
          },
          [kind, id],
        ),
      );
      return deleted.length > 0;
    },
    async deleteByGrant(kind, grantId) {
      if (!isUuid(grantId)) return;
      await orUnavailable(() =>
        database.query(
          {
            name: 'artifact-delete-by-grant',
            idempotent: true,
            text: 'delete from artifact where kind = $1 and grant_id = $2::uuid',
          },
          [kind, grantId],
        ),
      );
    },
    async insertOnce(kind, id, lifetime) {
      const rows = await orUnavailable(() => database.query(once, [kind, id, lifetime]));
      return rows.length === 1;
    },
  };
}
