import type { Workload } from './options.ts';
import { type Measurement, median, type Row } from './rounds.ts';

/** What is compared. More requests a second are better, more of everything else is worse. */
const figures = {
  perSecond: 'requests/s',
  serverCpu: 'server CPU',
  storeCpu: 'stores CPU',
  p99: 'p99',
  resident: 'memory',
} as const satisfies Partial<Record<keyof Measurement, string>>;

/** A figure of this revision, as a multiple of that of the other one. */
export interface Comparison {
  workload: Workload;
  figure: string;
  /** The median of the ratios of each round, and the lowest and highest of them. */
  ratio: number;
  lowest: number;
  highest: number;
  /** Whether it moved by more than the rounds differ from each other. */
  verdict: 'better' | 'worse' | 'within the noise';
}

/**
 * Compares two revisions round by round, since what disturbs a machine disturbs both in the same round. A figure has moved
 * if it did so in every round, and by more than half of the distance between the lowest and the highest ratio.
 */
export function compareRevisions(rows: readonly Row[]): Comparison[] {
  const before = new Map(
    rows.filter(({ target }) => target === 'before').map((row) => [row.workload, row]),
  );
  return rows
    .filter(({ target }) => target === 'writ')
    .flatMap((row) => {
      const other = before.get(row.workload);
      if (!other) return [];
      return Object.entries(figures).map(([name, figure]) =>
        compared(row, other, name as keyof typeof figures, figure),
      );
    });
}

function compared(row: Row, other: Row, name: keyof typeof figures, figure: string): Comparison {
  const ratios = row.rounds
    .map((measured, round) => measured[name] / (other.rounds[round]?.[name] ?? Number.NaN))
    .toSorted((a, b) => a - b);
  const [lowest = Number.NaN, highest = Number.NaN] = [ratios[0], ratios.at(-1)];
  const ratio = median(ratios);
  const hasMoved = (lowest > 1 || highest < 1) && Math.abs(ratio - 1) > (highest - lowest) / 2;
  const isBetter = name === 'perSecond' ? ratio > 1 : ratio < 1;
  return {
    workload: row.workload,
    figure,
    ratio,
    lowest,
    highest,
    verdict: hasMoved ? (isBetter ? 'better' : 'worse') : 'within the noise',
  };
}
