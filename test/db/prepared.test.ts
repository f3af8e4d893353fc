import { copyFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { loadSettings } from '../../config/settings.ts';
import { entriesOf } from '../../db/archive.ts';
import { ArchivedFiles } from '../../db/archived-files.ts';
import { overPGlite } from '../../db/database.ts';
import { migrations } from '../../db/migrate.ts';
import { PGlitePool } from '../../db/pglite-pool.ts';
import { preparedDatabase, preparedFile, readPrepared, savePrepared } from '../../db/prepared.ts';
import { openBootstrap } from '../../src/boot/setup.ts';
import { ensureInstallation } from '../../src/domain/installation/installation.ts';

let base: string;
let file: string;
beforeAll(async () => {
  base = await mkdtemp(path.join(tmpdir(), 'writ-prepared-'));
  file = path.join(base, 'database.tar.zst');
  await savePrepared();
  await copyFile(preparedFile, file);
});
afterAll(() => rm(base, { recursive: true }));

const open = async (archive: Buffer) =>
  overPGlite(
    await PGlitePool.open({ memory: { files: new ArchivedFiles(archive), settings: [] } }),
  );

test('the archive has every table, and only rows that are the same everywhere', async () => {
  const database = await open(await preparedDatabase(file));
  try {
    const tables = await database.query<{ name: string }>(
      {
        name: 'tables',
        text: `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')`,
      },
      [],
    );
    expect(tables.map(({ name }) => name)).toContain('signing_key');
    const filled: string[] = [];
    for (const { name } of tables) {
      const rows = await database.query(
        { name: `some ${name}`, text: `select 1 from "${name}" limit 1` },
        [],
      );
      if (rows.length > 0) filled.push(name);
    }
    expect(filled.sort()).toEqual(rowsOfMigrations);
    const applied = await database.query<{ name: string }>(
      { name: 'applied', text: 'select name from kysely_migration order by name' },
      [],
    );
    expect(applied.map(({ name }) => name)).toEqual(Object.keys(migrations).sort());
  } finally {
    await database.close();
  }
});

/** Tables in which migrations put the same rows everywhere. */
const rowsOfMigrations = [
  'app_role',
  'change_counter',
  'kysely_migration',
  'kysely_migration_lock',
  'shelf',
];

test('a valid archive is used as it is', async () => {
  const { mtimeMs } = await stat(file);
  await savePrepared(file);
  await preparedDatabase(file);
  expect((await stat(file)).mtimeMs).toBe(mtimeMs);
});

test.each([
  ['torn', (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)],
  ['damaged', (bytes: Buffer) => Buffer.concat([bytes.subarray(0, -1), Buffer.of(1, 2, 3)])],
  ['empty', () => Buffer.alloc(0)],
  ['of other migrations', (bytes: Buffer) => withKey(bytes, 'a'.repeat(64))],
])('an archive that is %s is ignored', async (_, damage) => {
  const other = path.join(base, 'other.tar.zst');
  await writeFile(other, damage(await readFile(file)));
  expect(await readPrepared(file)).toBeInstanceOf(Buffer);
  expect(await readPrepared(other)).toBeUndefined();
  await rm(other);
});

const withKey = (bytes: Buffer, key: string): Buffer =>
  Buffer.from(bytes.toString('latin1').replace(/[0-9a-f]{64}/, key), 'latin1');

test('in place of an archive that is torn, the database is created anew', async () => {
  const valid = await readFile(file);
  await writeFile(file, valid.subarray(0, valid.length / 2));
  const database = await open(await preparedDatabase(file));
  const [row] = await database.query<{ count: number }>(
    { name: 'count', text: 'select count(*) as count from kysely_migration' },
    [],
  );
  await database.close();
  expect(row?.count).toBe(Object.keys(migrations).length);
  expect(await readPrepared(file)).toBeInstanceOf(Buffer);
  expect(await readdir(base)).toEqual([path.basename(file)]);
});

test('an archive that cannot be stored is used nevertheless', async () => {
  const archive = await preparedDatabase(path.join(file, 'below a file'));
  expect(Array.from(entriesOf(archive), ({ name }) => name)).toContain('PG_VERSION');
});

test('two installations of one archive share no key, secret or identifier', async () => {
  const begin = async (name: string) => {
    const { database, keyring, directory, close } = await openBootstrap(
      loadSettings({ DATA_DIR: path.join(base, name) }),
    );
    await ensureInstallation(database, { issuer: 'http://localhost:3000', keyring });
    const rows = await Promise.all(
      ['installation', 'sealed_key', 'signing_key', 'client'].map((table) =>
        database.query<Record<string, unknown>>(
          { name: table, text: `select * from ${table}` },
          [],
        ),
      ),
    );
    const secrets = await readFile(directory.secretsFile, 'utf8');
    await close();
    return { rows: rows.flat(), secrets };
  };
  const [one, other] = [await begin('one'), await begin('other')];
  expect(one.secrets).not.toBe(other.secrets);
  const unique = ({ rows }: typeof one) =>
    rows.flatMap((row) =>
      ['id', 'kid', 'public_jwk', 'sealed', 'sealed_private_jwk']
        .filter((column) => column in row)
        .map((column) => JSON.stringify(row[column])),
    );
  expect(unique(one).length).toBeGreaterThan(8);
  expect(unique(one).filter((value) => unique(other).includes(value))).toEqual([]);
  for (const name of ['one', 'other']) await rm(path.join(base, name), { recursive: true });
});

test('the archive of a checkout belongs to the owner of the code', () => {
  expect(preparedFile).toBe(path.resolve('node_modules/.cache/writ/database.tar.zst'));
});
