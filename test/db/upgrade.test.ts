import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { lifetimes } from '../../config/lifetimes.ts';
import { type Database, openDatabase, overPGlite } from '../../db/database.ts';
import { migrateToLatest, migrations } from '../../db/migrate.ts';
import { PGlitePool } from '../../db/pglite-pool.ts';
import { createResources, defaultPersonalPolicy } from '../../src/domain/resources/resources.ts';
import { readPositions } from '../../src/domain/tokens/named/list.ts';
import { createTokenLookup } from '../../src/domain/tokens/token-state.ts';
import { mintJwtId, mintToken, type TokenId } from '../../src/domain/tokens/value.ts';
import { emptyPostgresDatabase, postgresUrl } from '../support/databases.ts';

/** Each kind of database, opened without tables. */
const kinds: [string, boolean, () => Promise<Database>][] = [
  ['PGlite', true, async () => overPGlite(await PGlitePool.open())],
  ['Postgres', Boolean(postgresUrl), async () => openDatabase(await emptyPostgresDatabase())],
];

/** Migrates an empty database to the schema of an older version. */
async function migrateTo(database: Database, last: string): Promise<void> {
  const migrator = new Migrator({
    db: database.kysely,
    provider: { getMigrations: async () => migrations },
  });
  const { error } = await migrator.migrateTo(last);
  if (error) throw error;
}

