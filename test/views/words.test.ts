import { expect, test } from '@jest/globals';
import { deviceName, deviceTitle } from '../../views/components/device-name.ts';
import { count } from '../../views/components/number.ts';
import { footerLinks, support } from '../../views/components/support.ts';
import { duration, fromNow, inWords, shortDay } from '../../views/components/time.ts';
import { catalogues } from '../../views/messages/index.ts';

const now = new Date('2026-11-22T04:30:00Z');
const after = (seconds: number) => new Date(now.getTime() + seconds * 1000);

test('a date is told in words, at universal time, wherever the server runs', () => {
  expect(inWords(now)).toBe('22 November 2026, 04:30 UTC');
  expect(inWords(new Date('2026-01-01T00:00:59Z'))).toBe('1 January 2026, 00:00 UTC');
});

test.each([
  ['2026-05-02', '2 May'],
  ['2026-09-30', '30 Sept'],
  ['2026-11-22', '22 Nov'],
])('%s is %s where there is little room', (day, words) => {
  expect(shortDay(new Date(day))).toBe(words);
});

test.each([
  [0, '0'],
  [999, '999'],
  [1000, '1,000'],
  [12_345_678, '12,345,678'],
])('%d is written as %s', (value, text) => {
  expect(count(value)).toBe(text);
});

test.each([
  [0, 'just now'],
  [-59, 'just now'],
  [-60, '1 minute ago'],
  [-3 * 60 - 20, '3 minutes ago'],
  [-2 * 3600, '2 hours ago'],
  [-47 * 3600, '1 day ago'],
  [-45 * 86_400, '1 month ago'],
  [-800 * 86_400, '2 years ago'],
  [30, 'in less than a minute'],
  [12 * 60, 'in 12 minutes'],
  [30 * 86_400 - 5, 'in 30 days'],
  [65 * 86_400, 'in 2 months'],
  [330 * 86_400, 'in 10 months'],
  [364 * 86_400, 'in 1 year'],
  [365 * 86_400, 'in 1 year'],
  [7 * 86_400 - 120, 'in 7 days'],
  [86_400 - 120, 'in 1 day'],
  [3600 - 120, 'in 1 hour'],
  [50 * 86_400, 'in 50 days'],
  [-364 * 86_400, '11 months ago'],
])('%d seconds from now are told as %s', (seconds, words) => {
  expect(fromNow(after(seconds), now)).toBe(words);
});

test.each([
  [365 * 86_400, '1 year'],
  [730 * 86_400, '2 years'],
  [30 * 86_400, '30 days'],
  [86_400, '1 day'],
  [3600, '1 hour'],
  [5400, '90 minutes'],
  [1, '1 second'],
])('%d seconds last %s', (seconds, words) => {
  expect(duration(seconds)).toBe(words);
});

const mozilla = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)';

test.each([
  [`${mozilla} Chrome/131.0.0.0 Safari/537.36`, 'Chrome on Windows'],
  [`${mozilla} Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0`, 'Edge on Windows'],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 14.7; rv:132.0) Gecko/20100101 Firefox/132.0',
    'Firefox on macOS',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
    'Safari on iOS',
  ],
  [
    'Mozilla/5.0 (SMART-TV; Linux; Tizen 5.0) AppleWebKit/538.1 (KHTML, like Gecko) Version/5.0 TV Safari/538.1',
    'Tizen TV',
  ],
  ['curl/8.5.0', 'curl on a command line'],
  ['Wget/1.21.4', 'Wget on a command line'],
  ['writ/0.1.0', 'the writ command line'],
  ['python-requests/2.32.3', 'a program written in Python'],
  ['Python-urllib/3.12', 'a program written in Python'],
  ['node', 'a program written in JavaScript'],
  ['axios/1.7.7', 'a program written in JavaScript'],
  ['Go-http-client/2.0', 'a program written in Go'],
  ['okhttp/4.12.0', 'a program written in Java'],
  ['AcmeTV/4.1 (Linux; armv8)', 'AcmeTV'],
  ['NodeRed/3', 'NodeRed'],
  ['', 'an unknown device'],
  [null, 'an unknown device'],
  ['   ', 'an unknown device'],
  ['///', '///'],
  ['Mozilla/5.0', 'Mozilla'],
  ['toString', 'toString'],
])('%j is %s', (userAgent, words) => {
  expect(deviceName(userAgent)).toBe(words);
});

test('a title begins with a capital where it is a sentence, and keeps the name of a product', () => {
  expect(deviceTitle(null)).toBe('An unknown device');
  expect(deviceTitle('Go-http-client/2.0')).toBe('A program written in Go');
  expect(deviceTitle('curl/8')).toBe('curl on a command line');
});

test.each([
  'x'.repeat(1_000_000),
  '('.repeat(1_000_000),
  `Mozilla/5.0 ${'Version/1 '.repeat(100_000)}`,
  '🦆'.repeat(100_000),
])(
  'a User-Agent of any length is told in few words, and no character is cut in two',
  (userAgent) => {
    const name = deviceName(userAgent);
    expect([...name].length).toBeLessThanOrEqual(40);
    expect(name.isWellFormed()).toBe(true);
  },
);

test.each([
  [{}, 'an administrator of <bdi>Acme</bdi>', ''],
  [
    { supportEmail: 'help@acme.test' },
    '<a href="mailto:help@acme.test">Acme support</a>',
    '>help@acme.test<',
  ],
  [
    { supportUrl: 'https://acme.test/help', supportEmail: 'help@acme.test' },
    '<a href="https://acme.test/help">Acme support</a>',
    '>Support<',
  ],
  [{ termsUrl: 'https://acme.test/terms' }, 'an administrator of <bdi>Acme</bdi>', '>Terms<'],
])('with the links %j people are told to ask %s', (links, whom, inFooter) => {
  const frame = { messages: catalogues.en, brand: { name: 'Acme', links } };
  expect(String(support(frame))).toBe(whom);
  expect(String(footerLinks(frame))).toContain(inFooter);
  expect(String(footerLinks({ ...frame, brand: { name: 'Acme' } }))).toBe('');
  // The page of support has the address.
  if ('supportUrl' in links) expect(String(footerLinks(frame))).not.toContain('mailto:');
});
