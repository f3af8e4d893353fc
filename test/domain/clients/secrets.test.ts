import { randomBytes, randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { looksGenerated } from '../../../src/domain/clients/secrets.ts';
import { mintClientSecret } from '../../../src/domain/tokens/value.ts';

test.each([
  ['one of ours', mintClientSecret()],
  ['128 bits in hex', randomBytes(16).toString('hex').replace(/^../, 'a1')],
  ['256 bits in base64url', `${randomBytes(32).toString('base64url')}a1`],
  ['256 bits in base64', `${randomBytes(32).toString('base64')}`.replace(/^../, 'a1')],
  ['a uuid', `0${randomUUID().slice(1)}`],
  ['24 letters and digits', '7Fk2mQx9Rb4TzLw8Vn3HcY6P'],
])('a secret looks generated: %s', (_what, secret) => {
  expect(looksGenerated(secret)).toBe(true);
});

test.each([
  ['nothing', ''],
  ['a password', 'correct horse battery staple'],
  ['a phrase without spaces', 'correcthorsebatterystaplecorrecthorse'],
  ['a phrase with dashes', 'correct-horse-battery-staple-correct-horse'],
  ['digits', '31415926535897932384626433832795028841971'],
  ['too few bits in hex', 'a1b2c3d4e5f60718293a4b5c6d7e8f'],
  ['a few characters again and again', 'a1b2'.repeat(12)],
  ['one character with a digit', `${'a'.repeat(60)}1`],
  ['22 letters and digits less one', '7Fk2mQx9Rb4TzLw8Vn3H'],
  ['not ASCII', 'пароль1пароль2пароль3пароль4пароль'],
])('a secret does not look generated: %s', (_what, secret) => {
  expect(looksGenerated(secret)).toBe(false);
});
