import { expect, test } from '@jest/globals';
import { logIn } from '../../../support/login.ts';
import { onStack, unique } from '../../../support/stacks.ts';

onStack((stack) => {
  const publicClient = () =>
    stack().api.createClient({
      client_id: unique('cli'),
      token_endpoint_auth_method: 'none',
      grant_types: ['refresh_token', 'authorization_code'],
      redirect_uris: ['http://127.0.0.1/cb'],
      response_types: ['code'],
      application_type: 'native',
    });

  const refresh = (clientId: string, token: string, form: Record<string, string> = {}) =>
    stack().post('/connect/token', {
      grant_type: 'refresh_token',
      refresh_token: token,
      client_id: clientId,
      ...form,
    });

  test('a refresh token is exchanged for an access token and its successor', async () => {
    const client = await publicClient();
    const login = await logIn(stack(), client.id, { scope: 'openid offline_access' });
    const first = await refresh(client.id, login.refreshToken);
    expect(first).toMatchObject({
      status: 200,
      body: {
        token_type: 'Bearer',
        expires_in: 2_592_000,
        access_token: expect.stringMatching(/^writ_at_/),
        refresh_token: expect.stringMatching(/^writ_rt_/),
      },
    });
    expect(first.body.refresh_token).not.toBe(login.refreshToken);
    expect((await refresh(client.id, first.body.refresh_token)).status).toBe(200);
  });

  test('ten refreshes at once get one response, with one successor whose tokens are active', async () => {
    const client = await publicClient();
    const login = await logIn(stack(), client.id, { scope: 'openid offline_access' });
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => refresh(client.id, login.refreshToken)),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    const stored = await stack()
      .database.kysely.selectFrom('token')
      .select(['kind', 'consumed_at'])
      .where('grant_id', '=', login.grantId)
      .execute();
    expect(stored.filter(({ kind }) => kind === 'refresh_token')).toHaveLength(2);
    expect(stored.filter(({ kind }) => kind === 'access_token')).toHaveLength(1);
    const body = answers[0]?.body;
    expect(
      (await stack().get('/connect/userinfo', { authorization: `Bearer ${body.access_token}` }))
        .body,
    ).toEqual({ sub: login.accountId });
    expect((await refresh(client.id, body.refresh_token)).status).toBe(200);
  });
});
