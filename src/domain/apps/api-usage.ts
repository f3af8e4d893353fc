/**
 * API usage of clients of apps. Guards of APIs count calls and bytes, report them, and learn what is left of the
 * limits. A report that is repeated because its response was lost counts twice: the numbers are for limits, not for
 * billing.
 */
import { sql } from 'kysely';
import type { Database, Statement } from '../../../db/database.ts';
import { OAuthError } from '../../oauth/errors.ts';
import type { Client } from '../clients/lookup.ts';
import { clientIsEnabled } from '../clients/sql.ts';
import { orUnavailable } from '../database/retry.ts';
import { rightsOf } from '../tokens/entitlements.ts';
import { type AssignedRole, rolesInApp } from '../tokens/role-sql.ts';
import type { AppAccess } from './access.ts';
import { findClient } from './client-access.ts';
import { usageLimitsOf } from './client-settings.ts';
import { looksLikeName } from './names.ts';
import type { ApiUse, AppApiUsage } from './types.ts';

/** Maximum clients in a report. */
export const maxReported = 1_000;

/** Maximum per day: exact as a JavaScript number, and a month of it fits a bigint. */
const maxPerDay = '9007199254740991::bigint';

const thisMonth = "date_trunc('month', now() at time zone 'UTC')::date";

/**
 * Adds to today's counts and returns the month's totals. Rows are written in id order, so that concurrent reports
 * do not deadlock. The select sees the counts before this statement, so it adds the report itself.
 */
const add: Statement = {
  name: 'api-usage-add',
  text: `with given as (
      select c.id, c.client_id, c.metadata, i.calls, i.bytes
      from unnest($1::text[], $2::bigint[], $3::bigint[]) as i (client_id, calls, bytes)
        join client c on c.client_id = i.client_id
      where c.app_id is not null and c.deleted_at is null),
    written as (
      insert into client_usage (client_id, day, api_calls, api_bytes)
      select id, (now() at time zone 'UTC')::date, calls, bytes from given
      where calls > 0 or bytes > 0 order by id
      on conflict (client_id, day) do update set
        api_calls = least(client_usage.api_calls + excluded.api_calls, ${maxPerDay}),
        api_bytes = least(client_usage.api_bytes + excluded.api_bytes, ${maxPerDay}))
    select g.client_id as "clientId", g.metadata,
      (g.calls + coalesce(sum(u.api_calls), 0))::double precision as calls,
      (g.bytes + coalesce(sum(u.api_bytes), 0))::double precision as bytes
    from given g left join client_usage u on u.client_id = g.id and u.day >= ${thisMonth}
    group by g.client_id, g.metadata, g.calls, g.bytes`,
};

const anonymous: Statement = {
  name: 'app-anonymous-client',
  text: `select c.client_id as "clientId", ar.roles from app p
      join client c on c.app_id = p.id
      left join lateral (${rolesInApp}) ar on true
    where p.name = $1 and p.deleted_at is null and ${clientIsEnabled}
      and c.metadata->>'allow_anonymous' = 'true'
    order by c.client_id limit 1`,
};

/** Whether any of these resources is open to apps. */
const findOpenResource: Statement = {
  name: 'api-usage-open-resource',
  text: `select 1 from resource where identifier = any ($1::text[]) and app_policy is not null limit 1`,
};

/** Creates the operations for guards, and the usage of a client for its app. */
export function createApiUsage({
  database,
  access,
}: {
  database: Database;
  access: AppAccess;
}): AppApiUsage {
  /** Throws `access_denied` unless the client is the resource server of an API that is open to apps. */
  const requireGuard = async ({ resourceServerFor }: Client): Promise<void> => {
    const rows = await database.query(findOpenResource, [resourceServerFor]);
    if (rows.length === 0)
      throw new OAuthError(
        'access_denied',
        'Only the resource server of an API that is open to apps can call this endpoint.',
      );
  };

  return {
    report: (guard, counted) =>
      orUnavailable(async () => {
        await requireGuard(guard);
        const rows = await database.query<
          ApiUse & { clientId: string; metadata: Record<string, unknown> }
        >(add, [
          counted.map(({ clientId }) => clientId),
          counted.map(({ calls }) => calls),
          counted.map(({ bytes }) => bytes),
        ]);
        return rows.map(({ metadata, ...use }) => {
          const { apiCallsLimit, apiTrafficLimit } = usageLimitsOf(metadata);
          return { ...use, callsLimit: apiCallsLimit, trafficLimit: apiTrafficLimit };
        });
      }),

    anonymousClient: (guard, app) =>
      orUnavailable(async () => {
        await requireGuard(guard);
        if (!looksLikeName(app)) return undefined;
        const [found] = await database.query<{ clientId: string; roles: AssignedRole[] | null }>(
          anonymous,
          [app],
        );
        return (
          found && {
            clientId: found.clientId,
            ...rightsOf({
              kind: 'access_token',
              app,
              accountId: null,
              roles: found.roles ?? [],
              memberRole: null,
              payload: null,
            }),
          }
        );
      }),

    ofClient: (actor, appName, name) =>
      access.read(actor, appName, async ({ app }, connection) => {
        const { id } = await findClient(connection, app, name);
        const { rows } = await sql<ApiUse>`
          select coalesce(sum(api_calls), 0)::double precision as calls,
            coalesce(sum(api_bytes), 0)::double precision as bytes
          from client_usage where client_id = ${id} and day >= ${sql.raw(thisMonth)}`.execute(
          connection,
        );
        return rows[0] ?? { calls: 0, bytes: 0 };
      }),
  };
}
