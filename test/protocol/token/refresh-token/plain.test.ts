// The fast path of refresh tokens beside the engine's: logins that are alike get the same tokens, rows and headers, a repeated
// request gets the response of whichever path was first, and whatever is not plain is answered by the engine.
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { sql } from 'kysely';
import { parseToken } from '../../../../src/domain/tokens/value.ts';
import type { Form } from '../../../support/form-post.ts';
import type { Credentials } from '../../../support/http.ts';
import { type Login, logIn } from '../../../support/login.ts';
import { makeLoggedIn } from '../../../support/logins.ts';
import { makeParties, type Parties } from '../../../support/parties.ts';
import { onEveryStack, type Stack, unique } from '../../../support/stacks.ts';
import { basic, claims, steady, tokenPaths } from '../both-paths.ts';

const grant = { grant_type: 'refresh_token' };
const plainScope = 'offline_access things:read things:write';

const keyOf = (value: string) => parseToken(value)?.id.key ?? Buffer.alloc(0);

/** The client in a header with its secret, or in the form. */
const asClient = (
  client: Credentials,
): [Form: Record<string, string>, headers: Record<string, string>] =>
  client.secret ? [{}, basic(client)] : [{ client_id: client.id }, {}];

const createApp = (
  { api }: Stack,
  { resource }: Pick<Parties, 'resource'>,
  metadata: object = {},
) =>
  api.createClient({
    grant_types: ['refresh_token', 'authorization_code'],
    redirect_uris: ['https://app.test/cb'],
    response_types: ['code'],
    resources: [resource],
    ...metadata,
  });

/** Of two logins that began one after the other, and are refreshed one after the other: within five seconds. */
const near = (of: Record<string, unknown>, key: string, unit: 'seconds' | 'milliseconds') => ({
  ...of,
  [key]: expect.closeTo(Number(of[key]), unit === 'seconds' ? -1 : -4),
});

