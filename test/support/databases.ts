import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import pg from 'pg';
import { type Database, openDatabase, overPGlite } from '../../db/database.ts';
import { migrateToLatest } from '../../db/migrate.ts';
import { PGlitePool } from '../../db/pglite-pool.ts';
import { createAuditPartitions } from '../../src/domain/audit/partitions.ts';
import { createPartitions } from '../../src/domain/tokens/partitions.ts';

const template = 'writ_template';

/** Where the shared Postgres listens; unset on a machine without one. */
export const postgresUrl = process.env['TEST_POSTGRES_URL'];

/** A database of that name on the shared Postgres. */
export function urlOf(name: string): string {
  const url = new URL(postgresUrl ?? '');
  url.pathname = `/${name}`;
  return url.href;
}

async function asAdministrator(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: postgresUrl });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

async function migrate(database: Database): Promise<void> {
  await migrateToLatest(database.kysely);
  await createPartitions({ database }).createAhead();
  await createAuditPartitions({ database }).createAhead();
}

/** Migrates one database of each kind; every test starts from a copy. Gives a function that removes them. */
export async function makeTemplates(): Promise<() => Promise<void>> {
  const directory = await mkdtemp(path.join(tmpdir(), 'writ-template-'));
  const file = path.join(directory, 'database.tar');
  const pool = await PGlitePool.open();
  const embedded = overPGlite(pool);
  await migrate(embedded);
  await writeFile(file, Buffer.from(await (await pool.dump()).arrayBuffer()));
  await embedded.close();
  process.env['TEST_DATABASE_TEMPLATE'] = file;
  if (postgresUrl) {
    await asAdministrator(`create database ${template}`);
    const database = await openDatabase(urlOf(template));
    await migrate(database);
    await database.close();
  }
  return () => rm(directory, { recursive: true });
}

/** A migrated PGlite of its own, in memory. */
export async function embeddedDatabase(): Promise<Database> {
  const archive = await readFile(process.env['TEST_DATABASE_TEMPLATE'] ?? '');
  return overPGlite(await PGlitePool.open(undefined, new Blob([archive])));
}

/** The URL of a migrated database of its own on the shared Postgres. */
export async function postgresDatabase(): Promise<string> {
  const name = `writ_${randomUUID().replaceAll('-', '')}`;
  await asAdministrator(`create database ${name} template ${template}`);
  return urlOf(name);
}

/** The URL of an empty database on the shared Postgres. */
export async function emptyPostgresDatabase(): Promise<string> {
  const name = `writ_${randomUUID().replaceAll('-', '')}`;
  await asAdministrator(`create database ${name}`);
  return urlOf(name);
}
