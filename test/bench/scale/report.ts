import { figure, table } from '../report.ts';
import type { ScaleResult } from './measure.ts';
import { busy, type Demand, needOf } from './model.ts';
import type { ScaleOptions } from './options.ts';

/** What installations of some sizes serve. */
const demands: Demand[] = [
  { liveTokens: 1_000_000, introspections: 1_000, issued: 10 },
  { liveTokens: 10_000_000, introspections: 10_000, issued: 100 },
  { liveTokens: 100_000_000, introspections: 10_000, issued: 100 },
  { liveTokens: 100_000_000, introspections: 100_000, issued: 1_000 },
];

/** What a run found, as Markdown. */
export function describeScale(result: ScaleResult, options: ScaleOptions): string {
  const { rows, costs, points, beside, soak } = result;
  return [
    `Medians of ${options.rounds} rounds of ${options.seconds} s, ${options.connections} connections; ${figure(options.expired)} expired tokens beside the live ones`,
    '',
    table(
      ['workload', 'requests/s', 'p50 ms', 'p99 ms', 'server CPU µs', 'stores CPU µs', 'errors'],
      rows.map(({ what, figures }) => [
        what,
        figure(figures.perSecond),
        figure(figures.p50, 1),
        figure(figures.p99, 1),
        figure(figures.server),
        figure(figures.stores),
        String(figures.errors),
      ]),
      1,
    ),
    '',
    `A token occupies ${figure(costs.bytesOfToken)} bytes in Postgres: ${figure(result.bytesOfRow)} of its row and ${figure(result.bytesOfIndexes)} of indexes. Issuing one adds ${figure(costs.logOfToken)} bytes to the write-ahead log.`,
    '',
    '## While the server serves',
    '',
    table(
      ['work', 'took ms', 'p99 of introspection ms', 'before ms', 'writing transactions'],
      beside.map(({ what, took, p99, p99Before, writes }) => [
        what,
        figure(took),
        figure(p99, 1),
        figure(p99Before, 1),
        writes === undefined ? '–' : String(writes),
      ]),
      1,
    ),
    '',
    '## What an installation needs',
    '',
    `Cores are busy for ${busy * 100} % of the time. The model multiplies the CPU of a request, as it is with 4 connections, by their number. Under more load requests share statements and cost less, so the model is an upper bound. Two points check it:`,
    '',
    table(
      ['load', 'server: predicted cores', 'measured', 'stores: predicted', 'measured'],
      points.map(({ what, predicted, measured }) => [
        what,
        figure(predicted.server, 2),
        figure(measured.server, 2),
        figure(predicted.stores, 2),
        figure(measured.stores, 2),
      ]),
      1,
    ),
    '',
    table(
      [
        'live tokens',
        'introspections/s',
        'tokens issued/s',
        'cores of Writ',
        'cores of the stores',
        'GB in Postgres',
        'MB/s of log',
      ],
      demands.map((demand) => {
        const need = needOf(costs, demand);
        return [
          figure(demand.liveTokens),
          figure(demand.introspections),
          figure(demand.issued),
          figure(need.serverCores, 1),
          figure(need.storeCores, 1),
          figure(need.disk, 1),
          figure(need.log, 2),
        ];
      }),
      0,
    ),
    ...(soak.length === 0
      ? []
      : [
          '',
          '## Mixed load',
          '',
          table(
            ['minute', 'MB in memory', 'introspections/s', 'p99 ms', 'errors'],
            soak.map(({ minute, megabytes, perSecond, p99, errors }) => [
              String(minute),
              figure(megabytes),
              figure(perSecond),
              figure(p99, 1),
              String(errors),
            ]),
            0,
          ),
        ]),
  ].join('\n');
}
