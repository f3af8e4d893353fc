// What metrics and traces cost introspection: processes of one installation that differ in nothing else are asked in turns.
import { freePort } from '../support/process.ts';
import {
  type ProcessEnvironment,
  type ServerProcess,
  spawnServer,
} from '../support/server-process.ts';
import type { Options } from './options.ts';
import { type LoadMaker, startListener, startLoadMaker } from './programs.ts';
import { median, warmUpSeconds } from './rounds.ts';
import type { Request } from './scenario.ts';
import { startStores } from './stores.ts';
import { exactCpuOf } from './usage.ts';
import { setUp, start } from './writ.ts';

/** The first two are alike: how much they differ is what the others can differ by chance. */
const modes = [
  'nothing',
  'nothing again',
  'metrics',
  '1 % of traces',
  'all traces',
  'both',
] as const;
type Mode = (typeof modes)[number];

/** New processes are started so often, since two that do the same differ by some percent for as long as they run. */
const series = 4;

/** Answers to Prometheus that are measured. */
const scrapes = 20;

export interface InsightCost {
  mode: Mode;
  /** Microseconds of the server's CPU for one introspection, in each series. */
  cpu: number[];
  /** That divided by what it is with nothing, in each series. */
  ratio: number[];
}

export interface Insight {
  costs: InsightCost[];
  /** Milliseconds of the server's CPU for one answer to Prometheus, which asks a few times a minute. */
  scrape: number;
}

interface Member {
  mode: Mode;
  port: number;
  server: ServerProcess;
}

export async function measureInsight(
  directory: string,
  options: Options,
  say: (text: string) => void,
): Promise<Insight> {
  const stops: (() => Promise<unknown>)[] = [];
  const kept = <Part extends { stop(): Promise<unknown> }>(part: Part): Part => {
    stops.push(part.stop);
    return part;
  };
  try {
    const stores = kept(await startStores());
    const load = kept(startLoadMaker());
    const collectorPort = String(await freePort());
    const collector = kept(await startListener('collector.ts', { PORT: collectorPort }));
    const env = await setUp(directory, stores);
    const first = kept(await start(env, load, { ...options, parts: ['introspection'] }));
    const request = first.requests.introspection;
    await first.stop();

    const found: Record<Mode, number>[] = [];
    let scrape = Number.NaN;
    for (let one = 1; one <= series; one++) {
      say(`Insight, series ${one} of ${series}`);
      const members = await startMembers(env, `http://127.0.0.1:${collectorPort}`);
      for (const { server } of members) kept(server);
      found.push(await measureSeries(members, { request, load, options }));
      scrape = await measureScrapes(members);
      for (const { mode, server } of members) {
        if (server.log().some(({ msg }) => msg === 'traces could not be exported'))
          throw new Error(`Spans were lost: ${mode}.`);
        await server.stop();
      }
    }
    if (!(Number(await collector.ask()) > 0)) throw new Error('The collector got nothing.');
    const costs = modes.map((mode) => ({
      mode,
      cpu: found.map((cpu) => cpu[mode]),
      ratio: found.map((cpu) => cpu[mode] / ((cpu.nothing + cpu['nothing again']) / 2)),
    }));
    return { costs, scrape };
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
}

const startMembers = (env: ProcessEnvironment, collector: string): Promise<Member[]> =>
  Promise.all(
    modes.map(async (mode) => {
      const port = await freePort();
      const issuer = { ISSUER: `http://localhost:${env['PORT']}`, PORT: String(port) };
      const variables = variablesOf(mode, collector);
      return {
        mode,
        port,
        server: await spawnServer({ env: { ...env, ...issuer, ...variables } }),
      };
    }),
  );

/** The CPU of an introspection of each member: what else runs on the machine only makes it dearer, so the cheapest quarter of the rounds counts. */
async function measureSeries(
  members: readonly Member[],
  {
    request,
    load,
    options: { rounds, seconds, connections },
  }: { request: Request; load: LoadMaker; options: Options },
): Promise<Record<Mode, number>> {
  const cpus = new Map(modes.map((mode) => [mode, [] as number[]]));
  for (let round = 0; round <= rounds; round++)
    // Back and forth, so that what drifts affects all alike.
    for (const { mode, port, server } of round % 2 ? members : members.toReversed()) {
      const isWarmUp = round === 0;
      const before = exactCpuOf(server.pid);
      const { answers, errors, firstError } = await load.run({
        ...request,
        port,
        connections,
        checked: isWarmUp,
        until: { seconds: isWarmUp ? warmUpSeconds : seconds },
      });
      if (errors > 0) throw new Error(`Introspection with ${mode} failed: ${firstError}`);
      if (!isWarmUp) cpus.get(mode)?.push((exactCpuOf(server.pid) - before) / answers);
    }
  const cheapest = (mode: Mode) => {
    const sorted = (cpus.get(mode) ?? []).toSorted((a, b) => a - b);
    return median(sorted.slice(0, Math.ceil(sorted.length / 4)));
  };
  return Object.fromEntries(modes.map((mode) => [mode, cheapest(mode)])) as Record<Mode, number>;
}

async function measureScrapes(members: readonly Member[]): Promise<number> {
  const server = members.find(({ mode }) => mode === 'metrics')?.server;
  const url = /"url":"(http:[^"]+\/metrics)"/.exec(JSON.stringify(server?.log()))?.[1];
  if (!server || !url) throw new Error('Nothing serves metrics.');
  const before = exactCpuOf(server.pid);
  for (let count = 0; count < scrapes; count++) await (await fetch(url)).text();
  return (exactCpuOf(server.pid) - before) / scrapes / 1000;
}

function variablesOf(mode: Mode, collector: string): Record<string, string> {
  const traces = (ratio: string) => ({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector,
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
    OTEL_TRACES_SAMPLER_ARG: ratio,
    // Without loss on a busy machine.
    OTEL_BSP_MAX_QUEUE_SIZE: '100000',
  });
  if (mode === 'metrics') return { METRICS_PORT: '0' };
  if (mode === '1 % of traces') return traces('0.01');
  if (mode === 'all traces') return traces('1');
  if (mode === 'both') return { METRICS_PORT: '0', ...traces('1') };
  return {};
}
