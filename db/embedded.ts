import { existsSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import * as path from 'node:path';
import { DatabaseDirectoryError } from './directory-error.ts';
import {
  identityOf,
  makeDirectoryDurably,
  removeDurably,
  syncTree,
  writeDurably,
} from './durable.ts';
import { DurableFiles } from './durable-files.ts';
import { PGlitePool } from './pglite-pool.ts';

/**
 * Opens the embedded database in a directory, which is made where there is none, and makes good what a
 * crash or a power cut has left. The caller holds the directory's lock. Throws DatabaseDirectoryError.
 */
export async function openEmbedded(directory: string): Promise<PGlitePool> {
  const unfinished = `${path.resolve(directory)}.unfinished`;
  try {
    await makeDirectoryDurably(directory);
    if (existsSync(unfinished)) await settleMark(directory, unfinished);
    const isNew = !existsSync(path.join(directory, 'PG_VERSION'));
    return await (isNew ? create(directory, unfinished) : reopen(directory));
  } catch (error) {
    throw DatabaseDirectoryError.explain(directory, error);
  }
}

/**
 * Empties a directory that was left unfinished. A mark that is about another one says nothing of this one, such as a
 * backup that was restored in its place, and goes.
 */
async function settleMark(directory: string, unfinished: string): Promise<void> {
  if ((await readFile(unfinished, 'utf8')) !== (await identityOf(directory)))
    return removeDurably(unfinished);
  for (const name of await readdir(directory))
    await rm(path.join(directory, name), { recursive: true });
}

/**
 * A process that ends while it makes the files, or a power cut, leaves some that never open. So a mark
 * stands next to them until they are whole and on the disk: nothing has been stored before that, and the
 * next start creates them again. It names the directory that it is about.
 */
async function create(directory: string, unfinished: string): Promise<PGlitePool> {
  const found = await readdir(directory);
  if (found.includes('pg_wal') || found.includes('base'))
    throw new DatabaseDirectoryError(directory, 'a database without its file PG_VERSION');
  await writeDurably(unfinished, await identityOf(directory));
  const pool = await open(directory, new DurableFiles(directory));
  await syncTree(directory);
  await removeDurably(unfinished);
  return pool;
}

/**
 * All that is found is brought to the disk first: what was killed, what was restored from a backup, and what a
 * version of Writ wrote that did not wait for the disk may be in memory still. Postgres would do so by itself after a
 * crash alone, and one file after another. Its file `postmaster.pid` says nothing here, since the
 * directory is locked, and where a power cut has left it empty, Postgres would refuse to start.
 */
async function reopen(directory: string): Promise<PGlitePool> {
  await syncTree(directory);
  await rm(path.join(directory, 'postmaster.pid'), { force: true });
  const files = new DurableFiles(directory);
  files.noteAllSynced();
  return open(directory, files);
}

async function open(directory: string, files: DurableFiles): Promise<PGlitePool> {
  const said: string[] = [];
  try {
    const pool = await PGlitePool.open({
      files,
      reopen: () => reopen(directory),
      onMessage: (line) => said.push(line),
    });
    files.log.defer();
    return pool;
  } catch (error) {
    files.abandon();
    throw DatabaseDirectoryError.explain(directory, error, said);
  }
}
