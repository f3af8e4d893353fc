import type { Database, Statement } from '../../../db/database.ts';
import { createBatch } from '../database/batch.ts';
import { type Column, column, type RowOf, rowReader, selectList } from '../database/columns.ts';
import { orUnavailable } from '../database/retry.ts';
import type { GrantStates } from '../grants/grant-state.ts';
import { partitionTable, statementPerPartition, unlessDropped } from './partitions.ts';
import { type AssignedRole, assignedRole, roleOfMember, rolesInApp } from './role-sql.ts';
import { createSourceState, sourceHolds } from './source-state.ts';
import { type Source, sourcesOf } from './sources.ts';
import { isPartitionInUse, type TokenId, type TokenKind } from './value.ts';

/** The current state of a token in Postgres. Times are seconds since the epoch. */
export interface TokenState {
  id: TokenId;
  kind: TokenKind;
  /** The ID of the signing key; null for opaque tokens. */
  kid: string | null;
  /** The digest of a JWT; see `jwtDigest`. */
  digest: Buffer | null;
  /**
   * Whether the token is active: not expired or revoked, its signing key not revoked, its epochs current, and its
   * client, account, grant and app enabled. For a token of token exchange, the same of all that it comes from.
   */
  alive: boolean;
  /** Whether a rotating refresh token was redeemed. */
  consumed: boolean;
  /** Whether it was redeemed so recently that the same request gets the same response again. */
  withinWindow: boolean;
  /** The public `client_id`. */
  clientId: string;
  /** The internal id of the client, which is never reused. */
  client: string;
  accountId: string | null;
  grantId: string | null;
  /** The epochs stored with the token; those of an active token are current. */
  accountEpoch: number;
  grantEpoch: number;
  /** The access that the person approved; read only for refresh tokens. */
  grant: Record<string, unknown> | null;
  scope: string | null;
  /** The client's registered scope; null if it has none. */
  clientScope: string | null;
  audience: string[] | null;
  /** The current roles of the account or, without one, of the client; for an app's client its role in the app. */
  roles: AssignedRole[];
  /** The name of the client's app. */
  app: string | null;
  /** The person's current role in the client's app; null without an app or membership. */
  memberRole: AssignedRole | null;
  payload: Record<string, unknown> | null;
  name: string | null;
  /** The claims that its resource takes from attributes of the account; null if none. */
  claims: Record<string, unknown> | null;
  /** Of an API token: the user of the backend that created it. */
  subject: Subject | null;
  issuedAt: number;
  expiresAt: number | null;
  /** Of an active token of token exchange: the subject tokens that it comes from, which limit what it can do. */
  limitedBy?: readonly TokenState[] | undefined;
}

/** A reference to something in another system, such as a user, a device or a tenant. */
export interface Subject {
  type: string;
  id: string;
}

/** Looks up a token by primary key. Throws `temporarily_unavailable` while Postgres is unreachable. */
export type TokenLookup = (id: TokenId) => Promise<TokenState | undefined>;

/** SQL that joins a token `t` to its client `c`, app `p`, account `a` and grant `g`, as `alive` requires. */
export const withParties = `
  join client c on c.id = t.client_id
  left join app p on p.id = c.app_id
  left join account a on a.id = t.account_id
  left join oauth_grant g on g.id = t.grant_id`;

/** What makes a token `t`, joined by `withParties`, active: SQL by what it means if one does not hold. */
export const conditions = {
  revoked: 't.revoked_at is null',
  expired: '(t.expires_at is null or t.expires_at > now())',
  key_revoked: '(t.kid is null or exists (select from signing_key k where k.kid = t.kid))',
  client_disabled: 'c.disabled_at is null and c.deleted_at is null',
  app_disabled: 'p.disabled_at is null',
  client_tokens_ended: 'c.epoch = t.client_epoch',
  app_tokens_ended: '(c.app_id is null or p.epoch = t.app_epoch)',
  account_disabled: '(t.account_id is null or (a.epoch is not null and a.disabled_at is null))',
  account_tokens_ended: '(t.account_id is null or coalesce(a.epoch = t.account_epoch, false))',
  grant_revoked: '(t.grant_id is null or (g.epoch is not null and g.revoked_at is null))',
  grant_tokens_ended: '(t.grant_id is null or coalesce(g.epoch = t.grant_epoch, false))',
} as const;

/** The SQL condition that a token `t`, joined by `withParties`, is active. */
export const alive = `
  ${Object.values(conditions).join('\n  and ')}`;

/**
 * The columns of a token lookup with their types and SQL. Rare values are null otherwise, because a null costs nothing
 * to transfer and parse. Audiences are URIs and contain no spaces.
 */
export const tokenStateColumns = {
  position: column<number>('i.position::integer'),
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
  claims: column<Record<string, unknown> | null>(`case when a.attributes <> '{}' then (
    select jsonb_object_agg(c.key, a.attributes->c.value) from resource r, jsonb_each_text(r.claims) c
    where r.identifier = any (t.audience) and a.attributes ? c.value) end`),
  subjectType: column<string | null>('t.subject_type'),
  subjectId: column<string | null>('t.subject_id'),
} as const;

/** A row of `tokenStateColumns`. */
export type TokenStateRow = RowOf<typeof tokenStateColumns>;

const readRow = rowReader(tokenStateColumns);

/** The maximum number of partitions in one statement. */
const maxPartitionsPerLookup = 8;

const keyLength = 16;

