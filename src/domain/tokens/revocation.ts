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

/** A token to revoke, with the actor and the dialect of the request for the audit event. */
interface Revocation {
  id: TokenId;
  by: Attribution;
  dialect: string | null;
}

/**
 * The details of the audit event: a named token is described, other tokens have nothing that identifies them to people.
 */
const details = `nullif(
        case when revoked.kind in (${namedTokenKinds.map((kind) => `'${kind}'`).join(', ')})
          then jsonb_build_object('kind', revoked.kind, 'name', revoked.name, 'client_id', client.client_id) else '{}' end
        || case when revoked.dialect is null then '{}' else jsonb_build_object('dialect', revoked.dialect) end, '{}')`;

/**
 * Revokes tokens of one partition, and writes their audit events and their entries in the change feed in the same
 * transaction. Locks the rows in key order, so that two processes cannot deadlock; a plain UPDATE would lock them in
 * the order of its plan. Returns a row for each token that was not revoked before.
 */
const statementFor = (partition: number): Statement => ({
  name: `token-revoke-${partition}`,
  idempotent: true,
  text: `with locked as materialized (
      select key from ${partitionTable(partition)}
      where shelf = ${partition} and key = any ($1::bytea[]) and revoked_at is null
      order by key for update
    ),
    revoked as (
      update ${partitionTable(partition)} t set revoked_at = now()
      from locked join unnest($1::bytea[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
        as i (key, public_id, actor_kind, actor_id, token_id, ip, request_id, dialect) on i.key = locked.key
      where t.shelf = ${partition} and t.key = locked.key and t.revoked_at is null
      returning i.public_id, t.client_id, t.audience, t.kind, t.name, i.actor_kind, i.actor_id, i.token_id, i.ip, i.request_id, i.dialect
    ),
    events as (
      insert into audit_event (action, result, actor_kind, actor_id, token_id, target_kind, target_id, ip, request_id, app_id, details)
      select 'token.revoked', 'success', actor_kind, actor_id, token_id, 'token', public_id, ip, request_id,
        client.app_id, ${details}
      from revoked join client on client.id = revoked.client_id
    ),
    counter as (
      update change_counter set last = last + (select count(*) from revoked) where exists (select from revoked) returning last
    )
    insert into change (number, kind, token_id, client_id, audience)
    select counter.last - row_number() over () + 1, 'token.revoked', revoked.public_id, client.client_id, revoked.audience
    from counter cross join revoked join client on client.id = revoked.client_id returning number`,
});

/** Tokens per statement. Each statement locks the change counter, so other revocations wait for it. */
const batchSize = 2_000;

const currentDialect = (): string | null => currentRequest()?.dialect ?? null;

/** Revokes tokens of one partition. Returns how many were not revoked before. */
async function revokeInPartition(
  { query }: Pick<Database, 'query'>,
  partition: number,
  revocations: readonly Revocation[],
): Promise<number> {
  // Key order across statements too, since they may share a transaction.
  const sorted = revocations.toSorted((a, b) => Buffer.compare(a.id.key, b.id.key));
  let revoked = 0;
  for (let first = 0; first < sorted.length; first += batchSize) {
    const batch = sorted.slice(first, first + batchSize);
    const column = (read: (revocation: Revocation) => unknown) => batch.map(read);
    // A wait budget per statement, since the number of tokens is not bounded.
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
      batch.length < sorted.length ? withWaitBudget(run) : run(),
    );
    revoked += rows.length;
  }
  return revoked;
}

/** Revokes single tokens. Those of the same tick and partition share a statement. */
export function createTokenRevocation({ database }: { database: Database }) {
  const enqueue = createBatch<Revocation, void>({
    maxConcurrent: 1,
    run: async (revocations) => {
      const groups = Map.groupBy(revocations, ({ id }) => id.partition).entries();
      const revokeGroups = async () => {
        for (const [partition, group] of groups)
          await revokeInPartition(database, partition, group);
      };
      // Two partitions at a time: one commits while the other finds its tokens.
      await Promise.all([revokeGroups(), revokeGroups()]);
      return revocations.map(() => undefined);
    },
  });
  return (id: TokenId): Promise<void> =>
    enqueue({ id, by: attribution(), dialect: currentDialect() });
}

/**
 * Revokes many tokens of one partition, a few thousand per statement. Returns how many were not revoked before. If it
 * throws, some of them may be revoked.
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
 * Revokes a token. For a refresh token, also one that has been rotated, it revokes the grant and with it every token
 * issued from it (RFC 7009 §2.1). `by` is the actor of the audit event, if the request has none yet.
 */
export const createRevokeWithGrant =
  ({ revoke, grants }: { revoke: RevokeToken; grants: Grants }) =>
  ({ kind, grantId, id }: TokenState, by?: Actor): Promise<unknown> => {
    const because = by?.kind === 'client' ? 'client' : undefined;
    const run = () =>
      kind === 'refresh_token' && grantId ? grants.revoke(grantId, because) : revoke(id);
    return by ? actingAs(by, run) : run();
  };

export type RevokeWithGrant = ReturnType<typeof createRevokeWithGrant>;

/**
 * Revokes a token by primary key. When it resolves, every request that begins afterwards, in any process, sees the
 * token as inactive. Idempotent. Throws `temporarily_unavailable` if the outcome is unknown.
 */
export type RevokeToken = ReturnType<typeof createTokenRevocation>;
