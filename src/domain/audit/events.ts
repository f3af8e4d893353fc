/**
 * Who did what, to whom, from where, when, and whether they were let. An event is written in the
 * transaction that it tells of, so that neither is there without the other; a refusal, which changes
 * nothing, is written alone. What strangers try is in the log and not here: nobody who is not
 * authenticated makes rows.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { sql } from 'kysely';
import type { Database } from '../../../db/database.ts';
import type { Connection } from '../../../db/schema.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { isUuid } from '../database/text.ts';
import { plainAddress } from '../limits/ip-address.ts';
import { parsePublicId } from '../tokens/value.ts';
import { currentRequest } from './request-context.ts';

/** Who acts: a client by its token, a person, or the server itself. */
export interface Actor {
  kind: 'client' | 'account' | 'system';
  /** The public `client_id`, or the account's id. */
  id: string | null;
  /** The public id of the token that was shown. */
  tokenId?: string | undefined;
  /** The address that the request came from, where no request context tells it. */
  ip?: string | undefined;
}

/** What an event says of its origin. */
export interface Attribution {
  actor_kind: Actor['kind'];
  actor_id: string | null;
  token_id: string | null;
  ip: string | null;
  request_id: string | null;
}

export interface AuditTarget {
  kind: 'client' | 'role' | 'resource' | 'account' | 'session' | 'token' | 'grant' | 'key' | 'app';
  id: string;
}

/** What can happen, `thing.happened`. Refusals have the name of what was refused. */
export type AuditAction =
  | `client.${'created' | 'updated' | 'disabled' | 'enabled' | 'deleted' | 'tokens_revoked'}`
  | `client_secret.${'created' | 'revoked'}`
  | `${'role' | 'resource'}.${'created' | 'updated' | 'deleted'}`
  | `account.${'created' | 'updated' | 'disabled' | 'enabled' | 'tokens_revoked' | 'invited' | 'password_changed' | 'signed_in' | 'signed_out'}`
  | `session.${'ended' | 'others_ended'}`
  | `device.${'approved' | 'denied'}`
  | `consent.${'granted' | 'denied'}`
  | `app.${'created' | 'updated' | 'disabled' | 'enabled' | 'deleted' | 'handed_over'}`
  | `app_member.${'added' | 'changed' | 'removed'}`
  | `app_invitation.${'created' | 'revoked' | 'accepted' | 'declined'}`
  | `app_role.${'created' | 'updated' | 'deleted'}`
  | 'token.tried'
  | 'refresh_token.reused'
  | `${'api_key' | 'api_token' | 'personal_access_token'}.${'created' | 'updated' | 'rolled'}`
  | 'token.revoked'
  | 'token.leaked'
  | 'client_secret.leaked'
  | 'grant.revoked'
  | `key.${'announced' | 'rotated' | 'revoked' | 'removed' | 'resealed'}`;

export interface NewAuditEvent {
  action: AuditAction;
  target?: AuditTarget | undefined;
  /** What one needs to understand it; never anything secret. */
  details?: Record<string, unknown> | undefined;
  /** The internal id of the app in which it happened; that of a client, a grant, a token or an app is found by itself. Null hides it from the app. */
  app?: string | null | undefined;
}

/** An event as it is read back. */
export interface AuditEvent {
  id: number;
  at: Date;
  action: string;
  result: 'success' | 'refused';
  actor: { kind: string; id: string | null; token_id: string | null };
  target: { kind: string; id: string } | null;
  ip: string | null;
  request_id: string | null;
  details: Record<string, unknown> | null;
}

export interface AuditFilter {
  action?: string | undefined;
  /** The id of the actor. */
  actor?: string | undefined;
  /** The id of what was acted on. */
  target?: string | undefined;
  /** The internal id of an app: what happened in it. */
  app?: string | undefined;
  /** The name of an app, also of one that was deleted. */
  appName?: string | undefined;
  since?: Date | undefined;
  until?: Date | undefined;
}

