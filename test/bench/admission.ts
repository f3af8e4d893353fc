// What an overloaded server does (MAX_REQUESTS): how long those wait whose requests it takes, and how many it refuses.
import { mkdirSync } from 'node:fs';
import * as path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../support/process.ts';
import { spawnServer } from '../support/server-process.ts';
import { openConnection } from './load/connection.ts';
import { percentiles } from './load/latencies.ts';
import { createRequests } from './load/requests.ts';
import type { Options, Workload } from './options.ts';
import { startLoadMaker } from './programs.ts';
import { mediansOf } from './rounds.ts';
import type { Request } from './scenario.ts';
import { startStores } from './stores.ts';
import { setUp, start } from './writ.ts';

const measuredWorkloads = ['client_credentials', 'introspection'] as const satisfies Workload[];
const callers = [64, 256, 1_000, 4_000];

/** MAX_REQUESTS and WEB_CONCURRENCY of the servers. The first is the default. */
const bounds = [
  { requests: 400, processes: 1 },
  { requests: 100, processes: 1 },
  { requests: 1_600, processes: 1 },
  { requests: 400, processes: 2 },
];

/** Milliseconds that a caller waits who was refused: `Retry-After` says two seconds. */
const wait = 2_000;
/** Milliseconds between two probes, each on a connection of its own, and until one has failed. */
const probeInterval = 100;
const probePatience = 3_000;

interface Figures {
  /** Requests in a second that were served. */
  perSecond: number;
  /** Milliseconds that a served request took. */
  p50: number;
  p99: number;
  /** The share of all requests that was refused. */
  refused: number;
  /** Milliseconds until `/readyz` responded on a new connection. */
  probe: number;
  /** Connections that broke, other responses, and probes that failed. */
  errors: number;
}

export interface AdmissionRow extends Figures {
  workload: Workload;
  connections: number;
  requests: number;
  processes: number;
}

export async function measureAdmission(
  directory: string,
  options: Options,
  say: (text: string) => void,
): Promise<AdmissionRow[]> {
  mkdirSync(directory);
  const closers: (() => Promise<unknown>)[] = [];
  try {
    const stores = await startStores();
    closers.push(stores.stop);
    const load = startLoadMaker();
    closers.push(load.stop);
    const env = await setUp(path.join(directory, 'writ'), stores);
    const first = await start(env, load, { ...options, parts: measuredWorkloads });
    closers.push(first.stop);
    const ports = [first.port];
    for (const { requests, processes } of bounds.slice(1)) {
      const port = await freePort();
      const more = { MAX_REQUESTS: String(requests), WEB_CONCURRENCY: String(processes) };
      const issuer = { ISSUER: `http://localhost:${env['PORT']}`, PORT: String(port) };
      closers.push((await spawnServer({ env: { ...env, ...issuer, ...more } })).stop);
      ports.push(port);
    }
    const cases = measuredWorkloads.flatMap((workload) =>
      callers.flatMap((connections) =>
        bounds.map((bound, index) => ({
          workload,
          connections,
          ...bound,
          port: ports[index] ?? 0,
          found: [] as Figures[],
        })),
      ),
    );
    for (let round = 0; round <= options.rounds; round++) {
      say(round === 0 ? 'Warming up' : `Admission, round ${round} of ${options.rounds}`);
      for (const { workload, connections, port, found } of cases) {
        if (round === 0 && connections !== callers[0]) continue;
        const request = first.requests[workload] as Request;
        const figures = await ask({ request, port, connections, seconds: options.seconds });
        if (round > 0) found.push(figures);
      }
    }
    return cases.map(({ workload, connections, requests, processes, found }) => ({
      ...{ workload, connections, requests, processes },
      ...mediansOf(found),
    }));
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

/** So many callers, each of whom asks again once it was served, and waits if it was refused. */
async function ask({
  request,
  port,
  connections,
  seconds,
}: {
  request: Request;
  port: number;
  connections: number;
  seconds: number;
}): Promise<Figures> {
  const requests = createRequests({ ...request, port, connections, until: { seconds } });
  const latencies: number[] = [];
  const probes: number[] = [];
  let refused = 0;
  let errors = 0;
  const began = performance.now();
  const end = began + 1_000 * seconds;
  const over = new AbortController();
  const pause = (time: number) =>
    delay(time, undefined, { signal: over.signal }).catch(() => undefined);

  const call = async (index: number) => {
    try {
      const { exchange, close } = await openConnection(port);
      while (performance.now() < end) {
        const start = performance.now();
        const { status, body } = await exchange(requests.of(index) ?? '');
        if (status === 503) {
          refused++;
          await pause(wait);
        } else if (status === 200 && body.includes(request.expects))
          latencies.push(performance.now() - start);
        else errors++;
      }
      close();
    } catch {
      errors++;
    }
  };
  const probe = async () => {
    while (performance.now() < end) {
      const start = performance.now();
      const status = await fetch(`http://127.0.0.1:${port}/readyz`, {
        signal: AbortSignal.timeout(probePatience),
      }).then(
        (response) => response.status,
        () => 0,
      );
      if (status === 200) probes.push(performance.now() - start);
      else errors++;
      await pause(probeInterval);
    }
  };
  const timer = setTimeout(() => over.abort(), 1_000 * seconds);
  await Promise.all([probe(), ...Array.from({ length: connections }, (_, index) => call(index))]);
  clearTimeout(timer);
  return {
    perSecond: latencies.length / seconds,
    ...percentiles(latencies),
    refused: refused / (refused + latencies.length),
    probe: percentiles(probes).p99,
    errors,
  };
}
