import { createSecretKey, type KeyObject } from 'node:crypto';
import { expect, test } from '@jest/globals';
import argon2 from 'argon2';
import bcrypt from 'bcrypt';
import { equal, keyedDigest, sha256 } from '../../src/crypto/digest.ts';
import { hashLanes } from '../../src/crypto/hash-bounds.ts';
import {
  hashPassword,
  isArgon2,
  isBcrypt,
  mayBeTruncated,
  verifyPassword,
} from '../../src/crypto/password.ts';
import {
  bigFromBase62,
  fromBase62,
  randomAlphanumeric,
  toBase62,
} from '../../src/crypto/random.ts';

const clientLane = { lane: 'clients', client: 'one', network: '192.0.2.1' } as const;

test('a password is stored as argon2id with a random salt, and only that password matches', async () => {
  const [one, other] = await Promise.all([
    hashPassword('correct', clientLane),
    hashPassword('correct', clientLane),
  ]);
  expect(one).toMatch(/^\$argon2id\$v=19\$(?=\S*m=19456)(?=\S*t=2)(?=\S*p=1)/);
  expect(one).not.toBe(other);
  expect(isArgon2(one)).toBe(true);
  expect(await verifyPassword(one, 'correct', clientLane)).toBe(true);
  expect(await verifyPassword(one, 'Correct', clientLane)).toBe(false);
});

test('hashes of other systems are verified as they are', async () => {
  const fromBcrypt = await bcrypt.hash('correct', 4);
  const fromArgon2i = await argon2.hash('correct', { type: argon2.argon2i, memoryCost: 1024 });
  expect(isBcrypt(fromBcrypt)).toBe(true);
  expect(isArgon2(fromArgon2i)).toBe(true);
  // The reference implementation writes the parameters as m, t, p; our library as m, p, t.
  const elsewhere = fromArgon2i.replace(/m=(\d+),p=(\d+),t=(\d+)/, 'm=$1,t=$3,p=$2');
  expect(isArgon2(elsewhere)).toBe(true);
  for (const hash of [fromBcrypt, fromArgon2i, elsewhere]) {
    expect(await verifyPassword(hash, 'correct', clientLane)).toBe(true);
    expect(await verifyPassword(hash, 'wrong', clientLane)).toBe(false);
  }
});

test.each(['', 'plain', '$2b$10$short', '$argon2id$v=19$m=1', `$2b$10$${'ä'.repeat(53)}`])(
  '%p is not accepted as a hash',
  (text) => {
    expect(isBcrypt(text) || isArgon2(text)).toBe(false);
  },
);

test('a keyed digest differs for another key', () => {
  const [one, other] = [1, 2].map((byte) => createSecretKey(Buffer.alloc(32, byte))) as [
    KeyObject,
    KeyObject,
  ];
  expect(equal(keyedDigest(one, 'secret'), keyedDigest(one, 'secret'))).toBe(true);
  expect(equal(keyedDigest(one, 'secret'), keyedDigest(other, 'secret'))).toBe(false);
  expect(equal(keyedDigest(one, 'secret'), sha256('secret'))).toBe(false);
  expect(equal(sha256('secret'), sha256('secret').subarray(1))).toBe(false);
});

test('random text has the requested length and uses all letters and digits, and nothing else', () => {
  const text = randomAlphanumeric(20_000);
  expect(text).toMatch(/^[0-9A-Za-z]{20000}$/);
  expect(new Set(text).size).toBe(62);
  expect(randomAlphanumeric(0)).toBe('');
});

test('a number survives base 62 encoding and decoding', () => {
  for (const number of [0n, 1n, 61n, 62n, 2n ** 128n - 1n]) {
    expect(toBase62(number, 22)).toHaveLength(22);
    expect(bigFromBase62(toBase62(number, 22))).toBe(number);
  }
  for (const number of [0, 1, 61, 62, 62 ** 6 - 1])
    expect(fromBase62(toBase62(number, 6))).toBe(number);
  for (const text of ['-', ' ', 'é', '1_']) {
    expect(fromBase62(text)).toBeUndefined();
    expect(bigFromBase62(text)).toBeUndefined();
  }
});

test('a bcrypt hash with the $2y$ prefix of PHP is verified', async () => {
  const hash = await bcrypt.hash('correct horse', 4);
  for (const prefix of ['$2a$', '$2b$', '$2y$']) {
    expect(await verifyPassword(hash.replace('$2b$', prefix), 'correct horse', clientLane)).toBe(
      true,
    );
    expect(await verifyPassword(hash.replace('$2b$', prefix), 'battery staple', clientLane)).toBe(
      false,
    );
  }
});

test('a password beyond the 72 bytes that bcrypt reads does not match', async () => {
  const secret = 'ä'.repeat(36);
  const hash = await bcrypt.hash(`${secret} and the rest`, 4);
  expect(await bcrypt.compare(`${secret} and another rest`, hash)).toBe(true);
  expect(await verifyPassword(hash, `${secret} and another rest`, clientLane)).toBe(false);
  expect(await verifyPassword(hash, secret, clientLane)).toBe(true);
  expect(mayBeTruncated(hash, secret)).toBe(true);
  expect(mayBeTruncated(hash, secret.slice(1))).toBe(false);
});

test.each(['people', 'strangers'] as const)(
  'hashes of %s do not wait for hashes of clients',
  async (lane) => {
    const costly = await bcrypt.hash('correct', 10);
    let waiting = 8;
    const ofClients = Array.from({ length: waiting }, () =>
      verifyPassword(costly, 'wrong', clientLane).finally(() => waiting--),
    );
    await hashPassword('correct', { lane, account: 'ada', network: '192.0.2.2' });
    expect(waiting).toBeGreaterThan(0);
    await Promise.all(ofClients);
  },
);

test('neither an account nor a client takes more slots than its maximum', async () => {
  const max = hashLanes.people.maxOfOne.account;
  const outcomes = await Promise.allSettled(
    Array.from({ length: max + 2 }, (_, i) =>
      hashPassword('correct', { lane: 'people', account: 'ada', network: `192.0.2.${i}` }),
    ),
  );
  expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(2);
});
