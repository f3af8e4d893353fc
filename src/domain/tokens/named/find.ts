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

/** Whose tokens: those of a person, or, by its public id, of a client. */
export type NamedTokenOwner = { accountId: string } | { clientId: string };

/** A token of one kind. */
export type Shown<Kind extends NamedTokenKind> = ShownToken & { kind: Kind };

const table = sql.table(partitionTable(0));

/** Holds of a row `t` that is somebody's. */
const isOf = (owner: NamedTokenOwner) =>
  'accountId' in owner
    ? sql`t.account_id = ${owner.accountId}::uuid`
    : sql`t.client_id = (select id from client where client_id = ${owner.clientId})`;

/** All of a kind that somebody has, newest first, ended ones too. */
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
 * Throws `conflict` where a list is full, ended ones too: whoever made and ended tokens in a loop would pile up
 * what every look at the list reads.
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
      `There are ${tokenLimits.listed} on the list, ended ones included, which is as many as it holds: those leave it ${retainAfterEnd / 86_400} days after their end.`,
    );
}

/** Those of a kind that somebody has and that are active; `replaced` ones go on for a while beside the new value. */
export async function activeOf(
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

/**
 * Whether a token is active that somebody owns for a resource. It reads all that have a name: no index is kept
 * for what is asked so rarely.
 */
export async function isActiveFor(connection: Connection, resource: string): Promise<boolean> {
  const { rows } = await sql`
    select from ${table} t ${sql.raw(withParties)}
    where t.audience = array[${resource}::text] and t.name is not null and ${sql.raw(alive)}
    limit 1`.execute(connection);
  return rows.length > 0;
}

/** Holds a token of partition 0 until the transaction ends: what is read of it from then on stays so. */
export async function lockNamedToken(
  transaction: Connection,
  { partition, key }: TokenId,
): Promise<void> {
  if (partition === 0)
    await sql`select from token_shelf_0 where shelf = 0 and key = ${key} for update`.execute(
      transaction,
    );
}

/** A token of a kind by its public id; with `lock`, held until the transaction ends. Throws `not_found` where it is not the owner's. */
export async function findNamedToken<Kind extends NamedTokenKind>(
  connection: Connection,
  kind: Kind,
  owner: NamedTokenOwner,
  id: string,
  { lock = false } = {},
): Promise<Shown<Kind>> {
  const place = parsePublicId(id);
  if (place?.partition === 0) {
    if (lock) await lockNamedToken(connection, place);
    const token = (await readShown(connection, [place])).get(id);
    if (token && isShown(token, kind) && belongsToAccount(token, owner)) return token;
  }
  throw new OAuthError('not_found', `There is no token ${id}.`);
}

const isShown = <Kind extends NamedTokenKind>(
  token: ShownToken,
  kind: Kind,
): token is Shown<Kind> => token.kind === kind;

const belongsToAccount = (token: ShownToken, owner: NamedTokenOwner): boolean =>
  'accountId' in owner
    ? token.accountId === owner.accountId
    : token.clientId === owner.clientId && token.accountId === null;

/** Makes a token, once where that is asked for, and shows it as it is now: also to whoever asks again. */
export async function makeShown(
  transaction: Connection,
  kind: NamedTokenKind,
  owner: NamedTokenOwner,
  idempotency: Idempotency | undefined,
  make: () => Promise<{ id: string; value: string }>,
): Promise<CreatedToken> {
  const { id, value } = await (idempotency ? idempotency(transaction, make) : make());
  return { token: await findNamedToken(transaction, kind, owner, id), value };
}
