import { expect, test } from '@jest/globals';
import { acceptedLanguages, languageTags, lookUpLanguage } from '../../src/http/language.ts';

const languages = ['en', 'de', 'pt-BR'] as const;

test.each([
  [['de'], 'de'],
  [['de-AT'], 'de'],
  [['DE-latn-at'], 'de'],
  [['sv', 'de'], 'de'],
  [['pt-br'], 'pt-BR'],
  // Another country is closer than another language.
  [['pt-PT', 'de'], 'pt-BR'],
  [['pt'], 'pt-BR'],
  [['sv'], undefined],
  [[''], undefined],
  [[], undefined],
])('people who want %j get %s', (wanted, found) => {
  expect(lookUpLanguage(wanted, languages)).toBe(found);
});

test.each([
  ['de', ['de']],
  ['fr;q=0.5, de;q=0.8, en', ['en', 'de', 'fr']],
  ['de;q=0, en', ['en']],
  ['*, de;q=0.1', ['de']],
  ['de;q=2, en;q=x, fr;q=1.0', ['fr']],
  ['<script>, e, en_GB', []],
  ['', []],
])('Accept-Language %j names %j', (header, tags) => {
  expect(acceptedLanguages(header)).toEqual(tags);
});

test('only so many languages of a header are read', () => {
  expect(acceptedLanguages(`${'sv,'.repeat(50)}de`)).not.toContain('de');
  expect(acceptedLanguages(`${'x'.repeat(2000)},de`)).toEqual([]);
});

test('what is no tag is left out', () => {
  expect(languageTags('de-AT  fr "; en_GB a pt-BR')).toEqual(['de-AT', 'fr', 'pt-BR']);
});
