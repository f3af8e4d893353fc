#!/usr/bin/env node
// Plain JavaScript, so that an old Node says what it lacks instead of stumbling over types.
import { existsSync } from 'node:fs';
import * as nodeModule from 'node:module';

const needed = 24;
if (Number.parseInt(process.versions.node, 10) < needed) {
  process.stderr.write(
    `writ needs Node ${needed} or newer; this is ${process.version}. In a clone, "npx writ" brings its own.\n`,
  );
  process.exit(1);
}
nodeModule.enableCompileCache();
// A clone has the sources, and runs them; an image and a package have what was built of them.
const source = new URL('../src/cli/index.ts', import.meta.url);
const built = new URL('../dist/src/cli/index.js', import.meta.url);
const { run } = await import((existsSync(source) ? source : built).href);
process.exitCode = await run(process.argv.slice(2), process.env);
