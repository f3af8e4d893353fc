import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { lifetimes } from '../../../config/lifetimes.ts';
import type { Connection } from '../../../db/schema.ts';
import type { AuthenticationContext } from '../../oauth/authentication-context.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { adoptDocumentClient } from '../clients/documents/document-clients.ts';
import { clientIsEnabled } from '../clients/sql.ts';
import { readApiScopes } from '../roles/api-scopes.ts';
import { actingTokenIsActive, requireActingToken } from '../tokens/acting-token.ts';
import type { AuthorizationDetail } from '../tokens/named/types.ts';
import { roleNeeded } from './requested-access.ts';
import type { DeviceInfo } from './types.ts';

/** The access that a person approves for a client. */
export interface ApprovedAccess {
  openIdScope: string[];
  /** Single claims (OpenID Connect Core §5.5) beyond those of the scopes. */
  claims?: readonly string[] | undefined;
  /** The scopes, by the identifier of their resource. */
  resources: Map<string, string[]>;
  /** The limits of its tokens (RFC 9396 §2). If there are any, there is only one resource. */
  authorizationDetails?: readonly AuthorizationDetail[] | undefined;
  /** Seconds until the grant expires, however often its tokens are refreshed. */
  lifetime?: number | undefined;
  /**
   * The expiry of the grant in seconds since the epoch, which takes precedence over `lifetime`. Not `expiresAt`: these
   * objects are combined with pending requests, which have an expiry of their own.
   */
  grantExpiresAt?: number | undefined;
  /** Scopes of Writ's own API that a role of the account must give. */
  apiScopes?: readonly string[] | undefined;
  /** The origin of the request, shown in the list of connected clients. */
  device: DeviceInfo;
  /** When the person entered a password, in seconds since the epoch. */
  authTime?: number | undefined;
  /** How the person signed in; absent without a session. */
  context?: AuthenticationContext | undefined;
  /** A digest of the id of the browser in which a person logs in. */
  browser?: Buffer | undefined;
  /** Whether other logins of the client in the same browser stay. Without it, this one replaces them. */
  keepsOthers?: boolean | undefined;
}

/** The account that approves, and the public `client_id` of the client that gets access. */
interface Parties {
  accountId: string;
  clientId: string;
}

/**
 * Inserts the grant of an approval with the current epochs, and returns its id and scope. A client with a metadata document
 * exists from its first grant on. Without tokens the grant
 * lives until `redeemableUntil`, in seconds since the epoch; its tokens extend it. Throws `access_denied` if the
 * account or the client is disabled or deleted, or the account lacks the roles, and `invalid_token` if the token that
 * authenticates the approver is no longer active.
 */
export async function insertGrant(
  transaction: Connection,
  approved: ApprovedAccess & Parties,
  redeemableUntil: number,
): Promise<{ grantId: string; scope: string }> {
  const { accountId, openIdScope, claims, resources, authorizationDetails, lifetime, device } =
    approved;
  const { browser = null, keepsOthers } = approved;
  await adoptDocumentClient(transaction, approved.clientId);
  const { now, client, epochs } = await readParties(transaction, approved);
  const grantId = randomUUID();
  const issuedAt = Math.floor(now);
  const expiresAt =
    approved.grantExpiresAt ?? (lifetime === undefined ? undefined : issuedAt + lifetime);
  await transaction
    .insertInto('oauth_grant')
    .values({
      id: grantId,
      account_id: accountId,
      client_id: client,
      payload: JSON.stringify({
        kind: 'Grant',
        iat: issuedAt,
        exp: expiresAt ?? issuedAt + lifetimes.grant,
        openid: { scope: openIdScope.join(' '), ...(claims?.length && { claims }) },
        resources: Object.fromEntries(
          [...resources].map(([resource, names]) => [resource, names.join(' ')]),
        ),
        epochs,
        ...(authorizationDetails?.length && { authorization_details: authorizationDetails }),
        ...(expiresAt !== undefined && { ends_at: expiresAt }),
        ...(keepsOthers && { keeps_others: true }),
      }),
      live_until: new Date(redeemableUntil * 1000),
      revoked_at: null,
      device: JSON.stringify({ user_agent: device.userAgent, ip: device.ip }),
      last_used_at: null,
      revoked_because: null,
      browser,
    })
    .execute();
  const scope = [...new Set([...resources.values()].flat().concat(openIdScope))].join(' ');
  return { grantId, scope };
}

/** Reads the internal id of the client and the current epochs of all parties. */
async function readParties(
  transaction: Connection,
  { accountId, clientId, apiScopes = [] }: ApprovedAccess & Parties,
): Promise<{
  now: number;
  client: string;
  epochs: { client: number; app: number; account: number };
}> {
  const { rows } = await sql<{
    now: number;
    roles: string[];
    client: string;
    clientEpoch: number;
    app: number;
    account: number;
  }>`
    select extract(epoch from now())::float8 as now, a.roles, a.epoch as account, c.id as client,
      c.epoch as "clientEpoch", coalesce(p.epoch, 0) as app
    from account a cross join client c left join app p on p.id = c.app_id
    where a.id = ${accountId}::uuid and a.disabled_at is null
      and c.client_id = ${clientId} and ${sql.raw(clientIsEnabled)} and ${actingTokenIsActive()}`.execute(
    transaction,
  );
  const [parties] = rows;
  if (!parties) await requireActingToken(transaction);
  if (!parties)
    throw new OAuthError('access_denied', 'The account or the app has been disabled or deleted.', {
      kind: 'disabled',
    });
  if (apiScopes.length > 0) {
    const own = await readApiScopes(transaction, parties.roles);
    const missing = apiScopes.filter((name) => !own.has(name));
    if (missing.length > 0) throw new OAuthError('access_denied', roleNeeded(missing));
  }
  const { now, client, clientEpoch, app, account } = parties;
  return { now, client, epochs: { client: clientEpoch, app, account } };
}
