import { expect, test } from '@jest/globals';
import { entitlementsOf } from '../../../src/domain/roles/entitlements.ts';

test('without a role both claims are empty lists', () => {
  expect(entitlementsOf([])).toEqual({ roles: [], entitlements: [] });
});

test('a permission of several roles is listed once', () => {
  expect(
    entitlementsOf([
      ['editor', ['things.read', 'things.write']],
      ['reader', ['things.read']],
    ]),
  ).toEqual({ roles: ['editor', 'reader'], entitlements: ['things.read', 'things.write'] });
});

test('a role without permissions is listed', () => {
  expect(entitlementsOf([['guest', []]])).toEqual({ roles: ['guest'], entitlements: [] });
});
