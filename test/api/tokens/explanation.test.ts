// Why a token is not active: for each way in which a token ends, the reason that the check gives, and that introspection agrees.
import { expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { exchange, makeExchanger } from '../../protocol/token/token-exchange/support.ts';
import { makeLoggedIn } from '../../support/logins.ts';
import { makeParties } from '../../support/parties.ts';
import { onStack, unique } from '../../support/stacks.ts';

interface Case {
  /** The value, and a client that can introspect it. */
  token: string;
  client: { id: string; secret: string };
  /** What ends it. */
  end: () => Promise<unknown>;
}

onStack((stack) => {
  const check = async (token: string) =>
    (await stack().api.call('POST', '/tokens/check', { token })).body as {
      active: boolean;
      token: { id: string } | null;
      reasons: { code: string; message: string; at: string | null; detail: string | null }[];
    };
  const call = async (method: string, path: string, body?: unknown) => {
    const answer = await stack().api.call(method, path, body);
    if (answer.status >= 300) throw new Error(answer.text);
    return answer;
  };
  const ofMachine = async (
    end: (parties: Awaited<ReturnType<typeof makeParties>>, token: string) => Promise<unknown>,
    format: 'opaque' | 'jwt' = 'opaque',
  ): Promise<Case> => {
    const parties = await makeParties(stack(), { format });
    const token = await parties.issue();
    return { token, client: parties.resourceServer, end: () => end(parties, token) };
  };
  const ofPerson = async (
    end: (login: Awaited<ReturnType<typeof makeLoggedIn>>) => Promise<unknown>,
  ): Promise<Case> => {
    const login = await makeLoggedIn(stack());
    const { body } = await login.refresh(login.refreshToken);
    return { token: body.access_token, client: login.resourceServer, end: () => end(login) };
  };
  const idOf = async (token: string) => String((await check(token)).token?.id);

  const ways: Record<string, [expected: string[], make: () => Promise<Case>]> = {
    'revoked by its id': [
      ['revoked'],
      () => ofMachine(async (_parties, token) => call('DELETE', `/tokens/${await idOf(token)}`)),
    ],
    'expired, a JWT': [
      ['expired'],
      () =>
        ofMachine(
          ({ client }) =>
            sql`update token set expires_at = now() - interval '1 minute'
              where client_id = (select id from client where client_id = ${client.id})`.execute(
              stack().database.kysely,
            ),
          'jwt',
        ),
    ],
    'its client is disabled': [
      ['client_disabled'],
      () => ofMachine(({ client }) => call('POST', `/clients/${client.id}/disable`)),
    ],
    'all tokens of its client are revoked': [
      ['client_tokens_ended'],
      () => ofMachine(({ client }) => call('DELETE', `/clients/${client.id}/tokens`)),
    ],
    'its person is disabled': [
      ['account_disabled'],
      () => ofPerson(({ accountId }) => call('POST', `/accounts/${accountId}/disable`)),
    ],
    'all tokens of its person are revoked': [
      ['account_tokens_ended'],
      () => ofPerson(({ accountId }) => call('DELETE', `/accounts/${accountId}/tokens`)),
    ],
    'its login is ended': [
      ['grant_revoked'],
      () =>
        ofPerson(async ({ accountId }) => {
          const { body } = await call('GET', `/accounts/${accountId}/grants`);
          await call('DELETE', `/grants/${body.items[0].id}`);
        }),
    ],
    'it is a refresh token that was used': [
      ['redeemed'],
      async () => {
        const login = await makeLoggedIn(stack(), { rotate_refresh_tokens: true });
        return {
          token: login.refreshToken,
          client: login.app,
          end: () => login.refresh(login.refreshToken),
        };
      },
    ],
    'what it was exchanged for is revoked': [
      ['source_ended'],
      async () => {
        const { issue, resource, resourceServer } = await makeParties(stack());
        const subject = await issue({ scope: 'things:read' });
        const exchanger = await makeExchanger(stack(), [resource]);
        const { body, text } = await exchange(stack(), exchanger, subject);
        if (!body.access_token) throw new Error(text);
        return {
          token: body.access_token,
          client: resourceServer,
          end: async () => call('DELETE', `/tokens/${await idOf(subject)}`),
        };
      },
    ],
  };

  test.each(Object.entries(ways))(
    '%s: the check says so, and introspection agrees',
    async (_way, [expected, make]) => {
      const { token, client, end } = await make();
      expect(await check(token)).toMatchObject({ active: true, reasons: [] });
      expect((await stack().introspect(token, client)).body.active).toBe(true);
      await end();
      const { active, reasons } = await check(token);
      expect(active).toBe(false);
      expect(reasons.map(({ code }) => code)).toEqual(expected);
      expect(reasons.every(({ message }) => message.endsWith('.'))).toBe(true);
      expect((await stack().introspect(token, client)).body.active).toBe(false);
    },
  );

  test('a value that is no token is recognized by its form, whatever the caller could see', async () => {
    const { issue, client } = await makeParties(stack());
    const opaque = await issue();
    const codeOf = async (value: string) => (await check(value)).reasons.map(({ code }) => code);
    const jwt = (claims: object) =>
      ['{"alg":"none"}', JSON.stringify(claims), '']
        .map((part) => Buffer.from(part).toString('base64url'))
        .join('.');
    expect(await codeOf(`${opaque.slice(0, -1)}`)).toEqual(['damaged']);
    expect(await codeOf(client.secret)).toEqual(['other_credential']);
    expect(await codeOf(unique('nothing'))).toEqual(['no_token']);
    expect(await codeOf(jwt({ iss: 'https://elsewhere.test' }))).toEqual(['other_issuer']);
    expect(await codeOf(jwt({ iss: stack().issuer, nonce: 'n' }))).toEqual(['id_token']);
    const parties = await makeParties(stack(), { format: 'jwt' });
    const [head, body] = (await parties.issue()).split('.');
    expect(await codeOf(`${head}.${body}.AAAA`)).toEqual(['altered_jwt']);
  });
});
