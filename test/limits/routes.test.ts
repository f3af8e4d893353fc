// Every route declares its limit: a new one fails here until it is in src/route-limits.ts.
import { expect, test } from '@jest/globals';
import { readLimits, requestLimits } from '../../config/limits.ts';
import { apiPrefix } from '../../src/api/framework/router.ts';
import { createOperations } from '../../src/api/index.ts';
import { dialectRouteTable } from '../../src/dialects/route-table.ts';
import { examplePath } from '../../src/example/index.ts';
import { allowedMethods, openApiPath, resumePath } from '../../src/oauth/paths.ts';
import { limitOfRoute, routeLimits } from '../../src/route-limits.ts';
import { createPageRouter } from '../../src/web/index.ts';

const operations = createOperations({} as never);
const pages = createPageRouter({
  issuer: 'https://writ.test',
  assets: { brand: {} },
  limits: { limit: () => undefined },
} as never).stack.filter(({ methods }) => methods.length > 0);

test('every endpoint, operation, page and document declares its limit, or why it needs none', () => {
  const paths = [
    ...Object.keys(allowedMethods),
    resumePath('uid'),
    ...operations.map(({ path }) => apiPrefix + path),
    ...pages.map(({ path }) => String(path)),
    ...[openApiPath, '/assets/style.css', examplePath],
    ...['/healthz', '/readyz'],
  ];
  expect(paths.length).toBeGreaterThan(100);
  expect(paths.filter((path) => !limitOfRoute(path))).toEqual([]);
  for (const path of paths) {
    const said = limitOfRoute(path) ?? [];
    if ('none' in said) expect(said.none).not.toBe('');
    else expect(said.length).toBeGreaterThan(0);
  }
});

test('every route of a dialect declares its limit, or why it needs none', () => {
  for (const { method, path, limit } of dialectRouteTable())
    expect([method, path, 'none' in limit ? limit.none : limit.join()]).not.toContain('');
});

test('an undeclared path has no limit, not even below the start page', () => {
  expect(limitOfRoute('/new')).toBeUndefined();
  expect(limitOfRoute('/')).toEqual(['pages.network']);
});

test('only operations without authentication have a limit of their own', () => {
  for (const { access, limit, operationId } of operations)
    expect([operationId, (limit?.length ?? 0) > 0]).toEqual([operationId, access === 'anyone']);
});

test('every limit counts something', () => {
  const named = new Set([
    ...Object.values(routeLimits).flatMap((said) => ('none' in said ? [] : said)),
    ...operations.flatMap(({ limit = [] }) => limit),
    ...dialectRouteTable().flatMap(({ limit }) => ('none' in limit ? [] : limit)),
  ]);
  expect([...named].sort()).toEqual(Object.keys(requestLimits).sort());
});

test('LIMITS changes numbers, switches limits off, and reports its mistakes', () => {
  expect(readLimits('')).toEqual({ limits: requestLimits });
  const read = readLimits('pages.network=off, grant.network=0 ,bearer.network=5/10');
  expect(read).toEqual({
    limits: expect.objectContaining({
      'bearer.network': { ...requestLimits['bearer.network'], points: 5, seconds: 10 },
    }),
  });
  expect(Object.keys('limits' in read ? read.limits : {})).not.toContain('pages.network');
  expect(Object.keys('limits' in read ? read.limits : {})).not.toContain('grant.network');
  for (const wrong of ['pages=1/1', 'pages.network', 'pages.network=1', 'pages.network=1/0', 'x'])
    expect(readLimits(wrong)).toEqual({ problem: expect.any(String) });
});
