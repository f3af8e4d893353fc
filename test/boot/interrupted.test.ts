import { afterAll, expect, test } from '@jest/globals';
import { until } from '../support/process.ts';
import { beginServer } from '../support/server-process.ts';
import { createStarts } from './data-directories.ts';

const starts = createStarts();
afterAll(() => starts.end());

test('a first start that is killed while it makes the files of the database is made good by the next', async () => {
  const env = await starts.fresh();
  const killed = beginServer({ env, preload: ['crash-while-making-files.ts'] });
  expect(await killed.exited).toEqual({ code: null, signal: 'SIGKILL' });
  await expectFirstStart(env);
});

test.each(['Created the tables', 'Created the signing keys'])(
  'a first start that is killed once it has said "%s" is made good by the next',
  async (said) => {
    const env = await starts.fresh();
    const killed = beginServer({ env });
    await until(said, async () => {
      if (!killed.stdout().includes(said)) throw new Error(killed.stderr());
    }).finally(() => killed.kill());
    await expectFirstStart(env);
  },
);

async function expectFirstStart(env: Record<string, string>): Promise<void> {
  const server = await starts.start(env);
  await server.said('/docs');
  expect(server.stderr()).toBe('');
  const [, id = '', secret = ''] = /(sample-app):(writ_cs_\w+)/.exec(server.stdout()) ?? [];
  expect((await server.token({ id, secret })).status).toBe(200);
  await server.stop();
}