for (const [name, present, openEmpty] of kinds)
  (present ? describe : describe.skip)(`an upgrade on ${name}`, () => {
    test('from 0001: tokens stay active, and JWTs get the key that signed them', async () => {
      const database = await openEmpty();
      try {
        await migrateTo(database, '0001_initial');
        const { kysely } = database;
        const owner = randomUUID();
        const [opaque, jwt] = [mintToken('access_token', 0).id, mintJwtId(0)];
        await sql`insert into client (id, client_id, metadata) values (${owner}, 'app', '{}')`.execute(
          kysely,
        );
        await sql`insert into resource (identifier, name, scopes, token_format, signing_alg) values ('https://api.test', 'API', '[]', 'jwt', 'RS256')`.execute(
          kysely,
        );
        for (const alg of ['ES256', 'RS256'])
          await sql`insert into signing_key (kid, alg, public_jwk, sealed_private_jwk) values (${`key ${alg}`}, ${alg}, '{}', '')`.execute(
            kysely,
          );
        for (const { partition, key } of [opaque, jwt])
          await sql`insert into token (shelf, key, kind, jwt, client_id, client_epoch, app_epoch, account_epoch, grant_epoch, audience, issued_at)
            values (${partition}, ${key}, 'access_token', ${key === jwt.key}, ${owner}, 0, 0, 0, 0, ${['https://api.test']}, now())`.execute(
            kysely,
          );

        await sql`create table token_shelf_2900 (like token including defaults including constraints)`.execute(
          kysely,
        );
        await sql`insert into shelf (shelf, detached_at) values (2900, now())`.execute(kysely);

        await migrateToLatest(kysely);

        // A partition that was detached at the time can be attached again.
        await sql`alter table token attach partition token_shelf_2900 for values in (2900)`.execute(
          kysely,
        );
        const lookup = createTokenLookup({ database, window: lifetimes.redemptionWindow });
        const find = (id: TokenId) => lookup(id);
        expect(await find(opaque)).toMatchObject({ alive: true, kid: null });
        expect(await find(jwt)).toMatchObject({ alive: true, kid: 'key RS256' });
        const keys = await kysely.selectFrom('signing_key').selectAll().execute();
        for (const key of keys) expect(key.signing_since).toEqual(key.created_at);
      } finally {
        await database.close();
      }
    });

    test('from 0010: clients with assertions, and those with a secret that people log in to, keep what they could do', async () => {
      const database = await openEmpty();
      const { kysely } = database;
      try {
        await migrateTo(database, '0010_id_token_algorithms');
        const code = { grant_types: ['authorization_code'] };
        const before = {
          asserts: { grant_types: [], token_endpoint_auth_method: 'private_key_jwt' },
          both: { ...code, token_endpoint_auth_method: 'private_key_jwt' },
          secret: { ...code, token_endpoint_auth_method: 'client_secret_basic' },
          silent: code,
          open: { ...code, token_endpoint_auth_method: 'none' },
          machine: { grant_types: ['client_credentials'] },
        };
        for (const [name, metadata] of Object.entries(before))
          await sql`insert into client (client_id, metadata) values (${name}, ${JSON.stringify(metadata)})`.execute(
            kysely,
          );

        await migrateToLatest(kysely);

        const clients = await kysely
          .selectFrom('client')
          .select(['client_id', 'metadata'])
          .execute();
        const added = { token_endpoint_audience: true };
        const excepted = { require_pkce: false };
        expect(Object.fromEntries(clients.map((row) => [row.client_id, row.metadata]))).toEqual({
          ...before,
          asserts: { ...before.asserts, ...added },
          both: { ...before.both, ...added, ...excepted },
          secret: { ...before.secret, ...excepted },
          silent: { ...before.silent, ...excepted },
        });
      } finally {
        await database.close();
      }
    });

    test('from 0011: names of any length, kind and look are kept, and found by their look', async () => {
      const database = await openEmpty();
      const { kysely } = database;
      try {
        await migrateTo(database, '0011_registered_before');
        const names = ['Acme', 'Асmе', '', '🚀', 7, null, ['a'], 'й'.repeat(100_000), undefined];
        for (const [at, name] of names.entries()) {
          const metadata = JSON.stringify({ client_name: name });
          await sql`insert into client (client_id, metadata) values (${`client-${at}`}, ${metadata})`.execute(
            kysely,
          );
          await sql`insert into app (name, display_name) values (${`app-${at}`}, ${String(name)})`.execute(
            kysely,
          );
        }

        await migrateToLatest(kysely);

        const { rows } = await sql<{ id: string }>`
          select client_id as id from client where name_skeleton(coalesce(metadata->>'client_name', client_id)) = 'acme'
          union all select name from app where name_skeleton(display_name) = 'acme' order by 1`.execute(
          kysely,
        );
        expect(rows.map(({ id }) => id)).toEqual(['app-0', 'app-1', 'client-0', 'client-1']);
      } finally {
        await database.close();
      }
    });

    test('from 0005: named tokens stay active and are listed, and people can have personal access tokens only for Writ’s own API', async () => {
      const database = await openEmpty();
      const { kysely } = database;
      try {
        await migrateTo(database, '0005_consents');
        await sql`insert into resource (identifier, name, scopes, token_format, signing_alg) values ('https://api.test', 'API', '[]', 'jwt', 'RS256')`.execute(
          kysely,
        );
        await sql`insert into installation (issuer) values ('https://writ.test')`.execute(kysely);
        await sql`insert into resource (identifier, name, scopes, token_format, signing_alg) values ('https://writ.test/api/v1', 'Own', '[]', 'opaque', 'ES256')`.execute(
          kysely,
        );
        await sql`insert into client (client_id, metadata) values ('backend', '{}')`.execute(
          kysely,
        );
        const [key, later] = [mintToken('api_key', 0).id, mintToken('access_token', 2900).id];
        const store = async ({ partition, key }: TokenId, table: string, kind: string) =>
          sql`insert into ${sql.table(table)} (shelf, key, kind, client_id, client_epoch, app_epoch, account_epoch, grant_epoch, name, issued_at)
            values (${partition}, ${key}, ${kind}, (select id from client), 0, 0, 0, 0, ${kind === 'api_key' ? 'A Key' : null}, now())`.execute(
            kysely,
          );
        await store(key, 'token', 'api_key');
        await sql`create table token_shelf_2900 (like token including defaults including constraints)`.execute(
          kysely,
        );
        await sql`insert into shelf (shelf, detached_at) values (2900, now())`.execute(kysely);
        await store(later, 'token_shelf_2900', 'access_token');

        await migrateToLatest(kysely);

        await sql`alter table token attach partition token_shelf_2900 for values in (2900)`.execute(
          kysely,
        );
        const { rows } = await sql`
          select kind, hint, subject_type, subject_id, successor, created_by from token order by shelf`.execute(
          kysely,
        );
        const unknown = {
          hint: null,
          subject_type: null,
          subject_id: null,
          successor: null,
          created_by: null,
        };
        expect(rows).toEqual([
          { kind: 'api_key', ...unknown },
          { kind: 'access_token', ...unknown },
        ]);
        const resources = createResources({ database, apiResource: 'https://writ.test/api/v1' });
        expect(await resources.find('https://api.test')).toMatchObject({
          personalPolicy: null,
          detailsTypes: [],
        });
        expect(await resources.openToPeople()).toMatchObject([
          { identifier: 'https://writ.test/api/v1', personalPolicy: defaultPersonalPolicy },
        ]);
        const lookup = createTokenLookup({ database, window: lifetimes.redemptionWindow });
        expect(await lookup(key)).toMatchObject({ alive: true, name: 'A Key', subject: null });
        const places = await readPositions(
          kysely,
          { name: 'a k' },
          {
            order: 'name',
            after: undefined,
            limit: 10,
          },
        );
        expect(places.found).toEqual([{ value: 'a key', key: key.key }]);
      } finally {
        await database.close();
      }
    });

    test('from 0007: clients that can have ID tokens keep ES256, which their programs expect', async () => {
      const database = await openEmpty();
      const { kysely } = database;
      try {
        await migrateTo(database, '0007_sweep_indexes');
        const device = 'urn:ietf:params:oauth:grant-type:device_code';
        const clients: Record<string, object> = {
          code: { client_name: 'A', grant_types: ['refresh_token', 'authorization_code'] },
          device: { grant_types: [device] },
          said: { grant_types: [device], id_token_signed_response_alg: 'EdDSA' },
          machine: { grant_types: ['client_credentials'] },
          none: {},
        };
        for (const [id, metadata] of Object.entries(clients))
          await sql`insert into client (client_id, metadata) values (${id}, ${JSON.stringify(metadata)})`.execute(
            kysely,
          );
        await migrateTo(database, '0010_id_token_algorithms');
        const rows = await kysely.selectFrom('client').select(['client_id', 'metadata']).execute();
        const kept = { id_token_signed_response_alg: 'ES256' };
        expect(Object.fromEntries(rows.map((row) => [row.client_id, row.metadata]))).toEqual({
          ...clients,
          code: { ...clients['code'], ...kept },
          device: { ...clients['device'], ...kept },
        });
      } finally {
        await database.close();
      }
    });
  });
