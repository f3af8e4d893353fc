import { readFile } from 'node:fs/promises';
import { expect, it } from '@jest/globals';

const read = async (path: string) => JSON.parse(await readFile(path, 'utf8'));

it('the engine is pinned to the version that is patched', async () => {
  const wanted = (await read('package.json')).dependencies['oidc-provider'];
  expect(wanted).toMatch(/^\d+\.\d+\.\d+$/);
  expect((await read('node_modules/oidc-provider/package.json')).version).toBe(wanted);
});
