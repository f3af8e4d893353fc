import { type RawBuilder, sql } from 'kysely';
import type { Connection } from '../../../../db/schema.ts';
import { storedClientId } from '../../clients/lookup.ts';
import { isUuid } from '../../database/text-checks.ts';
import { alive } from '../token-state.ts';
import { type NamedTokenKind, namedTokenKinds } from '../value.ts';
import type { ListPosition, Order } from './cursor.ts';
import type { NamedTokenFilter } from './types.ts';

/** The sort order for a filter: by creation, unless an index for the filter has another order. */
export function orderOf({ subject, name, status }: NamedTokenFilter): Order {
  if (subject) return 'made';
  if (name !== undefined) return 'name';
  if (status === 'expired') return 'expires';
  return status === 'revoked' ? 'revoked' : 'made';
}

/** The sort columns, exactly as the indexes have them. The key breaks ties. */
const columns: Record<Order, { column: string; direction: 'asc' | 'desc' }> = {
  made: { column: 't.issued_at', direction: 'desc' },
  name: { column: '(lower(t.name) collate "C")', direction: 'asc' },
  expires: { column: 't.expires_at', direction: 'desc' },
  revoked: { column: 't.revoked_at', direction: 'desc' },
};

/** The greatest character: appended to a prefix, an upper bound of all texts that begin with the prefix. */
const greatest = '\u{10ffff}';

/** Whether a filter can match anything. Postgres rejects other texts, which therefore cannot be stored. */
const canMatch = ({ clientId, accountId, subject, resource, name }: NamedTokenFilter): boolean =>
  [clientId, subject?.type, subject?.id, resource, name].every(
    (text) => text === undefined || (!text.includes('\0') && text.isWellFormed()),
  ) &&
  (accountId === undefined || isUuid(accountId));

/**
 * Reads the positions of up to `limit` tokens after `after`. Forces an index scan in list order, whatever the table
 * statistics suggest: a plan that is fast for a client with few tokens would sort a million rows per page for another.
 */
export async function readPositions(
  connection: Connection,
  filter: NamedTokenFilter,
  page: { order: Order; after: ListPosition | undefined; limit: number },
): Promise<ListPosition[]> {
  if (!canMatch(filter)) return [];
  return connection
    .transaction()
    .setAccessMode('read only')
    .execute(async (transaction) => {
      await sql`
      select set_config(name, 'off', true) from unnest(${planSettingsOff(filter)}::text[]) as name`.execute(
        transaction,
      );
      return readInOrder(transaction, filter, page);
    });
}

/** The planner settings to turn off. None for a person's tokens, which are few and can be sorted. */
function planSettingsOff({ accountId, clientId }: NamedTokenFilter): string[] {
  if (accountId !== undefined) return [];
  const settings = ['enable_seqscan', 'enable_bitmapscan', 'enable_sort', 'jit'];
  // Lists across all clients need it to order tokens with equal times by key.
  return clientId === undefined ? settings : [...settings, 'enable_incremental_sort'];
}

async function readInOrder(
  connection: Connection,
  filter: NamedTokenFilter,
  { order, after, limit }: { order: Order; after: ListPosition | undefined; limit: number },
): Promise<ListPosition[]> {
  const { column, direction } = columns[order];
  const by = sql.raw(column);
  const value = order === 'name' ? by : sql`(extract(epoch from ${by}) * 1000000)::bigint::text`;
  const conditions = [...conditionsOf(filter), ...(after ? [comesAfter(order, after)] : [])];
  const ofKinds = (kinds: readonly NamedTokenKind[]) => sql`(
    select ${value} as value, t.key, ${by} as sort_value from ${tokensOf(filter)} t
    ${filter.status === 'active' ? tokenParties : sql``}
    where t.kind in (${sql.join(kinds.map((kind) => sql.lit(kind)))}) and ${sql.join(conditions, sql` and `)}
    order by ${by} ${sql.raw(direction)}, t.key ${sql.raw(direction)} limit ${limit})`;
  const { rows } = await sql<ListPosition>`
    select value, key from (${sql.join(kindGroups(filter, order).map(ofKinds), sql` union all `)}) as found
    order by sort_value ${sql.raw(direction)}, key ${sql.raw(direction)} limit ${limit}`.execute(
    connection,
  );
  return rows;
}

