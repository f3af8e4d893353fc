import { type RawBuilder, sql } from 'kysely';
import type { Connection } from '../../../../db/schema.ts';
import { storedClientId } from '../../clients/lookup.ts';
import { isUuid } from '../../database/text-checks.ts';
import { alive, conditions } from '../token-state.ts';
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
 * How many tokens a page examines at most. A filter that no index serves, such as the expired ones among a million with a
 * common name, gives shorter pages instead of slow ones.
 */
const examined = 10_000;

/**
 * The positions of up to `limit` tokens after `after`, and where the list continues; null at its end. A page can have fewer
 * tokens than `limit`, even none, without being the last.
 */
export async function readPositions(
  connection: Connection,
  filter: NamedTokenFilter,
  page: { order: Order; after: ListPosition | undefined; limit: number },
): Promise<{ found: ListPosition[]; next: ListPosition | null }> {
  if (!canMatch(filter)) return { found: [], next: null };
  const read = await readWithPlan(connection, filter, page);
  // A kind that is rare among many tokens is searched for among those of its kind.
  if (read.next !== null && read.found.length < page.limit && (await isRare(connection, filter)))
    return readWithPlan(connection, filter, { ...page, isRare: true });
  return read;
}

interface Page {
  order: Order;
  after: ListPosition | undefined;
  limit: number;
  /** Whether there are so few tokens of the kind that they are all read and sorted. */
  isRare?: boolean;
}

/**
 * Forces an index scan in list order, whatever the table statistics suggest: a plan that is fast for a client with few tokens
 * would sort a million rows per page for another.
 */
const readWithPlan = (connection: Connection, filter: NamedTokenFilter, page: Page) =>
  connection
    .transaction()
    .setAccessMode('read only')
    .execute((transaction) => readInTransaction(transaction, filter, page));

/** The same as `readPositions` in a transaction, in which the settings for the planner then stay. */
export const readPositionsWithin = async (
  transaction: Connection,
  filter: NamedTokenFilter,
  page: { order: Order; after: ListPosition | undefined; limit: number },
): Promise<{ found: ListPosition[]; next: ListPosition | null }> =>
  canMatch(filter) ? readInTransaction(transaction, filter, page) : { found: [], next: null };

async function readInTransaction(transaction: Connection, filter: NamedTokenFilter, page: Page) {
  await sql`
    select set_config(name, 'off', true) from unnest(${planSettingsOff(filter, page)}::text[]) as name`.execute(
    transaction,
  );
  return readInOrder(transaction, filter, page);
}

/** Whether all tokens of the kind, of the client if one is given, are few. */
async function isRare(
  connection: Connection,
  { kind, clientId, subject }: NamedTokenFilter,
): Promise<boolean> {
  if (!kind || subject) return false;
  const { rows } = await sql<{ count: number }>`
    select count(*)::integer as count from (
      select from token_shelf_0 t where ${sql.join(ofKind(kind, clientId), sql` and `)} limit ${examined + 1}) as few`.execute(
    connection,
  );
  return (rows[0]?.count ?? 0) <= examined;
}

const ofKind = (
  kind: NamedTokenKind,
  clientId: string | undefined,
): [RawBuilder<unknown>, ...RawBuilder<unknown>[]] => [
  sql`t.kind = ${sql.lit(kind)}`,
  clientId === undefined ? sql`t.name <> ''` : sql`t.name is not null`,
  ...(clientId === undefined ? [] : [isOfClient(clientId)]),
];

const isOfClient = (clientId: string) =>
  sql`t.client_id = (select id from client where client_id = ${storedClientId(clientId)})`;

/** The planner settings to turn off. None for tokens that are few and can be sorted, as a person's are. */
function planSettingsOff(
  { accountId, clientId }: NamedTokenFilter,
  { isRare: isSorted = false }: Page,
): string[] {
  if (accountId !== undefined || isSorted) return [];
  const settings = ['enable_seqscan', 'enable_bitmapscan', 'enable_sort', 'jit'];
  // Lists across all clients need it to order tokens with equal times by key.
  return clientId === undefined ? settings : [...settings, 'enable_incremental_sort'];
}

async function readInOrder(
  connection: Connection,
  filter: NamedTokenFilter,
  page: Page,
): Promise<{ found: ListPosition[]; next: ListPosition | null }> {
  const { order, after, limit } = page;
  const { column, direction } = columns[order];
  const by = sql.raw(column);
  const value = order === 'name' ? by : sql`(extract(epoch from ${by}) * 1000000)::bigint::text`;
  const { indexed, others } = conditionsOf(filter, order);
  if (after) indexed.push(comesAfter(order, after));
  const isWhole = filter.accountId !== undefined || page.isRare === true;
  const inListOrder = sql`order by ${by} ${sql.raw(direction)}, t.key ${sql.raw(direction)}`;
  // Of the tokens that an index gives, those that fit, and the last one that is examined, where the page ends.
  const ofKinds = (kinds: readonly NamedTokenKind[]) => {
    const isOneOf = sql`t.kind in (${sql.join(kinds.map((kind) => sql.lit(kind)))})`;
    const inIndex = hasKindInIndex(filter, order);
    const given = inIndex ? [isOneOf, ...indexed] : indexed;
    const tried = inIndex ? others : [isOneOf, ...others];
    const fits = tried.length > 0 ? sql.join(tried, sql` and `) : sql`true`;
    return sql`(
    select value, key, sort_value, fits, number = ${examined} as "isEnd" from (
      select each.*, ${isWhole ? sql`0` : sql`row_number() over ()`} as number from (
        select ${value} as value, t.key, ${by} as sort_value, (${fits}) as fits
        from ${tokensOf(filter, page)} t
        where ${sql.join(given, sql` and `)} ${inListOrder} ${isWhole ? sql`` : sql`limit ${examined}`}) as each) as numbered
    where fits or number = ${examined} limit ${limit + 1})`;
  };
  const { rows } = await sql<ListPosition & { fits: boolean; isEnd: boolean }>`
    select value, key, fits, "isEnd" from (${sql.join(kindGroups(filter, order).map(ofKinds), sql` union all `)}) as found
    order by sort_value ${sql.raw(direction)}, key ${sql.raw(direction)} limit ${limit + 1}`.execute(
    connection,
  );
  // Beyond the last one examined of a group, others of the group could follow.
  const end = rows.findIndex(({ isEnd }) => isEnd);
  const known = end === -1 ? rows : rows.slice(0, end + 1);
  const found = known
    .filter(({ fits }) => fits)
    .slice(0, limit)
    .map(({ value: of, key }) => ({ value: of, key }));
  const isFull = found.length === limit && rows.length > limit;
  return { found, next: (isFull ? found.at(-1) : known[end]) ?? null };
}

