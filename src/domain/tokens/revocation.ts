import type { Database, Statement } from '../../../db/database.ts';
import { withWaitBudget } from '../../../db/deadline.ts';
import { type Actor, type Attribution, actingAs, attribution } from '../audit/actor.ts';
import { currentRequest } from '../audit/request-context.ts';
import { createBatch } from '../database/batch.ts';
import { orUnavailable } from '../database/retry.ts';
import type { Grants } from '../grants/grants.ts';
import { partitionTable, unlessDropped } from './partitions.ts';
import type { TokenState } from './token-state.ts';
import { namedTokenKinds, publicId, type TokenId } from './value.ts';

/** A token to be ended, and by whom. */
interface Ending {
  id: TokenId;
  by: Attribution;
  /** By which it came, if by any. */
  dialect: string | null;
}

/** Of a token that somebody owns, an event tells what it was; what comes and goes with logins has none of that. */
const details = `nullif(
        case when gone.kind in (${namedTokenKinds.map((kind) => `'${kind}'`).join(', ')})
          then jsonb_build_object('kind', gone.kind, 'name', gone.name, 'client_id', client.client_id) else '{}' end
        || case when gone.dialect is null then '{}' else jsonb_build_object('dialect', gone.dialect) end, '{}')`;

/**
 * Locks the tokens in the order of their keys, so that two processes never wait for each other in a circle: an
 * update alone takes them in the order of whatever plan it gets. The numbers of the changes are drawn with the rows
 * themselves, in the same transaction. Returns a row for each token that was revoked.
 */
const statementFor = (partition: number): Statement => ({
  name: `token-revoke-${partition}`,
  idempotent: true,
  text: `with locked as materialized (
      select key from ${partitionTable(partition)}
      where shelf = ${partition} and key = any ($1::bytea[]) and revoked_at is null
      order by key for update
    ),
    gone as (
      update ${partitionTable(partition)} t set revoked_at = now()
      from locked join unnest($1::bytea[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
        as i (key, public_id, actor_kind, actor_id, token_id, ip, request_id, dialect) on i.key = locked.key
      where t.shelf = ${partition} and t.key = locked.key and t.revoked_at is null
      returning i.public_id, t.client_id, t.kind, t.name, i.actor_kind, i.actor_id, i.token_id, i.ip, i.request_id, i.dialect
    ),
    told as (
      insert into audit_event (action, result, actor_kind, actor_id, token_id, target_kind, target_id, ip, request_id, app_id, details)
      select 'token.revoked', 'success', actor_kind, actor_id, token_id, 'token', public_id, ip, request_id,
        client.app_id, ${details}
      from gone join client on client.id = gone.client_id
    ),
    counter as (
      update change_counter set last = last + (select count(*) from gone) where exists (select from gone) returning last
    )
    insert into change (number, kind, token_id, client_id)
    select counter.last - row_number() over () + 1, 'token.revoked', gone.public_id, client.client_id
    from counter cross join gone join client on client.id = gone.client_id returning number`,
});

/** Tokens that one statement ends: while it runs, nobody else's revocation is answered. */
const batchSize = 2_000;

const currentDialect = (): string | null => currentRequest()?.dialect ?? null;

/** Ends the tokens of one partition, and gives how many lived until then. */
async function revokeInPartition(
  { query }: Pick<Database, 'query'>,
  partition: number,
  endings: readonly Ending[],
): Promise<number> {
  // Several statements follow the same order as one does.
  const sorted = endings.toSorted((a, b) => Buffer.compare(a.id.key, b.id.key));
  let ended = 0;
  for (let first = 0; first < sorted.length; first += batchSize) {
    const some = sorted.slice(first, first + batchSize);
    const column = (read: (ending: Ending) => unknown) => some.map(read);
    // Each statement is a wait of its own: what one has ended stays so, however many there are.
    const run = () =>
      query(statementFor(partition), [
        column(({ id }) => id.key),
        column(({ id }) => publicId(id)),
        column(({ by }) => by.actor_kind),
        column(({ by }) => by.actor_id),
        column(({ by }) => by.token_id),
        column(({ by }) => by.ip),
        column(({ by }) => by.request_id),
        column(({ dialect }) => dialect),
      ]).catch(unlessDropped);
    const rows = await orUnavailable(() =>
      some.length < sorted.length ? withWaitBudget(run) : run(),
    );
    ended += rows.length;
  }
  return ended;
}

/** Ends single tokens, those of a tick that lie on one partition in one statement. */
export function createTokenRevocation({ database }: { database: Database }) {
  const enqueue = createBatch<Ending, void>({
    maxConcurrent: 1,
    run: async (endings) => {
      for (const [partition, found] of Map.groupBy(endings, ({ id }) => id.partition))
        await revokeInPartition(database, partition, found);
      return endings.map(() => undefined);
    },
  });
  return (id: TokenId): Promise<void> =>
    enqueue({ id, by: attribution(), dialect: currentDialect() });
}

/**
 * Ends many tokens of one partition, some thousands in one transaction, and gives how many lived until then.
 * Where it throws, some of them may be ended.
 */
export function revokeMany(
  database: Pick<Database, 'query'>,
  partition: number,
  keys: readonly Buffer[],
): Promise<number> {
  const by = attribution();
  const dialect = currentDialect();
  return revokeInPartition(
    database,
    partition,
    keys.map((key) => ({ id: { partition, key }, by, dialect })),
  );
}

/**
 * Ends a token; with a refresh token its grant, and so every token of the login (RFC 7009 §2.1), also
 * by one that was rotated away since. `by` names who does it, where nobody acts yet.
 */
export const createTokenEnding =
  ({ revoke, grants }: { revoke: RevokeToken; grants: Grants }) =>
  ({ kind, grantId, id }: TokenState, by?: Actor): Promise<unknown> => {
    const because = by?.kind === 'client' ? 'client' : undefined;
    const end = () =>
      kind === 'refresh_token' && grantId ? grants.revoke(grantId, because) : revoke(id);
    return by ? actingAs(by, end) : end();
  };

export type EndToken = ReturnType<typeof createTokenEnding>;

/** Resolves once the token is inactive for every request that begins from now on. Revoking again changes nothing. */
export type RevokeToken = ReturnType<typeof createTokenRevocation>;
