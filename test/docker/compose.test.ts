import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { describeSettings, loadSettings } from '../../config/settings.ts';
import { findCompose } from '../support/compose.ts';

const root = path.resolve(import.meta.dirname, '../..');
const [program = '', ...programArgs] = findCompose() ?? [];

const filledIn: Record<string, string> = {
  ISSUER: 'https://login.example.com',
  SECRET_KEYS: 'k'.repeat(64),
  POSTGRES_PASSWORD: 'p'.repeat(48),
};

/** The variables that .env.example sets, and what to. */
async function readExample(): Promise<Record<string, string>> {
  const lines = (await readFile(path.join(root, '.env.example'), 'utf8')).split('\n');
  const pairs = lines.filter((line) => /^\w+=/.test(line)).map((line) => line.split('='));
  return Object.fromEntries(pairs);
}

test('.env.example names what docker-compose.yml asks for, and nothing else', async () => {
  const file = await readFile(path.join(root, 'docker-compose.yml'), 'utf8');
  const asked = new Set([...file.matchAll(/\$\{(\w+)/g)].map(([, name]) => name));
  expect(Object.keys(await readExample()).sort()).toEqual([...asked].sort());
});

(program ? describe : describe.skip)('docker-compose.yml', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'writ-test-compose-'));
  });
  afterAll(() => rm(directory, { recursive: true }));

  /** What Docker Compose makes of the file with these variables. */
  async function config(variables: Record<string, string>) {
    const envFile = path.join(directory, 'env');
    const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}\n`);
    await writeFile(envFile, lines.join(''));
    const file = path.join(root, 'docker-compose.yml');
    return spawnSync(program, [...programArgs, '--env-file', envFile, '--file', file, 'config'], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], HOME: directory },
    });
  }

  /** The lines of one service. */
  async function serviceLines(name: string): Promise<string> {
    const { status, stdout, stderr } = await config({ ...(await readExample()), ...filledIn });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return new RegExp(`^ {2}${name}:\\n((?: {4}.*\\n)+)`, 'm').exec(stdout)?.[1] ?? '';
  }

  test('is refused by Docker Compose while .env.example is not filled in, by the name of what is missing', async () => {
    const example = await readExample();
    const file = await readFile(path.join(root, 'docker-compose.yml'), 'utf8');
    const needed = new Set([...file.matchAll(/\$\{(\w+):\?/g)].map(([, name = '']) => name));
    const missing = [...needed].filter((name) => !example[name]);
    expect(missing).toEqual(['SECRET_KEYS', 'POSTGRES_PASSWORD']);
    for (const name of missing) {
      const { status, stderr } = await config({ ...example, ...filledIn, [name]: '' });
      expect(status).not.toBe(0);
      expect(stderr).toContain(`set ${name} in .env`);
    }
  });

  test('gives Writ settings that it takes, and time to stop', async () => {
    const writ = await serviceLines('writ');
    const [, block = ''] = /^ {4}environment:\n((?: {6}.*\n)+)/m.exec(writ) ?? [];
    const pairs = [...block.matchAll(/^ {6}(\w+): ["']?(.*?)["']?$/gm)].map(([, name, value]) => [
      name,
      value,
    ]);
    const environment = Object.fromEntries(pairs);
    const settings = describeSettings().map(({ name }) => name);
    expect(Object.keys(environment).filter((name) => !settings.includes(name))).toEqual([]);

    const { embedded, SHUTDOWN_DELAY_SECONDS, SHUTDOWN_TIMEOUT_SECONDS } =
      loadSettings(environment);
    expect(embedded).toBe(false);
    const [, grace] = /^ {4}stop_grace_period: (\d+)s$/m.exec(writ) ?? [];
    expect(Number(grace)).toBeGreaterThan(SHUTDOWN_DELAY_SECONDS + SHUTDOWN_TIMEOUT_SECONDS + 5);
  });

  test('lets Writ do no more than it needs, after what it needs is there', async () => {
    const writ = await serviceLines('writ');
    for (const line of ['init: true', 'read_only: true', '- ALL', '- no-new-privileges:true'])
      expect(writ).toMatch(new RegExp(`^ +${line}$`, 'm'));
    expect(writ.match(/condition: service_healthy/g)).toHaveLength(2);
    for (const name of ['postgres', 'redis'])
      expect(await serviceLines(name)).toMatch(/^ {4}healthcheck:$/m);
  });
});
