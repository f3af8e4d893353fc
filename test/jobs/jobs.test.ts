import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { pino } from 'pino';
import { createAuditPartitions } from '../../src/domain/audit/partitions.ts';
import { createJobRuns } from '../../src/domain/installation/job-runs.ts';
import { createPartitions, type Partitions } from '../../src/domain/tokens/partitions.ts';
import { startJobs } from '../../src/jobs/index.ts';
import { onEachDatabase } from '../db/each-database.ts';

const minute = 60_000;

onEachDatabase((database) => {
  // Only the clock of the turns: drivers have timers of their own.
  beforeEach(() => {
    jest.useFakeTimers({
      doNotFake: [
        'setTimeout',
        'clearTimeout',
        'setImmediate',
        'clearImmediate',
        'nextTick',
        'queueMicrotask',
        'Date',
        'hrtime',
        'performance',
      ],
    });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  /** Jobs whose turns a test can follow: each turn begins with making partitions ahead. */
  const start = (createAhead: (turn: number) => Promise<void>) => {
    const lines: { msg: string; err?: { message: string } }[] = [];
    const log = pino({ level: 'debug' }, { write: (line) => lines.push(JSON.parse(line)) });
    let turns = 0;
    const waiting: { turn: number; resolve: () => void }[] = [];
    const real = createPartitions({ database: database() });
    const partitions: Partitions = {
      ...real,
      createAhead: () => createAhead(++turns),
      retire: async () => {
        for (const { turn, resolve } of waiting) if (turn <= turns) resolve();
        return real.retire();
      },
    };
    const jobs = startJobs({
      database: database(),
      partitions,
      auditPartitions: createAuditPartitions({ database: database() }),
      factorResets: { applyDue: async () => 0 },
      unusedClients: { delete: async () => 0 },
      bulkRevocations: { continue: async () => 0 },
      rotation: {
        announce: async () => {},
        rotateDue: async () => [],
        removeRetired: async () => [],
        keepUsed: async () => {},
      },
      jobRuns: createJobRuns({ database: database() }),
      log,
      logout: { run: async () => {} },
      mail: { run: async () => {} },
      signals: { run: async () => {} },
      changeRetentionDays: 60,
      auditRetentionDays: 365,
    });
    return {
      jobs,
      lines,
      turns: () => turns,
      /** Resolves when that turn has got past its first job. */
      past: (turn: number) => new Promise<void>((resolve) => waiting.push({ turn, resolve })),
    };
  };

  test('jobs run at the start, and again every minute', async () => {
    const { jobs, past, turns } = start(async () => {});
    await past(1);
    // A turn that is still under way at the minute is not doubled, so it may take another minute.
    while (turns() < 3) await tick();
    await jobs.close();
  });

  test('a job that fails is logged and tried again at the next turn', async () => {
    const { jobs, lines, turns } = start(async (turn) => {
      if (turn === 1) throw new Error('the disk is full');
    });
    while (lines.length === 0) await tick(0);
    expect(lines).toEqual([
      expect.objectContaining({
        level: 40,
        msg: expect.stringContaining('tried again'),
        err: expect.objectContaining({ message: 'the disk is full' }),
      }),
    ]);
    const shown = async () => {
      const jobs = await createJobRuns({ database: database() }).list();
      return jobs.find(({ name }) => name === 'makeAhead');
    };
    while ((await shown())?.state !== 'failed') await tick(0);
    expect(await shown()).toMatchObject({
      failures: 1,
      last_error: { message: 'the disk is full', at: expect.any(Date) },
    });
    while (turns() < 2) await tick();
    await jobs.close();
    expect(lines.filter(({ err }) => err)).toHaveLength(1);
    expect(await shown()).toMatchObject({
      state: 'ok',
      failures: 0,
      seconds: expect.any(Number),
      last_run_at: expect.any(Date),
      last_error: { message: 'the disk is full' },
    });
  });

  test('of two processes one does the jobs, and the other once the first has closed', async () => {
    const one = start(async () => {});
    await one.past(1);
    const other = start(async () => {});
    await other.jobs.close();
    expect(other.turns()).toBe(0);
    await one.jobs.close();
    const third = start(async () => {});
    await third.past(1);
    await third.jobs.close();
    expect(one.turns()).toBe(1);
  });

  test('closing waits for the turn that is under way, and no other begins', async () => {
    const { promise: held, resolve: go } = Promise.withResolvers<void>();
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const { jobs, turns } = start(() => {
      begin();
      return held;
    });
    await begun;
    let closed = false;
    const closing = jobs.close().then(() => {
      closed = true;
    });
    await tick();
    expect(closed).toBe(false);
    go();
    await closing;
    jest.advanceTimersByTime(5 * minute);
    expect(turns()).toBe(1);
  });
});

/** Lets a minute of the turns' clock pass, and everything that waits take a step. */
async function tick(time = minute): Promise<void> {
  if (time > 0) jest.advanceTimersByTime(time);
  await new Promise((resolve) => setImmediate(resolve));
}
