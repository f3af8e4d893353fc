/**
 * BULK REVOCATIONS: all named tokens that match a filter, revoked in portions. A portion is one transaction: its tokens, their
 * audit events, and how far the revocation has come. So a crash loses nothing and repeats nothing, and two processes never
 * work on the same portion. Tokens that were issued after the beginning are left alone.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { type Selectable, sql } from 'kysely';
import { withImplied } from '../../../config/scopes.ts';
import type { Database } from '../../../db/database.ts';
import type { Connection, Schema } from '../../../db/schema.ts';
import { OAuthError, parameterError } from '../../oauth/errors.ts';
import { scopeTokens } from '../../oauth/scope.ts';
import { type Actor, actingAs, attribution } from '../audit/actor.ts';
import { recordEvent } from '../audit/events.ts';
import { type Idempotency, runOnce } from '../database/idempotency.ts';
import { orUnavailable } from '../database/retry.ts';
import { isUuid } from '../database/text-checks.ts';
import { within } from '../database/within.ts';
import { readApiResource } from '../installation/installation.ts';
import { readApiScopes } from '../roles/api-scopes.ts';
import type { Caller } from '../roles/management-actor.ts';
import { effectiveScope } from './effective-scope.ts';
import type { ListPosition } from './named/cursor.ts';
import { orderOf, readPositions, readPositionsWithin } from './named/list.ts';
import { readShown } from './named/read.ts';
import { requireMayRevoke, requireNotOperatorKey } from './named/rules.ts';
import type { NamedTokenFilter, ShownToken } from './named/types.ts';
import { tokenManager } from './principal.ts';
import { revokeMany } from './revocation.ts';
import { parsePublicId, publicId } from './value.ts';

/** Which tokens: at least one member. */
export type BulkFilter = Pick<
  NamedTokenFilter,
  'kind' | 'clientId' | 'accountId' | 'subject' | 'name'
>;

/** A bulk revocation, as far as it has come. */
export interface BulkRevocation {
  id: string;
  filter: BulkFilter;
  state: 'running' | 'done' | 'stopped';
  /** Tokens that it revoked, and active ones that its actor may not revoke. */
  revoked: number;
  refused: number;
  begun_by: { kind: 'account' | 'client'; id: string };
  began_at: Date;
  /** When the last portion was done. */
  worked_at: Date;
  ended_at: Date | null;
}

/** How many active tokens match: at most this many are counted. */
export interface MatchCount {
  count: number;
  /** Whether there can be more. */
  isMore: boolean;
}

/** Tokens of a portion: few, so that it holds its locks, and the embedded database, only briefly. */
const portionSize = 500;
const counted = 10_000;
const listed = 50;

interface Dependencies {
  database: Database;
  /** Gets errors of the work in the background. A job tries again within a minute. */
  onError: (error: unknown) => void;
}

type Row = Selectable<Schema['bulk_revocation']>;

/** Whom it acts for: `scopes` are those at the beginning. */
type StoredActor = Pick<Caller, 'kind' | 'id' | 'tokenId'> & {
  clientId: string;
  scopes: string[];
  ip: string | null;
};

