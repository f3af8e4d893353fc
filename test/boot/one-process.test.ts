import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ProcessEnvironment, runWrit } from '../support/server-process.ts';
import { createStarts } from './data-directories.ts';

const starts = createStarts();
let template: ProcessEnvironment;
let sampleApp: { id: string; secret: string };

beforeAll(async () => {
  template = await starts.fresh();
  const server = await starts.start(template);
  await server.said('/docs');
  const [, id = '', secret = ''] = /(sample-app):(writ_cs_\w+)/.exec(server.stdout()) ?? [];
  sampleApp = { id, secret };
  expect(await server.stop()).toEqual({ code: 0, signal: null });
});
afterAll(() => starts.end());

const locks = async (env: ProcessEnvironment) =>
  (await readdir(env['DATA_DIR'] ?? '')).filter((name) => name.includes('lock'));

test('a second process on the same data is refused, and told which one has it, while the first goes on', async () => {
  const env = await starts.copyOf(template);
  const first = await starts.start(env);
  for (const command of ['serve', 'migrate', 'setup']) {
    const { code, stdout, stderr } = await runWrit([command], env);
    expect(code).toBe(1);
    expect(stderr).toContain(`in use by process ${first.pid}`);
    expect(stderr).toMatch(/^writ: .*\n$/);
    expect(stdout).not.toContain('Listening');
  }
  expect((await first.token(sampleApp)).status).toBe(200);
});

test('of several that start at the same moment on the same data, one does and the others are refused', async () => {
  const env = await starts.copyOf(template);
  const attempts = Array.from({ length: 3 }, () => starts.start(env));
  const outcomes = await Promise.allSettled(attempts);
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
  expect(refused.map(({ reason }) => String(reason))).toEqual(
    Array(2).fill(expect.stringContaining('in use by process')),
  );
});

test('the data of a process that was killed is free for the next', async () => {
  const env = await starts.copyOf(template);
  const first = await starts.start(env);
  const { access_token: token } = (await first.token(sampleApp)).body;
  await first.kill();
  expect(await locks(env)).not.toEqual([]);
  const second = await starts.start(env);
  expect((await second.introspect(token, sampleApp)).body.active).toBe(true);
  expect(second.stderr()).toBe('');
});
