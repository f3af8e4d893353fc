import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { expect, test } from '@jest/globals';

const read = (file: string) => readFileSync(path.join(import.meta.dirname, '../..', file), 'utf8');
const flags = /--[a-z0-9-]+=\d+/g;

test('npm start, the image and the command for supervisors give Node the same flags, which bound its memory', () => {
  const { scripts } = JSON.parse(read('package.json'));
  const ofStart = scripts.start.match(flags);
  expect(ofStart).toEqual([expect.stringMatching(/^--max-semi-space-size=/), '--v8-pool-size=1']);
  const [entry = ''] = /^ENTRYPOINT .*/m.exec(read('Dockerfile')) ?? [];
  expect(entry.match(flags)).toEqual(ofStart);
  const [command = ''] = /^exec .*writ\.js serve$/m.exec(read('docs/operations.md')) ?? [];
  expect(command.match(flags)).toEqual(ofStart);
});
