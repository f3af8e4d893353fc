import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

const root = path.join(import.meta.dirname, '../..');
const needed = 24;

/** Runs the command in a Node that takes itself for another version. */
async function runOn(version: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const pretend = `for (const [name, value] of [['version', 'v${version}'], ['versions', { ...process.versions, node: '${version}' }]])
    Object.defineProperty(process, name, { value });`;
  const preload = `data:text/javascript,${encodeURIComponent(pretend)}`;
  const args = ['--import', preload, path.join(root, 'bin/writ.js'), '--version'];
  try {
    return { code: 0, ...(await promisify(execFile)(process.execPath, args)) };
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string };
  }
}

test.each(['18.20.8', '20.20.2', '23.11.1'])(
  'on Node %s the command says which Node it needs, and where one is',
  async (version) => {
    expect(await runOn(version)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: `writ needs Node ${needed} or newer; this is v${version}. In a clone, "npx writ" uses its own.\n`,
    });
  },
);

test('on the Node that it needs it runs', async () => {
  const { code, stdout } = await runOn(`${needed}.0.0`);
  expect([code, stdout.trim()]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+$/)]);
});

test('package.json says the same, and brings that Node to a clone', async () => {
  const manifest = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  expect(manifest.engines.node).toBe(`>=${needed}`);
  expect(Number.parseInt(manifest.devDependencies.node, 10)).toBeGreaterThanOrEqual(needed);
});
