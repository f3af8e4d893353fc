/**
 * Decisions about device requests (RFC 8628 §3.3) and authorization requests (RFC 6749 §4.1.1). There is one row per
 * request, always in Postgres, so the first decision wins even if several arrive at once or the short-lived store
 * restores a deleted request.
 */
import { sql } from 'kysely';
import { lifetimes } from '../../../config/lifetimes.ts';
import type { Database, Statement } from '../../../db/database.ts';
import type { Connection } from '../../../db/schema.ts';
import type { AuthenticationContext } from '../../oauth/authentication-context.ts';
import { actingAs } from '../audit/actor.ts';
import { recordEvent } from '../audit/events.ts';
import type { NewAuditEvent } from '../audit/types.ts';
import { orUnavailable } from '../database/retry.ts';
import { type ApprovedAccess, insertGrant } from './approved-access.ts';
import { grantHolds } from './grant-state.ts';

/** A pending request, with the account that decides about it. */
export interface DecisionTarget {
  /** The digest of the device code, or of the id of the authorization request. */
  id: Buffer;
  /** When the request expires, in seconds since the epoch. */
  expiresAt: number;
  accountId: string;
  /** The public `client_id`. */
  clientId: string;
}

/** A stored decision, with the current state of its grant. */
export interface DecisionRow {
  decision: 'approved' | 'denied';
  accountId: string;
  /** Null if the request was denied. */
  grantId: string | null;
  /** See `GrantState`. */
  holds: boolean;
  /** When the person entered a password, in seconds since the epoch. */
  authTime: number | null;
  /** How the person signed in; null if that is not known. */
  context: AuthenticationContext | null;
}

type DecisionTable = 'device_decision' | 'consent_decision';

/** The differences between decisions about device requests and about authorization requests. */
interface DecisionKind<Target> {
  table: DecisionTable;
  /** Built with `selectDecision`. */
  statement: Statement;
  /** The parameters of the statement after the id. */
  values?: unknown[];
  /** When a grant without tokens expires, in seconds since the epoch. */
  redeemableUntil(target: Target): number;
  /** The data of an approval that the redemption needs. */
  details(approved: ApprovedAccess, scope: string): Record<string, unknown>;
  /** An additional write in the transaction of every decision; if it throws, nothing is decided. */
  write?(transaction: Connection, target: Target): Promise<void>;
  approvedEvent(
    target: Target & ApprovedAccess,
    grant: { grantId: string; scope: string },
  ): NewAuditEvent;
  deniedEvent(target: Target): NewAuditEvent;
  /** An additional write in the transaction of an approval. */
  approved?(transaction: Connection, target: Target & ApprovedAccess): Promise<void>;
}

/**
 * SQL that selects the current time and `columns` of the decision `d` about the request $1. Returns a row also for a
 * request without a decision, because callers need the time.
 */
export const selectDecision = (table: DecisionTable, columns: string): string => `
  select extract(epoch from now())::float8 as now, d.decision, d.account_id as "accountId", d.grant_id as "grantId",
      (d.details->>'auth_time')::float8 as "authTime", d.details->'context' as context, ${grantHolds} as holds, ${columns}
    from (select) as asked
    left join ${table} d on d.id = $1::bytea
    left join oauth_grant g on g.id = d.grant_id
    left join account a on a.id = d.account_id
    left join client c on c.id = g.client_id
    left join app p on p.id = c.app_id`;

/** The request was decided before, or has expired. */
class AlreadyDecided extends Error {}

/** Decides about requests of one kind. Decision, grant and audit event are one transaction. */
export function createDecisions<Target extends DecisionTarget, Row extends DecisionRow>(
  database: Database,
  kind: DecisionKind<Target>,
) {
  /** Throws AlreadyDecided if there is a decision or the request has expired. */
  const insert = async (
    transaction: Connection,
    { id, expiresAt, accountId }: DecisionTarget,
    decision: Row['decision'],
    grantId: string | null,
    details: Record<string, unknown>,
  ): Promise<void> => {
    const { rows } = await sql`
      insert into ${sql.table(kind.table)} (id, decision, account_id, grant_id, details, expires_at)
      select ${id}, ${decision}, ${accountId}::uuid, ${grantId}::uuid, ${JSON.stringify(details)}::jsonb,
        to_timestamp(${expiresAt}) + ${lifetimes.redeemedCodeMark} * interval '1 second'
      where now() < to_timestamp(${expiresAt})
      on conflict (id) do nothing returning id`.execute(transaction);
    if (rows.length === 0) throw new AlreadyDecided();
  };

  const decide = async (
    { accountId }: DecisionTarget,
    run: (transaction: Connection) => Promise<void>,
  ): Promise<boolean> => {
    try {
      await actingAs({ kind: 'account', id: accountId }, () =>
        orUnavailable(() => database.kysely.transaction().execute(run)),
      );
      return true;
    } catch (error) {
      if (error instanceof AlreadyDecided) return false;
      throw error;
    }
  };

  return {
    /** The time of the database in seconds since the epoch, and the decision about the request, if any. */
    async find(id: Buffer): Promise<{ now: number; decision: Row | undefined }> {
      const [row] = await orUnavailable(() =>
        database.query<{ now: number } & Row>(kind.statement, [id, ...(kind.values ?? [])]),
      );
      if (!row) throw new Error('selectDecision returned no row');
      const { now, ...decision } = row;
      return { now, decision: row.decision ? (decision as unknown as Row) : undefined };
    },

    /**
     * Approves a request and creates its grant. Returns false if it was decided before or has expired. Throws
     * `access_denied` if the account or the client is disabled or deleted, or the account lacks the role.
     */
    approve: (target: Target & ApprovedAccess): Promise<boolean> =>
      decide(target, async (transaction) => {
        const grant = await insertGrant(transaction, target, kind.redeemableUntil(target));
        const details = kind.details(target, grant.scope);
        await insert(transaction, target, 'approved', grant.grantId, details);
        await kind.write?.(transaction, target);
        await kind.approved?.(transaction, target);
        await recordEvent(transaction, kind.approvedEvent(target, grant));
      }),

    /** Denies a request. Returns false if it was decided before or has expired. */
    deny: (target: Target): Promise<boolean> =>
      decide(target, async (transaction) => {
        await insert(transaction, target, 'denied', null, {});
        await kind.write?.(transaction, target);
        await recordEvent(transaction, kind.deniedEvent(target));
      }),
  };
}
