import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { lifetimes } from '../../../config/lifetimes.ts';
import type { Database, Statement } from '../../../db/database.ts';
import type { Connection } from '../../../db/schema.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { actingAs } from '../audit/events.ts';
import { orUnavailable, retryLostConnection } from '../database/retry.ts';
import { isUuid } from '../database/uuid.ts';
import type { DeviceInfo } from './types.ts';

/** What a person lets a client have. */
export interface Approved {
  accountId: string;
  /** The public `client_id`. */
  clientId: string;
  openIdScope: string[];
  /** The scope of each resource. */
  resources: Map<string, string[]>;
  /** Seconds that the login may last, however often it is renewed. */
  lifetime?: number | undefined;
  /** A role that the account must have. */
  role?: string | undefined;
  /** What asked, as the person is shown it again later. */
  device: DeviceInfo;
}

/** An approval as of this moment: its grant, and the account's roles and epoch. */
export interface Approval {
  accountId: string;
  /** Nothing has ended since what was let in: neither the grant, nor the account, nor the client. */
  holds: boolean;
  grantEpoch: number;
  grant: Record<string, unknown>;
  accountEpoch: number;
  roles: string[];
}

const epochAsApproved = (owner: string, current: string): string =>
  `${current} = coalesce((g.payload->'epochs'->>'${owner}')::integer, ${current})`;

/**
 * Of a grant `g`, its account `a`, client `c` and app `p`: whether it holds. An approval is of the epochs
 * that it was given with, as a token is.
 */
const approvalHolds = `coalesce(g.revoked_at is null
  and a.disabled_at is null and ${epochAsApproved('account', 'a.epoch')}
  and c.disabled_at is null and c.deleted_at is null and ${epochAsApproved('client', 'c.epoch')}
  and (c.app_id is null or (p.disabled_at is null and ${epochAsApproved('app', 'p.epoch')})), false)`;

type DecisionTable = 'device_decision' | 'consent_decision';

/** What is asked of an answer: the time, and of `d`, the answer to the question with the digest $1, where there is one, `columns`. */
export const selectDecision = (table: DecisionTable, columns: string): string => `
  select extract(epoch from now())::float8 as now, d.decision, d.account_id as "accountId", d.grant_id as "grantId",
      (d.details->>'auth_time')::float8 as "authTime", ${approvalHolds} as holds, ${columns}
    from (select) as asked
    left join ${table} d on d.id = $1::bytea
    left join oauth_grant g on g.id = d.grant_id
    left join account a on a.id = d.account_id
    left join client c on c.id = g.client_id
    left join app p on p.id = c.app_id`;

/** Runs what `selectDecision` made: the time in seconds since 1970, and the answer, where there is one. */
export async function readDecision<Decision extends { decision: string }>(
  database: Database,
  statement: Statement,
  values: unknown[],
): Promise<{ now: number; decision: Decision | undefined }> {
  const [row] = await retryLostConnection(() =>
    database.query<{ now: number } & Decision>(statement, values),
  );
  if (!row) throw new Error('the database has no time');
  const { now, ...decision } = row;
  return { now, decision: row.decision ? (decision as unknown as Decision) : undefined };
}

const find: Statement = {
  name: 'approval-find',
  text: `select g.account_id as "accountId", ${approvalHolds} as holds, g.epoch as "grantEpoch", g.payload as grant,
      a.epoch as "accountEpoch", a.roles
    from oauth_grant g join account a on a.id = g.account_id join client c on c.id = g.client_id
      left join app p on p.id = c.app_id
    where g.id = $1::uuid`,
};

/** What people let in, as of this moment, by the id of the grant. */
export function createApprovals({ database }: { database: Database }) {
  return {
    async find(grantId: string): Promise<Approval | undefined> {
      if (!isUuid(grantId)) return undefined;
      const [row] = await retryLostConnection(() => database.query<Approval>(find, [grantId]));
      return row;
    },
  };
}

export type Approvals = ReturnType<typeof createApprovals>;