onEveryStack((stack) => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  const { ask, both, rowOf, introspected } = tokenPaths(stack);

  /** Changes what is stored with a refresh token, or with its grant. */
  const change = ({ refreshToken, grantId }: Login, { token = {}, approved = {} }) =>
    Promise.all([
      sql`update token set payload = payload || ${JSON.stringify(token)}::jsonb
        where key = ${keyOf(refreshToken)}`.execute(stack().database.kysely),
      sql`update oauth_grant set payload = payload || ${JSON.stringify(approved)}::jsonb
        where id = ${grantId}`.execute(stack().database.kysely),
    ]);

  /** The rows of a login, but for its own grant. */
  async function stored(value: unknown, { grantId }: Login) {
    const { grant_id, payload, ...row } = (await rowOf(String(value))) as Record<string, unknown>;
    expect(grant_id).toBe(grantId);
    const { iiat, ...rest } = (payload ?? {}) as Record<string, unknown>;
    return { ...row, payload: { ...rest, iiat: typeof iiat } };
  }

  const claimsOf = (value: unknown, { grantId }: Login) => {
    const { grant_id, ...rest } = claims(String(value)) as Record<string, unknown>;
    expect(grant_id).toBe(grantId);
    return rest;
  };

  const livesLong = async ({ grantId }: Login) => {
    const { rows } = await sql<{ live: Date }>`
      select live_until as live from oauth_grant where id = ${grantId}`.execute(
      stack().database.kysely,
    );
    return Number(rows[0]?.live) > Date.now() + 300 * 86_400_000;
  };

  const isRedeemed = async ({ refreshToken }: Login) => {
    const { rows } = await sql<{ redeemed: boolean }>`
      select consumed_at is not null as redeemed from token where key = ${keyOf(refreshToken)}`.execute(
      stack().database.kysely,
    );
    return rows[0]?.redeemed;
  };

  describe.each(['opaque', 'jwt'] as const)('for an API whose tokens are %s', (format) => {
    test.each<[string, object, { token?: object; approved?: object; scope?: string }]>([
      ['confidential', {}, {}],
      ['confidential, and rotates', { rotate_refresh_tokens: true }, {}],
      ['public', { token_endpoint_auth_method: 'none' }, {}],
      ['of tokens of ten minutes', { access_token_ttl: 600, rotate_refresh_tokens: true }, {}],
      ['whose logins end when unused', { refresh_token_idle_ttl: 86_400 }, {}],
      ['whose logins are short', { refresh_token_ttl: 3_600, rotate_refresh_tokens: true }, {}],
      ['registered with less than was approved', { scope: 'things:read offline_access' }, {}],
      ['without offline_access', {}, { scope: 'things:read' }],
      [
        'with all that the engine stores',
        { rotate_refresh_tokens: true },
        {
          token: {
            authTime: 1_700_000_000,
            acr: 'urn:example:password',
            amr: ['pwd', 'otp'],
            nonce: 'n',
            sid: 's',
            sessionUid: 'u',
            rotations: 3,
            gty: 'urn:ietf:params:oauth:grant-type:device_code refresh_token',
            claims: { userinfo: { email: null } },
          },
        },
      ],
      [
        'of a person who approved it until tomorrow',
        { rotate_refresh_tokens: true },
        { approved: { ends_at: Math.floor(Date.now() / 1000) + 86_400 } },
      ],
    ])('logins of a client get the same from both paths: %s', async (_name, metadata, of) => {
      const { scope = plainScope, ...changes } = of;
      const parties = await makeParties(stack(), { format });
      const { resource, role, resourceServer } = parties;
      const client = await createApp(stack(), parties, metadata);
      const first = await logIn(stack(), client.id, { resource, scope, roles: [role] });
      const second = await logIn(stack(), client.id, {
        resource,
        scope,
        accountId: first.accountId,
      });
      for (const login of [first, second]) await change(login, changes);
      const [form, headers] = asClient(client);
      const refresh = ({ refreshToken }: Login, isChunked: boolean) =>
        ask({ ...grant, ...form, refresh_token: refreshToken }, headers, { isChunked });
      const { answer: fast, isFast } = await refresh(first, false);
      const { answer: slow } = await refresh(second, true);
      expect([isFast, fast.status, slow.status]).toEqual([true, 200, 200]);
      expect(steady(fast.headers)).toEqual(steady(slow.headers));
      const { access_token: one, refresh_token: next, ...body } = fast.body;
      const { access_token: other, refresh_token: otherNext, ...expected } = slow.body;
      expect(Object.entries(body)).toEqual(Object.entries(near(expected, 'expires_in', 'seconds')));
      expect(Object.keys(fast.body)).toEqual(Object.keys(slow.body));
      for (const [ofFast, ofSlow] of [
        [one, other],
        [next, otherNext],
      ])
        expect(await stored(ofFast, first)).toEqual(
          near(await stored(ofSlow, second), 'lifetime', 'milliseconds'),
        );
      expect(next === first.refreshToken).toBe(otherNext === second.refreshToken);
      expect(await introspected(one, resourceServer)).toEqual(
        await introspected(other, resourceServer),
      );
      if (format === 'jwt')
        expect(claimsOf(one, first)).toEqual(near(claimsOf(other, second), 'lifetime', 'seconds'));
      expect(await livesLong(first)).toBe(await livesLong(second));
      expect(await isRedeemed(first)).toBe(await isRedeemed(second));
      // And the tokens of each path can be refreshed on the other.
      const [again, otherAgain] = await Promise.all([
        refresh({ ...first, refreshToken: String(next) }, true),
        refresh({ ...second, refreshToken: String(otherNext) }, false),
      ]);
      expect([again.answer.status, otherAgain.answer.status]).toEqual([200, 200]);
    });

    test('a repeated request gets the same response, whichever path was first', async () => {
      for (const isChunked of [false, true]) {
        const { refreshToken, app } = await makeLoggedIn(stack(), {
          format,
          scope: plainScope,
          rotate_refresh_tokens: true,
        });
        const form = { ...grant, refresh_token: refreshToken };
        const { answer, isFast } = await ask(form, basic(app), { isChunked });
        expect([isFast, answer.status]).toEqual([!isChunked, 200]);
        const again = await both(form, basic(app));
        expect(again.isFast).toBe(false);
        expect([again.fast.body, again.slow.body]).toEqual([answer.body, answer.body]);
      }
    });
  });

  test('a login with openid, or for several APIs, is refreshed by the engine', async () => {
    for (const scope of ['openid offline_access things:read', 'openid things:read']) {
      const { refreshToken, app } = await makeLoggedIn(stack(), { scope });
      const { fast, isFast } = await both({ ...grant, refresh_token: refreshToken }, basic(app));
      expect([isFast, fast.status, typeof fast.body['id_token']]).toEqual([false, 200, 'string']);
    }
    const login = await makeLoggedIn(stack(), { scope: plainScope });
    const other = await makeParties(stack());
    await change(login, { token: { resource: [login.resource, other.resource] } });
    const { fast, slow, isFast } = await both(
      { ...grant, refresh_token: login.refreshToken },
      basic(login.app),
    );
    expect([isFast, fast.body]).toEqual([false, slow.body]);
  });

  test('what is not plain takes the path of the engine, and gets its answer', async () => {
    const metadata = { rotate_refresh_tokens: true };
    const plain = (more: object = {}) =>
      makeLoggedIn(stack(), { scope: plainScope, ...metadata, ...more });
    const login = await plain();
    const { app, refreshToken, resource } = login;
    const otherApp = await plain();
    const withoutGrant = await stack().api.createClient({ resources: [resource] });
    const valid = { ...grant, refresh_token: refreshToken };
    const refused: [Form, Record<string, string>][] = [
      [valid, {}],
      [valid, basic({ id: app.id, secret: 'wrong' })],
      [valid, basic({ id: unique('nobody'), secret: app.secret })],
      [{ ...valid, client_id: app.id }, {}],
      [valid, basic(otherApp.app)],
      [valid, basic(withoutGrant)],
      [grant, basic(app)],
      [{ ...grant, refresh_token: '' }, basic(app)],
      [{ ...grant, refresh_token: 'nonsense' }, basic(app)],
      [{ ...grant, refresh_token: `${refreshToken.slice(0, -1)}x` }, basic(app)],
      [{ ...grant, refresh_token: await login.issue() }, basic(app)],
      [{ ...valid, scope: 'things:burn' }, basic(app)],
      [{ ...valid, scope: 'openid' }, basic(app)],
      [{ ...valid, resource: 'https://other.example' }, basic(app)],
      [{ ...valid, authorization_details: '[{"type":"x"}]' }, basic(app)],
      [valid, { ...basic(app), dpop: 'nonsense' }],
      [
        [
          ['grant_type', 'refresh_token'],
          ['refresh_token', refreshToken],
          ['refresh_token', refreshToken],
        ],
        basic(app),
      ],
    ];
    const expectRefused = async (form: Form, headers: Record<string, string>) => {
      const { fast, slow, isFast } = await both(form, headers);
      expect([form, isFast]).toEqual([form, false]);
      expect(fast.status).toBeGreaterThanOrEqual(400);
      expect({ status: fast.status, body: fast.body }).toEqual({
        status: slow.status,
        body: slow.body,
      });
    };
    for (const [form, headers] of refused) await expectRefused(form, headers);

    const ended: [string, (login: Awaited<ReturnType<typeof plain>>) => Promise<unknown>][] = [
      ['its token is revoked', ({ revoke, refreshToken: token }) => revoke(token)],
      [
        'its client is disabled',
        ({ app: { id } }) => stack().api.call('POST', `/clients/${id}/disable`),
      ],
      [
        'its person is disabled',
        ({ accountId }) => stack().api.call('POST', `/accounts/${accountId}/disable`),
      ],
      [
        'its tokens were revoked with all of the client',
        ({ app: { id } }) => stack().api.call('DELETE', `/clients/${id}/tokens`),
      ],
      [
        'its API is taken from the client',
        ({ app: { id } }) => stack().api.call('PATCH', `/clients/${id}`, { resources: [] }),
      ],
      [
        'it has expired',
        ({ refreshToken: token }) =>
          sql`update token set expires_at = now() - interval '1 second' where key = ${keyOf(token)}`.execute(
            stack().database.kysely,
          ),
      ],
      ['it is bound to a key', (one) => change(one, { token: { jkt: 'a'.repeat(43) } })],
      [
        'it is bound to a certificate',
        (one) => change(one, { token: { 'x5t#S256': 'a'.repeat(43) } }),
      ],
    ];
    for (const [_why, end] of ended) {
      const one = await plain();
      await end(one);
      await expectRefused({ ...grant, refresh_token: one.refreshToken }, basic(one.app));
    }
  });

  test('a token that is redeemed after its window ends the login, as on the path of the engine', async () => {
    const { app, refreshToken, resourceServer } = await makeLoggedIn(stack(), {
      scope: plainScope,
      rotate_refresh_tokens: true,
    });
    const form = { ...grant, refresh_token: refreshToken };
    const { answer, isFast } = await ask(form, basic(app));
    expect([isFast, answer.status]).toEqual([true, 200]);
    await sql`update token set consumed_at = consumed_at - interval '31 seconds'
      where key = ${keyOf(refreshToken)}`.execute(stack().database.kysely);
    const reused = await ask(form, basic(app));
    expect([reused.isFast, reused.answer.status]).toEqual([false, 400]);
    expect(await introspected(answer.body['access_token'], resourceServer)).toEqual({
      active: false,
    });
  });
});
