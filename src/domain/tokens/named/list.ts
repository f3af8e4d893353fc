import { type RawBuilder, sql } from 'kysely';
import type { Connection } from '../../../../db/schema.ts';
import { storedClientId } from '../../clients/lookup.ts';
import { isUuid } from '../../database/text-checks.ts';
import { alive } from '../token-state.ts';
import { type NamedTokenKind, namedTokenKinds } from '../value.ts';
import type { ListPosition, Order } from './cursor.ts';
import type { NamedTokenFilter } from './types.ts';

/** By when they were made, but where what is asked for has an order of its own, and an index in that. */
export function orderOf({ subject, name, status }: NamedTokenFilter): Order {
  if (subject) return 'made';
  if (name !== undefined) return 'name';
  if (status === 'expired') return 'expires';
  return status === 'revoked' ? 'revoked' : 'made';
}

/** What a list is sorted by beside the key, as the indexes have it, and how a cursor tells it. */
const columns: Record<Order, { column: string; direction: 'asc' | 'desc' }> = {
  made: { column: 't.issued_at', direction: 'desc' },
  name: { column: '(lower(t.name) collate "C")', direction: 'asc' },
  expires: { column: 't.expires_at', direction: 'desc' },
  revoked: { column: 't.revoked_at', direction: 'desc' },
};

/** Nothing in Postgres is greater and begins with the same. */
const greatest = '\u{10ffff}';

/** Whether a filter can hold of anything: Postgres takes no such texts. */
const canHold = ({ clientId, accountId, subject, resource, name }: NamedTokenFilter): boolean =>
  [clientId, subject?.type, subject?.id, resource, name].every(
    (text) => text === undefined || (!text.includes('\0') && text.isWellFormed()),
  ) &&
  (accountId === undefined || isUuid(accountId));

/**
 * The places of so many owned tokens after another one, in the order of their list. Each list is read from
 * the index in its order, whatever the statistics say: a plan is made for all clients alike, and what is
 * quick for the one with few tokens would sort a million of another for every page.
 */
export async function readPlaces(
  connection: Connection,
  filter: NamedTokenFilter,
  page: { order: Order; after: ListPosition | undefined; limit: number },
): Promise<ListPosition[]> {
  if (!canHold(filter)) return [];
  return connection
    .transaction()
    .setAccessMode('read only')
    .execute(async (transaction) => {
      await sql`
      select set_config(name, 'off', true) from unnest(${waysLeftOut(filter)}::text[]) as name`.execute(
        transaction,
      );
      return readInOrder(transaction, filter, page);
    });
}

/** A person's are sorted, and there are few. */
function waysLeftOut({ accountId, clientId }: NamedTokenFilter): string[] {
  if (accountId !== undefined) return [];
  const ways = ['enable_seqscan', 'enable_bitmapscan', 'enable_sort', 'jit'];
  // Those of all that end in the same moment are put in order by it.
  return clientId === undefined ? ways : [...ways, 'enable_incremental_sort'];
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
    select ${value} as value, t.key, ${by} as place from ${tokensOf(filter)} t
    ${filter.status === 'active' ? tokenParties : sql``}
    where t.kind in (${sql.join(kinds.map((kind) => sql.lit(kind)))}) and ${sql.join(conditions, sql` and `)}
    order by ${by} ${sql.raw(direction)}, t.key ${sql.raw(direction)} limit ${limit})`;
  const { rows } = await sql<ListPosition>`
    select value, key from (${sql.join(kindsReadAlone(filter, order).map(ofKinds), sql` union all `)}) as found
    order by place ${sql.raw(direction)}, key ${sql.raw(direction)} limit ${limit}`.execute(
    connection,
  );
  return rows;
}

/**
 * The kinds that can be in a list, parted as it reads them. Where there are those of everybody, each kind
 * has a list in its index, or the few of one kind would be sought among millions of another.
 */
function kindsReadAlone(
  { kind, clientId, accountId, subject }: NamedTokenFilter,
  order: Order,
): readonly (readonly NamedTokenKind[])[] {
  if (kind) return [[kind]];
  // No other kind is made for a subject.
  if (subject) return [['api_token']];
  const isParted = order === 'made' || order === 'name';
  return isParted && clientId === undefined && accountId === undefined
    ? namedTokenKinds.map((each) => [each])
    : [namedTokenKinds];
}

/** A person has few, which are sorted for each page; `offset 0` keeps the planner from searching them among all. */
const tokensOf = ({ accountId }: NamedTokenFilter): RawBuilder<unknown> =>
  accountId === undefined
    ? sql`token_shelf_0`
    : sql`(select * from token_shelf_0 where account_id = ${accountId}::uuid offset 0)`;

/** Those that decide whether a token is active, each read by its key. */
const tokenParties = sql`
  cross join lateral (select app_id, epoch, disabled_at, deleted_at from client where id = t.client_id offset 0) c
  left join lateral (select epoch, disabled_at from app where id = c.app_id offset 0) p on true
  left join lateral (select epoch, disabled_at from account where id = t.account_id offset 0) a on true
  left join lateral (select epoch, revoked_at from oauth_grant where id = t.grant_id offset 0) g on true`;

/** Each is worded as that of the one index that fits, so that the planner takes it and no other. */
function conditionsOf({
  clientId,
  subject,
  resource,
  name,
  status,
}: NamedTokenFilter): RawBuilder<unknown>[] {
  const conditions: RawBuilder<unknown>[] = [];
  const isOfAll = clientId === undefined;
  if (subject) conditions.push(sql`t.subject_type = ${subject.type}`);
  if (subject?.id !== undefined) conditions.push(sql`t.subject_id = ${subject.id}`);
  else if (subject)
    conditions.push(isOfAll ? sql`t.subject_id <> ''` : sql`t.subject_id is not null`);
  else conditions.push(isOfAll ? sql`t.name <> ''` : sql`t.name is not null`);
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
  const place =
    order === 'name'
      ? sql`${value}::text`
      : sql`timestamptz 'epoch' + ${value}::float8 * interval '1 microsecond'`;
  return sql`(${sql.raw(column)}, t.key) ${sql.raw(direction === 'asc' ? '>' : '<')} (${place}, ${key}::bytea)`;
};
