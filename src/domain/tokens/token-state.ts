import type { Database, Statement } from '../../../db/database.ts';
import { clientIsEnabled } from '../clients/sql.ts';
import { createBatch } from '../database/batch.ts';
import { type Column, column, type RowOf, rowReader, selectList } from '../database/columns.ts';
import { orUnavailable } from '../database/retry.ts';
import { partitionTable, statementPerPartition, unlessDropped } from './partitions.ts';
import { type AssignedRole, roleOfMember, rolesInApp } from './role-sql.ts';
import { isPartitionInUse, type TokenId, type TokenKind } from './value.ts';

/** What Postgres knows of a token at this moment. Times are seconds since 1970. */
export interface TokenState {
  id: TokenId;
  kind: TokenKind;
  /** The key that signed it; null where it is opaque. */
  kid: string | null;
  /** What is kept of a JWT to know it again. */
  digest: Buffer | null;
  /** Not expired, not revoked, its key not taken out, its epochs those of today, and client, account, grant and app all there and enabled. */
  alive: boolean;
  /** A rotating token that was redeemed. */
  consumed: boolean;
  /** Redeemed so lately that the same request may be answered again. */
  withinWindow: boolean;
  /** The public `client_id`, and the internal id that is never reused. */
  clientId: string;
  client: string;
  accountId: string | null;
  grantId: string | null;
  /** The epochs that the token remembers; while it is alive, those of today. */
  accountEpoch: number;
  grantEpoch: number;
  /** What a person let the client do; read with a refresh token alone, which is what it is asked for. */
  grant: Record<string, unknown> | null;
  scope: string | null;
  /** What the client may ask for today; null where it is not limited. */
  clientScope: string | null;
  audience: string[] | null;
  /** The owner's roles of today and the permissions they give; of an app's client its role in the app. */
  roles: AssignedRole[];
  /** The name of the client's app. */
  app: string | null;
  /** Of a person's token at an app's client: the person's role in the app, and nothing where they are no member. */
  memberRole: AssignedRole | null;
  payload: Record<string, unknown> | null;
  name: string | null;
  /** For whom a backend made it, in the backend's own words. */
  subject: Subject | null;
  issuedAt: number;
  expiresAt: number | null;
}

/** Somebody or something of another system, such as a user, a device or a tenant. */
export interface Subject {
  type: string;
  id: string;
}

export type TokenLookup = (id: TokenId) => Promise<TokenState | undefined>;

/** SQL that joins to a token `t` its client `c`, app `p`, account `a` and grant `g`, of which `alive` speaks. */
export const withParties = `
  join client c on c.id = t.client_id
  left join app p on p.id = c.app_id
  left join account a on a.id = t.account_id
  left join oauth_grant g on g.id = t.grant_id`;

/** SQL that holds of a token `t` while it is active; `c`, `p`, `a` and `g` are its client, app, account and grant. */
export const alive = `
  t.revoked_at is null
  and (t.expires_at is null or t.expires_at > now())
  and (t.kid is null or exists (select from signing_key k where k.kid = t.kid))
  and ${clientIsEnabled} and c.epoch = t.client_epoch
  and (c.app_id is null or p.epoch = t.app_epoch)
  and (t.account_id is null or coalesce(a.disabled_at is null and a.epoch = t.account_epoch, false))
  and (t.grant_id is null or coalesce(g.revoked_at is null and g.epoch = t.grant_epoch, false))`;

/**
 * What is read of a token, one line each: its name, its type and its SQL. What is seldom there comes as
 * null where it is not, which costs nothing to read; audiences are URIs, which hold no space.
 */
export const tokenStateColumns = {
  place: column<number>('i.place::integer'),
  kind: column<TokenKind>('t.kind'),
  kid: column<string | null>('t.kid'),
  alive: column<boolean>(`(${alive})`),
  consumed: column<true | null>('case when t.consumed_at is not null then true end'),
  withinWindow: column<true | null>(
    "case when t.consumed_at > now() - $3::float8 * interval '1 second' then true end",
  ),
  clientId: column<string>('c.client_id'),
  client: column<string>('t.client_id'),
  accountId: column<string | null>('t.account_id'),
  grantId: column<string | null>('t.grant_id'),
  accountEpoch: column<number>('t.account_epoch'),
  grantEpoch: column<number>('t.grant_epoch'),
  grant: column<Record<string, unknown> | null>(
    "case when t.kind = 'refresh_token' then g.payload end",
  ),
  scope: column<string | null>('t.scope'),
  clientScope: column<string | null>("c.metadata->>'scope'"),
  audience: column<string | null>("array_to_string(t.audience, ' ')"),
  payload: column<Record<string, unknown> | null>('t.payload'),
  name: column<string | null>('t.name'),
  issuedAt: column<number>('extract(epoch from t.issued_at)::float8'),
  expiresAt: column<number | null>('extract(epoch from t.expires_at)::float8'),
  roles: column<AssignedRole[] | null>('coalesce(r.roles, ar.roles)'),
  digest: column<Buffer | null>('t.digest'),
  app: column<string | null>('p.name'),
  memberRole: column<AssignedRole | null>('m.role'),
  subjectType: column<string | null>('t.subject_type'),
  subjectId: column<string | null>('t.subject_id'),
} as const;

export type TokenStateRow = RowOf<typeof tokenStateColumns>;

const readRow = rowReader(tokenStateColumns);