export function createBulkRevocations({ database, onError }: Dependencies) {
  const { kysely } = database;
  const stop = new AbortController();
  // Neither in the name of the request that began one, which is stored, nor within its wait budget.
  const outside = AsyncLocalStorage.snapshot();
  /** Settles without an error when the current run is over. */
  let working: Promise<void> | undefined;

  /** Works until nothing is left, one run at a time in this process. Returns how many tokens this run revoked. */
  const run = async (signal?: AbortSignal): Promise<number> => {
    let revoked = 0;
    for (;;) {
      if (stop.signal.aborted || signal?.aborted) return revoked;
      const done = await workPortion();
      if (done === undefined) return revoked;
      revoked += done;
    }
  };

  const runAlone = async (signal?: AbortSignal): Promise<number> => {
    while (working) await working;
    const mine = run(signal);
    const over = () => {
      working = undefined;
    };
    working = mine.then(over, over);
    return mine;
  };

  /** A portion of the oldest one that no other process works on. Returns how many it revoked; undefined if there is none. */
  const workPortion = (): Promise<number | undefined> =>
    orUnavailable(() =>
      kysely.transaction().execute(async (transaction) => {
        const row = await transaction
          .selectFrom('bulk_revocation')
          .selectAll()
          .where('state', '=', 'running')
          .orderBy('began_at')
          .limit(1)
          .forUpdate()
          .skipLocked()
          .executeTakeFirst();
        if (!row) return undefined;
        const actor = await currentActor(transaction, row.actor as StoredActor);
        if (!actor) {
          await end(transaction, row, 'stopped', { why: 'its actor may no longer revoke tokens' });
          return 0;
        }
        return actingAs(auditActor(row.actor as StoredActor), () =>
          revokePortion(transaction, row, actor),
        );
      }),
    );

  /** The actor with the scopes that they still have; undefined if they may no longer revoke tokens. */
  const currentActor = async (
    transaction: Connection,
    { kind, id, tokenId, scopes }: StoredActor,
  ): Promise<Caller | undefined> => {
    const own: ReadonlySet<string>[] = [];
    if (tokenId !== undefined) {
      // The presented token is one of those that it can revoke; then its work ends as well.
      const presented = parsePublicId(tokenId);
      const state =
        presented && (await readShown(transaction, [presented])).get(publicId(presented));
      if (state?.status !== 'active') return undefined;
      const scope = effectiveScope(state, await readApiResource(transaction));
      own.push(withImplied(scopeTokens(scope)));
    } else if (kind === 'client') return undefined;
    if (kind === 'account') {
      const account = await transaction
        .selectFrom('account')
        .select('roles')
        .where('id', '=', id)
        .where('disabled_at', 'is', null)
        .where('deleted_at', 'is', null)
        .executeTakeFirst();
      own.push(await readApiScopes(transaction, account?.roles ?? []));
    }
    const left = new Set(scopes.filter((scope) => own.every((each) => each.has(scope))));
    return left.has('tokens:revoke') ? { kind, id, tokenId, scopes: left } : undefined;
  };

  const revokePortion = async (
    transaction: Connection,
    row: Row,
    actor: Caller,
  ): Promise<number> => {
    const filter = activeUntil(row.filter as BulkFilter, row.began_at);
    const after = row.position as { value: string; key: string } | null;
    const { found, next } = await readPositionsWithin(transaction, filter, {
      order: orderOf(filter),
      after: after ? { value: after.value, key: Buffer.from(after.key, 'base64url') } : undefined,
      limit: portionSize,
    });
    const tokens = await readShown(
      transaction,
      found.map(({ key }) => ({ partition: 0, key })),
    );
    const { allowed, refused } = await sorted(transaction, actor, row, [...tokens.values()]);
    const revoked = await revokeMany(
      within(transaction),
      0,
      allowed.map(({ id }) => id.key),
    );
    const counts = {
      revoked: Number(row.revoked) + revoked,
      refused: Number(row.refused) + refused,
    };
    await transaction
      .updateTable('bulk_revocation')
      .set({ ...counts, position: positionOf(next), worked_at: sql<Date>`now()` })
      .where('id', '=', row.id)
      .execute();
    if (next === null) await end(transaction, { ...row, ...counts }, 'done');
    return revoked;
  };

  /** The tokens that the actor may revoke, and how many they may not. */
  const sorted = async (
    transaction: Connection,
    actor: Caller,
    row: Row,
    tokens: readonly ShownToken[],
  ): Promise<{ allowed: ShownToken[]; refused: number }> => {
    const { clientId, tokenId } = row.actor as StoredActor;
    const manager = tokenManager(actor, { clientId, tokenId });
    const ofPeople = new Map<string | null, Promise<boolean>>();
    const mayRevoke = (token: ShownToken): Promise<boolean> => {
      const known = ofPeople.get(token.accountId);
      const may = known ?? isAllowed(() => requireMayRevoke(transaction, manager, token));
      ofPeople.set(token.accountId, may);
      return may;
    };
    const allowed: ShownToken[] = [];
    for (const token of tokens)
      if (
        (await mayRevoke(token)) &&
        (await isAllowed(async () => requireNotOperatorKey(manager, token)))
      )
        allowed.push(token);
    return { allowed, refused: tokens.length - allowed.length };
  };

  const end = async (
    transaction: Connection,
    { id, revoked, refused }: Pick<Row, 'id' | 'revoked' | 'refused'>,
    state: 'done' | 'stopped',
    more: Record<string, unknown> = {},
  ): Promise<void> => {
    await transaction
      .updateTable('bulk_revocation')
      .set({ state, ended_at: sql<Date>`now()` })
      .where('id', '=', id)
      .execute();
    await recordEvent(transaction, {
      action: state === 'done' ? 'bulk_revocation.completed' : 'bulk_revocation.stopped',
      target: { kind: 'bulk_revocation', id },
      details: { revoked: Number(revoked), refused: Number(refused), ...more },
    });
  };

  const find = async (id: string): Promise<BulkRevocation> => {
    const row = isUuid(id)
      ? await orUnavailable(() =>
          kysely.selectFrom('bulk_revocation').selectAll().where('id', '=', id).executeTakeFirst(),
        )
      : undefined;
    if (!row) throw new OAuthError('not_found', `There is no bulk revocation ${id}.`);
    return shown(row);
  };

  return {
    find,

    /** The last ones, newest first. */
    async list(): Promise<BulkRevocation[]> {
      const rows = await orUnavailable(() =>
        kysely
          .selectFrom('bulk_revocation')
          .selectAll()
          .orderBy('began_at', 'desc')
          .orderBy('id')
          .limit(listed)
          .execute(),
      );
      return rows.map(shown);
    },

    /** How many active tokens match now. */
    async count(filter: BulkFilter): Promise<MatchCount> {
      const active = { ...filter, status: 'active' } as const;
      const { found, next } = await orUnavailable(() =>
        readPositions(kysely, active, {
          order: orderOf(active),
          after: undefined,
          limit: counted,
        }),
      );
      return { count: found.length, isMore: next !== null };
    },

    /**
     * Begins to revoke the active tokens that match and were issued before now. Returns at once; `find` says how far it has come.
     * Throws `invalid_request` for an empty filter.
     */
    async begin(
      actor: Caller,
      given: BulkFilter,
      {
        clientId = '',
        idempotency,
      }: {
        /** The client that the presented token was issued to. */
        clientId?: string;
        idempotency?: Idempotency | undefined;
      } = {},
    ): Promise<BulkRevocation> {
      const filter = requireFilter(given);
      const { ip } = attribution();
      const stored: StoredActor = {
        kind: actor.kind,
        id: actor.id,
        ...(actor.tokenId !== undefined && { tokenId: actor.tokenId }),
        clientId,
        scopes: [...actor.scopes],
        ip,
      };
      const created = await orUnavailable(() =>
        kysely.transaction().execute((transaction) =>
          runOnce(idempotency, transaction, async () => {
            const row = await transaction
              .insertInto('bulk_revocation')
              .values({
                id: randomUUID(),
                filter: JSON.stringify(filter),
                actor: JSON.stringify(stored),
              })
              .returningAll()
              .executeTakeFirstOrThrow();
            await recordEvent(transaction, {
              action: 'bulk_revocation.begun',
              target: { kind: 'bulk_revocation', id: row.id },
              details: { filter },
            });
            return shown(row);
          }),
        ),
      );
      void outside(() => runAlone().catch(onError));
      return created;
    },

    /** Ends one before it is done: what it has revoked stays revoked. Throws `conflict` if it has ended. */
    async stop(id: string): Promise<BulkRevocation> {
      await find(id);
      await orUnavailable(() =>
        kysely.transaction().execute(async (transaction) => {
          // Waits for the portion that another process may be working on.
          const row = await transaction
            .selectFrom('bulk_revocation')
            .selectAll()
            .where('id', '=', id)
            .where('state', '=', 'running')
            .forUpdate()
            .executeTakeFirst();
          if (!row) throw new OAuthError('conflict', 'It has already ended.');
          await end(transaction, row, 'stopped');
        }),
      );
      return find(id);
    },

    /** For the job: continues what a process left when it ended. Returns how many tokens were revoked. */
    continue: runAlone,

    /** Waits for the current portion; another process, or the next start, continues. */
    async close(): Promise<void> {
      stop.abort();
      await working;
    },
  };
}

