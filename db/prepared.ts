/**
 * THE PREPARED DATABASE: an archive of an embedded database with all tables and nothing in them. To create one takes PGlite
 * several seconds; to start from an archive takes none. It holds nothing of an installation: keys, secrets and identifiers are
 * created by the start that uses it.
 *
 * A build has the archive next to this module. A source checkout keeps one in node_modules/.cache, which belongs to the owner of the
 * code; the first start that needs one creates it. An archive that is torn, or of other migrations or another PGlite, counts as none.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import * as path from 'node:path';
import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import { MemoryFS } from '@electric-sql/pglite';
import { Kysely, PostgresDialect } from 'kysely';
import { entriesOf } from './archive.ts';
import { migrateToLatest } from './migrate.ts';
import { PGlitePool } from './pglite-pool.ts';
import type { Schema } from './schema.ts';

const isSource = import.meta.filename.endsWith('.ts');

/** Where the archive is. */
export const preparedFile = isSource
  ? path.resolve(import.meta.dirname, '../node_modules/.cache/writ/database.tar.zst')
  : path.join(import.meta.dirname, 'database.tar.zst');

/** The archive, as a tar that the caller can change. It is created if there is no valid one. */
export async function preparedDatabase(file = preparedFile): Promise<Buffer> {
  return (await readPrepared(file)) ?? create(isSource ? file : undefined);
}

/** Creates the archive in a file, which may be there. For builds. */
export async function savePrepared(file = preparedFile): Promise<void> {
  if (!(await readPrepared(file))) await save(file, await create(undefined));
}

/** Writes the files of an archive into an empty directory, which the caller syncs afterwards. */
export function unpack(archive: Buffer, directory: string): void {
  for (const { name, content } of entriesOf(archive)) {
    const target = path.join(directory, name);
    if (!content) fs.mkdirSync(target, { mode: 0o700 });
    else writeNew(target, content);
  }
}

function writeNew(file: string, content: Uint8Array): void {
  const descriptor = fs.openSync(file, 'w', 0o600);
  try {
    for (let at = 0; at < content.length; )
      at += fs.writeSync(descriptor, content, at, content.length - at, at);
  } finally {
    fs.closeSync(descriptor);
  }
}

const zstd = promisify(zlib.zstdCompress);
const decompress = promisify(zlib.zstdDecompress);

/** A new database has its catalogs three times over, some megabytes apart. */
const compress = (archive: Buffer): Promise<Buffer> =>
  zstd(archive, {
    pledgedSrcSize: archive.length,
    params: {
      [zlib.constants.ZSTD_c_compressionLevel]: 6,
      [zlib.constants.ZSTD_c_enableLongDistanceMatching]: 1,
      [zlib.constants.ZSTD_c_windowLog]: 27,
    },
  });

/** The tar in a file; undefined if the file is missing, torn, or of another version. */
export async function readPrepared(file: string): Promise<Buffer | undefined> {
  try {
    const bytes = await readFile(file);
    const end = bytes.indexOf('\n');
    const content = bytes.subarray(end + 1);
    const [, key = ''] = bytes.toString('latin1', 0, end).split(' ');
    if (bytes.toString('latin1', 0, end) !== headerOf(key, content)) return undefined;
    // A build is of one version: the archive is next to the module.
    if (isSource && key !== (await keyOf())) return undefined;
    return await decompress(content);
  } catch {
    return undefined;
  }
}

/**
 * Files in memory that are dumped when Postgres has shut down. Copies of a database that is still open would begin as after a crash:
 * Postgres would sync every file, one by one.
 */
class DumpedFiles extends MemoryFS {
  readonly #dump = Promise.withResolvers<Buffer>();
  readonly dumped = this.#dump.promise;

  override async closeFs(): Promise<void> {
    const tar = await this.dumpTar('database', 'none');
    this.#dump.resolve(Buffer.from(await tar.arrayBuffer()));
    await super.closeFs();
  }
}

/** A file that cannot be written costs the next start time, and nothing else. */
async function create(file: string | undefined): Promise<Buffer> {
  const files = new DumpedFiles();
  const pool = await PGlitePool.open({ memory: { files, settings: [] } });
  try {
    // Kysely would close the pool.
    const kysely = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
    await migrateToLatest(kysely);
  } finally {
    await pool.end();
  }
  const archive = await files.dumped;
  if (file) await save(file, archive).catch(() => {});
  return archive;
}

/** Atomically: several first starts can run at once. */
async function save(file: string, archive: Buffer): Promise<void> {
  const content = await compress(archive);
  await mkdir(path.dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  try {
    await writeFile(draft, [headerOf(await keyOf(), content), '\n', content]);
    await rename(draft, file);
  } finally {
    await rm(draft, { force: true });
  }
}

/** The first line of a file: the key and the digest of the rest. */
const headerOf = (key: string, content: Uint8Array): string =>
  `writ-database ${key} ${createHash('sha256').update(content).digest('hex')}`;

/** Identifies what the archive depends on: PGlite, the migrations, and how it is created. */
async function keyOf(): Promise<string> {
  const { resolve } = createRequire(import.meta.url);
  const manifest = path.join(path.dirname(resolve('@electric-sql/pglite')), '../package.json');
  const { version } = JSON.parse(await readFile(manifest, 'utf8')) as { version: string };
  const hash = createHash('sha256').update(version);
  const migrations = path.join(import.meta.dirname, 'migrations');
  const names = (await readdir(migrations)).sort().map((name) => path.join(migrations, name));
  for (const file of [...names, import.meta.filename])
    hash.update(`\0${path.basename(file)}\0`).update(await readFile(file));
  return hash.digest('hex');
}
