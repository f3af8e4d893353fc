import * as path from 'node:path';

/** A test file in Jest's results: its path, and its start and end in milliseconds. */
export interface FileTimes {
  name: string;
  startTime: number;
  endTime: number;
}

/** The slowest test files of a run with the seconds that each took, slowest first. */
export function describeSlowest(
  files: readonly FileTimes[],
  { count, root }: { count: number; root: string },
): string {
  const slowest = files
    .map(({ name, startTime, endTime }) => ({ name, seconds: (endTime - startTime) / 1000 }))
    .sort((a, b) => b.seconds - a.seconds)
    .slice(0, count);
  const lines = slowest.map(
    ({ name, seconds }) => `${seconds.toFixed(1).padStart(8)} s  ${path.relative(root, name)}`,
  );
  return [`The slowest of ${files.length} test files:`, ...lines].join('\n');
}