/** Months for which partitions are made ahead: a job that stands still that long is noticed. */
const monthsAhead = 3;

/** Empty by itself: it finds the actor of the call that runs. */
const acting = new AsyncLocalStorage<Actor>();

const system: Actor = { kind: 'system', id: null };

/** Runs what somebody does; events that are recorded meanwhile name them. */
export const actingAs = <Result>(actor: Actor, run: () => Result): Result => acting.run(actor, run);

/** Who acts now, and from where. */
export function attribution(actor: Actor = acting.getStore() ?? system): Attribution {
  const request = currentRequest();
  return {
    actor_kind: actor.kind,
    actor_id: actor.id,
    token_id: actor.tokenId ?? null,
    ip: plainAddress(actor.ip ?? request?.ip ?? '') || null,
    request_id: request?.requestId ?? null,
  };
}

/** Writes an event. Pass the transaction of what it tells of. */
export async function recordEvent(
  connection: Connection,
  { action, target, details, app }: NewAuditEvent,
  result: AuditEvent['result'] = 'success',
): Promise<void> {
  await connection
    .insertInto('audit_event')
    .values({
      ...attribution(),
      action,
      result,
      target_kind: target?.kind ?? null,
      target_id: target?.id ?? null,
      details: details ? JSON.stringify(details) : null,
      app_id: app === undefined ? appOf(target) : app,
    })
    .execute();
}

/** The app that a client, or the client of a grant or a token, is of; or itself. */
function appOf(target: AuditTarget | undefined) {
  if (target?.kind === 'app')
    return sql<string | null>`(select id from app where name = ${target.id})`;
  if (target?.kind === 'client')
    return sql<string | null>`(select app_id from client where client_id = ${target.id})`;
  if (target?.kind === 'grant' && isUuid(target.id))
    return sql<
      string | null
    >`(select c.app_id from oauth_grant g join client c on c.id = g.client_id where g.id = ${target.id}::uuid)`;
  const token = target?.kind === 'token' ? parsePublicId(target.id) : undefined;
  if (token)
    return sql<
      string | null
    >`(select c.app_id from token t join client c on c.id = t.client_id where t.shelf = ${token.partition} and t.key = ${token.key})`;
  return null;
}

/** What an update changed, as an event tells it: each changed field, before and after. */
export function diffOf(
  before: Record<string, unknown>,
  after: Record<string, unknown>,
): Record<string, unknown> {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return Object.fromEntries(
    [...names]
      .filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
      .map((name) => [name, { before: before[name] ?? null, after: after[name] ?? null }]),
  );
}

