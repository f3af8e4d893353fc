// The databases that every test starts from, made once and kept: a PGlite archive, and the data
// directory of a Postgres. A run that finds them serves within two seconds.
import { execFileSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import * as path from 'node:path';
import { copyDirectory } from './process.ts';
import { findPostgres, startPostgres } from './services.ts';

const root = path.resolve(import.meta.dirname, '../..');
const cache = path.join(root, 'node_modules', '.cache', 'writ-tests');

/** What decides how a template looks: the migrations, the partitions made ahead, and how it is made. */
const sources = [
  'db/**/*.ts',
  'src/domain/tokens/partitions.ts',
  'src/domain/audit/*.ts',
  'test/support/{databases,services,template-cache,templates}.ts',
];

/** Partitions are made ahead from today on. */
const today = () => new Date().toISOString().slice(0, 10);

function keyOf(...versions: string[]): string {
  const hash = createHash('sha256').update(JSON.stringify([today(), ...versions]));
  for (const pattern of sources) {
    const files = globSync(pattern, { cwd: root }).sort();
    if (files.length === 0) throw new Error(`${pattern} names no file`);
    for (const file of files) hash.update(`${file}\0`).update(readFileSync(path.join(root, file)));
  }
  return hash.digest('hex').slice(0, 16);
}

/**
 * The cached entry of that name. Where there is none, `create` writes one to the path that it gets.
 * Safe for runs at the same time: an entry appears whole, and whichever comes second is discarded.
 */
async function cached(name: string, create: (file: string) => Promise<void>): Promise<string> {
  const entry = path.join(cache, name);
  if (existsSync(entry)) return entry;
  mkdirSync(cache, { recursive: true });
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

/** Entries of another day are never read again, but for by a run that began before midnight. */
async function removeOld(): Promise<void> {
  const twoDaysAgo = Date.now() - 2 * 86_400_000;
  for (const name of readdirSync(cache)) {
    const entry = path.join(cache, name);
    const made = statSync(entry, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (made < twoDaysAgo) await rm(entry, { recursive: true, force: true });
  }
}

/** The archive of a migrated PGlite. */
export function pgliteTemplate(): Promise<string> {
  const require = createRequire(import.meta.url);
  // Its package.json is not exported: the version stands in the lock file.
  const lock = require(path.join(root, 'package-lock.json'));
  const { version } = lock.packages['node_modules/@electric-sql/pglite'];
  return cached(`pglite-${keyOf(version)}.tar`, async (file) => {
    const { createPGliteArchive } = await import('./templates.ts');
    await writeFile(file, await createPGliteArchive());
  });
}

/** The data directory of a Postgres, stopped, that has the database `writ` and the migrated template. */
export function postgresTemplate(): Promise<string> {
  const binary = path.join(findPostgres() ?? '', 'postgres');
  const version = execFileSync(binary, ['--version'], { encoding: 'utf8' });
  return cached(`postgres-${keyOf(version, String(process.getuid?.()))}`, async (directory) => {
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
