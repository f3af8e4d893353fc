import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { ArchivedFiles } from '../../db/archived-files.ts';
import { type Database, overPGlite } from '../../db/database.ts';
import { PGlitePool } from '../../db/pglite-pool.ts';

/** The template on the shared Postgres that test databases are copied from. */
export const templateDatabase = 'writ_template';

/** Whether every file runs on all stacks and databases: `npm test -- --all-stacks`. */
export const onAllStacks = process.env['TEST_ALL_STACKS'] === '1';

/** URL of the shared Postgres; unset on a machine without one. */
export const postgresUrl = process.env['TEST_POSTGRES_URL'];

/** URL of a database on the shared Postgres. */
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

/** A new migrated PGlite in memory. */
export async function embeddedDatabase(): Promise<Database> {
  const template = process.env['TEST_PGLITE_TEMPLATE'];
  if (!template) throw new Error('Run the tests by npm test: it prepares the databases.');
  const memory = { files: new ArchivedFiles(await readFile(template)), settings: [] };
  return overPGlite(await PGlitePool.open({ memory }));
}

/** URL of a new migrated database on the shared Postgres. */
export async function postgresDatabase(): Promise<string> {
  const name = `writ_${randomUUID().replaceAll('-', '')}`;
  await asAdministrator(`create database ${name} template ${templateDatabase}`);
  return urlOf(name);
}

/** URL of a new empty database on the shared Postgres. */
export async function emptyPostgresDatabase(): Promise<string> {
  const name = `writ_${randomUUID().replaceAll('-', '')}`;
  await asAdministrator(`create database ${name}`);
  return urlOf(name);
}