/** A row in row mode `array`. */
type Cells = readonly unknown[];

/**
 * The SQL of a lookup in `table` with an additional condition `where`. Parameters: $1 the partitions (array), $2 the
 * keys (concatenated bytes), $3 the replay window in seconds. Every row is fetched by its primary key: `offset 0` keeps
 * the planner from joining whole tables, whatever their size and statistics. Repeated clients, accounts and grants are
 * read once.
 */
export const selectTokens = (
  table: string,
  where: string,
  columns: Readonly<Record<string, Column<unknown>>> = tokenStateColumns,
): string => `
  select ${selectList(columns)}
    from unnest($1::integer[]) with ordinality as i (shelf, position)
    cross join lateral (select * from ${table}
      where shelf = i.shelf and key = substring($2::bytea from (i.position::integer - 1) * ${keyLength} + 1 for ${keyLength})
      ${where} offset 0) t
    cross join lateral (select client_id, metadata, roles, app_id, epoch, disabled_at, deleted_at from client where id = t.client_id offset 0) c
    left join lateral (select name, epoch, disabled_at from app where id = c.app_id offset 0) p on true
    left join lateral (select roles, epoch, disabled_at, attributes from account where id = t.account_id offset 0) a on true
    left join lateral (select epoch, revoked_at, payload from oauth_grant where id = t.grant_id offset 0) g on true
    left join lateral (select json_agg(${assignedRole} order by name) as roles from role
      where c.app_id is null and name = any (case when t.account_id is null then c.roles else a.roles end) offset 0) r on true
    left join lateral (${rolesInApp} offset 0) ar on true
    left join lateral (${roleOfMember('t.account_id')} offset 0) m on true`;

/** Lists the partitions as single parameters, because Postgres cannot prune partitions by an array parameter. */
const inSeveralPartitions: Statement = {
  name: 'token-lookup',
  unsettled: true,
  text: selectTokens(
    'token',
    `and shelf = any (array[${Array.from({ length: maxPartitionsPerLookup }, (_, index) => `$${index + 4}::integer`).join(', ')}])`,
  ),
  rowMode: 'array',
};

/** For tokens of a single partition: a plan over the parent table locks all sixty partitions on each execution. */
const inPartition = statementPerPartition((partition) => ({
  name: `token-lookup-${partition}`,
  unsettled: true,
  text: selectTokens(partitionTable(partition), ''),
  rowMode: 'array',
}));

/**
 * Looks up tokens in Postgres, all of a tick in one statement. What tokens of token exchange come from is read in a second
 * one. `window` is the replay window in seconds; `grantStates` is needed for tokens that come from ID tokens.
 */
export function createTokenLookup({
  database,
  window,
  grantStates,
}: {
  database: Database;
  window: number;
  grantStates?: Pick<GrantStates, 'find'>;
}): TokenLookup {
  const select = (ids: TokenId[], partitions: number[]): Promise<Cells[]> => {
    const parameters = [
      ids.map(({ partition }) => partition),
      Buffer.concat(ids.map(({ key }) => key)),
      window,
    ];
    const [only, ...others] = partitions;
    if (only !== undefined && others.length === 0)
      return orUnavailable(() =>
        database.query<Cells>(inPartition(only), parameters).catch(unlessDropped),
      );
    const padded = Array.from(
      { length: maxPartitionsPerLookup },
      (_, index) => partitions[index] ?? null,
    );
    return orUnavailable(() =>
      database.query<Cells>(inSeveralPartitions, [...parameters, ...padded]),
    );
  };

  const load = createBatch<TokenId, TokenState | undefined>({
    maxConcurrent: 2,
    run: async (ids) => {
      const states = new Array<TokenState | undefined>(ids.length);
      const partitions = [...new Set(ids.map(({ partition }) => partition))];
      for (let first = 0; first < partitions.length; first += maxPartitionsPerLookup) {
        const chunk = partitions.slice(first, first + maxPartitionsPerLookup);
        const indexes = [...ids.keys()].filter((index) =>
          chunk.includes((ids[index] as TokenId).partition),
        );
        const selected = indexes.map((index) => ids[index] as TokenId);
        for (const row of (await select(selected, chunk)).map(readRow)) {
          const at = row.position - 1;
          states[indexes[at] as number] = toTokenState(selected[at] as TokenId, row);
        }
      }
      return states;
    },
  });
  const read: TokenLookup = async (id) => (isPartitionInUse(id.partition) ? load(id) : undefined);

  const stateOf = createSourceState({ database, read, grantStates });

  /** A token with the state of all its sources. They are flat, so their number of statements is not that of the chain. */
  const withSources = async (state: TokenState, sources: Source[]): Promise<TokenState> => {
    const found = await Promise.all(sources.map(stateOf));
    const alive = found.every(sourceHolds);
    const limitedBy = found.filter(
      (each, index): each is TokenState =>
        typeof each === 'object' && (sources[index] as { limits?: boolean }).limits === true,
    );
    return { ...state, alive, limitedBy };
  };

  return async (id) => {
    const state = await read(id);
    const sources = state?.alive ? sourcesOf(state.payload) : [];
    return state && sources.length > 0 ? withSources(state, sources) : state;
  };
}

/** Converts a row of `tokenStateColumns`. */
export const toTokenState = (id: TokenId, row: TokenStateRow): TokenState => ({
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
  claims: row.claims,
  subject:
    row.subjectType === null || row.subjectId === null
      ? null
      : { type: row.subjectType, id: row.subjectId },
});
