import { expect, test } from '@jest/globals';
import { lazyDocument, serveDocument } from '../../../src/api/document/serve.ts';
import type { Operation } from '../../../src/api/framework/operation.ts';
import { openApiPath } from '../../../src/oauth/paths.ts';

test('a document that could not be created is created for the next request', async () => {
  let failures = 1;
  const operations: Operation[] = [];
  operations[Symbol.iterator] = () => {
    if (failures-- > 0) throw new Error('no memory left');
    return [].values();
  };
  const serve = serveDocument(lazyDocument(operations, 'https://a.test'));
  const ask = async () => {
    const ctx = { path: openApiPath, method: 'GET', set: () => {}, get: () => '', body: '' };
    await serve(ctx as never, async () => {});
    return ctx.body;
  };
  await expect(ask()).rejects.toThrow('no memory left');
  expect(JSON.parse(await ask())).toMatchObject({ openapi: '3.1.0' });
});
