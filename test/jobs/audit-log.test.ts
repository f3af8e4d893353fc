// AUDIT_LOG: each committed event becomes a line of a file, whatever happens on the way.
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { constants, mkdtempSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Kysely, sql } from 'kysely';
import { pino } from 'pino';
import type { Schema } from '../../db/schema.ts';
import { recordEvent } from '../../src/domain/audit/events.ts';
import { createUnwrittenEvents } from '../../src/domain/audit/unwritten-events.ts';
import {
  createFile,
  createStandardOutput,
  type Destination,
} from '../../src/jobs/audit-log/destination.ts';
import { startAuditLog } from '../../src/jobs/audit-log/index.ts';
import { openAuditDestination } from '../../src/jobs/audit-log/open.ts';
import { onEachDatabase } from '../db/each-database.ts';
import { until } from '../support/process.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'writ-audit-log-'));
afterAll(() => rm(directory, { recursive: true }));

/** Records an event about a target of this name. */
const record = (kysely: Kysely<Schema>, id: string) =>
  recordEvent(kysely, { action: 'role.updated', target: { kind: 'role', id } });

onEachDatabase((database) => {
  let file: string;
  beforeEach(async () => {
    file = path.join(directory, `${randomUUID()}.jsonl`);
    await database().kysely.deleteFrom('audit_log_position').execute();
  });

  const logged: { msg: string; level: number }[] = [];
  const start = async (destination?: Destination, lastLines?: number) =>
    startAuditLog({
      ...(lastLines !== undefined && { lastLines }),
      database: database(),
      log: pino({}, { write: (line) => void logged.push(JSON.parse(line)) }),
      destination: destination ?? (await createFile(file)),
    });
  const read = async (from = file) =>
    (await readFile(from, 'utf8'))
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  /** Other tests write to the same Postgres: lines wait for every older transaction there. */
  const settled = () =>
    until('older transactions to end', async () => {
      const { rows } = await sql<{ ended: boolean }>`
        select not exists (select from audit_event where xid >= pg_snapshot_xmin(pg_current_snapshot())
          and xid < pg_snapshot_xmax(pg_current_snapshot())) as ended`.execute(database().kysely);
      expect(rows[0]?.ended).toBe(true);
    });
  const recorded = async (id: string) => {
    await record(database().kysely, id);
    await settled();
  };
  const targets = async (from = file) => (await read(from)).map(({ target }) => target.id);

  test('an event is a line with what the API says of it', async () => {
    const audit = await start();
    await recordEvent(database().kysely, {
      action: 'client.updated',
      target: { kind: 'client', id: 'demo' },
      details: { name: { before: 'one\ntwo', after: 'three' } },
    });
    await settled();
    await audit.close();
    expect(await read()).toEqual([
      {
        id: expect.any(Number),
        at: expect.stringMatching(/^\d{4}-.*Z$/),
        action: 'client.updated',
        result: 'success',
        actor: { kind: 'system', id: null, token_id: null },
        target: { kind: 'client', id: 'demo' },
        ip: null,
        request_id: null,
        details: { name: { before: 'one\ntwo', after: 'three' } },
      },
    ]);
  });

  test('lines begin with the first server that writes them, and go on after a pause', async () => {
    await recorded('before');
    await (await start()).close();
    await recorded('pause');
    await (await start()).close();
    expect(await targets()).toEqual(['pause']);
  });

  test('a change that is rolled back has no line', async () => {
    const audit = await start();
    await database()
      .kysely.transaction()
      .execute(async (transaction) => {
        await record(transaction, 'undone');
        throw new Error('undo');
      })
      .catch(() => {});
    await recorded('done');
    await audit.close();
    expect(await targets()).toEqual(['done']);
  });

  test('an event that commits late is written, though later ones have higher numbers', async () => {
    // The embedded database runs one transaction at a time.
    if (database().embedded) return;
    const audit = await start();
    let finish = () => {};
    const begun = Promise.withResolvers<void>();
    const late = database()
      .kysely.transaction()
      .execute(async (transaction) => {
        await record(transaction, 'late');
        begun.resolve();
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
      });
    await begun.promise;
    await record(database().kysely, 'early');
    await audit.tick();
    const before = await targets();
    finish();
    await late;
    await settled();
    await audit.close();
    expect(before).toEqual([]);
    expect(await targets()).toEqual(['late', 'early']);
  });

  test('of two processes one writes, and the other takes over', async () => {
    const one = await start();
    await one.tick();
    const other = await start();
    await recorded('first');
    await Promise.all([other.tick(), one.tick()]);
    await one.close();
    await recorded('second');
    await other.close();
    const third = await start();
    await third.close();
    expect(await targets()).toEqual(['first', 'second']);
  });

  test('a process that dies after it has written repeats its last lines, and loses none', async () => {
    await createUnwrittenEvents({ database: database() }).begin();
    await recorded('written');
    const unwritten = createUnwrittenEvents({ database: database() });
    const batch = await unwritten.next(10);
    const destination = await createFile(file);
    await destination.write({
      bytes: Buffer.from(`${JSON.stringify(batch?.events[0])}\n{"id":`),
      written: 0,
    });
    await destination.close();
    await recorded('after');
    await (await start()).close();
    const lines = (await readFile(file, 'utf8')).split('\n');
    expect(lines[1]).toBe('{"id":');
    expect([lines[0], lines[2], lines[3]].map((line) => JSON.parse(line ?? '').target.id)).toEqual([
      'written',
      'written',
      'after',
    ]);
  });

  test('of two processes that have read the same events, one moves the position', async () => {
    const unwritten = createUnwrittenEvents({ database: database() });
    await unwritten.begin();
    await recorded('event');
    const [one, other] = [await unwritten.next(10), await unwritten.next(10)];
    expect(await one?.done()).toBe(true);
    expect(await other?.done()).toBe(false);
    expect(await unwritten.next(10)).toBeUndefined();
  });

  test('a server stops although the reader of its standard output takes nothing, and the events wait', async () => {
    const pipe = path.join(directory, randomUUID());
    execFileSync('mkfifo', [pipe]);
    const reader = await open(pipe, constants.O_RDWR);
    const log = await start(await createStandardOutput(pipe), 200);
    const id = randomUUID();
    await recordEvent(database().kysely, {
      action: 'role.updated',
      target: { kind: 'role', id },
      // More than a pipe holds.
      details: { description: 'x'.repeat(200_000) },
    });
    await settled();
    void log.tick();
    await log.close();
    await reader.close();
    const next = await start();
    await next.tick();
    expect(await targets()).toContain(id);
    await next.close();
  });

  test('a file that was rotated is created again, and no line is lost or repeated', async () => {
    const audit = await start();
    for (const name of ['one', 'two', 'three']) {
      await recorded(name);
      await audit.tick();
      await rename(file, `${file}.${name}`);
    }
    await recorded('four');
    await audit.close();
    expect(await targets()).toEqual(['four']);
    for (const name of ['one', 'two', 'three'])
      expect(await targets(`${file}.${name}`)).toEqual([name]);
  });

  test('events of a database that was restored on another server are written once', async () => {
    const unwritten = createUnwrittenEvents({ database: database() });
    await unwritten.begin();
    for (const name of ['written', 'unwritten']) await recorded(name);
    const written = await unwritten.next(1);
    await written?.done();
    // As in a dump of a server that has had many more transactions.
    const ahead = 9_000_000_000_000n;
    const id = written?.events[0]?.id ?? 0;
    await sql`update audit_event set xid = (${String(ahead)}::bigint + id)::text::xid8 where id >= ${id}`.execute(
      database().kysely,
    );
    await sql`update audit_log_position set xid = (${String(ahead)}::bigint + id)::text::xid8`.execute(
      database().kysely,
    );
    await recorded('after');
    const audit = await start();
    await audit.tick();
    await recorded('later');
    await audit.close();
    expect(await targets()).toEqual(['unwritten', 'after', 'later']);
  });

  test('while the file cannot be written, the log says so once, and then the lines follow', async () => {
    const place = path.join(directory, randomUUID());
    await mkdir(place);
    file = path.join(place, 'audit.jsonl');
    const audit = await start();
    await rm(place, { recursive: true });
    logged.length = 0;
    await recorded('waits');
    await audit.tick();
    await audit.tick();
    expect(logged.map(({ level, msg }) => [level, msg])).toEqual([
      [50, 'the audit cannot be written; its events wait in the database'],
    ]);
    await mkdir(place);
    await audit.close();
    expect(await targets()).toEqual(['waits']);
    expect(logged.at(-1)?.msg).toBe('the audit is written again');
  });

  test('what AUDIT_LOG names must be a file that can be written', async () => {
    await expect(openAuditDestination({ AUDIT_LOG: directory })).rejects.toThrow('is not a file');
    await expect(
      openAuditDestination({ AUDIT_LOG: path.join(directory, 'none', 'audit') }),
    ).rejects.toThrow(/none\/audit cannot be written \(ENOENT\)/);
  });
});

