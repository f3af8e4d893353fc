// The databases that every test starts from, created once and cached: a PGlite archive, and the data directory of a
// Postgres. With them a run is ready within two seconds.
import { execFileSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
} from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { copyDirectory } from './process.ts';
import { findPostgres, startPostgres, unprivileged } from './services.ts';

const root = path.resolve(import.meta.dirname, '../..');
const uid = process.getuid?.();

/** In the checkout, or in the user's cache directory if another user owns the checkout. */
const cache = firstWritable([
  path.join(root, 'node_modules', '.cache', 'writ-tests'),
  path.join(tmpdir(), `writ-tests-${uid}`),
]);

/** Where Node keeps what it compiled: half of the processor time of loading a server. */
export const compileCache = path.join(cache, 'compiled');

/**
 * Sources that determine a template: the migrations, the partitions created in advance, and the code that creates
 * it.
 */
const sources = [
  'db/**/*.ts',
  'src/domain/tokens/{partitions,value}.ts',
  'src/domain/audit/*.ts',
  'test/support/{databases,process,services,template-cache,templates}.ts',
];

/** The first directory that this user can write to, created if it does not exist. */
function firstWritable(directories: readonly string[]): string {
  const failures: unknown[] = [];
  for (const directory of directories) {
    try {
      mkdirSync(directory, { recursive: true });
      accessSync(directory, constants.W_OK);
      return directory;
    } catch (error) {
      failures.push(error);
    }
  }
  throw new AggregateError(failures, `None can be written to: ${directories.join(', ')}`);
}

/** Partitions are created in advance from today on. */
const today = () => new Date().toISOString().slice(0, 10);

function keyOf(versions: string[], patterns = sources): string {
  const hash = createHash('sha256').update(JSON.stringify([today(), ...versions]));
  for (const pattern of patterns) {
    const files = globSync(pattern, { cwd: root }).sort();
    if (files.length === 0) throw new Error(`${pattern} names no file`);
    for (const file of files) hash.update(`${file}\0`).update(readFileSync(path.join(root, file)));
  }
  return hash.digest('hex').slice(0, 16);
}

/**
 * Returns a cached entry. If there is none, `create` writes it to the given path. Safe for concurrent runs: an
 * entry appears complete, and the second one is discarded.
 */
async function cached(name: string, create: (file: string) => Promise<void>): Promise<string> {
  const entry = path.join(cache, name);
  if (existsSync(entry)) return entry;
  await removeOld();
  const draft = path.join(cache, `draft-${randomUUID()}`);
  try {
    await create(draft);
    await rename(draft, entry);
  } catch (error) {
    if (!existsSync(entry)) throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return entry;
}

/**
 * Removes entries of other days, which are only read by a run that began before midnight, and drafts that are an
 * hour old, which belong to killed runs. Files of other users stay.
 */
async function removeOld(): Promise<void> {
  for (const name of readdirSync(cache)) {
    const entry = path.join(cache, name);
    const longest = name.startsWith('draft-') ? 3_600_000 : 2 * 86_400_000;
    try {
      if (statSync(entry).mtimeMs < Date.now() - longest)
        await rm(entry, { recursive: true, force: true });
    } catch {}
  }
}

/** Its package.json is not exported, so read the version from the lock file. */
function pgliteVersion(): string {
  const lock = createRequire(import.meta.url)(path.join(root, 'package-lock.json'));
  return lock.packages['node_modules/@electric-sql/pglite'].version;
}

/** A data directory of an embedded installation that `create` sets up in the given directory. */
export const installationTemplate = (
  create: (directory: string) => Promise<void>,
): Promise<string> =>
  cached(
    `installation-${keyOf([pgliteVersion()], [...sources, 'src/**/*.ts', 'config/*.ts', 'test/faults/installation.ts'])}`,
    create,
  );

/** The archive of a migrated PGlite. */
export function pgliteTemplate(): Promise<string> {
  return cached(`pglite-${keyOf([pgliteVersion()])}.tar`, async (file) => {
    const { createPGliteArchive } = await import('./templates.ts');
    await writeFile(file, await createPGliteArchive());
  });
}

/** The data directory of a stopped Postgres with the database `writ` and the migrated template. */
export function postgresTemplate(): Promise<string> {
  const binary = path.join(findPostgres() ?? '', 'postgres');
  const version = execFileSync(binary, ['--version'], { encoding: 'utf8' });
  // Postgres accepts only a data directory that the user it runs as owns.
  const owner = unprivileged()?.uid ?? uid;
  return cached(`postgres-${keyOf([version, String(owner)])}`, async (directory) => {
    const postgres = await startPostgres();
    try {
      const { createPostgresTemplate } = await import('./templates.ts');
      await createPostgresTemplate(postgres.url);
    } finally {
      await postgres.stop();
    }
    await copyDirectory(postgres.dataDirectory, directory);
  });
}
