import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { lifetimes } from '../../config/lifetimes.ts';
import type { Database, Statement } from '../../db/database.ts';
import type { Connection } from '../../db/schema.ts';
import { OAuthError } from '../oauth/errors.ts';
import { actingAs, recordEvent } from './audit.ts';
import { orUnavailable, retryLostConnection } from './retry.ts';

/** What a device was answered. Times are seconds since 1970. */
export interface DeviceDecision {
  decision: 'approved' | 'denied';
  accountId: string;
  /** Nothing has ended since what was let in: neither the grant, nor the account, nor the client. */
  holds: boolean;
  scope: string | null;
  resources: string[];
  authTime: number | null;
  /** Of an approval: the grant, and the account's roles and epoch, as of this moment. */
  grantId: string | null;
  grantEpoch: number;
  grant: Record<string, unknown>;
  accountEpoch: number;
  roles: string[];
}

/** A device that asks, and who answers it. */
export interface Answering {
  /** The digest of the device code. */
  code: Buffer;
  /** When the code expires, in seconds since 1970. */
  expiresAt: number;
  accountId: string;
  /** The public `client_id`. */
  clientId: string;
  device: { userAgent: string | null; ip: string | null };
}

export interface Approval extends Answering {
  openIdScope: string[];
  /** The scope of each resource. */
  resources: Map<string, string[]>;
  /** Seconds that the login may last, however often it is renewed. */
  lifetime?: number | undefined;
  /** When the person gave a password, in seconds since 1970. */
  authTime?: number | undefined;
  /** A role that the account must have. */
  role?: string | undefined;
}

/** An approval is of the epochs that it was given with, as a token is. */
const sameEpochs = `
  a.disabled_at is null and a.epoch = (g.payload->'epochs'->>'account')::integer
  and c.disabled_at is null and c.deleted_at is null and c.epoch = (g.payload->'epochs'->>'client')::integer
  and (c.app_id is null or (p.disabled_at is null and p.epoch = (g.payload->'epochs'->>'app')::integer))`;

const find: Statement = {
  name: 'device-decision',
  text: `select extract(epoch from now())::float8 as now, d.decision, d.account_id as "accountId", d.grant_id as "grantId",
      d.details->>'scope' as scope, d.details->'resources' as resources, (d.details->>'auth_time')::float8 as "authTime",
      coalesce(g.revoked_at is null and ${sameEpochs}, false) as holds,
      g.epoch as "grantEpoch", g.payload as grant, a.epoch as "accountEpoch", a.roles
    from (select) as asked
    left join device_decision d on d.id = $1::bytea
    left join oauth_grant g on g.id = d.grant_id
    left join account a on a.id = d.account_id
    left join client c on c.id = g.client_id
    left join app p on p.id = c.app_id`,
};

/** Somebody else has decided, or the time is over. */
class TooLate extends Error {}

/**
 * What people answered devices. In Postgres always, one row a code: whoever is first has decided,
 * however many answer at once and whatever another store says of the code.
 */
export function createDeviceDecisions({ database }: { database: Database }) {
  const unlessTooLate = async (
    accountId: string,
    run: (transaction: Connection) => Promise<void>,
  ): Promise<boolean> => {
    try {
      await actingAs({ kind: 'account', id: accountId }, () =>
        orUnavailable(() => database.kysely.transaction().execute(run)),
      );
      return true;
    } catch (error) {
      if (error instanceof TooLate) return false;
      throw error;
    }
  };

  return {
    /** What the device with this code was answered, and what time it is. */
    async find(code: Buffer): Promise<{ now: number; decision: DeviceDecision | undefined }> {
      const [row] = await retryLostConnection(() =>
        database.query<{ now: number } & DeviceDecision>(find, [code]),
      );
      if (!row) throw new Error('the database has no time');
      const { now, ...decision } = row;
      return { now, decision: decision.decision ? decision : undefined };
    },

    /**
     * Lets a device in: a grant of its own, and the answer, in one transaction. False where it was
     * answered before, or its code has expired. Throws `access_denied` where the account or the client
     * may not, or not any more.
     */
    approve: (approval: Approval): Promise<boolean> =>
      unlessTooLate(approval.accountId, async (transaction) => {
        const { accountId, clientId, openIdScope, resources, lifetime, device } = approval;
        const owners = await ownersOf(transaction, approval);
        const grantId = randomUUID();
        const scope = [...new Set([...resources.values()].flat().concat(openIdScope))].join(' ');
        const issuedAt = Math.floor(owners.now);
        const endsAt = lifetime === undefined ? undefined : issuedAt + lifetime;
        await transaction
          .insertInto('oauth_grant')
          .values({
            id: grantId,
            account_id: accountId,
            client_id: owners.client,
            payload: JSON.stringify({
              kind: 'Grant',
              iat: issuedAt,
              exp: endsAt ?? issuedAt + 100 * lifetimes.refreshToken,
              openid: { scope: openIdScope.join(' ') },
              resources: Object.fromEntries(
                [...resources].map(([resource, names]) => [resource, names.join(' ')]),
              ),
              epochs: owners.epochs,
              ...(endsAt !== undefined && { ends_at: endsAt }),
            }),
            // From then on, its tokens decide.
            live_until: new Date(approval.expiresAt * 1000),
            revoked_at: null,
            device: JSON.stringify({ user_agent: device.userAgent, ip: device.ip }),
            last_used_at: null,
            revoked_because: null,
          })
          .execute();
        const kept = { scope, resources: [...resources.keys()], auth_time: approval.authTime };
        await decide(transaction, approval, { decision: 'approved', grantId, kept });
        await recordEvent(transaction, {
          action: 'device.approved',
          target: { kind: 'grant', id: grantId },
          details: {
            account_id: accountId,
            client_id: clientId,
            scope,
            resources: [...resources.keys()],
            device_ip: device.ip,
            ...(lifetime !== undefined && { lifetime }),
          },
        });
      }),

    /** Keeps a device out. False where it was answered before, or its code has expired. */
    deny: (answering: Answering): Promise<boolean> =>
      unlessTooLate(answering.accountId, async (transaction) => {
        const { accountId, clientId, device } = answering;
        await decide(transaction, answering, { decision: 'denied', grantId: null, kept: {} });
        await recordEvent(transaction, {
          action: 'device.denied',
          target: { kind: 'client', id: clientId },
          details: { account_id: accountId, client_id: clientId, device_ip: device.ip },
        });
      }),
  };
}

/** Who lets a device in, as they are at this moment. */
async function ownersOf(
  transaction: Connection,
  { accountId, clientId, role }: Approval,
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

async function decide(
  transaction: Connection,
  { code, expiresAt, accountId }: Answering,
  {
    decision,
    grantId,
    kept,
  }: { decision: 'approved' | 'denied'; grantId: string | null; kept: Record<string, unknown> },
): Promise<void> {
  const { rows } = await sql`
    insert into device_decision (id, decision, account_id, grant_id, details, expires_at)
    select ${code}, ${decision}, ${accountId}::uuid, ${grantId}::uuid, ${JSON.stringify(kept)}::jsonb,
      to_timestamp(${expiresAt}) + ${lifetimes.redeemedCodeMark} * interval '1 second'
    where now() < to_timestamp(${expiresAt})
    on conflict (id) do nothing returning id`.execute(transaction);
  if (rows.length === 0) throw new TooLate();
}

export type DeviceDecisions = ReturnType<typeof createDeviceDecisions>;
