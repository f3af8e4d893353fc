// The fast path of polling devices beside the engine's: the same requests get the same answers, and whatever is not a poll while
// the decision is pending takes the engine's path.
import { afterEach, expect, jest, test } from '@jest/globals';
import Koa from 'koa';
import { sha256 } from '../../../src/crypto/digest.ts';
import { mintDeviceCode } from '../../../src/domain/tokens/value.ts';
import { grantTypes } from '../../../src/oauth/grant-types.ts';
import { basicHeader } from '../../../src/protocol/client-authentication.ts';
import { type Form, post } from '../../support/form-post.ts';
import { onEveryStack } from '../../support/stacks.ts';
import { type Begun, expire, forget, makeDevices, passTime } from './support.ts';

const grant = { grant_type: grantTypes.deviceCode };

onEveryStack((stack) => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  async function poll(form: Form, headers: Record<string, string>, isChunked = false) {
    const handled = jest.spyOn(
      Koa.prototype as unknown as { handleRequest: () => void },
      'handleRequest',
    );
    const answer = await post(`${stack().origin}/connect/token`, form, headers, { isChunked });
    const isFast = handled.mock.calls.length === 0;
    handled.mockRestore();
    const { date: _d, 'content-length': _l, 'x-request-id': id, ...rest } = answer.headers;
    return { isFast, answer: { ...answer, headers: { ...rest, 'x-request-id': typeof id } } };
  }

  /** The client in a form, or in a header with its secret. */
  const asClient = ({ id, secret }: { id: string; secret: string }) =>
    secret
      ? { form: {}, headers: { authorization: basicHeader({ clientId: id, secret }) } }
      : { form: { client_id: id }, headers: {} };

  const wait = ({ device_code }: Begun) => passTime(stack(), sha256(device_code), 60);

  test.each([
    ['public', { isPublicClient: true }],
    ['with a secret', { isPublicClient: false }],
    ['that may poll at any time', { enforce_polling_interval: false }],
  ])('a client %s gets the same answers from both paths, pending or too soon', async (_n, kind) => {
    const { client, begin } = await makeDevices(stack(), kind);
    const { form, headers } = asClient(client);
    const mayPollAnyTime = 'enforce_polling_interval' in kind;
    const polls = async (isChunked: boolean) => {
      const begun = await begin();
      const once = () =>
        poll({ ...grant, ...form, device_code: begun.device_code }, headers, isChunked);
      const answers = [await once(), await once()];
      await wait(begun);
      return [...answers, await once()];
    };
    const [fast, slow] = [await polls(false), await polls(true)];
    expect(fast.map(({ answer }) => answer)).toEqual(slow.map(({ answer }) => answer));
    expect(fast.map(({ answer }) => answer.body['error'])).toEqual([
      'authorization_pending',
      mayPollAnyTime ? 'authorization_pending' : 'slow_down',
      'authorization_pending',
    ]);
    expect(fast.map(({ isFast }) => isFast)).toEqual([true, mayPollAnyTime, true]);
    expect(slow.map(({ isFast }) => isFast)).toEqual([false, false, false]);
  });

  test('a poll that comes too soon makes the interval grow once', async () => {
    const { client, begin } = await makeDevices(stack());
    const { form, headers } = asClient(client);
    const begun = await begin();
    const once = async () =>
      (await poll({ ...grant, ...form, device_code: begun.device_code }, headers)).answer.body[
        'error'
      ];
    await once();
    expect(await once()).toBe('slow_down');
    // 5 seconds, and 5 more for one poll too soon.
    await passTime(stack(), sha256(begun.device_code), 10);
    expect(await once()).toBe('authorization_pending');
  });

  test('a decision is answered at once, on the path of the engine', async () => {
    const { client, begin, logins, person } = await makeDevices(stack());
    const { form, headers } = asClient(client);
    for (const choice of ['approve', 'deny'] as const) {
      const begun = await begin();
      const once = () => poll({ ...grant, ...form, device_code: begun.device_code }, headers);
      expect((await once()).isFast).toBe(true);
      await logins[choice](begun.user_code, await person());
      const { isFast, answer } = await once();
      expect([isFast, answer.status, answer.body['error']]).toEqual(
        choice === 'approve' ? [false, 200, undefined] : [false, 400, 'access_denied'],
      );
    }
  });

  test('what is not a poll of a pending code takes the path of the engine, and gets its answer', async () => {
    const { client, begin } = await makeDevices(stack(), { isPublicClient: false });
    const other = await makeDevices(stack());
    const bound = await makeDevices(stack(), {
      isPublicClient: false,
      dpop_bound_access_tokens: true,
      enforce_polling_interval: false,
    });
    const { headers } = asClient(client);
    const [begun, expired, forgotten] = [await begin(), await begin(), await begin()];
    await expire(stack(), expired);
    await forget(stack(), forgotten);
    const { device_code } = begun;
    const past = mintDeviceCode(Math.floor(Date.now() / 1000) - 900);
    const requests: [Form, Record<string, string>][] = [
      [{ ...grant, device_code: expired.device_code }, headers],
      [{ ...grant, device_code: forgotten.device_code }, headers],
      [{ ...grant, device_code: past }, headers],
      [{ ...grant, device_code: 'nothing' }, headers],
      [grant, headers],
      [{ ...grant, device_code }, {}],
      // The client of another code, and a client that must authenticate.
      [{ ...grant, device_code, client_id: other.client.id }, {}],
      [{ ...grant, device_code, client_id: client.id }, {}],
      [{ ...grant, device_code, client_id: client.id, client_secret: 'wrong' }, {}],
      [{ ...grant, device_code, client_id: other.client.id, client_secret: 'any' }, {}],
      [
        { ...grant, device_code },
        { ...headers, dpop: 'nonsense' },
      ],
      [
        { ...grant, device_code: (await bound.begin()).device_code },
        asClient(bound.client).headers,
      ],
    ];
    for (const [form, given] of requests) {
      const fast = await poll(form, given);
      const slow = await poll(form, given, true);
      expect([form, fast.isFast, fast.answer.status >= 400]).toEqual([form, false, true]);
      expect([form, fast.answer.status, fast.answer.body]).toEqual([
        form,
        slow.answer.status,
        slow.answer.body,
      ]);
    }
    // None of these counted as a poll of the code's own client.
    const own = await poll({ ...grant, device_code }, headers);
    expect([own.isFast, own.answer.body['error']]).toEqual([true, 'authorization_pending']);
  });

  test('a client that was disabled is refused', async () => {
    const { client, begin } = await makeDevices(stack());
    const { device_code } = await begin();
    const once = () => poll({ ...grant, client_id: client.id, device_code }, {});
    expect((await once()).isFast).toBe(true);
    await stack().api.call('POST', `/clients/${client.id}/disable`);
    const { isFast, answer } = await once();
    expect([isFast, answer.status]).toEqual([false, 401]);
  });
});
