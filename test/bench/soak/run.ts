// What `npm run bench:soak` runs: the memory of a server after minutes of load. It fails if a server misbehaves.
import { readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { inDirectory } from '../directory.ts';
import { describeMachine, figure, table } from '../report.ts';
import { type Minute, measureSoak } from './measure.ts';
import { readSoakOptions, type SoakStack, usage } from './options.ts';

const page = path.join(import.meta.dirname, '../../../docs/performance.md');
const marks = { begin: '<!-- npm run bench:soak -- --write -->', end: '<!-- end of the soak -->' };

/** What a process is to have at most in the last minute, in MB. */
const goals: Record<SoakStack, number> = { 'postgres + redis': 180, embedded: 350 };

const describe = (stack: SoakStack, minutes: Minute[]): string =>
  [
    `### ${stack === 'embedded' ? 'Embedded' : 'Postgres and Redis'}`,
    '',
    `The goal is ${goals[stack]} MB in the last minute.`,
    '',
    table(
      ['minute', 'MB in memory', 'V8 heap', 'outside of it', 'requests', 'server CPU µs', 'errors'],
      minutes.map((minute, index) => [
        String(index + 1),
        figure(minute.resident),
        figure(minute.heap),
        figure(minute.outside),
        figure(minute.requests),
        figure(minute.cpu),
        String(minute.errors),
      ]),
      0,
    ),
  ].join('\n');

async function main(): Promise<number> {
  const options = readSoakOptions(process.argv.slice(2));
  if (options === 'help') {
    console.log(usage);
    return 0;
  }
  return inDirectory('writ-soak-', async (directory) => {
    const parts: string[] = [];
    let errors = 0;
    for (const stack of options.stacks) {
      const minutes = await measureSoak(directory, stack, options, (text) => console.error(text));
      parts.push(describe(stack, minutes));
      errors += minutes.reduce((sum, minute) => sum + minute.errors, 0);
    }
    const day = new Date().toISOString().slice(0, 10);
    const report = [`${describeMachine()}; ${day}`, ...parts].join('\n\n');
    console.log(report);
    if (options.write) {
      const text = readFileSync(page, 'utf8');
      const [head = ''] = text.split(marks.begin);
      const [, foot = ''] = text.split(marks.end);
      writeFileSync(page, `${head}${marks.begin}\n\n${report}\n\n${marks.end}${foot}`);
    }
    return errors > 0 ? 1 : 0;
  });
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
