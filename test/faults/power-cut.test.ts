import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { PowerCut } from './power-cuts.ts';

let directory: string;
let cuts: PowerCut[];

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'writ-power-'));
  const program = path.join(import.meta.dirname, 'power-cuts.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [program, directory], {
    maxBuffer: 1024 * 1024,
  });
  cuts = JSON.parse(stdout);
  // Several databases are opened.
});
afterAll(() => rm(directory, { recursive: true, force: true }));

test('the embedded database opens after a power cut at any moment: of a first start, issuing, a checkpoint, a stop, a start', () => {
  expect(cuts.filter(({ refused }) => refused !== undefined)).toEqual([]);
  expect(new Set(cuts.map((cut) => cut.during)).size).toBe(5);
});

test('a power cut loses no row whose commit the embedded database has confirmed', () => {
  expect(cuts.filter(({ lost }) => lost > 0)).toEqual([]);
  expect(Math.max(...cuts.map(({ answered }) => answered))).toBeGreaterThan(400);
});
