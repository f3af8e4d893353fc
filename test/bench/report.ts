import { cpus } from 'node:os';
import type { AdmissionRow } from './admission.ts';
import { type DialectRow, dialectBar } from './dialects.ts';
import type { GuardCost } from './guard.ts';
import type { Insight } from './insight.ts';
import { type ListRow, listCallers } from './lists.ts';
import { wrk } from './load/wrk.ts';
import type { Comparison } from './moved.ts';
import type { Options, Workload } from './options.ts';
import type { Row } from './rounds.ts';
import type { TargetName } from './scenario.ts';
import type { Starts } from './starts.ts';
import type { WorkerCost } from './workers.ts';

/** What the design asks of Writ on Postgres and Redis, side by side in one run. */
const bars: { workload: Workload; against: TargetName; atLeast: number; what: string }[] = [
  { workload: 'introspection', against: 'stock', atLeast: 4, what: 'introspection' },
  { workload: 'introspection', against: 'bare', atLeast: 0.5, what: 'introspection' },
  { workload: 'client_credentials', against: 'stock', atLeast: 1, what: 'durable issuing' },
  { workload: 'refresh', against: 'stock', atLeast: 1, what: 'refresh' },
  { workload: 'device poll', against: 'stock', atLeast: 1, what: 'device poll' },
];

/** What paths of Writ's own cost beside another one: the target is that of the ratio of requests a second. */
const paths: { workload: Workload; beside: Workload; atLeast: number }[] = [
  { workload: 'client_credentials, JWT', beside: 'client_credentials', atLeast: 0.9 },
  { workload: 'introspection of JWTs', beside: 'introspection', atLeast: 0.95 },
  { workload: 'introspection of personal access tokens', beside: 'introspection', atLeast: 0.95 },
  { workload: 'introspection of API tokens', beside: 'introspection', atLeast: 0.95 },
  { workload: 'revocation', beside: 'introspection', atLeast: 0.6 },
];

const columns = [
  'workload',
  'server',
  'requests/s',
  'p50 ms',
  'p99 ms',
  'server CPU µs',
  'stores CPU µs',
  'MB',
  'errors',
];

/** What a run found, but for the starts. */
export const report = (rows: Row[], { rounds, seconds, connections, tokens }: Options): string =>
  [
    `Medians of ${rounds} interleaved rounds of ${seconds} s, ${connections} connections, ${tokens} tokens`,
    '',
    table(
      columns,
      rows.map((row) => [
        row.workload,
        row.target,
        figure(row.perSecond),
        figure(row.p50, 1),
        figure(row.p99, 1),
        figure(row.serverCpu),
        figure(row.storeCpu),
        figure(row.resident),
        String(row.errors),
      ]),
    ),
    '',
    ...ratios(rows),
    ...ofPaths(rows),
    ...embedded(rows),
    ...ofGrants(rows),
  ].join('\n');

/** How this revision compares with another one. */
export function describeComparisons(
  comparisons: readonly Comparison[],
  { commit, subject }: { commit: string; subject: string },
): string {
  const moved = comparisons.filter(({ verdict }) => verdict !== 'within the noise');
  const cells = comparisons.map(({ workload, figure: name, ratio, lowest, highest, verdict }) => [
    workload,
    name,
    figure(ratio, 2),
    `${figure(lowest, 2)}–${figure(highest, 2)}`,
    verdict,
  ]);
  const names = moved.map(
    ({ workload, figure: name, ratio, verdict }) =>
      `${workload}, ${name}: ${figure(ratio, 2)} × (${verdict})`,
  );
  return [
    `This revision as a multiple of ${commit} (${subject}): the median of the rounds, and their range`,
    '',
    table(['workload', 'figure', 'ratio', 'rounds', 'verdict'], cells),
    '',
    ...(names.length > 0
      ? ['Moved by more than the noise:', ...names]
      : ['Nothing moved by more than the noise.']),
  ].join('\n');
}

/** A Markdown table that reads as well on a terminal; its first columns are words. */
export function table(columns: string[], cells: string[][], words = 2): string {
  const lines = [columns, ...cells];
  const widths = columns.map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  const draw = (line: string[]) =>
    `| ${line
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column < words ? cell.padEnd(width) : cell.padStart(width);
      })
      .join(' | ')} |`;
  const rule = `|${widths
    .map((width, column) => `${'-'.repeat(width + 1)}${column < words ? '-' : ':'}`)
    .join('|')}|`;
  return [draw(columns), rule, ...cells.map(draw)].join('\n');
}

/**
 * How Writ compares, and whether that reaches the bars; beside it by the CPU that each server used,
 * which tells more where others use the machine.
 */
