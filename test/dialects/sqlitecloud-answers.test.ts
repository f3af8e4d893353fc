import { expect, test } from '@jest/globals';
import { describeError, describeTimes } from '../../src/dialects/sqlitecloud/answers.ts';
import { readTime, writeTime } from '../../src/dialects/sqlitecloud/times.ts';
import { OAuthError, parameterError } from '../../src/oauth/errors.ts';

test.each([
  ['too_many_requests', 429, 'too_many_requests', 'Too Many Requests'],
  ['payload_too_large', 413, 'payload_too_large', 'Payload Too Large'],
  ['server_error', 500, 'internal_server_error', 'Internal Server Error'],
  ['temporarily_unavailable', 503, 'service_unavailable', 'Service Unavailable'],
] as const)(
  'errors from before the dialect have its form too: %s',
  (error, status, code, title) => {
    expect(describeError(new OAuthError(error, 'Why.'))).toEqual({
      status,
      body: { errors: [{ status: String(status), code, title, detail: 'Why.' }] },
    });
  },
);

test('an error uses the parameter names of the product, and a message without a parameter has no prefix', () => {
  const detailOf = (error: OAuthError) =>
    (describeError(error).body as { errors: { detail: string }[] }).errors[0]?.detail;
  expect(detailOf(parameterError('invalid_request', 'subject.id', 'is wrong.'))).toBe(
    'userId: is wrong.',
  );
  expect(detailOf(new OAuthError('conflict', 'It is over.', { parameter: 'client_id' }))).toBe(
    'It is over.',
  );
});

test('the parts of a time are whole and add up, however they round', () => {
  for (const [authenticated, done] of [
    [0.4, 0.8],
    [0.5, 0.6],
    [17.49, 47.51],
    [2.5, 2.5],
  ] as const) {
    const { connectedMs, executedMs, elapsedMs } = describeTimes({
      arrived: 0,
      authenticated,
      done,
    });
    expect(connectedMs + executedMs).toBe(elapsedMs);
    expect(executedMs).toBeGreaterThanOrEqual(0);
  }
});

test('times without an offset are UTC, and written times are rounded down', () => {
  const ten = Date.UTC(2031, 9, 1, 10, 11, 12);
  for (const text of [
    '2031-10-01 10:11:12',
    '2031-10-01T10:11:12',
    '2031-10-01T10:11:12Z',
    '2031-10-01T11:11:12+01:00',
  ])
    expect(readTime(text)?.getTime()).toBe(ten);
  for (const text of ['', 'tomorrow', '2031-10-01', '2031-13-01 00:00:00', '2031-02-30 00:00:00'])
    expect(readTime(text)).toBeUndefined();
  expect(writeTime(ten / 1000 + 0.999)).toBe('2031-10-01T10:11:12Z');
  expect(writeTime(null)).toBeNull();
});
