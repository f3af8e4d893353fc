import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { personalClientId } from '../../config/clients.ts';
import { personalTokenScopes } from '../../config/scopes.ts';
import { type Database, openDatabase } from '../../db/database.ts';
import {
  MigrationLockError,
  migrateToLatest,
  migrations,
  NewerSchemaError,
  pendingMigrations,
} from '../../db/migrate.ts';
import { createKeyring } from '../../src/crypto/sealing.ts';
import {
  ensureInstallation,
  OtherIssuerError,
} from '../../src/domain/installation/installation.ts';
import { openSealedKeys } from '../../src/domain/keys/sealed-keys.ts';
import { openSigningKeys, signingAlgs } from '../../src/domain/keys/signing-keys.ts';
import { emptyPostgresDatabase, postgresUrl } from '../support/databases.ts';
import { onEachDatabase } from './each-database.ts';

const keyring = createKeyring(['a key that seals what the tests store']);
const issuer = 'https://writ.example';

onEachDatabase(
  (database) => {
    test('an up-to-date database is left unchanged', async () => {
      expect(await migrateToLatest(database().kysely)).toEqual([]);
      expect(await pendingMigrations(database().kysely)).toEqual([]);
    });

    test('a database that a newer Writ migrated is refused, with the name of the unknown migration', async () => {
      await database().query(
        {
          name: 'newer',
          text: `insert into kysely_migration (name, timestamp) values ('9999_later', now()::text)`,
        },
        [],
      );
      await expect(migrateToLatest(database().kysely)).rejects.toThrow(NewerSchemaError);
      await expect(migrateToLatest(database().kysely)).rejects.toThrow('9999_later');
    });

    test('an installation keeps its issuer forever', async () => {
      expect(await ensureInstallation(database(), { issuer, keyring })).toBe(true);
      expect(await ensureInstallation(database(), { issuer, keyring })).toBe(false);
      const moved = ensureInstallation(database(), { issuer: 'https://other.example', keyring });
      await expect(moved).rejects.toThrow(OtherIssuerError);
      await expect(moved).rejects.toThrow(`Set ISSUER=${issuer}`);
    });

    test('an installation of an older version gets the client of personal access tokens, with the current scopes', async () => {
      const { kysely } = database();
      const install = () => ensureInstallation(database(), { issuer, keyring });
      const find = () =>
        kysely
          .selectFrom('client')
          .select(['id', 'metadata', 'resources', 'disabled_at'])
          .where('client_id', '=', personalClientId)
          .executeTakeFirst();
      await install();
      const made = await find();
      expect(made).toMatchObject({
        metadata: { grant_types: [], scope: personalTokenScopes.join(' ') },
        resources: [`${issuer}/api/v1`],
      });
      await kysely
        .updateTable('client')
        .set({ metadata: JSON.stringify({ ...made?.metadata, scope: 'apps:read' }) })
        .where('client_id', '=', personalClientId)
        .execute();
      await install();
      expect(await find()).toEqual(made);
      await kysely.deleteFrom('client').where('client_id', '=', personalClientId).execute();
      await install();
      expect(await find()).toEqual({ ...made, id: expect.any(String) });
    });
  },
  { oneForEveryTest: true },
);

(postgresUrl ? describe : describe.skip)(
  'processes that start at once on an empty Postgres',
  () => {
    const processes: Database[] = [];
    beforeAll(async () => {
      const url = await emptyPostgresDatabase();
      for (let index = 0; index < 4; index++) processes.push(await openDatabase(url));
    });
    afterAll(() => Promise.all(processes.map((database) => database.close())));

    test('create one schema and one set of keys, and all know them', async () => {
      const start = async (database: Database) => {
        const migrated = await migrateToLatest(database.kysely);
        return { migrated, made: await ensureInstallation(database, { issuer, keyring }) };
      };
      const started = await Promise.all(processes.map(start));
      expect(started.flatMap(({ migrated }) => migrated)).toEqual(Object.keys(migrations));
      expect(started.filter(({ made }) => made)).toHaveLength(1);
      for (const { kysely } of processes) {
        const keys = await openSigningKeys(kysely, keyring);
        expect(keys.map(({ alg }) => alg).sort()).toEqual([...signingAlgs].sort());
        for (const purpose of ['client-secret-digest', 'cookies'] as const)
          expect(await openSealedKeys(kysely, keyring, purpose)).toHaveLength(1);
      }
    });
  },
);

(postgresUrl ? describe : describe.skip)('a migration of a table in use on Postgres', () => {
  let database: Database;
  beforeAll(async () => {
    database = await openDatabase(await emptyPostgresDatabase());
    const migrator = new Migrator({
      db: database.kysely,
      provider: { getMigrations: async () => migrations },
    });
    await migrator.migrateTo('0026_resource_claims');
  });
  afterAll(() => database.close());

  const patience = { lockTimeout: 50, attempts: 3, pause: 0 };
  const everywhere = <Result>(run: (db: Database['kysely']) => Promise<Result>) =>
    run(database.kysely);

  test('stops waiting, says which one, and changes nothing while another transaction keeps the lock', async () => {
    const before = await pendingMigrations(database.kysely);
    expect(before).toContain('0033_earlier_grants');
    await database.kysely.transaction().execute(async (transaction) => {
      await sql`select count(*) from client_login`.execute(transaction);
      const blocked: string[] = [];
      const migrated = migrateToLatest(database.kysely, everywhere, {
        ...patience,
        onBlocked: (name) => blocked.push(name),
      });
      await expect(migrated).rejects.toThrow(MigrationLockError);
      await expect(migrated).rejects.toThrow('0033_earlier_grants');
      expect(blocked).toEqual(['0033_earlier_grants', '0033_earlier_grants']);
    });
    expect(await pendingMigrations(database.kysely)).toEqual(before);
  });

  test('goes on once the lock is free', async () => {
    const { promise: free, resolve: end } = Promise.withResolvers<void>();
    const { promise: taken, resolve: locked } = Promise.withResolvers<void>();
    const other = database.kysely.transaction().execute(async (transaction) => {
      await sql`select count(*) from client_login`.execute(transaction);
      locked();
      await free;
    });
    await taken;
    const migrated = await migrateToLatest(database.kysely, everywhere, {
      ...patience,
      attempts: 100,
      onBlocked: () => end(),
    });
    await other;
    expect(migrated).toContain('0033_earlier_grants');
    expect(await pendingMigrations(database.kysely)).toEqual([]);
  });
});