/** Mounts a tiny disk; undefined if this machine cannot mount one. */
function tinyDisk(): string | undefined {
  const place = mkdtempSync(path.join(tmpdir(), 'writ-tiny-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', place], { stdio: 'ignore' });
    return place;
  } catch {
    process.stderr.write(
      'SKIPPED: the audit on a full disk, because this machine cannot mount one.\n',
    );
    return undefined;
  }
}

const disk = tinyDisk();

(disk ? describe : describe.skip)('on a full disk', () => {
  afterAll(() => {
    execFileSync('umount', ['-l', String(disk)]);
  });

  test('lines that did not fit are completed once there is space, each once', async () => {
    const file = path.join(String(disk), 'audit.jsonl');
    const filler = path.join(String(disk), 'filler');
    await writeFile(filler, Buffer.alloc(56 * 1024));
    const destination = await createFile(file);
    const expected = Array.from({ length: 200 }, (_, id) =>
      JSON.stringify({ id, text: 'x'.repeat(80) }),
    );
    const lines = { bytes: Buffer.from(`${expected.join('\n')}\n`), written: 0 };
    await expect(destination.write(lines)).rejects.toMatchObject({ code: 'ENOSPC' });
    await expect(destination.write(lines)).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(lines.written).toBeGreaterThan(0);
    await rm(filler);
    await destination.write(lines);
    await destination.close();
    expect((await readFile(file, 'utf8')).split('\n')).toEqual([...expected, '']);
  });
});
