import type { Database, Statement } from '../../../db/database.ts';
import { isMissingPartition, isUnavailable } from '../../../db/errors.ts';
import type { Schema } from '../../../db/schema.ts';
import { tokenIssued } from '../../telemetry/channels.ts';
import { createBatch } from '../database/batch.ts';
import type { Clock } from '../database/clock.ts';
import { databaseUnavailable, orUnavailable } from '../database/retry.ts';
import type { ClientUsage } from './client-usage.ts';
import {
  type Partitions,
  partitionTable,
  statementPerPartition,
  unlessDropped,
} from './partitions.ts';
import type { TokenId, TokenKind } from './value.ts';

/**
 * The epochs of a token's client, app, account and grant, as read when the request authenticated. A token is active
 * only while all four are current, so raising one revokes all tokens with it. Without an app, account or grant it is 0.
 */
export interface Epochs {
  client: number;
  app: number;
  account: number;
  grant: number;
}

/** A token to store. Times are seconds since the epoch. */
export interface NewToken {
  id: TokenId;
  kind: TokenKind;
  /** Of a JWT: the ID of the signing key. */
  kid?: string | undefined;
  /** Of a JWT: the digest of the whole JWT. */
  digest?: Buffer | undefined;
  /** The internal id of the client. */
  client: string;
  accountId?: string | undefined;
  grantId?: string | undefined;
  epochs: Epochs;
  scope?: string | undefined;
  audience?: string[] | undefined;
  payload?: Record<string, unknown> | undefined;
  name?: string | undefined;
  issuedAt: number;
  expiresAt?: number | undefined;
}

/** The single use of a code or a rotating refresh token, recorded together with the tokens it yields. */
export interface Redemption {
  /** A rotating token is marked as consumed in its row; a code has no row and is recorded by its digest. */
  of: { token: TokenId } | { code: Buffer };
  /** See `redemptionId`. */
  id: Buffer;
  /** The digest of the request, which a repeated request must match to get the same response. */
  fingerprint: Buffer;
  /** The sealed response for repeated requests; without one there is no replay window. */
  answer?: Buffer | undefined;
  /** Seconds to keep the record: at least as long as the redeemed value would be accepted without it. */
  retainSeconds: number;
}

/** A column of a new token: the type of its parameter, its value, and SQL to convert the parameter if needed. */
interface StoredColumn {
  type: string;
  value: (token: NewToken) => unknown;
  sql?: string;
}

/** The columns of a new token. Audiences are URIs and contain no spaces, so they travel as one string. */
const storedColumns = {
  shelf: { type: 'integer', value: ({ id }) => id.partition },
  key: { type: 'bytea', value: ({ id }) => id.key },
  kind: { type: 'text', value: ({ kind }) => kind },
  kid: { type: 'text', value: ({ kid }) => kid ?? null },
  digest: { type: 'bytea', value: ({ digest }) => digest ?? null },
  client_id: { type: 'uuid', value: ({ client }) => client },
  account_id: { type: 'uuid', value: ({ accountId }) => accountId ?? null },
  grant_id: { type: 'uuid', value: ({ grantId }) => grantId ?? null },
  client_epoch: { type: 'integer', value: ({ epochs }) => epochs.client },
  app_epoch: { type: 'integer', value: ({ epochs }) => epochs.app },
  account_epoch: { type: 'integer', value: ({ epochs }) => epochs.account },
  grant_epoch: { type: 'integer', value: ({ epochs }) => epochs.grant },
  scope: { type: 'text', value: ({ scope }) => scope ?? null },
  audience: {
    type: 'text',
    value: ({ audience }) => audience?.join(' ') ?? null,
    sql: "string_to_array(audience, ' ')",
  },
  payload: { type: 'jsonb', value: ({ payload }) => (payload ? JSON.stringify(payload) : null) },
  name: { type: 'text', value: ({ name }) => name ?? null },
  issued_at: {
    type: 'float8',
    value: ({ issuedAt }) => issuedAt,
    sql: 'to_timestamp(issued_at)',
  },
  expires_at: {
    type: 'float8',
    value: ({ expiresAt }) => expiresAt ?? null,
    sql: 'to_timestamp(expires_at)',
  },
} as const satisfies Partial<Record<keyof Schema['token'], StoredColumn>>;

