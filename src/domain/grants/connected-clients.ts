import { sql } from 'kysely';
import type { Database } from '../../../db/database.ts';
import { grantTypes } from '../../oauth/grant-types.ts';
import { scopeTokens } from '../../oauth/scope.ts';
import { actingAs } from '../audit/actor.ts';
import { hostOfClientSql } from '../clients/documents/client-urls.ts';
import { registeredItselfSql } from '../clients/sql.ts';
import { orUnavailable } from '../database/retry.ts';
import { isUuid } from '../database/text-checks.ts';
import type { Resources } from '../resources/resources.ts';
import type { AuthorizationDetail } from '../tokens/named/types.ts';
import type { ConsentMemory } from './consent/memory.ts';
import { type DescribeDetail, describeDetails } from './detail-descriptions.ts';
import { epochsHold } from './grant-state.ts';
import type { Grants } from './grants.ts';
import { describeGrantedScopes, describeOpenIdScopes } from './scope-descriptions.ts';
import type { DescribedDetail, DescribedScope, DeviceInfo } from './types.ts';

/** A client with a grant of an account, as the account's page shows it. */
export interface ConnectedClient {
  grantId: string;
  clientId: string;
  clientName: string;
  /** `device`: a device or command line, which shows a code. `app`: it signs people in with a browser. */
  kind: 'device' | 'app';
  /** The person or app that registered the client, or the host of its document, unless an operator registered it. */
  publisher: string | null;
  /** Whether it registered itself, under a name that no one has checked. */
  registeredItself: boolean;
  /** The URL that opens the client, which then starts a login (OpenID Connect Core §4); null if it registered none. */
  initiateLoginUri: string | null;
  /** The device or browser that the request came from; null for grants without one. */
  device: DeviceInfo | null;
  approvedAt: Date;
  /** Accurate to ten minutes, and never before `approvedAt`. */
  lastUsedAt: Date | null;
  /** When the last of its tokens expires, unless they are refreshed. */
  expiresAt: Date;
  scopes: DescribedScope[];
  /** The authorization details that its tokens are limited to, one entry per action. */
  details: DescribedDetail[];
  /** Null while the grant is active, otherwise why it was revoked. */
  revokedBecause: string | null;
  revokedAt: Date | null;
}

interface ConnectedClientRow {
  grantId: string;
  clientId: string;
  clientName: string | null;
  kind: ConnectedClient['kind'];
  publisher: string | null;
  registeredItself: boolean;
  initiateLoginUri: string | null;
  device: { user_agent: string | null; ip: string | null } | null;
  payload: {
    openid?: { scope?: string };
    resources?: Record<string, string>;
    authorization_details?: AuthorizationDetail[];
  };
  approvedAt: Date;
  lastUsedAt: Date | null;
  expiresAt: Date;
  revokedBecause: string | null;
  revokedAt: Date | null;
}

/** Days for which a grant stays visible that was revoked because a token was reused. */
const daysShown = 30;

/** Last use is stored by the minute, so it can lie before the approval. */
const latest = (one: Date, other: Date): Date => (one > other ? one : other);

