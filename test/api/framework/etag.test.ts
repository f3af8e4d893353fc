import { expect, test } from '@jest/globals';
import {
  etagOf,
  isKnown,
  parseCondition,
  readPrecondition,
} from '../../../src/api/framework/etag.ts';

test.each([
  ['*', '*'],
  [' * ', '*'],
  ['"a"', ['"a"']],
  ['"a","b"', ['"a"', '"b"']],
  ['"a" , W/"b",  "c,d"', ['"a"', 'W/"b"', '"c,d"']],
  [', "a",,"b",', ['"a"', '"b"']],
  ['""', ['""']],
  ['"a', undefined],
  ['a', undefined],
  ['"a" "b"', undefined],
  ['*, "a"', undefined],
  ['w/"a"', undefined],
  ['"a\u0000"', undefined],
  ['', undefined],
])('%j holds the entity-tags %j (RFC 9110 §8.8.3)', (header, condition) => {
  expect(parseCondition(header)).toEqual(condition);
});

test('a malformed header of 16 KB is refused without delay', () => {
  for (const header of [
    `${'"a",'.repeat(4_000)}b`,
    `${', '.repeat(8_000)}b`,
    '\t'.repeat(16_000),
  ]) {
    const began = performance.now();
    expect(parseCondition(header)).toBeUndefined();
    expect(performance.now() - began).toBeLessThan(200);
  }
});

test('If-None-Match compares weakly, If-Match strongly (RFC 9110 §8.8.3.2)', () => {
  const thing = { a: 1 };
  const tag = etagOf(thing);
  expect(isKnown(`W/${tag}`, tag)).toBe(true);
  expect(isKnown(tag, tag)).toBe(true);
  expect(isKnown('"b"', tag)).toBe(false);
  const check =
    (ifMatch: string, current: object | undefined, creates = true) =>
    () =>
      readPrecondition({ ifMatch, ifNoneMatch: '', creates })((shown: object) => shown)(current);
  expect(check(tag, thing)).not.toThrow();
  expect(check(`W/${tag}`, thing)).toThrow(/changed/);
  expect(check('*', undefined)).toThrow(/does not exist/);
  expect(check('*', undefined, false)).not.toThrow();
  expect(check('', undefined)).not.toThrow();
});
