import { sql } from 'kysely';
import { retainAfterEnd, tokenLimits } from '../../../../config/tokens.ts';
import type { Connection } from '../../../../db/schema.ts';
import { OAuthError } from '../../../oauth/errors.ts';
import type { Idempotency } from '../../database/idempotency.ts';
import { partitionTable } from '../partitions.ts';
import { alive, withParties } from '../token-state.ts';
import { type NamedTokenKind, parsePublicId, publicId, type TokenId } from '../value.ts';
import { readShown } from './read.ts';
import type { CreatedToken, ShownToken } from './types.ts';

/** The owner of tokens: a person, or a client by its public id. */
export type NamedTokenOwner = { accountId: string } | { clientId: string };

/** A token of a certain kind. */
export type Shown<Kind extends NamedTokenKind> = ShownToken & { kind: Kind };

const table = sql.table(partitionTable(0));

/** The SQL condition that a token `t` belongs to the owner. */
const isOf = (owner: NamedTokenOwner) =>
  'accountId' in owner
    ? sql`t.account_id = ${owner.accountId}::uuid`
    : sql`t.client_id = (select id from client where client_id = ${owner.clientId})`;

/** All tokens of a kind and owner, active or not, newest first. */
export async function listNamedTokens(
  connection: Connection,
  kind: NamedTokenKind,
  owner: NamedTokenOwner,
): Promise<ShownToken[]> {
  const { rows } = await sql<TokenId>`
    select t.shelf as partition, t.key from ${table} t
    where t.kind = ${sql.lit(kind)} and t.name is not null and ${isOf(owner)}
    order by t.issued_at desc, t.key desc`.execute(connection);
  const shown = await readShown(connection, rows);
  return rows.flatMap((id) => shown.get(publicId(id)) ?? []);
}

/**
 * Throws `conflict` if an owner's list is full. Counts inactive tokens too, because creating and revoking tokens in a
 * loop would otherwise grow a list that is always read whole.
 */
export async function assertBelowListLimit(
  transaction: Connection,
  kind: NamedTokenKind,
  owner: NamedTokenOwner,
): Promise<void> {
  const { rows } = await sql<{ listed: number }>`
    select count(*)::integer as listed from ${table} t
    where t.kind = ${sql.lit(kind)} and t.name is not null and ${isOf(owner)}`.execute(transaction);
  if ((rows[0]?.listed ?? 0) >= tokenLimits.listed)
    throw new OAuthError(
      'conflict',
      `The list is full: it has ${tokenLimits.listed} entries, including expired and revoked ones, which stay on it for ${retainAfterEnd / 86_400} days.`,
    );
}

/**
 * The active tokens of a kind and owner. `replaced`: it was regenerated, and its old value is still valid for a while.
 */
export async function listActive(
  connection: Connection,
  kind: NamedTokenKind,
  owner: NamedTokenOwner,
): Promise<{ key: Buffer; name: string; replaced: boolean }[]> {
  const { rows } = await sql<{ key: Buffer; name: string; replaced: boolean }>`
    select t.key, t.name, t.successor is not null as replaced from ${table} t ${sql.raw(withParties)}
    where t.kind = ${sql.lit(kind)} and t.name is not null and ${isOf(owner)} and ${sql.raw(alive)}`.execute(
    connection,
  );
  return rows;
}

/** Whether a resource has active named tokens. Scans all named tokens: it is too rare to justify an index. */
export async function hasActiveTokens(connection: Connection, resource: string): Promise<boolean> {
  const { rows } = await sql`
    select from ${table} t ${sql.raw(withParties)}
    where t.audience = array[${resource}::text] and t.name is not null and ${sql.raw(alive)}
    limit 1`.execute(connection);
  return rows.length > 0;
}

/** Locks a token of partition 0 until the transaction ends. */
export async function lockNamedToken(
  transaction: Connection,
  { partition, key }: TokenId,
): Promise<void> {
  if (partition === 0)
    await sql`select from token_shelf_0 where shelf = 0 and key = ${key} for update`.execute(
      transaction,
    );
}

/**
 * The token of a kind and owner with this public id; with `lock`, locked until the transaction ends. Throws `not_found`
 * if it does not exist or belongs to someone else.
 */
export async function findNamedToken<Kind extends NamedTokenKind>(
  connection: Connection,
  kind: Kind,
  owner: NamedTokenOwner,
  id: string,
  { lock = false } = {},
): Promise<Shown<Kind>> {
  const tokenId = parsePublicId(id);
  if (tokenId?.partition === 0) {
    if (lock) await lockNamedToken(connection, tokenId);
    const token = (await readShown(connection, [tokenId])).get(id);
    if (token && isOfKind(token, kind) && belongsTo(token, owner)) return token;
  }
  throw new OAuthError('not_found', `There is no token ${id}.`);
}

const isOfKind = <Kind extends NamedTokenKind>(
  token: ShownToken,
  kind: Kind,
): token is Shown<Kind> => token.kind === kind;

const belongsTo = (token: ShownToken, owner: NamedTokenOwner): boolean =>
  'accountId' in owner
    ? token.accountId === owner.accountId
    : token.clientId === owner.clientId && token.accountId === null;

/**
 * Runs `create`, at most once per idempotency key, and reads the token. A repeated request gets the same value with the
 * current state of the token.
 */
export async function createShown(
  transaction: Connection,
  kind: NamedTokenKind,
  owner: NamedTokenOwner,
  idempotency: Idempotency | undefined,
  create: () => Promise<{ id: string; value: string }>,
): Promise<CreatedToken> {
  const { id, value } = await (idempotency ? idempotency(transaction, create) : create());
  return { token: await findNamedToken(transaction, kind, owner, id), value };
}
