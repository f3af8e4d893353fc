import type { Database, Statement } from '../../../db/database.ts';
import { isMissingPartition, isUnavailable } from '../../../db/errors.ts';
import type { Schema } from '../../../db/schema.ts';
import { createBatch } from '../database/batch.ts';
import type { Clock } from '../database/clock.ts';
import { databaseUnavailable, orUnavailable } from '../database/retry.ts';
import type { Usage } from './client-usage.ts';
import {
  type Partitions,
  partitionTable,
  statementPerPartition,
  unlessDropped,
} from './partitions.ts';
import type { TokenId, TokenKind } from './value.ts';

/** The epochs that were read when a request authenticated. */
export interface Epochs {
  client: number;
  app: number;
  account: number;
  grant: number;
}

/** A token to be stored. Times are seconds since 1970. */
export interface NewToken {
  id: TokenId;
  kind: TokenKind;
  /** The key that signed it, and the digest of all of it, where it is a JWT. */
  kid?: string | undefined;
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

/** What is redeemed by the request that issues tokens, and what its winner is answered. */
export interface Redemption {
  /** A rotating token is marked where it lies; a code leaves a row under its digest. */
  of: { token: TokenId } | { code: Buffer };
  id: Buffer;
  fingerprint: Buffer;
  /** The sealed answer; without one the redemption has no window. */
  answer?: Buffer | undefined;
  /** Seconds that the mark must outlive whatever it marks. */
  retainSeconds: number;
}

/** A column of a new token: the type of its parameter, its value, and where they differ the SQL that stores it. */
interface StoredColumn {
  type: string;
  value: (token: NewToken) => unknown;
  sql?: string;
}

/** What is stored of a new token, one line each. Audiences are URIs, which hold no space. */
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

/** Rows of arrays from parameter `first` on: one text, however many tokens, so that it is prepared once. */
function unnested(first: number): string {
  const values = stored.map(([name, { sql = name }]) => sql).join(', ');
  const parameters = stored.map(([, { type }], index) => `$${first + index}::${type}[]`).join(', ');
  return `select ${values} from unnest(${parameters}) as n (${columns})`;
}

/** The columns of tokens, each an array. */
const arrays = (tokens: NewToken[]): unknown[][] =>
  stored.map(([, { value }]) => tokens.map(value));

/** A conflict can only be our own row, from an attempt whose answer was lost: nobody else has the value. */
const insertStatement: Statement = {
  name: 'token-insert',
  text: `insert into token (${columns}) ${unnested(1)} on conflict (shelf, key) do nothing`,
  idempotent: true,
};

/** Holds the redemption's id, fingerprint, answer and how long it is kept as $1 to $4. */
const keepRedemption = `insert into redemption (id, fingerprint, answer, expires_at)
  select $1::bytea, $2::bytea, $3::bytea, now() + $4::float8 * interval '1 second'`;

/**
 * One statement, and so one transaction: the mark, the answer, the tokens and the life of the grant
 * are there together or not at all. Of those who come at once, one finds the row unmarked. `won`
 * defines a relation of that name with one row for the winner; it uses `parameters` parameters.
 */
const redeemStatement = (won: string, parameters: number): string => `
  with ${won},
  lived as (
    update oauth_grant set live_until = greatest(live_until, to_timestamp($${parameters + 2}::float8))
    where id = $${parameters + 1}::uuid and exists (select from won)
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
    kept as (${keepRedemption} from won on conflict (id) do nothing)`,
    5,
  ),
}));

const redeemCode: Statement = {
  name: 'redeem-code',
  text: redeemStatement(`won as (${keepRedemption} on conflict (id) do nothing returning 1)`, 4),
};

const grantLives: Statement = {
  name: 'grant-lives',
  text: 'update oauth_grant set live_until = greatest(live_until, to_timestamp($2::float8)) where id = $1::uuid',
  idempotent: true,
};

/** Stores tokens, durably before it answers. */
export function createTokenIssue({
  database,
  partitions,
  clock,
  usage,
}: {
  database: Database;
  partitions: Partitions;
  clock: Pick<Clock, 'requireRight'>;
  /** Told of access tokens that were issued. */
  usage?: Pick<Usage, 'count'>;
}) {
  const counted = (tokens: NewToken[]): void => {
    for (const { kind, client } of tokens) if (kind === 'access_token') usage?.count(client);
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

  /** A row that Postgres refuses must not sink its neighbours, so after a refusal each goes alone. */
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

  return {
    /** Stores one token, in the statement of its tick. Throws `temporarily_unavailable` while Postgres is away, or the clock wrong. */
    async insert(token: NewToken): Promise<void> {
      clock.requireRight();
      const refused = await enqueue(token);
      if (refused) throw refused;
      counted([token]);
      if (token.grantId) await this.extendGrant(token.grantId, token.expiresAt);
    },

    /** A grant lives at least as long as its longest token. */
    async extendGrant(grantId: string, expiresAt: number | undefined): Promise<void> {
      await orUnavailable(() =>
        database.query(grantLives, [grantId, expiresAt ?? Number.POSITIVE_INFINITY]),
      );
    },

    /**
     * Marks what is redeemed and stores what it is redeemed for. False: somebody else was first, and
     * nothing was stored. A lost connection is not tried again, for whoever asks again learns whether
     * it held.
     */
    async redeem(redemption: Redemption, tokens: NewToken[]): Promise<boolean> {
      if (tokens.length > 0) clock.requireRight();
      const { of, id, fingerprint, answer, retainSeconds } = redemption;
      const values = [id, fingerprint, answer ?? null, retainSeconds];
      const mark = 'token' in of ? [...values, of.token.key] : values;
      const statement = 'token' in of ? redeemToken(of.token.partition) : redeemCode;
      const grantId = tokens.find((token) => token.grantId)?.grantId ?? null;
      const until = Math.max(
        0,
        ...tokens.map(({ expiresAt }) => expiresAt ?? Number.POSITIVE_INFINITY),
      );
      const rows = await orUnavailable(() =>
        withPartitions(tokens, () =>
          database
            .query<{ won: number }>(statement, [...mark, grantId, until, ...arrays(tokens)])
            .catch(unlessDropped),
        ),
      );
      const won = rows[0]?.won === 1;
      if (won) counted(tokens);
      return won;
    },
  };
}

export type TokenIssue = ReturnType<typeof createTokenIssue>;
