import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import {
  createKeyring,
  openUnderValue,
  SealError,
  sealUnderValue,
} from '../../src/crypto/sealing.ts';

const [first, second, third] = ['first', 'second', 'third'].map(
  (name) => `${name} ${'k'.repeat(32)}`,
) as [string, string, string];
const place = { table: 'artifact', row: 'Interaction 1', purpose: 'payload' };

describe('a sealed value', () => {
  const keyring = createKeyring([first]);

  test('opens for the same table, row and purpose', () => {
    for (const value of ['', 'text', 'ü\0', randomBytes(10_000).toString('base64')])
      expect(keyring.open(place, keyring.seal(place, value)).toString('utf8')).toBe(value);
  });

  test('does not open for another table, row or purpose: a writer to the store cannot move it', () => {
    const sealed = keyring.seal(place, 'text');
    const elsewhere = [
      { ...place, table: 'signing_key' },
      { ...place, row: 'Interaction 2' },
      { ...place, purpose: 'answer' },
      { table: 'artifact', row: '', purpose: 'Interaction 1 payload' },
    ];
    for (const other of elsewhere) expect(() => keyring.open(other, sealed)).toThrow(SealError);
  });

  test('does not open after any bit has changed', () => {
    const sealed = keyring.seal(place, 'text');
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const flipped = Buffer.from(sealed);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => keyring.open(place, flipped)).toThrow(SealError);
    }
  });

  test('does not open after it was shortened or extended', () => {
    const sealed = keyring.seal(place, 'text');
    for (let length = 0; length < sealed.length; length++)
      expect(() => keyring.open(place, sealed.subarray(0, length))).toThrow(SealError);
    expect(() => keyring.open(place, Buffer.concat([sealed, Buffer.of(0)]))).toThrow(SealError);
  });

  test('differs each time, and does not contain the text', () => {
    const text = 'a text that is long enough to be found';
    const [one, other] = [keyring.seal(place, text), keyring.seal(place, text)];
    expect(one.equals(other)).toBe(false);
    expect(one.includes(text)).toBe(false);
  });
});

describe('when keys are rotated', () => {
  test('the newest key seals, and all keys open', () => {
    const old = createKeyring([first]).seal(place, 'old');
    const both = createKeyring([second, first]);
    expect(both.open(place, old).toString()).toBe('old');
    const recent = both.seal(place, 'recent');
    expect(createKeyring([second]).open(place, recent).toString()).toBe('recent');
    expect(() => createKeyring([first]).open(place, recent)).toThrow(SealError);
  });

  test('a value sealed under a removed key is refused, and the error names SECRET_KEYS', () => {
    const sealed = createKeyring([first]).seal(place, 'old');
    expect(() => createKeyring([third, second]).open(place, sealed)).toThrow(/SECRET_KEYS/);
  });

  test('a keyring without keys is refused', () => {
    expect(() => createKeyring([])).toThrow(RangeError);
  });
});

describe('a text sealed under a value', () => {
  const value = 'writ_rt_presented';

  test('opens under the same value and purpose', () => {
    const sealed = sealUnderValue(value, 'answer', '{"a":1}');
    expect(openUnderValue(value, 'answer', sealed)).toBe('{"a":1}');
  });

  test('does not open otherwise: the store that keeps it cannot read it', () => {
    const sealed = sealUnderValue(value, 'answer', '{"a":1}');
    expect(() => openUnderValue(`${value}x`, 'answer', sealed)).toThrow();
    expect(() => openUnderValue(value, 'other', sealed)).toThrow();
    sealed[20] = (sealed[20] ?? 0) ^ 1;
    expect(() => openUnderValue(value, 'answer', sealed)).toThrow();
  });
});
