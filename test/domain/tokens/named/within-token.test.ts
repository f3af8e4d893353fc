import { expect, test } from '@jest/globals';
import type {
  ActingToken,
  AuthorizationDetail,
  NewPersonalToken,
} from '../../../../src/domain/tokens/named/types.ts';
import { requireWithin } from '../../../../src/domain/tokens/named/within-token.ts';

const resource = 'https://streams.test';
const apiResource = 'https://writ.test/api/v1';

/** An access token of a login with these authorization details. */
const login = (
  given: Partial<ActingToken> = {},
  limits?: readonly AuthorizationDetail[],
): ActingToken => ({
  kind: 'access_token',
  accountId: 'ada',
  clientId: 'app',
  clientScope: null,
  roles: [],
  scope: 'streams:read tokens:write',
  audience: [resource],
  payload: limits ? { rar: limits } : null,
  ...given,
});

const wanted = (given: Partial<NewPersonalToken> = {}): NewPersonalToken => ({
  name: 'a token',
  resource,
  scope: ['streams:read'],
  expiresAt: null,
  ...given,
});

const outcome = (by: ActingToken, given?: Partial<NewPersonalToken>) => {
  try {
    return requireWithin(by, wanted(given), apiResource);
  } catch (error) {
    const { code, parameter } = error as { code: string; parameter?: string };
    return [code, parameter];
  }
};

test('an access token of a login creates tokens for its person, within its scope and for its resource', () => {
  expect(outcome(login())).toBe('ada');
  expect(outcome(login(), { scope: ['streams:read', 'streams:write'] })).toEqual([
    'access_denied',
    'scope',
  ]);
  expect(outcome(login(), { resource: 'https://other.test' })).toEqual([
    'access_denied',
    'resource',
  ]);
});

test('named tokens and tokens of clients create no tokens', () => {
  for (const given of [
    { kind: 'personal_access_token' },
    { kind: 'api_token' },
    { kind: 'api_key' },
    { accountId: null },
  ] as const)
    expect(outcome(login(given))).toEqual(['access_denied', undefined]);
});

test('at Writ’s own API a token creates others only within the current rights of its person', () => {
  const by = { audience: [apiResource], clientScope: 'apps:read', scope: 'apps:read audit:read' };
  expect(outcome(login(by), { resource: apiResource, scope: ['apps:read'] })).toBe('ada');
  expect(outcome(login(by), { resource: apiResource, scope: ['audit:read'] })).toEqual([
    'access_denied',
    'scope',
  ]);
});

test('a token with authorization details creates only tokens within them', () => {
  const by = login({}, [
    { type: 'project', identifier: 'one' },
    { type: 'table', actions: ['read', 'write'] },
  ]);
  const more = ['access_denied', 'authorization_details'];
  const cases: [AuthorizationDetail[] | undefined, unknown][] = [
    [undefined, more],
    [[], more],
    [[{ type: 'project' }], more],
    [[{ type: 'project', identifier: 'two' }], more],
    [[{ type: 'workspace', identifier: 'one' }], more],
    [[{ type: 'project', identifier: 'one' }, { type: 'table' }], more],
    [[{ type: 'table', actions: ['read', 'drop'] }], more],
    [[{ type: 'table', actions: [] }], more],
    [[{ type: 'project', identifier: 'one' }], 'ada'],
    [[{ type: 'project', identifier: 'one', privileges: ['embed'] }], 'ada'],
    [[{ type: 'table', identifier: 'dogs', actions: ['read'] }], 'ada'],
  ];
  for (const [authorizationDetails, expected] of cases)
    expect([authorizationDetails, outcome(by, { authorizationDetails })]).toEqual([
      authorizationDetails,
      expected,
    ]);
});
