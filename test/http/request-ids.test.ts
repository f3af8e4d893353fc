import { describe, expect, test } from '@jest/globals';
import type { Answer } from '../support/http.ts';
import { makeParties } from '../support/parties.ts';
import { onStack, type Stack, startStack } from '../support/stacks.ts';
import { watchStatements } from '../support/statements.ts';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const idOf = (answer: Answer) => answer.headers.get('x-request-id');

/** The lines that are logged while something runs, from this level on. */
async function linesOf(stack: Stack, least: number, work: () => Promise<unknown>) {
  const before = stack.logged().length;
  await work();
  return (
    stack
      .logged()
      .slice(before)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line))
      // Background work of the server, such as loading new keys after its start, belongs to no request.
      .filter(({ level, request_id }) => level >= least && request_id !== undefined)
  );
}

onStack((stack) => {
  test('every response has the ID of its request, each a different one', async () => {
    const { client } = await makeParties(stack());
    const answers = [
      await stack().token(client),
      await stack().token({ ...client, secret: 'wrong' }),
      await stack().api.call('GET', '/clients'),
      await stack().api.call('GET', '/clients/nobody'),
      await stack().get('/.well-known/openid-configuration'),
      await stack().get('/nowhere'),
      await stack().get('/readyz'),
      await stack().request('PATCH', '/connect/token'),
    ];
    const ids = answers.map(idOf);
    expect(ids).toEqual(ids.map(() => expect.stringMatching(uuid)));
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('introspection and revocation return the request ID if they refuse, and spend no time on it otherwise', async () => {
    const { client, issue } = await makeParties(stack());
    const token = await issue();
    const wrong = { ...client, secret: 'wrong' };
    expect(idOf(await stack().introspect(token, wrong))).toMatch(uuid);
    expect(idOf(await stack().revoke(token, wrong))).toMatch(uuid);
    expect(idOf(await stack().introspect(token, client))).toBeNull();
    expect(idOf(await stack().revoke(token, client))).toBeNull();
  });

  test('a caller cannot choose the ID of a request, unless a trusted proxy is in front of the server', async () => {
    const answer = await stack().get('/nowhere', { 'x-request-id': 'chosen-by-the-caller' });
    expect(idOf(answer)).toMatch(uuid);
  });

  describe('an internal error', () => {
    /** The response while the database fails in an unforeseen way. */
    const inTrouble = (ask: () => Promise<Answer>) =>
      watchStatements(
        stack().database,
        () => {
          throw new TypeError('unforeseen');
        },
        ask,
      );

    test.each([
      ['/connect/token', { grant_type: 'client_credentials' }],
      ['/connect/introspect', { token: 'x' }],
      ['/connect/revocation', { token: 'x' }],
    ])('at %s has one ID: in the sentence, in the header, and in the log', async (path, form) => {
      let answer: Answer | undefined;
      const lines = await linesOf(stack(), 50, async () => {
        answer = await inTrouble(() => stack().post(path, form, { id: 'a', secret: 'b' }));
      });
      expect(answer).toMatchObject({ status: 500, body: { error: 'server_error' } });
      const id = answer && idOf(answer);
      expect(id).toMatch(uuid);
      expect(answer?.body.error_description).toContain(id);
      expect(lines).toEqual([
        expect.objectContaining({
          request_id: id,
          method: 'POST',
          path,
          err: expect.objectContaining({ type: 'TypeError', message: 'unforeseen' }),
        }),
      ]);
    });
  });

  test('each finished request is one line at level debug, without its query', async () => {
    const { client, issue } = await makeParties(stack());
    const token = await issue();
    let issued: Answer | undefined;
    // As long as the value of a link in an email, which is in a path.
    const sealed = 'Aw-_9'.repeat(20);
    const lines = await linesOf(stack(), 20, async () => {
      issued = await stack().token(client);
      await stack().introspect(token, client);
      await stack().get(`/nowhere/${token}?token=${token}`);
      await stack().get(`/email/${sealed}/twice`);
    });
    expect(lines).toEqual([
      expect.objectContaining({
        msg: 'request finished',
        request_id: issued && idOf(issued),
        method: 'POST',
        path: '/connect/token',
        status: 200,
        ms: expect.any(Number),
        ip: expect.stringMatching(/127\.0\.0\.1|::1/),
        client_id: client.id,
      }),
      expect.objectContaining({ path: '/connect/introspect', status: 200 }),
      expect.objectContaining({ path: '/nowhere/writ_at_[…]', status: 404 }),
      expect.objectContaining({ path: '/email/[…]/twice', status: 404 }),
    ]);
  });
});

describe('behind a trusted proxy', () => {
  let stack: Stack;
  const start = async () => {
    stack = await startStack('embedded', { TRUST_PROXY: 'true' });
  };

  test('its request ID is kept if it is well-formed, and its address of the caller too', async () => {
    await start();
    try {
      const ask = async (id: string) => idOf(await stack.get('/nowhere', { 'x-request-id': id }));
      for (const id of ['A-good_one.1', 'a'.repeat(128)]) expect(await ask(id)).toBe(id);
      for (const id of ['', 'two words', '{"level":60}', 'é', 'a'.repeat(129)])
        expect(await ask(id)).toMatch(uuid);
      const [line] = await linesOf(stack, 20, () =>
        stack.get('/nowhere', { 'x-forwarded-for': '192.0.2.7', 'x-request-id': 'from-the-proxy' }),
      );
      expect(line).toMatchObject({ ip: '192.0.2.7', request_id: 'from-the-proxy' });
    } finally {
      await stack.close();
    }
  });
});
