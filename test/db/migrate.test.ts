import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { personalClientId } from '../../config/clients.ts';
import { personalTokenScopes } from '../../config/scopes.ts';
import { type Database, openDatabase } from '../../db/database.ts';
import {
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
