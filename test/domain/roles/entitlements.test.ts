import { expect, test } from '@jest/globals';
import { entitlementsOf } from '../../../src/domain/roles/entitlements.ts';

test('who has no role has neither roles nor entitlements, and both are lists', () => {
  expect(entitlementsOf([])).toEqual({ roles: [], entitlements: [] });
});

test('a permission that several roles give is named once', () => {
  expect(
    entitlementsOf([
      ['editor', ['things.read', 'things.write']],
      ['reader', ['things.read']],
    ]),
  ).toEqual({ roles: ['editor', 'reader'], entitlements: ['things.read', 'things.write'] });
});

test('a role that gives no permission is a role all the same', () => {
  expect(entitlementsOf([['guest', []]])).toEqual({ roles: ['guest'], entitlements: [] });
});
