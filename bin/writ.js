#!/usr/bin/env node
// Plain JavaScript: an old Node can run it, and print which version is needed.
import * as nodeModule from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { codeIn } from './code.js';

const needed = 24;
if (Number.parseInt(process.versions.node, 10) < needed) {
  process.stderr.write(
    `writ needs Node ${needed} or newer; this is ${process.version}. In a clone, "npx writ" uses its own.\n`,
  );
  process.exit(1);
}
nodeModule.enableCompileCache();
const { run } = await import(
  pathToFileURL(codeIn(fileURLToPath(new URL('..', import.meta.url)))).href
);
process.exitCode = await run(process.argv.slice(2), process.env);
