import { sql } from 'kysely';
import type { Database } from '../../../db/database.ts';
import { scopeTokens } from '../../oauth/scope.ts';
import { actingAs } from '../audit/events.ts';
import { orUnavailable } from '../database/retry.ts';
import { isUuid } from '../database/uuid.ts';
import type { Resources } from '../resources/resources.ts';
import type { Grants } from './grants.ts';
import { describeGranted, describeOpenIdScopes } from './scope-descriptions.ts';
import type { DescribedScope, DeviceInfo } from './types.ts';

/** A login at a client, as its owner's page shows it. */
export interface Device {
  grantId: string;
  clientId: string;
  clientName: string;
  /** What asked, as it was shown to whoever let it in; null where no device asked. */
  device: DeviceInfo | null;
  approvedAt: Date;
  lastUsedAt: Date | null;
  /** When the last of its tokens ends, unless they are renewed. */
  endsAt: Date;
  scopes: DescribedScope[];
  /** Null while it lives; else why it ended, where its owner should know. */
  endedBecause: string | null;
  endedAt: Date | null;
}

interface Row {
  grantId: string;
  clientId: string;
  clientName: string | null;
  device: { user_agent: string | null; ip: string | null } | null;
  payload: { openid?: { scope?: string }; resources?: Record<string, string> };
  approvedAt: Date;
  lastUsedAt: Date | null;
  endsAt: Date;
  endedBecause: string | null;
  endedAt: Date | null;
}

/** How long a login that was stolen stays to be seen. */
const daysShown = 30;

/** What a person let in. */
export function createDevices({
  database,
  grants,
  resources,
}: {
  database: Database;
  grants: Grants;
  resources: Resources;
}) {
  const describe = async ({ payload, device, clientName, ...rest }: Row): Promise<Device> => ({
    ...rest,
    clientName: clientName ?? rest.clientId,
    device: device && { userAgent: device.user_agent, ip: device.ip },
    scopes: [
      ...(await describeGranted(
        resources,
        Object.entries(payload.resources ?? {}).map(([identifier, scope]) => [
          identifier,
          scopeTokens(scope),
        ]),
      )),
      ...describeOpenIdScopes(scopeTokens(payload.openid?.scope)),
    ],
  });

  return {
    /** Those that live, and those that a stolen token ended in the last 30 days; the latest first. */
    async list(accountId: string): Promise<Device[]> {
      if (!isUuid(accountId)) return [];
      const { rows } = await orUnavailable(() =>
        sql<Row>`
          select g.id as "grantId", c.client_id as "clientId", c.metadata->>'client_name' as "clientName", g.device, g.payload,
            g.created_at as "approvedAt", g.last_used_at as "lastUsedAt", g.live_until as "endsAt",
            g.revoked_because as "endedBecause", g.revoked_at as "endedAt"
          from oauth_grant g join client c on c.id = g.client_id join account a on a.id = g.account_id
            left join app p on p.id = c.app_id
          where g.account_id = ${accountId}::uuid and (
            (g.revoked_at is null and g.live_until > now() and c.deleted_at is null
              and a.epoch = coalesce((g.payload->'epochs'->>'account')::integer, a.epoch)
              and c.epoch = coalesce((g.payload->'epochs'->>'client')::integer, c.epoch)
              and (p.epoch is null or p.epoch = coalesce((g.payload->'epochs'->>'app')::integer, p.epoch)))
            or (g.revoked_because = 'reuse' and g.revoked_at > now() - ${daysShown} * interval '1 day'))
          order by g.created_at desc, g.id`.execute(database.kysely),
      );
      return Promise.all(rows.map(describe));
    },

    /** Ends one of the account's own, with all its tokens. False where there is none that lives. */
    end: (accountId: string, grantId: string): Promise<boolean> =>
      actingAs({ kind: 'account', id: accountId }, () =>
        grants.revoke(grantId, 'owner', { accountId }),
      ),
  };
}

export type Devices = ReturnType<typeof createDevices>;
