// A program that runs an embedded installation on a watched disk, cuts the power at many moments, and opens what
// each cut leaves. Writes its results to standard output as JSON.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { sql } from 'kysely';
import { loadSettings } from '../../config/settings.ts';
import { identityOf } from '../../db/durable.ts';
import { openBootstrap } from '../../src/boot/setup.ts';
import { type Survival, watchDisk } from '../support/power-cut.ts';

/** Result of the start after a power cut. */
export interface PowerCut {
  during: string;
  survival: Survival;
  /** Rows with a confirmed commit, and the missing ones among them. */
  answered: number;
  lost: number;
  /** Reason if the directory did not open. */
  refused?: string;
}

interface Cut extends PowerCut {
  directory: string;
  rows: number[];
}

const [base = ''] = process.argv.slice(2);
const root = path.join(base, 'disk');
mkdirSync(root);
const disk = watchDisk(root);
const cuts: Cut[] = [];
const answered: number[] = [];

/** Cuts the power at steps whose distance grows by a factor of five. */
async function during(phase: string, work: () => Promise<unknown>) {
  let steps = 0;
  let next = 3;
  disk.onStep = () => {
    if (++steps !== next) return;
    next *= 5;
    const survival = cuts.length % 2 === 0 ? 'nothing unsynced' : 'some unsynced';
    const directory = path.join(base, `cut-${cuts.length}`);
    cuts.push({
      during: phase,
      survival,
      directory,
      rows: [...answered],
      answered: answered.length,
      lost: 0,
    });
    const { onStep } = disk;
    disk.onStep = () => {};
    disk.cut(directory, survival);
    disk.onStep = onStep;
  };
  await work();
  disk.onStep = () => {};
}

const open = (directory: string) =>
  openBootstrap(
    loadSettings({ DATA_DIR: path.join(directory, 'data'), SECRET_KEYS: 'x'.repeat(32) }),
  );
type Opened = Awaited<ReturnType<typeof open>>;

async function insert({ database }: Opened, id: number): Promise<void> {
  await database.query({ name: 'insert', text: 'insert into row (id) values ($1)' }, [id]);
  answered.push(id);
}

async function insertInTransaction({ database }: Opened, id: number): Promise<void> {
  await database.kysely
    .transaction()
    .execute((transaction) => sql`insert into row (id) values (${id})`.execute(transaction));
  answered.push(id);
}

/** Rows of concurrent requests, so that some wait for a sync while others write. */
const insertMany = (opened: Opened, first: number) =>
  Promise.all(
    Array.from({ length: 40 }, async (_, index) =>
      index % 4 === 0 ? insertInTransaction(opened, first + index) : insert(opened, first + index),
    ),
  );

let server: Opened | undefined;
await during('the first start', async () => {
  server = await open(root);
});
const opened = server as Opened;
await sql`create table row (id integer primary key, filler text default repeat('x', 500))`.execute(
  opened.database.kysely,
);
await during('issuing', async () => {
  for (let first = 0; first < 400; first += 40) await insertMany(opened, first);
});
await during('a checkpoint while others write', () =>
  Promise.all([
    sql`checkpoint`.execute(opened.database.kysely),
    insertMany(opened, 1000),
    insertMany(opened, 1040),
  ]),
);
await during('a stop', () => opened.close());
await during('a start', async () => {
  server = await open(root);
  await insertMany(server, 2000);
});
disk.stop();

for (const cut of cuts) await look(cut);
process.stdout.write(JSON.stringify(cuts.map(({ directory, rows, ...found }) => found)));
process.exit(0);

async function look(cut: Cut): Promise<void> {
  // After a power cut no process has the directory open, including this one.
  rmSync(path.join(cut.directory, 'data/db.lock'), { force: true });
  // The rebuilt directory has another path; after a real power cut it would be the same one.
  const mark = path.join(cut.directory, 'data/db.unfinished');
  const original = await identityOf(path.join(root, 'data/db'));
  if (existsSync(mark) && readFileSync(mark, 'utf8') === original)
    writeFileSync(mark, await identityOf(path.join(cut.directory, 'data/db')));
  try {
    const { database, close } = await open(cut.directory);
    const { rows } =
      cut.rows.length === 0
        ? { rows: [] }
        : await sql<{ id: number }>`select id from row`.execute(database.kysely);
    const found = new Set(rows.map(({ id }) => id));
    cut.lost = cut.rows.filter((id) => !found.has(id)).length;
    await close();
  } catch (error) {
    cut.refused = String(error);
  }
  rmSync(cut.directory, { recursive: true, force: true });
}