export type BulkRevocations = ReturnType<typeof createBulkRevocations>;

/** The members that are given. Throws `invalid_request` if none is. */
function requireFilter(filter: BulkFilter): BulkFilter {
  const given = Object.fromEntries(
    Object.entries(filter).filter(([, value]) => value !== undefined && value !== ''),
  ) as BulkFilter;
  if (Object.keys(given).length === 0)
    throw parameterError('invalid_request', 'filter', 'must say which tokens, not all.');
  return given;
}

const activeUntil = (filter: BulkFilter, beganAt: Date): NamedTokenFilter => ({
  ...filter,
  status: 'active',
  issuedUntil: beganAt,
});

const positionOf = (position: ListPosition | null): string | null =>
  position && JSON.stringify({ value: position.value, key: position.key.toString('base64url') });

const auditActor = ({ kind, id, tokenId, ip }: StoredActor): Actor => ({
  kind,
  id,
  tokenId,
  ...(ip !== null && { ip }),
});

/** Whether a rule allows something. Other errors are thrown. */
async function isAllowed(rule: () => Promise<void>): Promise<boolean> {
  try {
    await rule();
    return true;
  } catch (error) {
    if (error instanceof OAuthError && error.code === 'access_denied') return false;
    throw error;
  }
}

const shown = (row: Row): BulkRevocation => {
  const { kind, id } = row.actor as StoredActor;
  return {
    id: row.id,
    filter: row.filter as BulkFilter,
    state: row.state,
    revoked: Number(row.revoked),
    refused: Number(row.refused),
    begun_by: { kind, id },
    began_at: row.began_at,
    worked_at: row.worked_at,
    ended_at: row.ended_at,
  };
};
