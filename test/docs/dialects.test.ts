import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { expect, test } from '@jest/globals';
import { allDialects } from '../../src/dialects/index.ts';
import { dialectRouteTable } from '../../src/dialects/route-table.ts';

const root = path.resolve(import.meta.dirname, '../..');

test('every feature of a product names a test that is there, or says why the feature is not', () => {
  for (const { features } of allDialects)
    for (const { id, shown } of features) {
      if ('not' in shown) expect([id, shown.not]).not.toContain('');
      else
        expect([
          id,
          readFileSync(path.join(root, shown.file), 'utf8').includes(shown.test),
        ]).toEqual([id, true]);
    }
});

test('every route serves a feature that its product has', () => {
  for (const { dialect, path: route, features } of dialectRouteTable()) {
    const known = allDialects.find(({ name }) => name === dialect)?.features.map(({ id }) => id);
    expect([route, features.length > 0]).toEqual([route, true]);
    expect(known).toEqual(expect.arrayContaining([...features]));
  }
});
