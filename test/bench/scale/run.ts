// What `npm run bench:scale` runs: millions of tokens, and what an installation of a size needs. It fails where a
// server misbehaves, never because one is slow.
import { readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { inDirectory } from '../directory.ts';
import { describeMachine } from '../report.ts';
import { measureScale } from './measure.ts';
import { readScaleOptions, usage } from './options.ts';
import { describeScale } from './report.ts';

const page = path.join(import.meta.dirname, '../../../docs/performance.md');
const marks = { begin: '<!-- npm run bench:scale -- --write -->', end: '<!-- end -->' };

async function main(): Promise<number> {
  const options = readScaleOptions(process.argv.slice(2));
  if (options === 'help') {
    console.log(usage);
    return 0;
  }
  return inDirectory('writ-scale-', async (directory) => {
    const result = await measureScale(directory, options, (text) => console.error(text));
    const day = new Date().toISOString().slice(0, 10);
    const report = `${describeMachine()}; ${day}\n\n${describeScale(result, options)}`;
    console.log(report);
    if (options.write) {
      const text = readFileSync(page, 'utf8');
      const [head = ''] = text.split(marks.begin);
      const [, foot = ''] = text.split(marks.end);
      writeFileSync(page, `${head}${marks.begin}\n\n${report}\n\n${marks.end}${foot}`);
    }
    return 0;
  });
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
