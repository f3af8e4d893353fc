import { randomBytes, randomInt } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import {
  expiryOfDeviceCode,
  hintOf,
  isNamedToken,
  mintClientSecret,
  mintDeviceCode,
  mintJwtId,
  mintToken,
  namedTokenKinds,
  parsePublicId,
  parseToken,
  partitionFor,
  prefixes,
  publicId,
  type TokenKind,
} from '../../../src/domain/tokens/value.ts';

const kinds = Object.keys(prefixes) as TokenKind[];
const highestPartition = 62 ** 3 - 1;
const partitions = [
  0,
  1,
  61,
  62,
  3843,
  3844,
  highestPartition,
  ...Array.from({ length: 50 }, () => randomInt(highestPartition)),
];
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const day = 86_400;

describe.each(kinds)('the value of a token of kind %s', (kind) => {
  test('contains its kind and its primary key', () => {
    for (const partition of partitions) {
      const { value, id } = mintToken(kind, partition);
      expect(parseToken(value)).toEqual({ kind, id });
      expect(id.partition).toBe(partition);
      expect(id.key).toHaveLength(16);
    }
  });

  test('has only letters and digits after its prefix, so it is safe in URLs, SQL and regular expressions', () => {
    for (const partition of partitions) {
      const { value } = mintToken(kind, partition);
      expect(value.startsWith(prefixes[kind])).toBe(true);
      expect(value.slice(prefixes[kind].length)).toMatch(/^[0-9A-Za-z]+$/);
    }
  });

  test('is rejected without a lookup if any single character is changed', () => {
    const { value } = mintToken(kind, 2945);
    const accepted: string[] = [];
    for (let place = 0; place < value.length; place++)
      for (const character of `${alphabet}_-. \0é`) {
        const changed = value.slice(0, place) + character + value.slice(place + 1);
        if (changed !== value && parseToken(changed)) accepted.push(changed);
      }
    expect(accepted).toEqual([]);
  });

  test('is rejected if a character is missing or added, or two are swapped', () => {
    const { value } = mintToken(kind, 2945);
    for (let place = 0; place < value.length; place++) {
      expect(parseToken(value.slice(0, place) + value.slice(place + 1))).toBeUndefined();
      expect(parseToken(`${value.slice(0, place)}0${value.slice(place)}`)).toBeUndefined();
      const [a = '', b = ''] = value.slice(place, place + 2);
      if (a === b || !b) continue;
      expect(parseToken(value.slice(0, place) + b + a + value.slice(place + 2))).toBeUndefined();
    }
  });

  test('can be recognized by its last characters, which are not enough to use it', () => {
    const { value } = mintToken(kind, 0);
    expect(hintOf(value)).toMatch(/^[0-9A-Za-z]{4}$/);
    expect(value.endsWith(hintOf(value))).toBe(true);
  });

  test('is rejected with the prefix of another kind', () => {
    const { value } = mintToken(kind, 1);
    for (const other of kinds.filter((candidate) => candidate !== kind))
      expect(parseToken(prefixes[other] + value.slice(prefixes[kind].length))).toBeUndefined();
  });
});

test('values and keys are unique', () => {
  const minted = Array.from({ length: 1000 }, () => mintToken('access_token', 7));
  expect(new Set(minted.map(({ value }) => value)).size).toBe(1000);
  expect(new Set(minted.map(({ id }) => id.key.toString('hex'))).size).toBe(1000);
});

test('tokens created by name are named tokens, and those of grants are not', () => {
  expect(kinds.filter(isNamedToken)).toEqual(['personal_access_token', 'api_token', 'api_key']);
});

test('a client secret is not a token, and has only letters and digits after its prefix', () => {
  const secret = mintClientSecret();
  expect(secret).toMatch(/^writ_cs_[0-9A-Za-z]{49}$/);
  expect(parseToken(secret)).toBeUndefined();
});

test('any other text is not a token', () => {
  for (const text of ['', 'writ_at_', 'tok_', 'eyJhbGciOiJFUzI1NiJ9.e30.x', '\0', 'é'.repeat(60)])
    expect(parseToken(text)).toBeUndefined();
});

describe('a public id', () => {
  const keys = [
    Buffer.alloc(16),
    Buffer.alloc(16, 0xff),
    Buffer.concat([Buffer.alloc(15), Buffer.of(1)]),
    Buffer.concat([Buffer.alloc(3), randomBytes(13)]),
    ...Array.from({ length: 50 }, () => randomBytes(16)),
  ];

  test('parses to its primary key, for every partition and key, also with leading zeros', () => {
    for (const partition of partitions)
      for (const key of keys) {
        const text = publicId({ partition, key });
        expect(text).toMatch(/^tok_[0-9A-Za-z]{25}$/);
        expect(parsePublicId(text)).toEqual({ partition, key });
      }
  });

  test('is the only spelling of its primary key', () => {
    const text = publicId({ partition: 1, key: Buffer.alloc(16, 0xff) });
    for (const other of [
      text.slice(0, -1),
      `${text}0`,
      text.replace('tok_', ''),
      `${text.slice(0, -1)}-`,
      `tok_001${'z'.repeat(22)}`,
    ])
      expect(parsePublicId(other)).toBeUndefined();
  });

  test('of a JWT is unique', () => {
    const [one, other] = [mintJwtId(5), mintJwtId(5)];
    expect(one.key).toHaveLength(16);
    expect(publicId(one)).not.toBe(publicId(other));
  });
});

describe('the partition of a token', () => {
  const issuedAt = 1_800_000_000;

  test('is the week in which it expires', () => {
    for (const lifetime of [60, 30 * day, 365 * day, 400 * day]) {
      const partition = partitionFor('access_token', issuedAt, issuedAt + lifetime);
      expect(partition * 7 * day).toBeLessThanOrEqual(issuedAt + lifetime);
      expect((partition + 1) * 7 * day).toBeGreaterThan(issuedAt + lifetime);
    }
  });

  test('is 0 if the expiry can be changed', () => {
    for (const kind of namedTokenKinds)
      expect(partitionFor(kind, issuedAt, issuedAt + day)).toBe(0);
  });

  test('is 0 if it lives more than 400 days or does not expire', () => {
    expect(partitionFor('refresh_token', issuedAt, issuedAt + 400 * day + 1)).toBe(0);
    expect(partitionFor('access_token', issuedAt, undefined)).toBe(0);
  });
});

describe('a device code', () => {
  const times = [0, 61, 1_767_225_600, 4_102_444_800, 62 ** 6 - 1];

  test('contains its expiry, and has only letters and digits', () => {
    for (const time of times) {
      const code = mintDeviceCode(time);
      expect(code).toMatch(/^writ_dc_[0-9A-Za-z]{55}$/);
      expect(expiryOfDeviceCode(code)).toBe(time);
    }
  });

  test('is rejected if any single character is changed', () => {
    const code = mintDeviceCode(1_767_225_600);
    const accepted: string[] = [];
    for (let place = 0; place < code.length; place++)
      for (const character of `${alphabet}_-. \0é`) {
        const changed = code.slice(0, place) + character + code.slice(place + 1);
        if (changed !== code && expiryOfDeviceCode(changed) !== undefined) accepted.push(changed);
      }
    expect(accepted).toEqual([]);
  });

  test('is not a token, and a token is not a device code', () => {
    expect(parseToken(mintDeviceCode(1_767_225_600))).toBeUndefined();
    for (const kind of kinds) expect(expiryOfDeviceCode(mintToken(kind, 0).value)).toBeUndefined();
  });
});