/** Partitions that one statement can name. */
const maxPartitionsPerLookup = 8;

const keyLength = 16;

/** A row in the row mode `array`. */
type Cells = readonly unknown[];

/**
 * The text of a look-up of `columns` in `table`, for rows that `where` holds of. It takes the partitions
 * as an array, the keys as bytes one after another, and the window. Two things keep it cheap however
 * large the tables and whatever their statistics say: each row is fetched by its key (`offset 0` keeps
 * the planner from joining whole tables instead), and owners that recur are read once.
 */
export const selectTokens = (
  table: string,
  where: string,
  columns: Readonly<Record<string, Column<unknown>>> = tokenStateColumns,
): string => `
  select ${selectList(columns)}
    from unnest($1::integer[]) with ordinality as i (shelf, place)
    cross join lateral (select * from ${table}
      where shelf = i.shelf and key = substring($2::bytea from (i.place::integer - 1) * ${keyLength} + 1 for ${keyLength})
      ${where} offset 0) t
    cross join lateral (select client_id, metadata, roles, app_id, epoch, disabled_at, deleted_at from client where id = t.client_id offset 0) c
    left join lateral (select name, epoch, disabled_at from app where id = c.app_id offset 0) p on true
    left join lateral (select roles, epoch, disabled_at from account where id = t.account_id offset 0) a on true
    left join lateral (select epoch, revoked_at, payload from oauth_grant where id = t.grant_id offset 0) g on true
    left join lateral (select json_agg(json_build_array(name, permissions) order by name) as roles from role
      where c.app_id is null and name = any (case when t.account_id is null then c.roles else a.roles end) offset 0) r on true
    left join lateral (${rolesInApp} offset 0) ar on true
    left join lateral (${roleOfMember('t.account_id')} offset 0) m on true`;

/** The partitions are named up front, one by one: from an array Postgres could not tell which to leave closed. */
const inSeveralPartitions: Statement = {
  name: 'token-lookup',
  unsettled: true,
  text: selectTokens(
    'token',
    `and shelf = any (array[${Array.from({ length: maxPartitionsPerLookup }, (_, index) => `$${index + 4}::integer`).join(', ')}])`,
  ),
  rowMode: 'array',
};

/** For tokens of one partition. A plan of the whole table locks sixty partitions each time, whatever it opens. */
const inPartition = statementPerPartition((partition) => ({
  name: `token-lookup-${partition}`,
  unsettled: true,
  text: selectTokens(partitionTable(partition), ''),
  rowMode: 'array',
}));

/**
 * Asks Postgres for the state of tokens, those of a tick in one statement. `window` is the time in
 * seconds in which a redemption can be answered again. Throws `temporarily_unavailable` while
 * Postgres is away.
 */
export function createTokenLookup({
  database,
  window,
}: {
  database: Database;
  window: number;
}): TokenLookup {
  const ask = (ids: TokenId[], partitions: number[]): Promise<Cells[]> => {
    const asked = [
      ids.map(({ partition }) => partition),
      Buffer.concat(ids.map(({ key }) => key)),
      window,
    ];
    const [only, ...others] = partitions;
    if (only !== undefined && others.length === 0)
      return orUnavailable(() =>
        database.query<Cells>(inPartition(only), asked).catch(unlessDropped),
      );
    const named = Array.from(
      { length: maxPartitionsPerLookup },
      (_, index) => partitions[index] ?? null,
    );
    return orUnavailable(() => database.query<Cells>(inSeveralPartitions, [...asked, ...named]));
  };

  const load = createBatch<TokenId, TokenState | undefined>({
    maxConcurrent: 2,
    run: async (ids) => {
      const states = new Array<TokenState | undefined>(ids.length);
      const partitions = [...new Set(ids.map(({ partition }) => partition))];
      for (let first = 0; first < partitions.length; first += maxPartitionsPerLookup) {
        const named = partitions.slice(first, first + maxPartitionsPerLookup);
        const places = [...ids.keys()].filter((place) =>
          named.includes((ids[place] as TokenId).partition),
        );
        const asked = places.map((place) => ids[place] as TokenId);
        for (const row of (await ask(asked, named)).map(readRow)) {
          const index = row.place - 1;
          states[places[index] as number] = stateOf(asked[index] as TokenId, row);
        }
      }
      return states;
    },
  });
  return async (id) => (isPartitionInUse(id.partition) ? load(id) : undefined);
}

/** What a row of such a statement tells. */
export const stateOf = (id: TokenId, row: TokenStateRow): TokenState => ({
  id,
  kind: row.kind,
  kid: row.kid,
  alive: row.alive,
  consumed: row.consumed ?? false,
  withinWindow: row.withinWindow ?? false,
  clientId: row.clientId,
  client: row.client,
  accountId: row.accountId,
  grantId: row.grantId,
  accountEpoch: row.accountEpoch,
  grantEpoch: row.grantEpoch,
  grant: row.grant,
  scope: row.scope,
  clientScope: row.clientScope,
  audience: row.audience ? row.audience.split(' ') : null,
  payload: row.payload,
  name: row.name,
  issuedAt: row.issuedAt,
  expiresAt: row.expiresAt,
  roles: row.roles ?? [],
  digest: row.digest,
  app: row.app,
  memberRole: row.memberRole,
  subject:
    row.subjectType === null || row.subjectId === null
      ? null
      : { type: row.subjectType, id: row.subjectId },
});