export function createAudit({ database }: { database: Database }) {
  const { kysely } = database;

  return {
    /** Records that somebody who was authenticated was not let. */
    refused: (event: NewAuditEvent): Promise<void> => recordEvent(kysely, event, 'refused'),

    /** Newest first, those before the cursor `after`. Throws `invalid_request` for a cursor that is none. */
    async page({
      after,
      limit,
      action,
      actor,
      target,
      app,
      appName,
      since,
      until,
    }: AuditFilter & { after?: string | undefined; limit: number }): Promise<{
      items: AuditEvent[];
      next: string | null;
    }> {
      if (after !== undefined && !/^\d{1,18}$/.test(after))
        throw new OAuthError('invalid_request', 'after: is not a cursor of this list.');
      const rows = await kysely
        .selectFrom('audit_event')
        .selectAll()
        .$if(after !== undefined, (query) => query.where('id', '<', Number(after)))
        .$if(action !== undefined, (query) => query.where('action', '=', String(action)))
        .$if(actor !== undefined, (query) => query.where('actor_id', '=', String(actor)))
        .$if(target !== undefined, (query) => query.where('target_id', '=', String(target)))
        .$if(app !== undefined, (query) => query.where('app_id', '=', String(app)))
        .$if(appName !== undefined, (query) =>
          query.where('app_id', 'in', (apps) =>
            apps.selectFrom('app').select('app.id').where('app.name', '=', String(appName)),
          ),
        )
        .$if(since !== undefined, (query) => query.where('at', '>=', since as Date))
        .$if(until !== undefined, (query) => query.where('at', '<', until as Date))
        .orderBy('id', 'desc')
        .limit(limit + 1)
        .execute();
      const items = rows.slice(0, limit).map(
        (row): AuditEvent => ({
          id: row.id,
          at: row.at,
          action: row.action,
          result: row.result,
          actor: { kind: row.actor_kind, id: row.actor_id, token_id: row.token_id },
          target:
            row.target_kind && row.target_id ? { kind: row.target_kind, id: row.target_id } : null,
          ip: row.ip,
          request_id: row.request_id,
          details: row.details,
        }),
      );
      return { items, next: rows.length > limit ? String(items.at(-1)?.id) : null };
    },

    /** Makes the partitions of this month and the next ones. Safe to run by several processes at once. */
    async makeAhead(): Promise<void> {
      const { rows } = await sql<{ name: string; first: string; end: string }>`
        select to_char(month, '"audit_event_"YYYY_MM') as name, month::text as first, (month + interval '1 month')::text as end
        from generate_series(date_trunc('month', now() at time zone 'UTC'),
          date_trunc('month', now() at time zone 'UTC') + ${sql.lit(monthsAhead)} * interval '1 month', interval '1 month') as month
        where not exists (select from pg_inherits where inhparent = 'audit_event'::regclass
          and inhrelid = to_regclass(to_char(month, '"audit_event_"YYYY_MM')))`.execute(kysely);
      if (rows.length === 0) return;
      await kysely.transaction().execute(async (transaction) => {
        await sql`select pg_advisory_xact_lock(hashtext('writ audit'))`.execute(transaction);
        for (const { name, first, end } of rows) {
          const { rows: attached } = await sql`
            select from pg_inherits where inhparent = 'audit_event'::regclass and inhrelid = to_regclass(${name})`.execute(
            transaction,
          );
          if (attached.length > 0) continue;
          // One that a crash, or a hand, left beside the table comes back with its events.
          await sql`create table if not exists ${sql.table(name)} (like audit_event including defaults including constraints)`.execute(
            transaction,
          );
          await sql`alter table audit_event attach partition ${sql.table(name)}
            for values from (${sql.lit(`${first}+00`)}) to (${sql.lit(`${end}+00`)})`.execute(
            transaction,
          );
        }
      });
    },

    /**
     * Drops the months that ended longer ago than the retention. Gives their names. Each is detached
     * first, which waits for whoever reads the table and holds up nobody meanwhile, as dropping it would.
     */
    async retire(retentionDays: number): Promise<string[]> {
      const { rows } = await sql<{ name: string; attached: boolean; pending: boolean }>`
        select c.relname as name, i.inhrelid is not null as attached, coalesce(i.inhdetachpending, false) as pending
        from pg_class c left join pg_inherits i on i.inhrelid = c.oid
        where c.relkind = 'r' and c.relname ~ '^audit_event_\\d{4}_\\d{2}$'
          and c.relnamespace = (select relnamespace from pg_class where oid = 'audit_event'::regclass)
          and to_timestamp(substring(c.relname from '\\d{4}_\\d{2}$'), 'YYYY_MM') + interval '1 month'
            < now() - ${sql.lit(retentionDays)} * interval '1 day'
        order by 1`.execute(kysely);
      for (const { name, attached, pending } of rows) {
        const month = sql.table(name);
        if (pending)
          await sql`alter table audit_event detach partition ${month} finalize`.execute(kysely);
        else if (attached)
          await sql`alter table audit_event detach partition ${month} ${sql.raw(database.embedded ? '' : 'concurrently')}`.execute(
            kysely,
          );
        await sql`drop table ${month}`.execute(kysely);
      }
      return rows.map(({ name }) => name);
    },
  };
}

export type Audit = ReturnType<typeof createAudit>;
