import { expect, test } from '@jest/globals';
import { withParameters } from '../../src/oauth/redirect.ts';

const answer = { code: 'a b', state: 's&t' };
const added = 'code=a+b&state=s%26t';

test.each([
  ['https://app.test/cb', `https://app.test/cb?${added}`],
  ['https://app.test', `https://app.test?${added}`],
  ['https://app.test/cb?x=a%20b', `https://app.test/cb?x=a%20b&${added}`],
  ['https://app.test/cb?x=a+b&y=%7e', `https://app.test/cb?x=a+b&y=%7e&${added}`],
  ['https://app.test/cb?', `https://app.test/cb?${added}`],
  ['https://app.test/cb?x=1&', `https://app.test/cb?x=1&${added}`],
  ['https://APP.test:443/a/../b', `https://APP.test:443/a/../b?${added}`],
  ['com.example.app:/cb', `com.example.app:/cb?${added}`],
  ['http://[::1]:8080/cb', `http://[::1]:8080/cb?${added}`],
  ['https://app.test/ü', `https://app.test/%C3%BC?${added}`],
])('%s is retained, and the answer appended (RFC 6749 §3.1.2)', (redirectUri, expected) => {
  expect(withParameters(redirectUri, answer)).toBe(expected);
});

test('a response in the fragment leaves the query unchanged', () => {
  expect(withParameters('https://app.test/cb?x=a%20b', answer, 'fragment')).toBe(
    `https://app.test/cb?x=a%20b#${added}`,
  );
});
