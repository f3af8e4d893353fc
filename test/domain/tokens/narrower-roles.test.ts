import { expect, test } from '@jest/globals';
import { rightsOf } from '../../../src/domain/tokens/entitlements.ts';
import type { AssignedRole } from '../../../src/domain/tokens/role-sql.ts';

const of = (client: AssignedRole, member: AssignedRole) =>
  rightsOf({
    kind: 'access_token',
    payload: null,
    app: 'acme',
    accountId: 'ada',
    roles: [client],
    memberRole: member,
  });

test('a role whose permissions changed is compared again, although its name is cached', () => {
  const client: AssignedRole = ['Owner', ['*'], 'app'];
  expect(of(client, ['Curator', ['a.read'], 'nothing']).entitlements).toEqual(['a.read']);
  expect(of(client, ['Curator', ['a.write'], 'nothing']).entitlements).toEqual(['a.write']);
  expect(of(client, ['Curator', ['a.read'], 'nothing']).entitlements).toEqual(['a.read']);
});

test('with more pairs of roles than the cache holds, every result is correct', () => {
  const client: AssignedRole = ['Owner', ['*'], 'app'];
  for (const round of [1, 2])
    for (let index = 0; index < 1_500; index++)
      expect([round, of(client, ['Role', [`a${index}.read`], 'nothing']).entitlements]).toEqual([
        round,
        [`a${index}.read`],
      ]);
});

test('two long roles are compared once', () => {
  const long = (name: string): AssignedRole => [
    name,
    Array.from({ length: 100 }, (_, index) => `${name}${index}|both${index}.*.^x|y.read`),
    'nothing',
  ];
  const first = of(long('left'), long('right'));
  const again = of(long('left'), long('right'));
  expect(again.entitlements).toBe(first.entitlements);
  expect(first.entitlements).toHaveLength(100);
});
