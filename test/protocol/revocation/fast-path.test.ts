// The fast path of revocation beside Koa's: the same requests get the same answers and leave the same events and changes, and
// whatever is not plain is answered as before.
import { afterEach, expect, jest, test } from '@jest/globals';
import Koa from 'koa';
import { basicHeader } from '../../../src/protocol/client-authentication.ts';
import { type Form, post } from '../../support/form-post.ts';
import type { Credentials } from '../../support/http.ts';
import { makeLoggedIn } from '../../support/logins.ts';
import { makeParties } from '../../support/parties.ts';
import { onEveryStack } from '../../support/stacks.ts';

const basic = ({ id, secret }: Credentials) => ({
  authorization: basicHeader({ clientId: id, secret }),
});

onEveryStack((stack) => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  /** The answer on one path, without what differs by nature, and what it left. */
  async function revoked(form: Form, headers: Record<string, string>, isChunked: boolean) {
    const { kysely } = stack().database;
    const handled = jest.spyOn(
      Koa.prototype as unknown as { handleRequest: () => void },
      'handleRequest',
    );
    const { last } = await kysely
      .selectFrom('change_counter')
      .select('last')
      .executeTakeFirstOrThrow();
    const answer = await post(`${stack().origin}/connect/revocation`, form, headers, { isChunked });
    const isFast = handled.mock.calls.length === 0;
    handled.mockRestore();
    const { date: _d, 'content-length': _l, ...rest } = answer.headers;
    const changes = await kysely
      .selectFrom('change')
      .select(['kind', 'client_id', 'audience'])
      .where('number', '>', last)
      .execute();
    const events = await kysely
      .selectFrom('audit_event')
      .select(['action', 'result', 'actor_kind', 'actor_id', 'ip', 'request_id', 'details'])
      .orderBy('id', 'desc')
      .limit(changes.length)
      .execute();
    return { isFast, answer: { ...answer, headers: rest }, changes, events };
  }

  test.each(['opaque', 'jwt'] as const)(
    'a plain request leaves the same on both paths: response, event, change, %s',
    async (format) => {
      const { client, otherClient, issue } = await makeParties(stack(), { format });
      const { id, secret } = client;
      const requests: [string, Form, Record<string, string>, number][] = [
        ['header', {}, basic(client), 1],
        ['form', { client_id: id, client_secret: secret }, {}, 1],
        ['hint', { token_type_hint: 'refresh_token', unknown: 'ignored' }, basic(client), 1],
        ['of another client', {}, basic(otherClient), 0],
      ];
      for (const [name, form, headers, ended] of requests) {
        const tokens = [await issue(), await issue()] as const;
        const fast = await revoked({ ...form, token: tokens[0] }, headers, false);
        const slow = await revoked({ ...form, token: tokens[1] }, headers, true);
        expect([name, fast.isFast, slow.isFast]).toEqual([name, true, false]);
        expect(fast.answer).toMatchObject({ status: 200, body: {} });
        expect({ ...fast, isFast: false }).toEqual(slow);
        expect([fast.changes.length, fast.events.length]).toEqual([ended, ended]);
        for (const token of tokens)
          expect((await stack().introspect(token, client)).body.active).toBe(ended === 0);
        // A repetition changes nothing, and is answered once the first is durable.
        const again = await revoked({ ...form, token: tokens[0] }, headers, false);
        expect(again).toEqual({ ...fast, changes: [], events: [] });
      }
    },
  );

  test('a refresh token ends its login on both paths', async () => {
    const [one, other] = [await makeLoggedIn(stack()), await makeLoggedIn(stack())];
    const fast = await revoked({ token: one.refreshToken }, basic(one.app), false);
    const slow = await revoked({ token: other.refreshToken }, basic(other.app), true);
    expect([fast.isFast, slow.isFast]).toEqual([true, false]);
    expect(fast.answer).toEqual(slow.answer);
    const kinds = ({ changes, events }: typeof fast) => [
      changes.map(({ kind }) => kind),
      events.map(({ action, result, details }) => [action, result, details?.['revoked_because']]),
    ];
    expect(kinds(fast)).toEqual(kinds(slow));
    expect(fast.changes).toHaveLength(1);
  });

  test('what is not plain, and every refusal, is answered by Koa', async () => {
    const { client, issue } = await makeParties(stack());
    const token = await issue();
    const publicClient = await stack().api.createClient({
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code'],
      redirect_uris: ['https://app.test/cb'],
    });
    const requests: [Form, Record<string, string>, number][] = [
      [{ token }, basic({ ...client, secret: 'wrong' }), 401],
      [{ token }, {}, 401],
      [{}, basic(client), 400],
      [{ token, client_secret: client.secret }, basic(client), 400],
      [{ token, client_id: publicClient.id }, {}, 200],
      [{ token, client_id: 'https://app.example/client', client_secret: 'a' }, {}, 401],
    ];
    for (const [form, headers, status] of requests) {
      const fast = await revoked(form, headers, false);
      const slow = await revoked(form, headers, true);
      expect([form, fast.isFast, fast.answer.status]).toEqual([form, false, status]);
      const answer = ({ answer: { headers: seen, ...rest } }: typeof fast) => ({
        ...rest,
        challenge: seen['www-authenticate'],
      });
      expect(answer(fast)).toEqual(answer(slow));
    }
    expect((await stack().introspect(token, client)).body.active).toBe(true);
  });
});
