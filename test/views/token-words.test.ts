// What pages say of tokens and API keys in their several states.
import { expect, test } from '@jest/globals';
import type { ShownToken } from '../../src/domain/tokens/named/types.ts';
import { tokenShown } from '../../src/web/tokens/named-token-view.ts';
import { lifeAsBefore } from '../../views/components/replacing.ts';
import { endOf, ends, type TokenShown } from '../../views/components/token.ts';
import type { Html } from '../../views/layout/frame.ts';
import { render } from '../../views/layout/render.ts';
import { accountTokenCreated } from '../../views/tokens/created.ts';
import { accountToken } from '../../views/tokens/token.ts';
import { ago, ahead, day, frame, hour, now } from './case.ts';

const text = async (piece: Html): Promise<string> =>
  (await render(piece))
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();

const brand = {
  name: 'Acme',
  assets: {
    pico: '',
    style: '',
    brand: '',
    favicon: '',
    copy: '',
    times: '',
    passkeys: '',
    signedOut: '/assets/signed-out.js',
    reference: '',
    referenceScript: '',
    admin: '',
    adminScript: '',
  },
};
const token: TokenShown = {
  id: 'tok_1',
  name: 'Backup',
  hint: 'x7Qa',
  resource: 'Acme API',
  scopes: [],
  details: [],
  status: 'active',
  leaked: false,
  createdAt: ago(12 * day),
  expiresAt: ahead(20 * day),
  lastUsedAt: null,
  revokedAt: null,
  replacedBy: null,
};

test.each<[part: Partial<TokenShown>, end: Date | null, words: string]>([
  [{}, ahead(20 * day), 'in 20 days'],
  [{ expiresAt: null }, null, 'Never'],
  [{ status: 'expired', expiresAt: ago(3 * day) }, ago(3 * day), '3 days ago'],
  [{ status: 'revoked', revokedAt: ago(2 * day) }, ago(2 * day), '2 days ago'],
  [{ status: 'inactive' }, null, 'Revoked'],
  [{ status: 'inactive', expiresAt: null }, null, 'Revoked'],
])('a list tells the end of a token where it is known: %j', async (part, end, words) => {
  expect(endOf({ ...token, ...part })).toEqual(end);
  expect(await text(ends({ ...token, ...part }, now))).toBe(words);
});

test.each<[lived: number | null, longest: number | null, words: string]>([
  [366 * day, 366 * day, 'In 366 days, as before'],
  [366 * day, 30 * day, 'After the maximum, in 30 days'],
  [30 * day, null, 'In 30 days, as before'],
  [29.7 * day, 366 * day, 'In 30 days, as before'],
  [5.2 * hour, 366 * day, 'In 5 hours, as before'],
  [30 * day, hour, 'After the maximum, in 1 hour'],
  [null, 366 * day, 'After the maximum, in 366 days'],
  [null, null, 'Never, as before'],
])('what was made for %p seconds, where %p are allowed: %s', (lived, longest, words) => {
  const expiresAt = lived === null ? null : new Date(ago(day).getTime() + lived * 1000);
  expect(lifeAsBefore({ createdAt: ago(day), expiresAt }, longest)).toBe(words);
});

test('a token for an API without scopes allows everything that the API allows, as both of its pages say', async () => {
  const made = accountTokenCreated(frame(brand), { token, value: 'the value' });
  const shown = accountToken(frame(brand), {
    token,
    policy: undefined,
    ttls: [],
  });
  for (const page of [made, shown])
    expect(await text(page)).toContain('Scopes Everything that the API allows');
});

test('a moment, which the database has in microseconds, is shown at its nearest millisecond', () => {
  const issuedAt = 1_769_313_967.000999;
  const owned = { id: { partition: 0, key: Buffer.alloc(16) }, issuedAt, expiresAt: issuedAt };
  const shown = tokenShown(owned as unknown as ShownToken, []);
  expect([shown.createdAt, shown.expiresAt].map((date) => date?.getTime())).toEqual([
    1_769_313_967_001, 1_769_313_967_001,
  ]);
});

test('a token that leaked says so, and is not merely revoked', async () => {
  const leaked = { ...token, status: 'revoked', leaked: true, revokedAt: ago(day) } as const;
  const page = (shown: TokenShown) =>
    text(accountToken(frame(brand), { token: shown, policy: undefined, ttls: [] }));
  expect(await page(leaked)).toMatch(/Backup Leaked .*It was revoked because it leaked 1 day ago/);
  expect(await page({ ...leaked, leaked: false })).toMatch(/Backup Revoked .*It was revoked 1 day/);
});