/** The clients that people have granted access to, and their disconnection. */
export function createConnectedClients({
  database,
  grants,
  resources,
  consentMemory,
  describeDetail,
}: {
  database: Database;
  grants: Grants;
  consentMemory: Pick<ConsentMemory, 'withdraw'>;
  resources: Resources;
  describeDetail?: DescribeDetail | undefined;
}) {
  const detailsOf = async ({
    resources: granted = {},
    authorization_details: details,
  }: ConnectedClientRow['payload']): Promise<DescribedDetail[]> => {
    const [only = ''] = Object.keys(granted);
    const resource = details && (await resources.find(only));
    return resource ? describeDetails(resource, details, describeDetail) : [];
  };

  const describe = async ({
    payload,
    device,
    clientName,
    ...rest
  }: ConnectedClientRow): Promise<ConnectedClient> => ({
    ...rest,
    clientName: clientName ?? rest.clientId,
    lastUsedAt: rest.lastUsedAt && latest(rest.lastUsedAt, rest.approvedAt),
    device: device && { userAgent: device.user_agent, ip: device.ip },
    scopes: [
      ...(await describeGrantedScopes(
        resources,
        Object.entries(payload.resources ?? {}).map(([identifier, scope]) => [
          identifier,
          scopeTokens(scope),
        ]),
      )),
      ...describeOpenIdScopes(scopeTokens(payload.openid?.scope)),
    ],
    details: await detailsOf(payload),
  });

  /** The active grants of an account for a resource, of all clients or of one. */
  const activeGrants = async (
    accountId: string,
    { clientId = null, resource }: { clientId?: string | null; resource: string },
  ): Promise<{ id: string; clientId: string }[]> => {
    const { rows } = await orUnavailable(() =>
      sql<{ id: string; clientId: string }>`
        select g.id, c.client_id as "clientId"
        from oauth_grant g join client c on c.id = g.client_id join account a on a.id = g.account_id
          left join app p on p.id = c.app_id
        where g.account_id = ${accountId}::uuid and g.revoked_at is null and g.live_until > now()
          and c.deleted_at is null and ${sql.raw(epochsHold)}
          and (${clientId}::text is null or c.client_id = ${clientId})
          and g.payload->'resources' ? ${resource}
        order by g.created_at, g.id`.execute(database.kysely),
    );
    return rows;
  };

  return {
    /**
     * Clients with an active grant, and those whose grant was revoked in the last 30 days because a token was reused;
     * newest first.
     */
    async list(accountId: string): Promise<ConnectedClient[]> {
      if (!isUuid(accountId)) return [];
      const { rows } = await orUnavailable(() =>
        sql<ConnectedClientRow>`
          select g.id as "grantId", c.client_id as "clientId", c.metadata->>'client_name' as "clientName", g.device, g.payload,
            case when c.metadata->'grant_types' ? ${grantTypes.authorizationCode} and not c.metadata->'grant_types' ? ${grantTypes.deviceCode}
              then 'app' else 'device' end as kind,
            coalesce(p.display_name, nullif(author.name, ''), ${sql.raw(hostOfClientSql)}) as publisher,
            ${sql.raw(registeredItselfSql)} as "registeredItself",
            c.metadata->>'initiate_login_uri' as "initiateLoginUri",
            g.created_at as "approvedAt", g.last_used_at as "lastUsedAt", g.live_until as "expiresAt",
            g.revoked_because as "revokedBecause", g.revoked_at as "revokedAt"
          from oauth_grant g join client c on c.id = g.client_id join account a on a.id = g.account_id
            left join app p on p.id = c.app_id left join account author on author.id = c.author_id
          where g.account_id = ${accountId}::uuid and not g.payload ? 'delegation' and (
            (g.revoked_at is null and g.live_until > now() and c.deleted_at is null and ${sql.raw(epochsHold)})
            or (g.revoked_because = 'reuse' and g.revoked_at > now() - ${daysShown} * interval '1 day'))
          order by g.created_at desc, g.id`.execute(database.kysely),
      );
      return Promise.all(rows.map(describe));
    },

    /** The name of the client of a revoked grant of the account; undefined if there is no such grant. */
    async revokedClientName(accountId: string, grantId: string): Promise<string | undefined> {
      if (!isUuid(accountId) || !isUuid(grantId)) return undefined;
      const { rows } = await orUnavailable(() =>
        sql<{ name: string }>`
          select coalesce(c.metadata->>'client_name', c.client_id) as name
          from oauth_grant g join client c on c.id = g.client_id
          where g.id = ${grantId}::uuid and g.account_id = ${accountId}::uuid and g.revoked_at is not null`.execute(
          database.kysely,
        ),
      );
      return rows[0]?.name;
    },

    /** The public ids of the clients with an active grant for a resource. */
    async clientIds(accountId: string, resource: string): Promise<string[]> {
      const grants = isUuid(accountId) ? await activeGrants(accountId, { resource }) : [];
      return [...new Set(grants.map(({ clientId }) => clientId))];
    },

    /**
     * Withdraws the consent to a client that has active grants for a resource, as far as it is for that resource, and
     * revokes those grants, with their tokens. Returns false if there are none.
     */
    async disconnectAll(accountId: string, clientId: string, resource: string): Promise<boolean> {
      const grants = isUuid(accountId) ? await activeGrants(accountId, { clientId, resource }) : [];
      if (grants.length === 0) return false;
      return consentMemory.withdraw(accountId, clientId, { resource });
    },

    /** Revokes a grant of the account, with its tokens. Returns false if the account has no such active grant. */
    disconnect: (accountId: string, grantId: string): Promise<boolean> =>
      actingAs({ kind: 'account', id: accountId }, () =>
        grants.revoke(grantId, 'owner', { accountId }),
      ),
  };
}

export type ConnectedClients = ReturnType<typeof createConnectedClients>;