function ratios(rows: Row[]): string[] {
  const find = (workload: Workload, target: TargetName) =>
    rows.find((row) => row.workload === workload && row.target === target);
  return bars.flatMap(({ workload, against, atLeast, what }) => {
    const [writ, other] = [find(workload, 'writ'), find(workload, against)];
    if (!writ || !other) return [];
    const ratio = writ.perSecond / other.perSecond;
    const verdict = ratio >= atLeast ? 'reached' : 'MISSED';
    const byCpu = figure(other.serverCpu / writ.serverCpu, 2);
    return `${what}: ${ratio.toFixed(2)} × ${against} (bar: ≥ ${atLeast.toFixed(1)}): ${verdict}; by server CPU ${byCpu}`;
  });
}

/** What the paths cost beside one another. */
function ofPaths(rows: Row[]): string[] {
  const find = (workload: Workload) =>
    rows.find((row) => row.workload === workload && row.target === 'writ');
  return paths.flatMap(({ workload, beside, atLeast }) => {
    const [row, other] = [find(workload), find(beside)];
    if (!row || !other) return [];
    const ratio = row.perSecond / other.perSecond;
    const verdict = ratio >= atLeast ? 'reached' : 'MISSED';
    const byCpu = figure(other.serverCpu / row.serverCpu, 2);
    return `${workload}: ${ratio.toFixed(2)} × ${beside} (bar: ≥ ${atLeast}): ${verdict}; by server CPU ${byCpu}`;
  });
}

/** What an embedded server reaches of one over Postgres and Redis. */
function embedded(rows: Row[]): string[] {
  const find = (target: TargetName) =>
    rows.find((row) => row.workload === 'introspection' && row.target === target);
  const [alone, other] = [find('writ embedded'), find('writ')];
  if (!alone || !other) return [];
  const ratio = alone.perSecond / other.perSecond;
  const byCpu = (other.serverCpu + other.storeCpu) / alone.serverCpu;
  return [
    `introspection, embedded: ${ratio.toFixed(2)} × that over Postgres and Redis (bar: ≥ 0.9): ${ratio >= 0.9 ? 'reached' : 'MISSED'}; by all CPU ${figure(byCpu, 2)}`,
  ];
}

/** What the other grants of clients cost beside client_credentials, which has a path of its own before the engine. */
function ofGrants(rows: Row[]): string[] {
  const find = (workload: Workload) =>
    rows.find((row) => row.workload === workload && row.target === 'writ');
  const bySecret = find('client_credentials');
  return (['jwt-bearer', 'token exchange'] as const).flatMap((workload) => {
    const row = find(workload);
    if (!row || !bySecret) return [];
    const ratio = (row.serverCpu + row.storeCpu) / (bySecret.serverCpu + bySecret.storeCpu);
    return `${workload}: ${figure(ratio, 2)} × the CPU of client_credentials (the bar is at most ${grantBar}): ${ratio <= grantBar ? 'met' : 'missed'}`;
  });
}

const grantBar = 2;

/** Milliseconds in which 99 of 100 pages of a list are there. */
const listBar = 100;

/** What lists and searches took. */
export function describeLists(rows: ListRow[], { seconds, listed }: Options): string {
  const cells = rows.map((row) => [
    row.what,
    row.by,
    figure(row.perSecond),
    figure(row.p50, 1),
    figure(row.p99, 1),
    String(row.errors),
  ]);
  const slow = rows.filter(({ p99 }) => !(p99 < listBar));
  const verdict =
    slow.length === 0
      ? 'reached'
      : `MISSED by ${slow.map(({ what, by }) => `${what} (${by})`).join(', ')}`;
  return [
    `Lists of ${figure(listed)} API tokens of one client, where others have a fifth as many: ${seconds} s each, ${listCallers} callers at once`,
    '',
    table(['list', 'asked by', 'requests/s', 'p50 ms', 'p99 ms', 'errors'], cells),
    '',
    `every p99 below ${listBar} ms: ${verdict}`,
  ].join('\n');
}

/** What a token costs by each dialect. */
export function describeDialects(rows: DialectRow[], { rounds, seconds }: Options): string {
  const cells = rows.map(({ dialect, request, native, byDialect, errors }) => {
    const ratio = byDialect / native;
    const verdict = ratio <= dialectBar ? 'reached' : 'MISSED';
    return [
      dialect,
      request,
      figure(native),
      figure(byDialect),
      `${figure(ratio, 2)} ${verdict}`,
      String(errors),
    ];
  });
  const titles = ['dialect', 'request', 'native CPU µs', 'dialect CPU µs', 'ratio', 'errors'];
  return [
    `A token by each dialect and by Writ's own request: the server's CPU, medians of ${rounds} rounds of ${seconds} s in turns (bar: ≤ ${dialectBar})`,
    '',
    table(titles, cells),
  ].join('\n');
}

