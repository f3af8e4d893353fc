/**
 * Audit events: who did what, to whom, from where, when, and whether it was allowed. An event is written in the
 * transaction that makes the change, so that neither exists without the other. A refusal changes nothing and is
 * written or counted separately (`refusals.ts`). Attempts of unauthenticated callers only go to the log, so that
 * strangers cannot create rows.
 */
import { isDeepStrictEqual } from 'node:util';
import { type Selectable, sql } from 'kysely';
import type { Database } from '../../../db/database.ts';
import type { Connection, Schema } from '../../../db/schema.ts';
import { parameterError } from '../../oauth/errors.ts';
import { isUuid } from '../database/text-checks.ts';
import { parsePublicId } from '../tokens/value.ts';
import { type Attribution, actingThrough, attribution } from './actor.ts';
import { currentRequest } from './request-context.ts';
import type { AuditEvent, AuditFilter, AuditTarget, NewAuditEvent } from './types.ts';

/** Records an event. `connection` is the transaction that makes the change; `by` overrides the current actor. */
export async function recordEvent(
  connection: Connection,
  { action, target, details, app }: NewAuditEvent,
  result: AuditEvent['result'] = 'success',
  by: Attribution = attribution(),
): Promise<void> {
  const dialect = currentRequest()?.dialect;
  const act = actingThrough();
  const allDetails =
    dialect === undefined && !act
      ? details
      : { ...details, ...(dialect !== undefined && { dialect }), ...(act && { act }) };
  await connection
    .insertInto('audit_event')
    .values({
      ...by,
      action,
      result,
      target_kind: target?.kind ?? null,
      target_id: target?.id ?? null,
      details: allDetails ? JSON.stringify(allDetails) : null,
      app_id: app === undefined ? appOf(target) : app,
    })
    .execute();
}

/** SQL for the app of the target: of a client, of the client of a grant or token, or the app itself. */
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

/** As JSON stores it, so that the order of keys does not matter. */
const asJson = (value: unknown): unknown =>
  value === undefined ? undefined : JSON.parse(JSON.stringify(value));

/** Whether an update would change nothing, so that no event is recorded. */
export const isSame = (before: Record<string, unknown>, after: Record<string, unknown>): boolean =>
  Object.keys(diffOf(before, after)).length === 0;

/** The changed fields with their values before and after, for the details of an event. */
export function diffOf(
  before: Record<string, unknown>,
  after: Record<string, unknown>,
): Record<string, unknown> {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return Object.fromEntries(
    [...names]
      .filter((name) => !isDeepStrictEqual(asJson(before[name]), asJson(after[name])))
      .map((name) => [name, { before: before[name] ?? null, after: after[name] ?? null }]),
  );
}

/** An event as readers get it. */
export const eventOf = (row: Omit<Selectable<Schema['audit_event']>, 'xid'>): AuditEvent => ({
  id: row.id,
  at: row.at,
  action: row.action,
  result: row.result,
  actor: { kind: row.actor_kind, id: row.actor_id, token_id: row.token_id },
  target: row.target_kind && row.target_id ? { kind: row.target_kind, id: row.target_id } : null,
  ip: row.ip,
  request_id: row.request_id,
  details: row.details,
});

/** Reads the audit log. */
export function createAudit({ database }: { database: Database }) {
  const { kysely } = database;

  return {
    /** Lists events, newest first, from the cursor `after`. Throws `invalid_request` for a malformed cursor. */
    async page({
      after,
      limit,
      action,
      actor,
      target,
      about,
      result,
      person,
      app,
      appName,
      since,
      until,
    }: AuditFilter & { after?: string | undefined; limit: number }): Promise<{
      items: AuditEvent[];
      next: string | null;
    }> {
      if (after !== undefined && !/^\d{1,18}$/.test(after))
        throw parameterError('invalid_request', 'after', 'is not a cursor of this list.');
      const rows = await kysely
        .selectFrom('audit_event')
        .selectAll()
        .$if(after !== undefined, (query) => query.where('id', '<', Number(after)))
        .$if(action !== undefined, (query) => query.where('action', '=', String(action)))
        .$if(actor !== undefined, (query) => query.where('actor_id', '=', String(actor)))
        .$if(target !== undefined, (query) => query.where('target_id', '=', String(target)))
        .$if(result !== undefined, (query) => query.where('result', '=', result as 'success'))
        .$if(about !== undefined, (query) =>
          query.where((eb) =>
            eb.or([eb('target_id', '=', String(about)), eb('actor_id', '=', String(about))]),
          ),
        )
        .$if(person !== undefined, (query) =>
          query.where((eb) =>
            eb.or([
              eb('actor_id', '=', String(person)),
              eb(sql<string>`details->>'account_id'`, '=', String(person)),
            ]),
          ),
        )
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
      const items = rows.slice(0, limit).map(eventOf);
      return { items, next: rows.length > limit ? String(items.at(-1)?.id) : null };
    },
  };
}

export type Audit = ReturnType<typeof createAudit>;
