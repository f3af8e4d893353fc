import { type Options, type Workload, workloads } from './options.ts';
import type { LoadMaker } from './programs.ts';
import type { Target, TargetName } from './scenario.ts';
import { cpuOf, residentOf } from './usage.ts';

/** Long enough for the compiler; every answer is looked at meanwhile, and none afterwards where wrk asks. */
export const warmUpSeconds = 3;

/** One workload on one server. Times are in milliseconds, CPU in microseconds a request. */
export interface Measurement {
  perSecond: number;
  p50: number;
  p99: number;
  serverCpu: number;
  storeCpu: number;
  /** Megabytes in memory afterwards. */
  resident: number;
  errors: number;
}

export interface Row extends Measurement {
  workload: Workload;
  target: TargetName;
  /** What each round has measured, in their order. */
  rounds: readonly Measurement[];
}

/**
 * Measures in rounds, in each of which every server has every workload once: what disturbs the
 * machine for a while disturbs them all. The figures are medians over the rounds; errors add up.
 */
export async function measure(
  targets: Target[],
  load: LoadMaker,
  { rounds, seconds, connections, parts }: Options,
  say: (text: string) => void,
): Promise<Row[]> {
  const pairs = workloads
    .filter((workload) => parts.includes(workload))
    .flatMap((workload) => targets.map((target) => ({ workload, target })))
    .filter(({ workload, target }) => target.requests[workload])
    .map((pair) => ({ ...pair, measured: [] as Measurement[] }));

  for (let round = 0; round <= rounds; round++) {
    say(round === 0 ? 'Warming up' : `Round ${round} of ${rounds}`);
    for (const { workload, target, measured } of pairs) {
      const order = {
        seconds: round === 0 ? warmUpSeconds : seconds,
        connections,
        checked: round === 0,
      };
      const { firstError, ...measurement } = await once(target, workload, load, order);
      if (firstError) say(`${target.name}, ${workload}: ${firstError}`);
      // Errors count in the first round too, which makes the code warm and is not measured.
      if (round > 0) measured.push(measurement);
      else if (measurement.errors > 0) throw new Error(`${target.name} misbehaves`);
    }
  }
  return pairs.map(({ workload, target, measured }) => ({
    workload,
    target: target.name,
    rounds: measured,
    ...mediansOf(measured),
  }));
}

async function once(
  { requests, pid, port, storeCpu }: Target,
  workload: Workload,
  load: LoadMaker,
  { seconds, ...order }: { seconds: number; connections: number; checked: boolean },
): Promise<Measurement & { firstError: string | undefined }> {
  const request = requests[workload];
  if (!request) throw new Error(`no requests of ${workload}`);
  const before = { server: cpuOf(pid), store: storeCpu() };
  const outcome = await load.run({ ...request, ...order, port, until: { seconds } });
  const { answers, elapsed, p50, p99, errors, firstError } = outcome;
  return {
    perSecond: (answers / elapsed) * 1000,
    p50,
    p99,
    serverCpu: (cpuOf(pid) - before.server) / answers,
    storeCpu: (storeCpu() - before.store) / answers,
    resident: residentOf(pid),
    errors,
    firstError,
  };
}

/** Medians of what was measured at least once; errors add up. */
export function mediansOf<Figures extends { [Name in keyof Figures]: number }>(
  measured: readonly Figures[],
): Figures {
  const names = Object.keys(measured[0] ?? {}) as (keyof Figures)[];
  const of = (name: keyof Figures): number => {
    const values = measured.map((figures) => figures[name]);
    return name === 'errors' ? values.reduce((sum: number, each) => sum + each, 0) : median(values);
  };
  return Object.fromEntries(names.map((name) => [name, of(name)])) as Figures;
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const at = (index: number) => sorted[index] ?? Number.NaN;
  return Number.isInteger(middle) ? (at(middle - 1) + at(middle)) / 2 : at(Math.floor(middle));
}