/** The guard may cost an API 15 % of its requests. */
export const describeGuard = ({ perSecond, cpu, callsPerIntrospection }: GuardCost): string => {
  const { alone, offline, introspecting } = perSecond;
  return [
    '| an API in one process | requests/s | to alone | target | CPU µs |',
    '|---|---:|---:|---:|---:|',
    `| alone | ${figure(alone)} | 1.00 | | ${figure(cpu.alone)} |`,
    `| with the guard, JWTs offline and the feed | ${figure(offline)} | ${figure(offline / alone, 2)} | 0.85 | ${figure(cpu.offline)} |`,
    `| with the guard, introspecting | ${figure(introspecting)} | ${figure(introspecting / alone, 2)} | | ${figure(cpu.introspecting)} |`,
    '',
    `One request to Writ introspected the tokens of ${figure(callsPerIntrospection, 1)} requests.`,
  ].join('\n');
};

/** The most that measuring and tracing may cost an introspection, as a multiple of its CPU. */
const insightBar = 1.03;

/** What metrics and traces cost: means of the series, and in brackets the least and the most. */
export function describeInsight({ costs, scrape }: Insight): string {
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const rows = costs.map(({ mode, cpu, ratio }) => [
    mode,
    figure(mean(cpu), 1),
    `${figure(mean(ratio), 3)} (${figure(Math.min(...ratio), 2)} to ${figure(Math.max(...ratio), 2)})`,
    mode.startsWith('nothing') ? '' : mean(ratio) <= insightBar ? 'reached' : 'MISSED',
  ]);
  return [
    table(['introspection with', 'server CPU µs', 'to nothing', `bar: ${insightBar}`], rows),
    '',
    `One answer to Prometheus costs ${figure(scrape, 1)} ms of CPU.`,
  ].join('\n');
}

/** The most CPU that a request to several processes may take, as a multiple of one process. */
const workerBar = 1.05;

/** What several processes at one port cost. */
export function describeWorkers({ rows, resident }: WorkerCost): string {
  const cells = rows.map((row) => [
    row.workload,
    String(row.processes),
    figure(row.connections),
    figure(row.perSecond),
    figure(row.p50, 1),
    figure(row.p99, 1),
    figure(row.serverCpu),
    figure(row.storeCpu),
    String(row.errors),
  ]);
  const titles = ['workload', 'processes', 'connections', 'requests/s', 'p50 ms', 'p99 ms'];
  const ratios = rows
    .filter(({ processes }) => processes > 1)
    .map((row) => {
      const alone = rows.find(
        ({ workload, processes }) => workload === row.workload && processes === 1,
      );
      const ratio = row.serverCpu / (alone?.serverCpu ?? Number.NaN);
      return `${row.workload}, ${row.processes} processes, ${row.connections} connections: server CPU ${figure(ratio, 2)} × that of one process (bar: ≤ ${workerBar}): ${ratio <= workerBar ? 'reached' : 'MISSED'}`;
    });
  const { alone, supervisor, workers } = resident;
  return [
    table([...titles, 'server CPU µs', 'stores CPU µs', 'errors'], cells),
    '',
    ...ratios,
    `MB: one process ${figure(alone)}; supervisor ${figure(supervisor)}, workers ${workers.map((one) => figure(one)).join(' and ')}`,
  ].join('\n');
}

/** What an overloaded server does. */
export function describeAdmission(rows: AdmissionRow[]): string {
  const cells = rows.map((row) => [
    row.workload,
    figure(row.connections),
    row.processes === 1 ? figure(row.requests) : `${row.processes} × ${figure(row.requests)}`,
    figure(row.perSecond),
    figure(row.p50, 1),
    figure(row.p99, 1),
    `${figure(100 * row.refused, 1)} %`,
    figure(row.probe, 1),
    String(row.errors),
  ]);
  const titles = ['workload', 'connections', 'MAX_REQUESTS', 'served/s', 'p50 ms', 'p99 ms'];
  return table([...titles, 'refused', '/readyz p99 ms', 'errors'], cells, 1);
}

export const describeStarts = ({ cold, warm }: Starts): string =>
  `npm start to the first answer: ${figure(cold)} ms on an empty directory, ${figure(warm)} ms again`;

export const describeMachine = (): string =>
  `Node ${process.version}, ${cpus().length} cores that servers, stores and load share (${cpus()[0]?.model ?? 'unknown'}); the load is made by ${wrk ? 'wrk, that of refresh by a Node process' : 'a Node process'}`;

export function figure(value: number, digits = 0): string {
  return Number.isNaN(value)
    ? '–'
    : value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
