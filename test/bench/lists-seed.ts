import { type RawBuilder, sql } from 'kysely';
import { personalClientId } from '../../config/clients.ts';
import { openDatabase } from '../../db/database.ts';
import { publicId } from '../../src/domain/tokens/value.ts';

/** For whom the tokens of the backend are. */
export const subjects = 10_000;

/** How names begin: of one in ten, of one in fifty thousand, and of none. */
export const names = { common: 'laptop', rare: 'kiosk', none: 'zeppelin' } as const;

const others = { clients: 50, people: 10_000 } as const;

interface Wanted {
  /** The client of the backend, how many API tokens it has, and what they are for. */
  clientId: string;
  tokens: number;
  resource: string;
}

/** Whom searches can ask for. */
export interface Seeded {
  /** Public ids of some tokens of the backend. */
  ids: string[];
  otherClientId: string;
  accountId: string;
}

/** Of a hundred tokens five were revoked and five ended in the last month; of the rest half never end. */
const lives = (tokens: number) => sql`
  select i, now() - (${tokens} - i)::float8 / ${tokens} * interval '700 days' - interval '1 hour' as issued_at,
    case when i % 100 < 5 then now() - i % 700 * interval '1 hour' end as revoked_at,
    case when i % 100 between 5 and 9 then now() - i % 719 * interval '1 hour'
      when i % 2 = 0 then now() + (1 + i % 365) * interval '1 day' end as expires_at
  from generate_series(1, ${tokens}::integer) as i`;

/** As people and backends call them, with a number behind. */
const name = sql`
  case when i % 50000 = 17 then ${names.rare}
    else (array[${names.common}, 'Phone', 'tablet', 'CI pipeline', 'Backup script', 'Grafana', 'nightly import', 'Webhook', 'report', 'sync agent'])[1 + i % 10]
  end || ' ' || i % 997`;

/** Tokens of a kind, given to their owners in turn. */
interface Tokens {
  kind: 'api_token' | 'personal_access_token';
  tokens: number;
  /** A query for `n`, counted from 0, `client` and `account`; and how many they are. */
  owners: RawBuilder<unknown>;
  ownerCount: number;
}

const store = ({ kind, tokens, owners, ownerCount }: Tokens, resource: string) => sql`
  insert into token (shelf, key, kind, client_id, account_id, client_epoch, app_epoch, account_epoch, grant_epoch,
    scope, audience, payload, name, hint, subject_type, subject_id, issued_at, revoked_at, expires_at, last_used_at)
  select 0, substring(sha256((${kind} || ${ownerCount} || '.' || i)::bytea) for 16), ${kind}, client, account, 0, 0, 0, 0,
    'things:read', array[${resource}],
    case when account is null then jsonb_build_object('roles', array['bench'],
      'attributes', jsonb_build_object('plan', (array['free', 'pro', 'team'])[1 + i % 3], 'seat', i % 500)) end,
    ${name}, substring(md5(i::text) for 4),
    case when account is null then 'user' end, case when account is null then (i % ${subjects})::text end,
    issued_at, revoked_at, expires_at, now() - i % 1000 * interval '1 minute'
  from (${lives(tokens)}) as lives join (${owners}) as owners on n = i % ${ownerCount}`;

/**
 * Stores the tokens of a backend, and a fifth as many of others: API tokens of fifty clients, and personal
 * access tokens of ten thousand people. No server need be away meanwhile.
 */
export async function seedLists(
  url: string,
  { clientId, tokens, resource }: Wanted,
): Promise<Seeded> {
  const database = await openDatabase(url, { noStatementTimeout: true });
  const { kysely } = database;
  // Values are written into the texts: Postgres could not tell their types everywhere.
  const run = <Row>(statement: RawBuilder<Row>) => statement.execute(kysely);
  try {
    await run(sql`
      insert into client (client_id, metadata, roles)
      select 'other-' || i, '{"token_endpoint_auth_method": "client_secret_basic"}', '{bench}'
      from generate_series(1, ${others.clients}) as i`);
    await run(sql`
      insert into account (name, email, roles)
      select 'Person ' || i, 'person-' || i || '@example.com', '{bench}'
      from generate_series(1, ${others.people}) as i`);
    const backend: Tokens = {
      kind: 'api_token',
      tokens,
      owners: sql`select 0 as n, id as client, null::uuid as account from client where client_id = ${clientId}`,
      ownerCount: 1,
    };
    const ofClients: Tokens = {
      kind: 'api_token',
      tokens: Math.ceil(tokens / 10),
      owners: sql`select row_number() over (order by id) - 1 as n, id as client, null::uuid as account
        from client where client_id like 'other-%'`,
      ownerCount: others.clients,
    };
    const ofPeople: Tokens = {
      kind: 'personal_access_token',
      tokens: Math.ceil(tokens / 10),
      owners: sql`select row_number() over (order by a.id) - 1 as n, c.id as client, a.id as account
        from account a, client c where a.email like 'person-%' and c.client_id = ${personalClientId}`,
      ownerCount: others.people,
    };
    for (const some of [backend, ofClients, ofPeople]) await run(store(some, resource));
    // What autovacuum would do within the minute, and in the middle of a list.
    await run(sql`vacuum (analyze)`);
    await run(sql`checkpoint`);
    const { rows: found } = await run(sql<{ key: Buffer }>`
      select key from token_shelf_0 where client_id = (select id from client where client_id = ${clientId})
        and kind = 'api_token' order by key limit 1000`);
    const { rows: people } = await run(sql<{ id: string }>`
      select account_id as id from token_shelf_0 where account_id is not null limit 1`);
    return {
      ids: found.map(({ key }) => publicId({ partition: 0, key })),
      otherClientId: 'other-7',
      accountId: people[0]?.id ?? '',
    };
  } finally {
    await database.close();
  }
}