const stored: [name: string, column: StoredColumn][] = Object.entries(storedColumns);
const columns = stored.map(([name]) => name).join(', ');

const values = stored.map(([name, { sql = name }]) => sql).join(', ');

/** The parameters of `arrays` in SQL, from parameter `first` on. */
const arrayParameters = (first: number): string =>
  stored.map(([, { type }], index) => `$${first + index}::${type}[]`).join(', ');

/** SQL for one row per array element, from parameter `first` on. The text is the same for any number of tokens. */
const unnested = (first: number): string =>
  `select ${values} from unnest(${arrayParameters(first)}) as n (${columns})`;

/** The parameters of `unnested`: an array for each column. */
const arrays = (tokens: NewToken[]): unknown[][] =>
  stored.map(([, { value }]) => tokens.map(value));

/** Keys are 128 random bits, so a conflict can only be the row of an earlier attempt whose response was lost. */
const insertStatement: Statement = {
  name: 'token-insert',
  text: `insert into token (${columns}) ${unnested(1)} on conflict (shelf, key) do nothing`,
  idempotent: true,
};

/** Parameters: $1 id, $2 fingerprint, $3 answer, $4 retention in seconds. */
const insertRedemption = `insert into redemption (id, fingerprint, answer, expires_at)
  select $1::bytea, $2::bytea, $3::bytea, now() + $4::float8 * interval '1 second'`;

/**
 * Redeems in one statement, hence atomically: marks the value, stores the response and the tokens, and extends the
 * grant. Of concurrent requests exactly one wins. `won` defines a relation of that name with a row for the winner only,
 * and uses the first `parameters` parameters.
 */
const redeemStatement = (won: string, parameters: number): string => `
  with ${won},
  extended as (
    update oauth_grant set live_until = greatest(live_until, to_timestamp($${parameters + 2}::float8))
    where id = $${parameters + 1}::uuid and exists (select from won)
      and live_until < to_timestamp($${parameters + 2}::float8)
  ),
  issued as (
    insert into token (${columns}) select issue.* from won cross join (${unnested(parameters + 3)}) as issue
  )
  select 1 as won from won`;

const redeemToken = statementPerPartition((partition) => ({
  name: `redeem-token-${partition}`,
  text: redeemStatement(
    `won as (
      update ${partitionTable(partition)} set consumed_at = now()
      where shelf = ${partition} and key = $5::bytea and consumed_at is null and revoked_at is null returning 1
    ),
    recorded as (${insertRedemption} from won on conflict (id) do nothing)`,
    5,
  ),
}));

/**
 * Redeems many tokens of a partition as `redeemToken` does one, for those that nothing else holds at this moment and
 * whose grant lives long enough: it never waits for a lock, so no redemption waits for what another one waits for.
 * Returns the numbers of those, and whether they won. `redeemToken` decides about the others.
 */
const redeemTokens = statementPerPartition((partition) => ({
  name: `redeem-tokens-${partition}`,
  text: `
  with asked as materialized (
    select * from unnest($1::integer[], $2::bytea[], $3::bytea[], $4::bytea[], $5::bytea[], $6::float8[], $7::uuid[], $8::float8[])
      as asked (n, key, id, fingerprint, answer, retain_seconds, grant_id, until)
  ),
  free as (
    select asked.n from asked
    join ${partitionTable(partition)} t on t.shelf = ${partition} and t.key = asked.key
    join oauth_grant g on g.id = asked.grant_id and g.live_until >= to_timestamp(asked.until)
    for update of t skip locked
  ),
  won as (
    update ${partitionTable(partition)} t set consumed_at = now()
    from asked join free using (n)
    where t.shelf = ${partition} and t.key = asked.key and t.consumed_at is null and t.revoked_at is null
    returning asked.n
  ),
  recorded as (
    insert into redemption (id, fingerprint, answer, expires_at)
    select id, fingerprint, answer, now() + retain_seconds * interval '1 second' from asked join won using (n)
    on conflict (id) do nothing
  ),
  issued as (
    insert into token (${columns})
    select ${values} from won join unnest($9::integer[], ${arrayParameters(10)}) as issue (n, ${columns}) using (n)
  )
  select free.n, won.n is not null as won from free left join won using (n)`,
}));

