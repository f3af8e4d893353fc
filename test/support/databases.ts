import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { type Database, overPGlite } from '../../db/database.ts';
import { PGlitePool } from '../../db/pglite-pool.ts';
import { ArchivedFiles } from './archived-files.ts';

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

/** A new migrated PGlite in memory. A quarter of the buffers of an installation: to zero them all would be half of its start. */
export async function embeddedDatabase(): Promise<Database> {
  const template = process.env['TEST_PGLITE_TEMPLATE'];
  if (!template) throw new Error('Run the tests by npm test: it prepares the databases.');
  const memory = { files: new ArchivedFiles(template), settings: ['shared_buffers=32MB'] };
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
