import { expect, test } from '@jest/globals';
import type { Context } from 'koa';
import { createAuthFailureLog } from '../../src/http/auth-failure-log.ts';
import { createLog } from '../../src/http/log.ts';
import { makeParties } from '../support/parties.ts';
import { onStack } from '../support/stacks.ts';

/** A refusal log whose ten seconds are over when the test says so. */
function setUp() {
  const lines: Record<string, unknown>[] = [];
  const log = createLog('info', { destination: { write: (line) => lines.push(JSON.parse(line)) } });
  let waiting: (() => void)[] = [];
  const refusals = createAuthFailureLog(log, (run) => waiting.push(run));
  let requests = 0;
  return {
    refuse: (why: string) => {
      const req = { url: '/connect/token?x=1', headers: {} };
      const ctx = { req, res: {}, ip: '192.0.2.7', app: { proxy: false } };
      requests++;
      refusals.note(ctx as unknown as Context, why);
    },
    tenSecondsLater: () => {
      const due = waiting;
      waiting = [];
      for (const run of due) run();
    },
    close: refusals.close,
    /** Reason and number of what was told since this was last asked. */
    told: () => lines.splice(0).map(({ reason, count }) => [reason, count]),
    lines,
    requests: () => requests,
  };
}

test('the first refusal is told at once, a flood of them once in ten seconds with its number', () => {
  const { refuse, tenSecondsLater, told } = setUp();
  refuse('wrong secret');
  expect(told()).toEqual([['wrong secret', 1]]);
  for (let i = 0; i < 1000; i++) refuse('wrong secret');
  expect(told()).toEqual([]);
  tenSecondsLater();
  expect(told()).toEqual([['wrong secret', 1000]]);
  refuse('wrong secret');
  tenSecondsLater();
  expect(told()).toEqual([['wrong secret', 1]]);
  tenSecondsLater();
  expect(told()).toEqual([]);
  refuse('wrong secret');
  expect(told()).toEqual([['wrong secret', 1]]);
});

test('each reason is counted by itself, and a caller who makes up reasons makes no lines', () => {
  const { refuse, told } = setUp();
  refuse('wrong secret');
  refuse('no such client');
  expect(told()).toEqual([
    ['wrong secret', 1],
    ['no such client', 1],
  ]);
  for (let i = 0; i < 1000; i++) refuse(`reason ${i}`);
  expect(told().length).toBeLessThan(60);
});

test('a line says where the last one came from', () => {
  const { refuse, lines } = setUp();
  refuse('wrong secret');
  expect(lines).toEqual([
    expect.objectContaining({
      level: 30,
      msg: 'authentication failed',
      path: '/connect/token',
      ip: '192.0.2.7',
      request_id: expect.any(String),
    }),
  ]);
});

test('what was counted when the server ends is told', () => {
  const { refuse, close, told } = setUp();
  refuse('wrong secret');
  refuse('wrong secret');
  told();
  close();
  expect(told()).toEqual([['wrong secret', 1]]);
});

onStack((stack) => {
  test('a client or an API key that is refused is told, without what was presented', async () => {
    const { client } = await makeParties(stack());
    const wrong = { id: client.id, secret: 'a secret that is not its own' };
    await stack().token(wrong);
    await stack().introspect('x', wrong);
    await stack().get('/api/v1/clients', { authorization: 'Bearer not-a-key-of-anybody' });
    const lines = stack()
      .logged()
      .split('\n')
      .filter((line) => line.includes('authentication failed'))
      .map((line) => JSON.parse(line));
    expect(lines).toEqual([
      expect.objectContaining({ level: 30, path: '/connect/token', client_id: client.id }),
      expect.objectContaining({ level: 30, path: '/connect/introspect', client_id: client.id }),
      expect.objectContaining({ level: 30, path: '/api/v1/clients' }),
    ]);
    expect(JSON.stringify(lines)).not.toMatch(/not its own|not-a-key/);
  });
});
