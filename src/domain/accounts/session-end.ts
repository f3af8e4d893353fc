import { type SelectQueryBuilder, sql } from 'kysely';
import type { Connection, Schema } from '../../../db/schema.ts';
import { offlineAccess } from '../clients/third-party-app-sql.ts';
import { revokeGrant } from '../grants/grants.ts';
import { recordLogoutNotices } from './logout-notices.ts';
import { sidOf } from './session-ids.ts';

/** A client that was entered from a session that ended. */
export interface EndedLogin {
  /** The public ID. */
  clientId: string;
  /** The `sid` of the session in ID tokens of the client. */
  sid: string;
  /** What the browser loads to notify the client (OpenID Connect Front-Channel Logout 1.0 §2); null if nothing. */
  frontchannelLogoutUri: string | null;
}

/** What `endSessions` has ended. */
export interface EndedSessions {
  ids: string[];
  logins: EndedLogin[];
}

/** Chooses the sessions to end. */
type Which = (
  query: SelectQueryBuilder<Schema, 'session', { id: string }>,
) => SelectQueryBuilder<Schema, 'session', { id: string }>;

interface Options {
  /** The caller revokes all tokens of the account anyway, by its epoch. */
  grantsRevokedByEpoch?: boolean;
}

/**
 * Ends sessions: the only function that deletes them, besides the job that deletes expired ones. In the same transaction
 * it records which clients to notify (Back-Channel Logout 1.0 §2.5), and revokes what these clients got in the session
 * unless the person allowed `offline_access` (§2.7). Devices have no session, so theirs stays.
 *
 * `then` does what else belongs to the transaction: nothing can follow, because revoking a grant locks the change counter.
 */
export async function endSessions<Result>(
  transaction: Connection,
  which: Which,
  then: (ended: EndedSessions) => Promise<Result>,
  { grantsRevokedByEpoch = false }: Options = {},
): Promise<Result> {
  // Locked first: a login that is recorded at the same time must be visible to the next statement.
  const ids = (
    await which(transaction.selectFrom('session').select('session.id'))
      .orderBy('session.id')
      .forUpdate()
      .execute()
  ).map(({ id }) => id);
  if (ids.length === 0) return then({ ids, logins: [] });
  const rows = await deleteWithLogins(transaction, ids);
  const logins = rows.map(({ sessionId, clientId, frontchannelLogoutUri }) => ({
    clientId,
    sid: sidOf(sessionId, clientId),
    frontchannelLogoutUri,
  }));
  await recordLogoutNotices(
    transaction,
    rows.flatMap(({ client, accountId, sessionId, clientId, isNotified }) =>
      isNotified ? [{ client, accountId, sid: sidOf(sessionId, clientId) }] : [],
    ),
  );
  // Locked before `then` can take the change counter, which other revocations of grants wait for.
  const grants = grantsRevokedByEpoch ? [] : await lockGrants(transaction, rows);
  const result = await then({ ids, logins });
  for (const id of grants) await revokeGrant(transaction, id, 'signed_out');
  return result;
}

interface LoginRow {
  sessionId: string;
  accountId: string;
  /** The internal ID. */
  client: string;
  clientId: string;
  /** Of every login in the session, as far as they may still be active. */
  grantIds: string[];
  frontchannelLogoutUri: string | null;
  isNotified: boolean;
}

async function deleteWithLogins(transaction: Connection, ids: string[]): Promise<LoginRow[]> {
  const { rows } = await sql<LoginRow>`
    with ended as (delete from session where id = any (${ids}::uuid[]) returning id, account_id)
    select e.id as "sessionId", e.account_id as "accountId", c.id as client, c.client_id as "clientId",
      array_remove(l.earlier_grants || l.grant_id, null) as "grantIds",
      c.metadata->>'frontchannel_logout_uri' as "frontchannelLogoutUri", c.metadata ? 'backchannel_logout_uri' as "isNotified"
    from ended e join client_login l on l.session_id = e.id join client c on c.id = l.client_id
    where c.deleted_at is null
    order by e.id, c.id`.execute(transaction);
  return rows;
}

/**
 * Locks the grants that end with their session, and returns their IDs: those of all logins in it, and those of logins in the
 * same browser that these would have replaced once their code is redeemed.
 */
async function lockGrants(transaction: Connection, logins: LoginRow[]): Promise<string[]> {
  const ids = logins.flatMap(({ grantIds }) => grantIds);
  if (ids.length === 0) return [];
  const accounts = [...new Set(logins.map(({ accountId }) => accountId))];
  const { rows } = await sql<{ id: string }>`
    select o.id from oauth_grant o
    where o.account_id = any (${accounts}::uuid[]) and o.revoked_at is null
      and not (string_to_array(coalesce(o.payload->'openid'->>'scope', ''), ' ') @> array[${offlineAccess}])
      and (o.id = any (${ids}::uuid[]) or exists (
        select from oauth_grant g where g.id = any (${ids}::uuid[])
          and g.account_id = o.account_id and g.client_id = o.client_id and g.browser = o.browser))
    order by o.id for update of o`.execute(transaction);
  return rows.map(({ id }) => id);
}
