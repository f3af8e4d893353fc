// Which client a token is the credential of.
import { expect, jest, test } from '@jest/globals';
import { readClaims } from '../../../config/trusted-issuers.ts';
import { claimNamed, matchesPattern } from '../../../src/domain/issuers/claim-patterns.ts';
import { compareRules, ruleFor } from '../../../src/domain/issuers/rules.ts';
import type { IssuerRule } from '../../../src/domain/issuers/types.ts';

test.each([
  ['system:serviceaccount:prod:api', 'system:serviceaccount:prod:*', true],
  ['system:serviceaccount:prod:', 'system:serviceaccount:prod:*', false],
  ['system:serviceaccount:prod:a:b', 'system:serviceaccount:prod:*', false],
  ['system:serviceaccount:production:api', 'system:serviceaccount:prod:*', false],
  ['repo:acme/api:ref:refs/heads/main', 'repo:acme/*:ref:refs/heads/main', true],
  ['repo:acme/api:pull_request:ref:refs/heads/main', 'repo:acme/*:ref:refs/heads/main', false],
  ['repo:acme/x/y:ref:refs/heads/main', 'repo:acme/*:ref:refs/heads/main', false],
  ['refs/heads/feature/x', 'refs/heads/*', false],
  ['refs/heads/feature/x', 'refs/heads/**', true],
  ['aXbXc', 'a*c', true],
  ['abc', 'a*b*c', false],
  ['axbxc', 'a*b*c', true],
  ['a.c', 'a.c', true],
  ['abc', 'a.c', false],
  ['', '*', false],
  ['ABC', 'abc', false],
])('%s by %s: %s', (value, pattern, expected) => {
  expect(matchesPattern(pattern, value)).toBe(expected);
});

test('the claims of a rule are read from lines, and no line of another form is', () => {
  const read = (...lines: string[]) => readClaims(lines, (line) => new Error(`not ${line}`));
  expect(read('sub=a:*', 'constructor = b=c', 'sub=d')).toEqual({
    sub: ['a:*', 'd'],
    constructor: ['b=c'],
  });
  for (const line of ['__proto__=x', 'sub', 'sub=', '=x', 'a b=c'])
    expect(() => read('sub=a', line)).toThrow(`not ${line}`);
});

test('a comparison takes at most as many steps as both lengths multiplied, whatever the pattern', () => {
  const [pattern, value] = [`${'*a'.repeat(12)}b`, 'a'.repeat(1_000)];
  const [startsWith, has] = [
    jest.spyOn(String.prototype, 'startsWith'),
    jest.spyOn(Set.prototype, 'has'),
  ];
  expect(matchesPattern(pattern, value)).toBe(false);
  const steps = startsWith.mock.calls.length + has.mock.calls.length;
  jest.restoreAllMocks();
  expect(steps).toBeGreaterThan(value.length);
  expect(steps).toBeLessThan(pattern.length * value.length);
});

test('a claim is found by its name or its path', () => {
  const claims = { 'kubernetes.io': { namespace: 'prod' }, a: { 'b.c': { d: 1 } }, list: ['x'] };
  expect(claimNamed(claims, 'kubernetes.io.namespace')).toBe('prod');
  expect(claimNamed(claims, 'a.b.c.d')).toBe(1);
  expect(claimNamed(claims, 'constructor')).toBeUndefined();
  expect(claimNamed(claims, 'list.0')).toBeUndefined();
});

const rule = (name: string, client: string, claims: Record<string, string[]>): IssuerRule => ({
  name,
  client,
  claims,
  scopes: null,
  roles: null,
  enabled: true,
});

test('the first rule whose claims all match decides, among those for the client if it is named', () => {
  const rules = [
    rule('main', 'deploy', { repository: ['acme/api', 'acme/web'], ref: ['refs/heads/main'] }),
    rule('others', 'test', { repository: ['acme/*'] }),
  ];
  const main = { repository: 'acme/api', ref: 'refs/heads/main' };
  expect(ruleFor(rules, main)?.name).toBe('main');
  expect(ruleFor(rules, main, 'test')?.name).toBe('others');
  expect(ruleFor(rules, { ...main, ref: 'refs/heads/x' })?.name).toBe('others');
  expect(ruleFor(rules, { repository: 'evil/api', ref: 'refs/heads/main' })).toBeUndefined();
  expect(ruleFor([{ ...rules[0], enabled: false } as IssuerRule], main)).toBeUndefined();
});

test('a rule that does not match says which claim is to blame', () => {
  const [result] = compareRules([rule('main', 'deploy', { sub: ['a'], ref: ['x'] })], { sub: 'a' });
  expect(result).toMatchObject({
    matches: false,
    mismatches: [{ claim: 'ref', found: [], expected: ['x'] }],
  });
});

test('a list matches by one of its values, an object by none', () => {
  const rules = [rule('group', 'c', { groups: ['deployers'] })];
  expect(ruleFor(rules, { groups: ['x', 'deployers'] })?.name).toBe('group');
  expect(ruleFor(rules, { groups: { deployers: true } })).toBeUndefined();
});
