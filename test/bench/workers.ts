// What several processes at one port (WEB_CONCURRENCY) cost: the CPU of a request compared with one process, over the same stores.
import { mkdirSync } from 'node:fs';
import * as path from 'node:path';
import { freePort, until } from '../support/process.ts';
import { spawnServer } from '../support/server-process.ts';
import type { Options, Workload } from './options.ts';
import { type LoadMaker, startLoadMaker } from './programs.ts';
import { mediansOf, warmUpSeconds } from './rounds.ts';
import type { Request } from './scenario.ts';
import { startStores } from './stores.ts';
import { cpuOfFamily, residentOf } from './usage.ts';
import { setUp, start } from './writ.ts';

const measuredWorkloads = ['client_credentials', 'introspection'] as const satisfies Workload[];
export const processes = 2;

/** CPU in microseconds a request, times in milliseconds. */
interface Figures {
  perSecond: number;
  p50: number;
  p99: number;
  serverCpu: number;
  storeCpu: number;
  errors: number;
}

export interface WorkerRow extends Figures {
  workload: Workload;
  processes: number;
  connections: number;
}

export interface WorkerCost {
  rows: WorkerRow[];
  /** Megabytes in memory afterwards. */
  resident: { alone: number; supervisor: number; workers: number[] };
}

interface Subject {
  processes: number;
  pid: number;
  port: number;
  connections: number;
}

export async function measureWorkers(
  directory: string,
  options: Options,
  say: (text: string) => void,
): Promise<WorkerCost> {
  mkdirSync(directory);
  const closers: (() => Promise<unknown>)[] = [];
  try {
    const stores = await startStores();
    closers.push(stores.stop);
    const load = startLoadMaker();
    closers.push(load.stop);
    const storeCpu = () => stores.postgresCpu() + stores.redisCpu();
    const env = await setUp(path.join(directory, 'writ'), stores);
    const alone = await start(env, load, { ...options, parts: measuredWorkloads });
    closers.push(alone.stop);
    const port = await freePort();
    const several = await spawnServer({
      env: {
        ...env,
        ISSUER: `http://localhost:${env['PORT']}`,
        PORT: String(port),
        WEB_CONCURRENCY: String(processes),
      },
    });
    closers.push(several.stop);
    const workers = () =>
      several.log().flatMap(({ msg, pid }) => (msg === 'a worker is ready' ? [pid as number] : []));
    await until('all workers', async () => {
      if (workers().length < processes) throw new Error('not yet');
    });

    const { connections } = options;
    const subjects: Subject[] = [
      { ...alone, processes: 1, connections },
      { pid: several.pid, port, processes, connections },
      // As many for each process as the one has.
      { pid: several.pid, port, processes, connections: connections * processes },
    ];
    const pairs = measuredWorkloads.flatMap((workload) =>
      subjects.map((subject) => ({ workload, subject, found: [] as Figures[] })),
    );
    for (let round = 0; round <= options.rounds; round++) {
      say(round === 0 ? 'Warming up the workers' : `Workers, round ${round} of ${options.rounds}`);
      for (const { workload, subject, found } of pairs) {
        const request = alone.requests[workload] as Request;
        const seconds = round === 0 ? warmUpSeconds : options.seconds;
        const figures = await once(subject, request, { load, seconds, storeCpu });
        if (round > 0) found.push(figures);
      }
    }
    return {
      rows: pairs.map(({ workload, subject, found }) => ({
        workload,
        processes: subject.processes,
        connections: subject.connections,
        ...mediansOf(found),
      })),
      resident: {
        alone: residentOf(alone.pid),
        supervisor: residentOf(several.pid),
        workers: workers().map(residentOf),
      },
    };
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

async function once(
  { pid, port, connections }: Subject,
  request: Request,
  { load, seconds, storeCpu }: { load: LoadMaker; seconds: number; storeCpu: () => number },
): Promise<Figures> {
  const before = { server: cpuOfFamily(pid), store: storeCpu() };
  const { answers, elapsed, p50, p99, errors } = await load.run({
    ...request,
    port,
    connections,
    until: { seconds },
  });
  return {
    perSecond: (answers / elapsed) * 1000,
    p50,
    p99,
    serverCpu: (cpuOfFamily(pid) - before.server) / answers,
    storeCpu: (storeCpu() - before.store) / answers,
    errors,
  };
}
