import type { Database, Statement } from '../../../db/database.ts';
import { createBatch } from '../batch.ts';
import { retryLostConnection } from '../retry.ts';
import { isShelfInUse, type TokenId, type TokenKind } from './value.ts';

/** What Postgres knows of a token at this moment. Times are seconds since 1970. */
export interface TokenState {
  id: TokenId;
  kind: TokenKind;
  /** The key that signed it; null where it is opaque. */
  kid: string | null;
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
  scope: string | null;
  /** What the client may ask for today; null where it is not limited. */
  clientScope: string | null;
  audience: string[] | null;
  /** The owner's roles of today and the permissions they give. */
  roles: [name: string, permissions: string[]][];
  payload: Record<string, unknown> | null;
  name: string | null;
  issuedAt: number;
  expiresAt: number | null;
}

export type TokenLookup = (id: TokenId) => Promise<TokenState | undefined>;

type Row = Omit<TokenState, 'id' | 'roles'> & { place: number; roles: TokenState['roles'] | null };

const alive = `
  t.revoked_at is null
  and (t.expires_at is null or t.expires_at > now())
  and (t.kid is null or exists (select from signing_key k where k.kid = t.kid))
  and c.disabled_at is null and c.deleted_at is null and c.epoch = t.client_epoch
  and (c.app_id is null or (p.disabled_at is null and p.epoch = t.app_epoch))
  and (t.account_id is null or coalesce(a.disabled_at is null and a.epoch = t.account_epoch, false))
  and (t.grant_id is null or coalesce(g.revoked_at is null and g.epoch = t.grant_epoch, false))`;

/** Partitions that one statement can name. */
const shelvesAtOnce = 8;

/**
 * One text, planned once, whatever it is asked. Three things keep it cheap however large the tables
 * and whatever their statistics say: each row is fetched by its key (`offset 0` keeps the planner from
 * joining whole tables instead), the partitions are named up front, one by one (from an array it
 * could not tell which to leave closed), and owners that recur are read once.
 */
const statement: Statement = {
  name: 'token-lookup',
  text: `select i.place::integer, t.kind, t.kid, (${alive}) as alive,
      t.consumed_at is not null as consumed,
      coalesce(t.consumed_at > now() - $3::float8 * interval '1 second', false) as "withinWindow",
      c.client_id as "clientId", t.client_id as client, t.account_id as "accountId", t.grant_id as "grantId",
      t.account_epoch as "accountEpoch", t.grant_epoch as "grantEpoch", t.scope, c.metadata->>'scope' as "clientScope", t.audience, t.payload, t.name,
      extract(epoch from t.issued_at)::float8 as "issuedAt", extract(epoch from t.expires_at)::float8 as "expiresAt",
      r.roles
    from unnest($1::integer[], $2::bytea[]) with ordinality as i (shelf, key, place)
    cross join lateral (select * from token where shelf = i.shelf and key = i.key
      and shelf = any (array[${Array.from({ length: shelvesAtOnce }, (_, index) => `$${index + 4}::integer`).join(', ')}]) offset 0) t
    cross join lateral (select client_id, metadata, roles, app_id, epoch, disabled_at, deleted_at from client where id = t.client_id offset 0) c
    left join lateral (select epoch, disabled_at from app where id = c.app_id offset 0) p on true
    left join lateral (select roles, epoch, disabled_at from account where id = t.account_id offset 0) a on true
    left join lateral (select epoch, revoked_at from oauth_grant where id = t.grant_id offset 0) g on true
    left join lateral (select json_agg(json_build_array(name, permissions) order by name) as roles from role
      where name = any (case when t.account_id is null then c.roles else a.roles end) offset 0) r on true`,
};

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
  const ask = (ids: TokenId[], shelves: number[]): Promise<Row[]> => {
    const named = Array.from({ length: shelvesAtOnce }, (_, index) => shelves[index] ?? null);
    const asked = [ids.map(({ shelf }) => shelf), ids.map(({ key }) => key), window, ...named];
    return retryLostConnection(() => database.query<Row>(statement, asked));
  };

  const load = createBatch<TokenId, TokenState | undefined>({
    inFlight: 2,
    run: async (ids) => {
      const states = new Array<TokenState | undefined>(ids.length);
      const shelves = [...new Set(ids.map(({ shelf }) => shelf))];
      for (let first = 0; first < shelves.length; first += shelvesAtOnce) {
        const named = shelves.slice(first, first + shelvesAtOnce);
        const places = [...ids.keys()].filter((place) =>
          named.includes((ids[place] as TokenId).shelf),
        );
        const asked = places.map((place) => ids[place] as TokenId);
        for (const { place, roles, ...row } of await ask(asked, named))
          states[places[place - 1] as number] = {
            ...row,
            id: asked[place - 1] as TokenId,
            roles: roles ?? [],
          };
      }
      return states;
    },
  });
  return async (id) => (isShelfInUse(id.shelf) ? load(id) : undefined);
}
