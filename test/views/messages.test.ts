import { expect, test } from '@jest/globals';
import { languages } from '../../config/languages.ts';
import { PasswordRefused, passwordLength } from '../../src/domain/accounts/password-policy.ts';
import { SignInRefused } from '../../src/domain/accounts/sign-in.ts';
import { PasskeyRefused } from '../../src/domain/passkeys/refusal.ts';
import { duration, fromNow, inWords } from '../../views/components/time.ts';
import { catalogues, type Messages } from '../../views/messages/index.ts';

/** Every message by its path; those with parts, with the same parts in each language. */
function flat(messages: object, path = ''): [path: string, text: string][] {
  return Object.entries(messages).flatMap(([name, value]): [string, string][] => {
    const at = path ? `${path}.${name}` : name;
    if (typeof value === 'function') return [[at, String(value('A1', 'B2', 'C3'))]];
    if (
      typeof value === 'object' &&
      value !== null &&
      Object.getPrototypeOf(value) === Object.prototype
    )
      return flat(value, at);
    return [[at, String(value)]];
  });
}

/** Words that are the same as in English, by language. */
const same: Record<string, string[]> = {
  de: [
    'fields.name',
    'fields.code',
    'app.app',
    'app.website',
    'mails.facts.browser',
    'mails.facts.code',
  ],
  fr: ['fields.code', 'errors.description', 'mails.facts.code'],
  es: ['layout.error', 'errors.error'],
  'pt-BR': ['app.app'],
};

test('the settings and the catalogues have the same languages', () => {
  expect(Object.keys(catalogues).sort()).toEqual([...languages].sort());
  for (const [tag, { code }] of Object.entries(catalogues)) expect(code).toBe(tag);
});

test.each(Object.entries(catalogues).filter(([code]) => code !== 'en'))(
  'no message of %s was left in English, and none lost a part',
  (code, messages) => {
    const english = new Map(flat(catalogues.en));
    const left = flat(messages)
      .filter(([path, text]) => path !== 'code' && english.get(path) === text)
      .map(([path]) => path);
    expect(left.sort()).toEqual([...(same[code] ?? [])].sort());
    const partsOf = (text = '') => (text.match(/A1|B2|C3|href="[^"]*"/g) ?? []).sort();
    for (const [path, text] of flat(messages))
      expect([path, partsOf(text)]).toEqual([path, partsOf(english.get(path))]);
  },
);

test('what the domain says in English is what the English pages say', () => {
  const { passkeyRefused, passwordRefused, signInRefused } = catalogues.en;
  const { too_short, too_long, ...fixed } = passwordRefused;
  expect(new PasswordRefused('too_short').message).toBe(too_short(passwordLength.min));
  expect(new PasswordRefused('too_long').message).toBe(too_long(passwordLength.max));
  const reasons = <Reasons extends object>(said: Reasons) =>
    Object.entries(said) as [keyof Reasons & string, string][];
  for (const [reason, text] of reasons(fixed))
    expect(new PasswordRefused(reason).message).toBe(text);
  for (const [reason, text] of reasons(passkeyRefused))
    expect(new PasskeyRefused(reason).message).toBe(text);
  for (const [reason, text] of reasons(signInRefused))
    expect(new SignInRefused(reason).message).toBe(text);
});

test('times and lengths are in the words of the language', () => {
  const now = new Date('2026-11-22T04:30:00Z');
  const later = new Date(now.getTime() + 13 * 60_000);
  const { de }: { de: Messages } = catalogues;
  expect(inWords(now, de)).toBe('22. November 2026 um 04:30 UTC');
  expect(fromNow(later, now, de)).toBe('in 13 Minuten');
  expect(fromNow(now, later, de)).toBe('vor 13 Minuten');
  expect(fromNow(now, now, de)).toBe('gerade eben');
  expect(duration(30 * 86_400, de)).toBe('30 Tage');
});
