import { expect, test } from '@jest/globals';
import bcrypt from 'bcrypt';
import { hashPassword, isArgon2, isBcrypt, verifyPassword } from '../../../src/crypto/password.ts';

const turn = { lane: 'clients', client: 'one', network: '192.0.2.1' } as const;

/** "password", hashed by the reference implementation of argon2. */
const reference =
  '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4';

test.each(['m=256,t=2,p=1', 'm=256,p=1,t=2', 't=2,p=1,m=256', 'p=1,t=2,m=256'])(
  'an argon2 hash is recognized with its parameters in any order: %s',
  async (parameters) => {
    const hash = reference.replace('m=256,t=2,p=1', parameters);
    expect(isArgon2(hash)).toBe(true);
    expect(await verifyPassword(hash, 'password', turn)).toBe(true);
    expect(await verifyPassword(hash, 'wrong', turn)).toBe(false);
  },
);

test('hashes that Writ creates can be imported', async () => {
  expect(isArgon2(await hashPassword('password', turn))).toBe(true);
  expect(isBcrypt(await bcrypt.hash('password', 4))).toBe(true);
});

test.each([
  'm=256,t=0,p=1',
  'm=256,t=2,p=0',
  'm=7,t=2,p=1',
  'm=256,t=2,p=64',
  'm=65544,t=1,p=1',
  'm=65536,t=4,p=1',
  'm=1024,t=11,p=1',
  'm=256,t=2,p=5',
  'm=256,t=2,p=1,m=8',
  'm=1048576,t=3,p=1',
  'm=4294967295,t=1,p=1',
  'm=99999999999,t=1,p=1',
  'm=256,t=2',
  'm=256,m=256,m=256',
])('an argon2 hash that nobody can check, or not soon, is none: %s', (parameters) => {
  expect(isArgon2(reference.replace('m=256,t=2,p=1', parameters))).toBe(false);
});

test.each(['$2b$03$', '$2b$13$', '$2b$17$', '$2b$31$', '$2x$10$', '$2b$1$'])(
  'a bcrypt hash that cannot be verified, or not in reasonable time, is refused: %s',
  (start) => {
    expect(isBcrypt(`$2b$10$${'a'.repeat(53)}`)).toBe(true);
    expect(isBcrypt(start + 'a'.repeat(53))).toBe(false);
  },
);
