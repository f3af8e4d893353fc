import type { Database, Statement } from '../../../db/database.ts';
import { isConnectionLost, isMissingPartition } from '../../../db/errors.ts';
import { createBatch } from '../database/batch.ts';
import { databaseUnavailable, orUnavailable } from '../database/retry.ts';
import {
  type Partitions,
  partitionTable,
  statementPerPartition,
  unlessDropped,
} from './partitions.ts';
import type { Usage } from './usage.ts';
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

const columns = `shelf, key, kind, kid, digest, client_id, account_id, grant_id, client_epoch, app_epoch, account_epoch, grant_epoch,
  scope, audience, payload, name, issued_at, expires_at`;

/** Rows of arrays from parameter `first` on: one text, however many tokens, so that it is prepared once. */
function unnested(first: number): string {
  const types = [
    'integer',
    'bytea',
    'text',
    'text',
    'bytea',
    'uuid',
    'uuid',
    'uuid',
    'integer',
    'integer',
    'integer',
    'integer',
    'text',
    'text',
    'jsonb',
    'text',
    'float8',
    'float8',
  ];
  const parameters = types.map((type, index) => `$${first + index}::${type}[]`).join(', ');
  return `select shelf, key, kind, kid, digest, client_id, account_id, grant_id, client_epoch, app_epoch, account_epoch, grant_epoch,
      scope, string_to_array(audience, ' '), payload, name, to_timestamp(issued_at), to_timestamp(expires_at)
    from unnest(${parameters}) as n (shelf, key, kind, kid, digest, client_id, account_id, grant_id, client_epoch, app_epoch,
      account_epoch, grant_epoch, scope, audience, payload, name, issued_at, expires_at)`;
}

/** The columns of tokens, each an array. Audiences are URIs, which hold no space. */
function arrays(tokens: NewToken[]): unknown[] {
  const column = <Value>(read: (token: NewToken) => Value) => tokens.map(read);
  return [
    column(({ id }) => id.partition),
    column(({ id }) => id.key),
    column(({ kind }) => kind),
    column(({ kid }) => kid ?? null),
    column(({ digest }) => digest ?? null),
    column(({ client }) => client),
    column(({ accountId }) => accountId ?? null),
    column(({ grantId }) => grantId ?? null),
    column(({ epochs }) => epochs.client),
    column(({ epochs }) => epochs.app),
    column(({ epochs }) => epochs.account),
    column(({ epochs }) => epochs.grant),
    column(({ scope }) => scope ?? null),
    column(({ audience }) => audience?.join(' ') ?? null),
    column(({ payload }) => (payload ? JSON.stringify(payload) : null)),
    column(({ name }) => name ?? null),
    column(({ issuedAt }) => issuedAt),
    column(({ expiresAt }) => expiresAt ?? null),
  ];
}

/** A conflict can only be our own row, from an attempt whose answer was lost: nobody else has the value. */
const insertStatement: Statement = {
  name: 'token-insert',
  text: `insert into token (${columns}) ${unnested(1)} on conflict (shelf, key) do nothing`,
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
  select count(*)::integer as won from won`;

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
};

/** Stores tokens, durably before it answers. */
export function createTokenIssue({
  database,
  partitions,
  usage,
}: {
  database: Database;
  partitions: Partitions;
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
      await withPartitions(tokens, () => insertMany(tokens)).catch((error) => {
        if (!isConnectionLost(error)) throw error;
        // It may have been stored before the connection went; the same rows again change nothing.
        return withPartitions(tokens, () => insertMany(tokens));
      });
      return tokens.map(() => undefined);
    } catch (error) {
      if (isConnectionLost(error)) return tokens.map(() => databaseUnavailable(error));
      if (tokens.length === 1) return [error as Error];
      return (await Promise.all(tokens.map((token) => insertBatch([token])))).flat();
    }
  };

  const enqueue = createBatch<NewToken, Error | undefined>({ run: insertBatch, maxConcurrent: 1 });

  return {
    /** Stores one token, in the statement of its tick. Throws `temporarily_unavailable` while Postgres is away. */
    async insert(token: NewToken): Promise<void> {
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