/**
 * The kinds in a list, grouped by the queries that read them. Where the index begins with the kind, there is a query for each;
 * otherwise the rare kinds would be searched for among millions of the common one.
 */
function kindGroups(
  filter: NamedTokenFilter,
  order: Order,
): readonly (readonly NamedTokenKind[])[] {
  if (filter.kind) return [[filter.kind]];
  // Other kinds have no subject.
  if (filter.subject) return [['api_token']];
  return hasKindInIndex(filter, order) ? namedTokenKinds.map((each) => [each]) : [namedTokenKinds];
}

/** Whether an index gives the tokens of one kind in list order. */
const hasKindInIndex = (
  { clientId, accountId, subject }: NamedTokenFilter,
  order: Order,
): boolean =>
  accountId === undefined &&
  subject === undefined &&
  (order === 'made' || (order === 'name' && clientId === undefined));

/**
 * The few tokens of a person, or of a rare kind, are read whole; `offset 0` keeps the planner from scanning all tokens in list
 * order.
 */
function tokensOf(
  { accountId, kind, clientId }: NamedTokenFilter,
  { isRare: isOfRareKind }: Page,
): RawBuilder<unknown> {
  if (accountId !== undefined)
    return sql`(select * from token_shelf_0 where account_id = ${accountId}::uuid offset 0)`;
  if (!isOfRareKind || !kind) return sql`token_shelf_0`;
  return sql`(select * from token_shelf_0 t where ${sql.join(ofKind(kind, clientId), sql` and `)} offset 0)`;
}

/** The client, app, account and grant that `alive` needs, each read by primary key. */
const tokenParties = sql`
  cross join lateral (select app_id, epoch, disabled_at, deleted_at from client where id = t.client_id offset 0) c
  left join lateral (select epoch, disabled_at from app where id = c.app_id offset 0) p on true
  left join lateral (select epoch, disabled_at from account where id = t.account_id offset 0) a on true
  left join lateral (select epoch, revoked_at from oauth_grant where id = t.grant_id offset 0) g on true`;

/**
 * The conditions that an index serves, written exactly as the predicate of the intended partial index, so that the planner
 * chooses that one; and the others, which are tried on the tokens that it gives, the cheap ones first.
 */
function conditionsOf(
  { clientId, subject, resource, name, status, issuedUntil }: NamedTokenFilter,
  order: Order,
): { indexed: RawBuilder<unknown>[]; others: RawBuilder<unknown>[] } {
  const indexed: RawBuilder<unknown>[] = [];
  const others: RawBuilder<unknown>[] = [];
  const acrossClients = clientId === undefined;
  if (subject) indexed.push(sql`t.subject_type = ${subject.type}`);
  if (subject?.id !== undefined) indexed.push(sql`t.subject_id = ${subject.id}`);
  else if (subject)
    indexed.push(acrossClients ? sql`t.subject_id <> ''` : sql`t.subject_id is not null`);
  else indexed.push(acrossClients ? sql`t.name <> ''` : sql`t.name is not null`);
  if (clientId !== undefined)
    (subject?.id === undefined ? indexed : others).push(isOfClient(clientId));
  if (resource !== undefined) others.push(sql`t.audience = array[${resource}::text]`);
  if (name !== undefined)
    (order === 'name' ? indexed : others).push(
      sql`lower(t.name) collate "C" >= lower(${name}::text)`,
      sql`lower(t.name) collate "C" < lower(${name}::text) || ${greatest}::text`,
    );
  if (issuedUntil !== undefined) others.push(sql`t.issued_at <= ${issuedUntil}::timestamptz`);
  if (status === 'active')
    others.push(
      sql.raw(conditions.revoked),
      sql.raw(conditions.expired),
      sql`exists (select from (select) as one ${tokenParties} where ${sql.raw(alive)})`,
    );
  if (status === 'expired')
    (order === 'expires' ? indexed : others).push(
      sql`t.revoked_at is null`,
      sql`t.expires_at <= now()`,
    );
  if (status === 'revoked')
    (order === 'revoked' ? indexed : others).push(sql`t.revoked_at is not null`);
  return { indexed, others };
}

const comesAfter = (order: Order, { value, key }: ListPosition): RawBuilder<unknown> => {
  const { column, direction } = columns[order];
  const sortValue =
    order === 'name'
      ? sql`${value}::text`
      : sql`timestamptz 'epoch' + ${value}::float8 * interval '1 microsecond'`;
  return sql`(${sql.raw(column)}, t.key) ${sql.raw(direction === 'asc' ? '>' : '<')} (${sortValue}, ${key}::bytea)`;
};
