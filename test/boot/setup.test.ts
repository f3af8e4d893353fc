import { afterAll, expect, test } from '@jest/globals';
import { runWrit } from '../support/server-process.ts';
import { createStarts } from './data-directories.ts';

const starts = createStarts();
afterAll(() => starts.end());

const link = /^ {2}http:\/\/localhost:\d+\/invitation\/writ_inv_[0-9A-Za-z]+$/gm;

test('`writ setup` shows the first administrator a link to choose a password at, once', async () => {
  const env = await starts.fresh();
  const named = ['setup', '--email', 'ada@example.com', '--name', 'Ada Lovelace'];
  const first = await runWrit(named, env);
  expect(first).toMatchObject({ code: 0, stderr: '' });
  expect(first.stdout.match(link)).toEqual([expect.stringContaining(`:${env['PORT']}/`)]);
  expect(first.stdout).toContain('ada@example.com');

  const again = await runWrit(['setup'], env);
  expect(again).toMatchObject({ code: 0, stderr: '' });
  expect(again.stdout).not.toMatch(link);
  expect(again.stdout).toContain('npx writ accounts invite ada@example.com');
});