/**
 * The kinds in a list, grouped by the queries that read them. Lists across all clients use one query per kind, each
 * with its part of the index; otherwise the rare kinds would be searched for among millions of the common one.
 */
function kindGroups(
  { kind, clientId, accountId, subject }: NamedTokenFilter,
  order: Order,
): readonly (readonly NamedTokenKind[])[] {
  if (kind) return [[kind]];
  // Other kinds have no subject.
  if (subject) return [['api_token']];
  const isIndexedByKind = order === 'made' || order === 'name';
  return isIndexedByKind && clientId === undefined && accountId === undefined
    ? namedTokenKinds.map((each) => [each])
    : [namedTokenKinds];
}

/**
 * A person has few tokens, which are read whole; `offset 0` keeps the planner from scanning all tokens in list order.
 */
const tokensOf = ({ accountId }: NamedTokenFilter): RawBuilder<unknown> =>
  accountId === undefined
    ? sql`token_shelf_0`
    : sql`(select * from token_shelf_0 where account_id = ${accountId}::uuid offset 0)`;

/** The client, app, account and grant that `alive` needs, each read by primary key. */
const tokenParties = sql`
  cross join lateral (select app_id, epoch, disabled_at, deleted_at from client where id = t.client_id offset 0) c
  left join lateral (select epoch, disabled_at from app where id = c.app_id offset 0) p on true
  left join lateral (select epoch, disabled_at from account where id = t.account_id offset 0) a on true
  left join lateral (select epoch, revoked_at from oauth_grant where id = t.grant_id offset 0) g on true`;

/**
 * Conditions are written exactly as the predicate of the intended partial index, so that the planner chooses that one.
 */
function conditionsOf({
  clientId,
  subject,
  resource,
  name,
  status,
}: NamedTokenFilter): RawBuilder<unknown>[] {
  const conditions: RawBuilder<unknown>[] = [];
  const acrossClients = clientId === undefined;
  if (subject) conditions.push(sql`t.subject_type = ${subject.type}`);
  if (subject?.id !== undefined) conditions.push(sql`t.subject_id = ${subject.id}`);
  else if (subject)
    conditions.push(acrossClients ? sql`t.subject_id <> ''` : sql`t.subject_id is not null`);
  else conditions.push(acrossClients ? sql`t.name <> ''` : sql`t.name is not null`);
  if (clientId !== undefined)
    conditions.push(
      sql`t.client_id = (select id from client where client_id = ${storedClientId(clientId)})`,
    );
  if (resource !== undefined) conditions.push(sql`t.audience = array[${resource}::text]`);
  if (name !== undefined)
    conditions.push(
      sql`lower(t.name) collate "C" >= lower(${name}::text)`,
      sql`lower(t.name) collate "C" < lower(${name}::text) || ${greatest}::text`,
    );
  if (status === 'active') conditions.push(sql`${sql.raw(alive)}`);
  if (status === 'expired') conditions.push(sql`t.revoked_at is null`, sql`t.expires_at <= now()`);
  if (status === 'revoked') conditions.push(sql`t.revoked_at is not null`);
  return conditions;
}

const comesAfter = (order: Order, { value, key }: ListPosition): RawBuilder<unknown> => {
  const { column, direction } = columns[order];
  const sortValue =
    order === 'name'
      ? sql`${value}::text`
      : sql`timestamptz 'epoch' + ${value}::float8 * interval '1 microsecond'`;
  return sql`(${sql.raw(column)}, t.key) ${sql.raw(direction === 'asc' ? '>' : '<')} (${sortValue}, ${key}::bytea)`;
};
