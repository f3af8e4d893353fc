// Why a token is not active: for each way in which a token ends, the reason that the check gives, and that introspection agrees.
import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { sql } from 'kysely';
import {
  exchange,
  makeExchanger,
  tokenTypes,
} from '../../protocol/token/token-exchange/support.ts';
import { makeApp, makeOpenApi } from '../../support/apps.ts';
import { makeLoggedIn } from '../../support/logins.ts';
import { makeParties } from '../../support/parties.ts';
import { onStack, unique } from '../../support/stacks.ts';
import { issuerKey } from '../../support/trusted-issuer.ts';

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
  const ofApp = async (
    end: (app: Awaited<ReturnType<typeof makeApp>>) => Promise<unknown>,
  ): Promise<Case> => {
    const { resource, resourceServer } = await makeOpenApi(stack());
    const app = await makeApp(stack());
    const { body, text } = await stack().post(
      '/connect/token',
      { grant_type: 'client_credentials', resource },
      app.client,
    );
    if (!body.access_token) throw new Error(text);
    return { token: body.access_token, client: resourceServer, end: () => end(app) };
  };
  /** A token that was exchanged for one of a trusted issuer, which `end` is about. */
  const ofIssuer = async (
    end: (id: string) => Promise<unknown>,
  ): Promise<Case & { id: string }> => {
    const { resource, resourceServer } = await makeParties(stack());
    const exchanger = await makeExchanger(stack(), [resource]);
    const [id, key] = [unique('acme'), await issuerKey()];
    const iss = `https://${id}.example`;
    await call('POST', '/trusted-issuers', {
      id,
      issuer: iss,
      jwks: { keys: [key.jwk] },
      uses: ['token_exchange'],
      rules: [{ name: 'all', claims: { team: ['finance'] }, client: exchanger.id }],
    });
    const iat = Math.floor(Date.now() / 1000);
    const subject = await key.sign({
      iss,
      sub: 'ada',
      aud: stack().issuer,
      jti: randomUUID(),
      iat,
      exp: iat + 300,
      team: 'finance',
    });
    const form = { subject_token_type: tokenTypes.jwt, resource };
    const { body, text } = await exchange(stack(), exchanger, subject, form);
    if (!body.access_token) throw new Error(text);
    return { token: body.access_token, client: resourceServer, end: () => end(id), id };
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
    'its client is deleted': [
      ['client_disabled'],
      () => ofMachine(({ client }) => call('DELETE', `/clients/${client.id}`)),
    ],
    'its app is disabled': [
      ['app_disabled'],
      () => ofApp(({ name }) => call('POST', `/apps/${name}/disable`)),
    ],
    'its app is deleted': [
      ['app_disabled'],
      () => ofApp(({ name }) => call('DELETE', `/apps/${name}`)),
    ],
    'its app was disabled and is enabled again': [
      ['app_tokens_ended'],
      () =>
        ofApp(async ({ name }) => {
          await call('POST', `/apps/${name}/disable`);
          await call('POST', `/apps/${name}/enable`);
        }),
    ],
    'its person was disabled and is enabled again': [
      ['account_tokens_ended'],
      () =>
        ofPerson(async ({ accountId }) => {
          await call('POST', `/accounts/${accountId}/disable`);
          await call('POST', `/accounts/${accountId}/enable`);
        }),
    ],
    'the key that signed it is revoked': [
      ['key_revoked'],
      () =>
        ofMachine(async (_parties, token) => {
          const { kid } = JSON.parse(
            Buffer.from(token.split('.')[0] ?? '', 'base64url').toString(),
          );
          await call('DELETE', `/keys/${kid}`);
        }, 'jwt'),
    ],
    'its person is deleted': [
      ['account_disabled'],
      () => ofPerson(({ accountId }) => call('DELETE', `/accounts/${accountId}`)),
    ],
    'a used refresh token of its login came again': [
      ['grant_revoked'],
      async () => {
        const login = await makeLoggedIn(stack(), { rotate_refresh_tokens: true });
        const { body } = await login.refresh(login.refreshToken);
        return {
          token: body.access_token,
          client: login.resourceServer,
          end: async () => {
            await sql`update token set consumed_at = consumed_at - interval '1 hour'
              where consumed_at is not null`.execute(stack().database.kysely);
            await login.refresh(login.refreshToken);
          },
        };
      },
    ],
    'the issuer of what it was exchanged for is disabled': [
      ['source_ended'],
      () => ofIssuer((id) => call('PATCH', `/trusted-issuers/${id}`, { enabled: false })),
    ],
    'everything of that issuer is ended': [
      ['source_ended'],
      () => ofIssuer((id) => call('DELETE', `/trusted-issuers/${id}/tokens`)),
    ],
    'what it was exchanged for has no client any more': [
      ['source_ended'],
      async () => {
        const { issue, resource, resourceServer, client } = await makeParties(stack());
        const exchanger = await makeExchanger(stack(), [resource]);
        const { body, text } = await exchange(stack(), exchanger, await issue());
        if (!body.access_token) throw new Error(text);
        return {
          token: body.access_token,
          client: resourceServer,
          end: () => call('POST', `/clients/${client.id}/disable`),
        };
      },
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
    // No act leaves a login in this state today: revoking it counts its epoch up as well.
    'the tokens of its login are ended, but not the login': [
      ['grant_tokens_ended'],
      () =>
        ofPerson(({ grantId }) =>
          sql`update oauth_grant set epoch = epoch + 1 where id = ${grantId}`.execute(
            stack().database.kysely,
          ),
        ),
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
      const { active, reasons, token: shown } = await check(token);
      expect(active).toBe(false);
      expect(shown).toMatchObject({ active: false, state: expect.not.stringMatching('^active$') });
      expect(reasons.map(({ code }) => code)).toEqual(expected);
      expect(reasons.every(({ message }) => message.endsWith('.'))).toBe(true);
      expect((await stack().introspect(token, client)).body.active).toBe(false);
    },
  );

  test('of a token whose issuer ended the reason names the ID of the issuer, which people know', async () => {
    const { token, end, id } = await ofIssuer((issuer) =>
      call('DELETE', `/trusted-issuers/${issuer}/tokens`),
    );
    await end();
    expect((await check(token)).reasons).toMatchObject([{ code: 'source_ended', detail: id }]);
  });

  test('the scope of a token is that of now, as in introspection', async () => {
    const { issue, client } = await makeParties(stack());
    const token = await issue({ scope: 'things:read things:write' });
    await call('PATCH', `/clients/${client.id}`, { scope: 'things:read' });
    const { body } = await call('GET', `/tokens/${await idOf(token)}`);
    expect(body.scope).toBe('things:read');
    expect((await stack().introspect(token, client)).body.scope).toBe('things:read');
  });

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
