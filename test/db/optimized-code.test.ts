import { execFile } from 'node:child_process';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

const program = path.join(import.meta.dirname, 'many-statements.ts');
const optimized = /using TurboFan, took \d+ ms and (\d+) /g;

/** With these flags V8 optimizes a function when its turn comes, and says how many bytes of memory that took at most. */
const flags = ['--wasm-sync-tier-up', '--trace-wasm-compilation-times'];

test('however many statements are parsed, V8 does not take hundreds of megabytes to optimize the parser of the embedded database', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, program], {
    maxBuffer: 16 * 1024 * 1024,
  });
  const bytes = Array.from(stdout.matchAll(optimized), ([, most]) => Number(most));
  expect(bytes.length).toBeGreaterThan(10);
  expect(Math.max(...bytes)).toBeLessThan(100_000_000);
});