/**
 * Stores the grant of an approval, of the epochs of this moment, and gives its id and scope. It lives until
 * `redeemableUntil`, in seconds since 1970; from then on, its tokens decide. Throws `access_denied` where the account or
 * the client may not, or not any more.
 */
export async function insertGrant(
  transaction: Connection,
  approved: Approved,
  redeemableUntil: number,
): Promise<{ grantId: string; scope: string }> {
  const { accountId, openIdScope, resources, lifetime, device } = approved;
  const { now, client, epochs } = await ownersOf(transaction, approved);
  const grantId = randomUUID();
  const issuedAt = Math.floor(now);
  const endsAt = lifetime === undefined ? undefined : issuedAt + lifetime;
  await transaction
    .insertInto('oauth_grant')
    .values({
      id: grantId,
      account_id: accountId,
      client_id: client,
      payload: JSON.stringify({
        kind: 'Grant',
        iat: issuedAt,
        exp: endsAt ?? issuedAt + 100 * lifetimes.refreshToken,
        openid: { scope: openIdScope.join(' ') },
        resources: Object.fromEntries(
          [...resources].map(([resource, names]) => [resource, names.join(' ')]),
        ),
        epochs,
        ...(endsAt !== undefined && { ends_at: endsAt }),
      }),
      live_until: new Date(redeemableUntil * 1000),
      revoked_at: null,
      device: JSON.stringify({ user_agent: device.userAgent, ip: device.ip }),
      last_used_at: null,
      revoked_because: null,
    })
    .execute();
  const scope = [...new Set([...resources.values()].flat().concat(openIdScope))].join(' ');
  return { grantId, scope };
}

/** Who is let in and lets in, as they are at this moment. */
async function ownersOf(
  transaction: Connection,
  { accountId, clientId, role }: Approved,
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
      and c.client_id = ${clientId} and c.disabled_at is null and c.deleted_at is null and p.disabled_at is null`.execute(
    transaction,
  );
  const [owners] = rows;
  if (!owners)
    throw new OAuthError(
      'access_denied',
      'The account or the application may not sign in any more.',
    );
  if (role && !owners.roles.includes(role))
    throw new OAuthError('access_denied', `Only an account with the role ${role} can allow this.`);
  const { now, client, clientEpoch, app, account } = owners;
  return { now, client, epochs: { client: clientEpoch, app, account } };
}

/** What somebody answered, to be written down. */
export interface Answer {
  /** The digest of what was answered. */
  id: Buffer;
  /** When it can no longer be answered, in seconds since 1970. */
  expiresAt: number;
  accountId: string;
  decision: 'approved' | 'denied';
  grantId: string | null;
  kept: Record<string, unknown>;
}

/** Somebody else has decided, or the time is over. */
class TooLate extends Error {}

/** Writes an answer down. Within `unlessTooLate`: whoever is first has decided, however many answer at once. */
export async function decide(
  transaction: Connection,
  table: DecisionTable,
  { id, expiresAt, accountId, decision, grantId, kept }: Answer,
): Promise<void> {
  const { rows } = await sql`
    insert into ${sql.table(table)} (id, decision, account_id, grant_id, details, expires_at)
    select ${id}, ${decision}, ${accountId}::uuid, ${grantId}::uuid, ${JSON.stringify(kept)}::jsonb,
      to_timestamp(${expiresAt}) + ${lifetimes.redeemedCodeMark} * interval '1 second'
    where now() < to_timestamp(${expiresAt})
    on conflict (id) do nothing returning id`.execute(transaction);
  if (rows.length === 0) throw new TooLate();
}

/** Runs what a person decides in one transaction. False where it was decided before, or its time is over. */
export async function unlessTooLate(
  database: Database,
  accountId: string,
  run: (transaction: Connection) => Promise<void>,
): Promise<boolean> {
  try {
    await actingAs({ kind: 'account', id: accountId }, () =>
      orUnavailable(() => database.kysely.transaction().execute(run)),
    );
    return true;
  } catch (error) {
    if (error instanceof TooLate) return false;
    throw error;
  }
}
