#!/usr/bin/env node
// Plain JavaScript: an old Node can run it, and print which version is needed.
import { existsSync } from 'node:fs';
import * as nodeModule from 'node:module';

const needed = 24;
if (Number.parseInt(process.versions.node, 10) < needed) {
  process.stderr.write(
    `writ needs Node ${needed} or newer; this is ${process.version}. In a clone, "npx writ" uses its own.\n`,
  );
  process.exit(1);
}
nodeModule.enableCompileCache();
// A clone runs its sources; an image and a package have only the built files.
const source = new URL('../src/cli/index.ts', import.meta.url);
const built = new URL('../dist/src/cli/index.js', import.meta.url);
const { run } = await import((existsSync(source) ? source : built).href);
process.exitCode = await run(process.argv.slice(2), process.env);
