import fs from 'node:fs';
import { cp, mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { sql } from 'kysely';
import { type Database, openDatabase } from '../../db/database.ts';
import { identityOf } from '../../db/durable.ts';
import { isConnectionLost } from '../../db/errors.ts';
import { unique } from '../support/unique.ts';

let base: string;
let database: Database;
const open = (name: string) => openDatabase(`pglite:${path.join(base, name)}`);
/** A directory with a copy of the same database, which is not open. */
async function copy(name: string): Promise<string> {
  const directory = path.join(base, name);
  await cp(path.join(base, 'template'), directory, { recursive: true });
  return directory;
}

const now = performance.now.bind(performance);
let ahead = 0;
/** Advances the clock of this process. */
const passTime = (milliseconds: number) => {
  ahead += milliseconds;
};

beforeAll(async () => {
  performance.now = () => now() + ahead;
  base = await mkdtemp(path.join(tmpdir(), 'writ-embedded-'));
  const template = await open('template');
  await sql`create table row (id serial, text text)`.execute(template.kysely);
  await template.close();
  database = await openDatabase(`pglite:${await copy('db')}`);
});
afterEach(() => {
  jest.restoreAllMocks();
});
afterAll(async () => {
  performance.now = now;
  await database.close();
  await rm(base, { recursive: true });
});

const write = (text: string, into = database) =>
  into.query({ name: 'write', text: 'insert into row (text) values ($1)' }, [text]);
const read = (text: string, unsettled?: true, from = database) =>
  from.query<{ text: string }>(
    { name: 'read', text: 'select text from row where text = $1', ...(unsettled && { unsettled }) },
    [text],
  );

/** Holds back every sync of the log until released. */
function holdSyncs() {
  const held: (() => void)[] = [];
  const { fdatasync } = fs;
  const spy = jest.spyOn(fs, 'fdatasync').mockImplementation((descriptor, done) => {
    held.push(() => fdatasync(descriptor, done));
  });
  const letGo = () => {
    for (const go of held.splice(0)) go();
  };
  return { count: () => spy.mock.calls.length, letGo };
}

test('a commit returns once it is on disk, and so does a read of it; a read marked unsettled does not wait', async () => {
  const syncs = holdSyncs();
  const answered: string[] = [];
  const writing = write('held').then(() => answered.push('write'));
  const transaction = database.kysely
    .transaction()
    .execute((within) => sql`insert into row (text) values ('within')`.execute(within))
    .then(() => answered.push('transaction'));
  const reading = read('held').then(() => answered.push('read'));
  expect(await read('held', true)).toEqual([{ text: 'held' }]);
  expect(await read('within', true)).toEqual([{ text: 'within' }]);
  expect(answered).toEqual([]);
  syncs.letGo();
  jest.restoreAllMocks();
  await Promise.all([writing, transaction, reading]);
});

test('commits that wait at the same time share a sync, and reads cause none', async () => {
  const syncs = holdSyncs();
  const writes = Array.from({ length: 50 }, (_, index) => write(`shared ${index}`));
  expect(await read('shared 49', true)).toHaveLength(1);
  expect(syncs.count()).toBe(1);
  syncs.letGo();
  while (syncs.count() < 2) await turn();
  syncs.letGo();
  await Promise.all(writes);
  await read('shared 0');
  expect(syncs.count()).toBe(2);
});

test('if the disk fails, a commit fails as with an unavailable database, and the next statement finds every acknowledged commit', async () => {
  await write('answered');
  failOnce();
  const refused = await write('refused').catch((error) => error);
  expect(isConnectionLost(refused)).toBe(true);
  expect(refused.message).toContain('EIO');
  expect(await read('answered')).toEqual([{ text: 'answered' }]);
  await write('after');
  expect(await read('after')).toEqual([{ text: 'after' }]);
});

/** Makes the next sync of the log fail. */
const failOnce = () =>
  jest.spyOn(fs, 'fdatasync').mockImplementationOnce((_, done) => {
    done(Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' }));
  });

(process.platform === 'linux' ? test : test.skip)(
  'if the disk fails repeatedly, a crashed engine leaves no descriptor open',
  async () => {
    const again = await openDatabase(`pglite:${await copy('again')}`);
    const restart = async () => {
      passTime(200_000);
      failOnce();
      expect(isConnectionLost(await write('refused', again).catch((error) => error))).toBe(true);
      await write('after', again);
      return fs.readdirSync('/proc/self/fd').length;
    };
    await restart();
    const descriptors = await restart();
    expect(await restart()).toBe(descriptors);
    await again.close();
  },
);

test('a crashed engine rearms no timer, which would keep its memory alive', async () => {
  const armed: (() => void)[] = [];
  const { setTimeout } = globalThis;
  jest.spyOn(globalThis, 'setTimeout').mockImplementation(((go: () => void, wait?: number) => {
    if (!new Error().stack?.includes('setitimer')) return setTimeout(go, wait);
    armed.push(go);
    return undefined;
  }) as typeof setTimeout);
  const timed = await openDatabase(`pglite:${await copy('timed')}`);
  passTime(200_000);
  failOnce();
  await expect(write('refused', timed)).rejects.toThrow('EIO');
  await read('any', undefined, timed);
  const { now: dateNow } = Date;
  jest.spyOn(Date, 'now').mockImplementation(() => dateNow() + 60_000);
  for (const fire of armed.splice(0)) fire();
  expect(armed).toEqual([]);
  await timed.close();
});

test('if the disk fails repeatedly, the database is restarted ever more rarely, and at once after a calm period', async () => {
  const rarely = await openDatabase(`pglite:${await copy('rarely')}`);
  const fail = () => {
    failOnce();
    return expect(write('refused', rarely)).rejects.toThrow('EIO');
  };
  for (const pause of [0, 5_000, 10_000]) {
    await fail();
    if (pause > 0) {
      passTime(pause / 2);
      await expect(read('any', undefined, rarely)).rejects.toThrow('EIO');
      passTime(pause / 2);
    }
    await read('any', undefined, rarely);
  }
  passTime(200_000);
  await fail();
  await read('any', undefined, rarely);
  await rarely.close();
});

test.each([
  ['another directory', true],
  ['the directory that it names', false],
])(
  'a mark of an unfinished first start next to %s: a restored backup is never deleted',
  async (_what, isRestored) => {
    const directory = path.join(base, unique('marked'));
    const mark = `${directory}.unfinished`;
    await mkdir(directory);
    await writeFile(mark, await identityOf(directory));
    if (isRestored) await rm(directory, { recursive: true });
    await cp(path.join(base, 'template'), directory, { recursive: true });
    const found = await openDatabase(`pglite:${directory}`);
    const { rows } = await sql`select from pg_tables where tablename = 'row'`.execute(found.kysely);
    expect(rows).toHaveLength(isRestored ? 1 : 0);
    expect(fs.existsSync(mark)).toBe(false);
    await found.close();
  },
);

test('a transaction that is open when the disk fails has ended: no part of it is stored', async () => {
  passTime(200_000);
  let fail = () => {};
  jest.spyOn(fs, 'fdatasync').mockImplementationOnce((_, done) => {
    fail = () => done(Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' }));
  });
  const refused = write('refused').catch((error) => error);
  const insert = (text: string) => sql`insert into row (text) values (${text})`;
  const transaction = database.kysely.transaction().execute(async (within) => {
    await insert('first half').execute(within);
    fail();
    await refused;
    await insert('second half').execute(within);
  });
  expect(isConnectionLost(await transaction.catch((error) => error))).toBe(true);
  expect([await read('first half'), await read('second half')]).toEqual([[], []]);
});

test('checkpoints keep the log from growing without limit', async () => {
  const began = async () =>
    (
      await sql<{ lsn: string }>`select redo_lsn::text as lsn from pg_control_checkpoint()`.execute(
        database.kysely,
      )
    ).rows[0]?.lsn;
  const before = await began();
  for (let round = 0; round < 7; round++)
    await sql`insert into row (text) select repeat('x', 1000) from generate_series(1, 10000)`.execute(
      database.kysely,
    );
  expect(await began()).not.toBe(before);
});

test('no content of postmaster.pid that a power cut can leave prevents a start', async () => {
  await writeFile(path.join(await copy('pid'), 'postmaster.pid'), '');
  await (await open('pid')).close();
});

test.each([
  [
    'a damaged database',
    /Postgres reports "/,
    (directory: string) => truncate(path.join(directory, 'global', 'pg_control'), 100),
  ],
  [
    'a database without PG_VERSION',
    /without its file PG_VERSION/,
    (directory: string) => rm(path.join(directory, 'PG_VERSION')),
  ],
  [
    'a file',
    /is a file/,
    async (directory: string) => {
      await rm(directory, { recursive: true });
      await writeFile(directory, '');
    },
  ],
])(
  'with %s in place of the directory, the error names the directory and the remedies',
  async (name, found, damage) => {
    const directory = await copy(name.replaceAll(' ', '-'));
    await damage(directory);
    const { message } = await openDatabase(`pglite:${directory}`).catch((error) => error);
    expect(message).toContain(directory);
    expect(message).toMatch(found);
    expect(message).toContain('DATA_DIR');
    expect(message).not.toContain('failed to initialize');
  },
);
