import { sql } from 'kysely';
import { usageDays } from '../../../config/apps.ts';
import { OAuthError } from '../../oauth/errors.ts';
import type { Audit } from '../audit/events.ts';
import type { AuditEvent } from '../audit/types.ts';
import { type AppAccess, seesAddresses } from './access.ts';
import type { AppActivity } from './types.ts';

interface UsageRow {
  clientId: string;
  displayName: string | null;
  deleted: boolean;
  accessTokens: number[];
  apiCalls: number[];
  apiBytes: number[];
}

/** Audit events of an app, and the usage of its clients. */
export function createAppActivity({
  access,
  audit,
}: {
  access: AppAccess;
  audit: Pick<Audit, 'page'>;
}): AppActivity {
  return {
    page: (actor, appName, page) =>
      access.read(actor, appName, async ({ app, rights }) => {
        const { items, next } = await audit.page({ ...page, app: app.id });
        const addresses = seesAddresses(rights);
        const seen = rights.operator
          ? items
          : items.map((event) => asMembersSee(event, { addresses }));
        return { items: seen, next };
      }),

    usage: (actor, appName, days = usageDays.shown) =>
      access.read(actor, appName, async ({ app }, connection) => {
        if (!Number.isInteger(days) || days < 1 || days > usageDays.kept)
          throw new OAuthError(
            'invalid_request',
            `Usage is available for 1 to ${usageDays.kept} days.`,
            { parameter: 'days' },
          );
        const today = sql`(now() at time zone 'UTC')::date`;
        const first = sql`${today} - ${sql.lit(days - 1)}`;
        const window = sql`(select day::date from generate_series(${first}, ${today}, interval '1 day') as day)`;
        const { rows: dates } = await sql<{ day: string }>`
          select to_char(day, 'YYYY-MM-DD') as day from ${window} as d order by d.day`.execute(
          connection,
        );
        // Filter out unused deleted clients, which accumulate, before they are expanded to a row per day.
        const { rows: clients } = await sql<UsageRow>`
          select c.client_id as "clientId", c.metadata ->> 'client_name' as "displayName",
            c.deleted_at is not null as deleted,
            array_agg(coalesce(u.access_tokens, 0)::double precision order by d.day) as "accessTokens",
            array_agg(coalesce(u.api_calls, 0)::double precision order by d.day) as "apiCalls",
            array_agg(coalesce(u.api_bytes, 0)::double precision order by d.day) as "apiBytes"
          from client c cross join ${window} as d
            left join client_usage u on u.client_id = c.id and u.day = d.day
          where c.app_id = ${app.id} and (c.deleted_at is null or exists (
            select from client_usage got where got.client_id = c.id
              and got.day between ${first} and ${today} and (got.access_tokens > 0 or got.api_calls > 0)))
          group by c.id
          order by c.client_id`.execute(connection);
        return {
          days: dates.map(({ day }) => day),
          clients: clients.map(({ displayName, ...client }) => ({
            ...client,
            displayName: displayName ?? client.clientId.slice(app.name.length + 1),
          })),
        };
      }),
  };
}

/** Actions of end users of the app's clients. Their identity is only visible to auditors. */
const endUserActions = /^(device|consent|grant|refresh_token)\./;

/** Removes the origin and the token of an event, which only auditors see. */
export const asMembersSee = (
  event: AuditEvent,
  { addresses }: { addresses: boolean },
): AuditEvent => {
  const byEndUser = endUserActions.test(event.action);
  const aboutEndUser = byEndUser || event.action.startsWith('delegation.');
  const isEndUser = byEndUser || (aboutEndUser && event.actor.id === event.details?.['account_id']);
  const {
    device_ip: _ip,
    token_id: _token,
    account_id: endUserId,
    email,
    ...details
  } = event.details ?? {};
  return {
    ...event,
    actor: { ...event.actor, token_id: null, ...(isEndUser && { id: null }) },
    ip: null,
    request_id: null,
    details: event.details && {
      ...details,
      ...(addresses && email !== undefined && { email }),
      ...(!aboutEndUser && endUserId !== undefined && { account_id: endUserId }),
    },
  };
};
