import { existsSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import * as path from 'node:path';
import { DatabaseDirectoryError } from './directory-error.ts';
import {
  createDirectoryDurably,
  identityOf,
  removeDurably,
  syncTree,
  writeDurably,
} from './durable.ts';
import { DurableFiles } from './durable-files.ts';
import { PGlitePool } from './pglite-pool.ts';
import { preparedDatabase, unpack } from './prepared.ts';

/**
 * Opens the embedded database in a directory, which is created if missing, and repairs what a crash or power cut left
 * behind. A new one has all tables (`prepared.ts`). The caller must hold the lock of the directory. Throws `DatabaseDirectoryError`.
 */
export async function openEmbedded(
  directory: string,
): Promise<{ pool: PGlitePool; isNew: boolean }> {
  const unfinished = `${path.resolve(directory)}.unfinished`;
  try {
    await createDirectoryDurably(directory);
    if (existsSync(unfinished)) await resolveMark(directory, unfinished);
    const isNew = !existsSync(path.join(directory, 'PG_VERSION'));
    return { pool: await (isNew ? create(directory, unfinished) : reopen(directory)), isNew };
  } catch (error) {
    throw DatabaseDirectoryError.explain(directory, error);
  }
}

/**
 * Empties a directory whose creation was interrupted. A mark that names another directory says nothing about this one,
 * which may be a restored backup; such a mark is removed.
 */
async function resolveMark(directory: string, unfinished: string): Promise<void> {
  if ((await readFile(unfinished, 'utf8')) !== (await identityOf(directory)))
    return removeDurably(unfinished);
  for (const name of await readdir(directory))
    await rm(path.join(directory, name), { recursive: true });
}

/**
 * Creates the database. A process that ends during this, or a power cut, would leave files that can never be opened.
 * Until they are complete and on disk, a mark next to the directory names it; nothing has been stored before that, so
 * the next start creates the files again.
 */
async function create(directory: string, unfinished: string): Promise<PGlitePool> {
  const found = await readdir(directory);
  if (found.includes('pg_wal') || found.includes('base'))
    throw new DatabaseDirectoryError(directory, 'a database without its file PG_VERSION');
  await writeDurably(unfinished, await identityOf(directory));
  unpack(await preparedDatabase(), directory);
  const pool = await open(directory, new DurableFiles(directory));
  await syncTree(directory);
  await removeDurably(unfinished);
  return pool;
}

/**
 * Opens existing files, after a sync of all of them: those of a killed process, of a restored backup, or of a version of
 * Writ that did not sync can still be only in memory. Postgres itself would sync them only after a crash, one by one. The
 * file `postmaster.pid` is meaningless here, because the directory is locked, and Postgres would refuse to start with an
 * empty one, which a power cut can leave.
 */
async function reopen(directory: string): Promise<PGlitePool> {
  await syncTree(directory);
  await rm(path.join(directory, 'postmaster.pid'), { force: true });
  const files = new DurableFiles(directory);
  files.noteAllSynced();
  return open(directory, files);
}

async function open(directory: string, files: DurableFiles): Promise<PGlitePool> {
  const logLines: string[] = [];
  try {
    const pool = await PGlitePool.open({
      files,
      reopen: () => reopen(directory),
      onMessage: (line) => logLines.push(line),
    });
    files.log.defer();
    return pool;
  } catch (error) {
    files.abandon();
    throw DatabaseDirectoryError.explain(directory, error, logLines);
  }
}
