// Creates the templates that template-cache.ts keeps.
import pg from 'pg';
import { ArchivedFiles } from '../../db/archived-files.ts';
import { type Database, openDatabase, overPGlite } from '../../db/database.ts';
import { migrateToLatest } from '../../db/migrate.ts';
import { PGlitePool } from '../../db/pglite-pool.ts';
import { preparedDatabase } from '../../db/prepared.ts';
import { createAuditPartitions } from '../../src/domain/audit/partitions.ts';
import { createPartitions } from '../../src/domain/tokens/partitions.ts';
import { templateDatabase } from './databases.ts';

/** Migrates a database and creates the partitions that a server would create in advance. */
async function migrate(database: Database): Promise<void> {
  await migrateToLatest(database.kysely);
  await createPartitions({ database }).createAhead();
  await createAuditPartitions({ database }).createAhead();
}

/** A migrated PGlite as a tar archive. */
export async function createPGliteArchive(): Promise<Buffer> {
  const files = new ArchivedFiles(await preparedDatabase());
  const pool = await PGlitePool.open({ memory: { files, settings: [] } });
  const database = overPGlite(pool);
  try {
    await migrate(database);
    return Buffer.from(await (await pool.dump()).arrayBuffer());
  } finally {
    await database.close();
  }
}

/** Creates the template database on the server of that URL. */
export async function createPostgresTemplate(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`create database ${templateDatabase}`);
  } finally {
    await client.end();
  }
  const target = new URL(url);
  target.pathname = `/${templateDatabase}`;
  const database = await openDatabase(target.href);
  try {
    await migrate(database);
  } finally {
    await database.close();
  }
}
