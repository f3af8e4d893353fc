import { describe, expect, test } from '@jest/globals';
import { displayName } from '../../../src/domain/names/display-names.ts';

const named = (
  text: string,
  rule: { maxLength?: number; before?: string; mayBeEmpty?: boolean } = {},
) => displayName(text, { parameter: 'display_name', maxLength: 10, ...rule });

describe('a display name contains only visible characters', () => {
  test.each([
    ['a zero-width space', 'Ac\u200bme', 'U\\+200B'],
    ['only zero-width spaces', '\u200b\u200b', 'U\\+200B'],
    ['a reversed text direction', 'Ac\u202eem', 'U\\+202E'],
    ['an isolate', 'Ac\u2066me\u2069', 'U\\+2066'],
    ['a soft hyphen', 'Ac\u00adme', 'U\\+00AD'],
    ['a line separator', 'Ac\u2028me', 'U\\+2028'],
    ['a paragraph separator', 'Ac\u2029me', 'U\\+2029'],
    ['a new line', 'Ac\nme', 'U\\+000A'],
    ['a NUL', 'Ac\0me', 'U\\+0000'],
    ['a Hangul filler, which counts as a letter', '\u3164', 'U\\+3164'],
    ['the Braille blank', 'Ac\u2800me', 'U\\+2800'],
    ['a private-use character', 'Ac\ue000me', 'U\\+E000'],
    ['a joiner between Latin letters', 'Ac\u200dme', 'U\\+200D'],
    ['a non-joiner at the end of a word', 'می\u200c', 'U\\+200C'],
    ['tags without a flag', 'Acme\u{e0061}', 'U\\+E0061'],
    ['a variation selector on a letter', 'A\ufe0fcme', 'U\\+FE0F'],
    ['half a character', 'Ac\ud800me', 'well-formed'],
  ])('not %s', (_, text, words) => {
    expect(() => named(text)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
    expect(() => named(text)).toThrow(new RegExp(`^display_name: .*${words}`));
  });

  test.each([
    ['spaces', '   '],
    ['nothing', ''],
    ['punctuation', '!?…'],
    ['an emoji', '🚀'],
    ['accents', '\u0301'],
    ['marks that run into other lines', `a${'\u0335'.repeat(5)}`],
  ])('and is not only %s', (_, text) => {
    expect(() => named(text)).toThrow(
      expect.objectContaining({
        code: 'invalid_request',
        details: [
          expect.objectContaining({ parameter: 'display_name', message: expect.any(String) }),
        ],
      }),
    );
  });
});

test.each([
  'A & Søns',
  '日本語',
  'Ünïcödé 2',
  'می\u200cخواهم',
  'क्\u200dष',
  'Us 👩‍👩‍👧‍👦',
  'Love ❤️',
  'Nr 1️⃣',
  'UK 🏴󠁧󠁢󠁥󠁮󠁧󠁿',
])('%s is a display name: joiners stay in emoji and scripts that need them', (text) => {
  expect(named(text)).toBe(text);
});

test('a display name is stored in NFC and trimmed', () => {
  expect(named(' \u00a0Cafe\u0301 ')).toBe('Café');
});

test('the length is counted in graphemes, and bytes are limited too', () => {
  const family = '👩‍👩‍👧‍👦';
  expect(named(`a${'क्षि'.repeat(3)}`, { maxLength: 10 })).toContain('क्षि');
  expect(named(`a${family.repeat(2)}`)).toBe(`a${family.repeat(2)}`);
  expect(() => named(`a${family.repeat(4)}`)).toThrow(/longer than 80 bytes/);
  expect(named('a'.repeat(10))).toHaveLength(10);
  expect(named('𝒜'.repeat(10))).toHaveLength(20);
  expect(() => named('a'.repeat(11))).toThrow(/more than 10 characters/);
});

test('an unchanged name from before the rules is accepted', () => {
  expect(named('Ac\u200bme', { before: 'Ac\u200bme' })).toBe('Ac\u200bme');
  expect(() => named('Ac\u200bme!', { before: 'Ac\u200bme' })).toThrow(/U\+200B/);
});

test('an optional text can be empty', () => {
  expect(named('  ', { mayBeEmpty: true })).toBe('');
});