const redeemCode: Statement = {
  name: 'redeem-code',
  text: redeemStatement(`won as (${insertRedemption} on conflict (id) do nothing returning 1)`, 4),
};

const extendGrant: Statement = {
  name: 'grant-extend',
  text: 'update oauth_grant set live_until = greatest(live_until, to_timestamp($2::float8)) where id = $1::uuid',
  idempotent: true,
};

/** A redemption, the tokens that it yields, their grant, and the last expiry of them in seconds since the epoch. */
interface Asked {
  redemption: Redemption;
  tokens: NewToken[];
  grantId: string | null;
  until: number;
}

interface AskedOfToken extends Asked {
  token: TokenId;
}

/** The result of a redemption that has to be tried alone. */
const undecided = Symbol('undecided');

/** Whether it won; or why it is not known whether it did. */
type TogetherResult = boolean | typeof undecided | Error;

const grantOf = (tokens: NewToken[]): Pick<Asked, 'grantId' | 'until'> => ({
  grantId: tokens.find((token) => token.grantId)?.grantId ?? null,
  until: Math.max(0, ...tokens.map(({ expiresAt }) => expiresAt ?? Number.POSITIVE_INFINITY)),
});

/** Stores tokens. Every method returns after the commit, so no token is handed out that a crash could lose. */
export function createTokenIssue({
  database,
  partitions,
  clock,
  usage,
}: {
  database: Database;
  partitions: Partitions;
  clock: Pick<Clock, 'requireAccurate'>;
  /** Counts issued access tokens. */
  usage?: Pick<ClientUsage, 'count'>;
}) {
  const noteIssued = (tokens: NewToken[]): void => {
    for (const { kind, kid, client } of tokens) {
      tokenIssued.publish({ kind, isJwt: kid !== undefined });
      if (kind === 'access_token') usage?.count(client);
    }
  };

  const insertMany = (tokens: NewToken[]) => database.query(insertStatement, arrays(tokens));

  const withPartitions = async <Result>(
    tokens: NewToken[],
    run: () => Promise<Result>,
  ): Promise<Result> => {
    try {
      return await run();
    } catch (error) {
      if (!isMissingPartition(error)) throw error;
      await partitions.ensure(tokens.map(({ id }) => id.partition));
      return run();
    }
  };

  /**
   * If Postgres rejects the batch, each token is retried on its own, so that one bad row fails only its own request.
   */
  const insertBatch = async (tokens: NewToken[]): Promise<(Error | undefined)[]> => {
    try {
      await withPartitions(tokens, () => insertMany(tokens));
      return tokens.map(() => undefined);
    } catch (error) {
      if (isUnavailable(error)) return tokens.map(() => databaseUnavailable(error));
      if (tokens.length === 1) return [error as Error];
      return (await Promise.all(tokens.map((token) => insertBatch([token])))).flat();
    }
  };

  const enqueue = createBatch<NewToken, Error | undefined>({ run: insertBatch, maxConcurrent: 1 });

  const redeemAlone = async ({ redemption, tokens, grantId, until }: Asked): Promise<boolean> => {
    const { of, id, fingerprint, answer, retainSeconds } = redemption;
    const values = [id, fingerprint, answer ?? null, retainSeconds];
    const mark = 'token' in of ? [...values, of.token.key] : values;
    const statement = 'token' in of ? redeemToken(of.token.partition) : redeemCode;
    const rows = await orUnavailable(() =>
      withPartitions(tokens, () =>
        database
          .query<{ won: number }>(statement, [...mark, grantId, until, ...arrays(tokens)])
          .catch(unlessDropped),
      ),
    );
    return rows[0]?.won === 1;
  };

  /** Redeems tokens of one partition in one statement. Whether each won, or that it has to be redeemed alone. */
  const redeemOfPartition = async (
    partition: number,
    asked: AskedOfToken[],
  ): Promise<TogetherResult[]> => {
    const tokens = asked.flatMap((each, n) => each.tokens.map((token) => ({ n, token })));
    const rows = await database.query<{ n: number; won: boolean }>(redeemTokens(partition), [
      asked.map((_, n) => n),
      asked.map(({ token }) => token.key),
      asked.map(({ redemption }) => redemption.id),
      asked.map(({ redemption }) => redemption.fingerprint),
      asked.map(({ redemption }) => redemption.answer ?? null),
      asked.map(({ redemption }) => redemption.retainSeconds),
      asked.map(({ grantId }) => grantId),
      asked.map(({ until }) => until),
      tokens.map(({ n }) => n),
      ...arrays(tokens.map(({ token }) => token)),
    ]);
    const won = new Map(rows.map((row) => [row.n, row.won]));
    return asked.map((_, n) => won.get(n) ?? undecided);
  };

  /**
   * Redemptions of one tick, and those that come while earlier ones are stored, in one statement for each partition. A second
   * one of the same token has to be redeemed alone, and so have all if their statement was refused.
   */
  const redeemTogether = createBatch<AskedOfToken, TogetherResult>({
    maxConcurrent: 1,
    run: async (all) => {
      const results = new Map<AskedOfToken, TogetherResult>();
      const first = new Map(
        all.toReversed().map((asked) => [asked.redemption.id.toString('base64'), asked]),
      );
      const partitions = Map.groupBy(first.values(), ({ token }) => token.partition);
      await Promise.all(
        [...partitions].map(async ([partition, asked]) => {
          const found = await redeemOfPartition(partition, asked).catch((error: unknown) =>
            // It may have been committed.
            asked.map(() => (isUnavailable(error) ? databaseUnavailable(error) : undecided)),
          );
          for (const [n, each] of asked.entries()) results.set(each, found[n] ?? undecided);
        }),
      );
      return all.map((asked) => results.get(asked) ?? undecided);
    },
  });

  return {
    /**
     * Stores a token, in one statement with all tokens of the same tick. Throws `temporarily_unavailable` while
     * Postgres is unreachable or the clock of this process is wrong. `extendsGrant: false` is for tokens whose grant lives
     * long enough already.
     */
    async insert(token: NewToken, { extendsGrant = true } = {}): Promise<void> {
      clock.requireAccurate();
      const refused = await enqueue(token);
      if (refused) throw refused;
      noteIssued([token]);
      if (token.grantId && extendsGrant) await this.extendGrant(token.grantId, token.expiresAt);
    },

    /**
     * Extends a grant to live at least as long as a token with this expiry (seconds since the epoch; undefined: never).
     */
    async extendGrant(grantId: string, expiresAt: number | undefined): Promise<void> {
      await orUnavailable(() =>
        database.query(extendGrant, [grantId, expiresAt ?? Number.POSITIVE_INFINITY]),
      );
    },

    /**
     * Redeems a code or token and stores the resulting tokens, or returns false and stores nothing if another request
     * was first. Not retried after a lost connection: it may have committed, and then the client's own retry gets the
     * stored response. Throws `temporarily_unavailable` as `insert` does.
     */
    async redeem(redemption: Redemption, tokens: NewToken[]): Promise<boolean> {
      if (tokens.length > 0) clock.requireAccurate();
      const asked = { redemption, tokens, ...grantOf(tokens) };
      const { of } = redemption;
      const together =
        'token' in of && asked.grantId !== null
          ? await redeemTogether({ ...asked, token: of.token })
          : undecided;
      if (together instanceof Error) throw together;
      const won = together === undecided ? await redeemAlone(asked) : together;
      if (won) noteIssued(tokens);
      return won;
    },
  };
}

export type TokenIssue = ReturnType<typeof createTokenIssue>;
