// The vectors that every guard passes, in whatever language: sdk/vectors/README.md.
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createLocalJWKSet } from 'jose';
import decisions from '../../sdk/vectors/decisions.json' with { type: 'json' };
import feeds from '../../sdk/vectors/feeds.json' with { type: 'json' };
import tokens from '../../sdk/vectors/tokens.json' with { type: 'json' };
import { callerOf } from '../../src/sdk/resource-server/callers.ts';
import { createJwts } from '../../src/sdk/resource-server/jwts.ts';
import { missing } from '../../src/sdk/resource-server/needs.ts';
import { challenges } from '../../src/sdk/resource-server/refusals.ts';
import {
  createRevocationState,
  type RevocableClaims,
  type RevocationItem,
} from '../../src/sdk/resource-server/revocation-state.ts';
import type { Needs } from '../../src/sdk/resource-server/types.ts';

describe('tokens', () => {
  beforeEach(() => {
    jest.useFakeTimers({ now: tokens.now * 1000, doNotFake: ['nextTick', 'setImmediate'] });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  test.each(tokens.cases)('$name: $valid', async ({ token, valid }) => {
    const { issuer, audience: resource, jwks } = tokens;
    const keys = createLocalJWKSet(jwks);
    const jwts = createJwts({ issuer, resource, keys, remembered: 10, rememberSeconds: 60 });
    for (const _again of [1, 2]) expect((await jwts.verify(token)) !== undefined).toBe(valid);
    jest.setSystemTime((tokens.now + 7_200) * 1000);
    expect(await jwts.verify(token)).toBeUndefined();
  });
});

interface FeedCase {
  name: string;
  items: RevocationItem[];
  checks: { name: string; kid: string; claims: RevocableClaims; revoked: boolean }[];
}

describe.each(feeds.cases as FeedCase[])('feeds: $name', ({ items, checks }) => {
  test.each(checks)('$name: $revoked', ({ claims, kid, revoked }) => {
    const state = createRevocationState();
    for (const item of items) state.apply(item);
    expect(state.revokes(claims, kid)).toBe(revoked);
    state.prune(Date.parse('2027-01-16T00:00:00Z'));
    expect(state.revokes({ ...claims, jti: 'tok_0A' }, 'es-9')).toBe(false);
  });
});

test.each(decisions.cases)(
  'decisions: $name: $status',
  ({ name: _name, claims, needs, status, ...expected }) => {
    const caller = callerOf(claims, false);
    const problem = missing(caller, needs as Needs, decisions.now * 1000);
    expect(problem?.status ?? 200).toBe(status);
    if (!problem) return;
    const refuse = challenges({ resource: 'https://api.example.com', metadataUrl: undefined });
    const { headers, body } = refuse({ headers: { authorization: 'Bearer x' } }, problem, problem);
    const { error, ...parameters } = expected as Record<string, string>;
    expect(body.error).toBe(error);
    for (const [name, value] of Object.entries(parameters))
      expect(headers['WWW-Authenticate']).toContain(`${name}="${value}"`);
  },
);
