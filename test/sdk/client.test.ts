// Tokens for programs that call APIs, against a server that does as it is told.
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, test } from '@jest/globals';
import {
  authorizedFetch,
  clientCredentials,
  deviceLogin,
  memoryStore,
  savedLogin,
  type TokenStore,
} from '../../src/sdk/client/index.ts';
import { withServer } from '../cli/other-server.ts';

type Form = Record<string, string>;
type Reply = [status: number, body: object];

/** An authorization server whose token endpoint replies as the function says. */
async function withIssuer(
  reply: (form: Form, request: IncomingMessage) => Reply | Promise<Reply>,
  work: (issuer: string, requests: Form[]) => Promise<void>,
): Promise<void> {
  const requests: Form[] = [];
  await withServer(
    async (request, response) => {
      response.setHeader('content-type', 'application/json');
      const issuer = `http://${request.headers.host}`;
      if (request.url === '/.well-known/openid-configuration')
        return void response.end(
          JSON.stringify({
            issuer,
            token_endpoint: `${issuer}/token`,
            device_authorization_endpoint: `${issuer}/device`,
          }),
        );
      const form = Object.fromEntries(new URLSearchParams(await text(request)));
      if (request.url === '/device')
        return void response.end(
          JSON.stringify({
            device_code: 'a-device-code',
            user_code: 'BCDF-GHJK',
            verification_uri: `${issuer}/approve`,
            interval: 0.01,
            expires_in: 60,
          }),
        );
      requests.push(form);
      const [status, body] = await reply(form, request);
      response.statusCode = status;
      if (status >= 500) response.setHeader('retry-after', '0');
      response.end(JSON.stringify(body));
    },
    (issuer) => work(issuer, requests),
  );
}

const numbered = (requests: number, more: object = {}): Reply => [
  200,
  { access_token: `token-${requests}`, token_type: 'Bearer', expires_in: 3600, ...more },
];

const client = { clientId: 'a client', clientSecret: 'with: a secret' };

/** A store with tokens that are due for renewal, or over. */
const storeWith = (left: { renewAt: number; expiresAt: number }, refreshToken = 'first') =>
  memoryStore({ accessToken: 'old', refreshToken, ...left });

const isDue = { renewAt: 0, expiresAt: Date.now() + 3_600_000 };
const isOver = { renewAt: 0, expiresAt: 0 };

test('one request gives the token for all who wait, and the next ones reuse it', async () => {
  let count = 0;
  await withIssuer(
    () => numbered(++count),
    async (issuer, requests) => {
      const source = clientCredentials({ issuer, ...client, scope: 'a b', resource: 'urn:api' });
      const tokens = await Promise.all(Array.from({ length: 20 }, () => source.token()));
      expect(new Set([...tokens, await source.token()])).toEqual(new Set(['token-1']));
      expect(requests).toEqual([
        { grant_type: 'client_credentials', scope: 'a b', resource: 'urn:api' },
      ]);
    },
  );
});

test('the credentials are encoded before they become Basic (RFC 6749 §2.3.1)', async () => {
  let header: string | undefined;
  await withIssuer(
    (_form, request) => {
      header = request.headers.authorization;
      return numbered(1);
    },
    async (issuer) => {
      await clientCredentials({ issuer, ...client }).token();
    },
  );
  const [, encoded = ''] = header?.split(' ') ?? [];
  expect(atob(encoded)).toBe('a+client:with%3A+a+secret');
});

test('a refresh token is replaced by the one that the response has, and kept if it has none', async () => {
  const replies: Reply[] = [numbered(1, { refresh_token: 'second' }), numbered(2)];
  await withIssuer(
    () => replies.shift() ?? numbered(3),
    async (issuer, requests) => {
      const store = storeWith(isOver);
      const source = savedLogin({ issuer, clientId: 'cli', store });
      expect(await source.token()).toBe('token-1');
      source.refused('token-1');
      expect(await source.token()).toBe('token-2');
      source.refused('token-2');
      await source.token();
      expect(requests.map(({ refresh_token }) => refresh_token)).toEqual([
        'first',
        'second',
        'second',
      ]);
    },
  );
});

test('a server that fails takes no token away that is still valid', async () => {
  await withIssuer(
    () => [503, { error: 'temporarily_unavailable' }],
    async (issuer) => {
      const due = savedLogin({ issuer, clientId: 'cli', store: storeWith(isDue) });
      expect(await due.token()).toBe('old');
      const over = savedLogin({ issuer, clientId: 'cli', store: storeWith(isOver) });
      await expect(over.token()).rejects.toMatchObject({ status: 503 });
    },
  );
});

test('a login that has ended says so, although its access token is not over', async () => {
  await withIssuer(
    () => [400, { error: 'invalid_grant', error_description: 'the login was revoked' }],
    async (issuer) => {
      const source = savedLogin({ issuer, clientId: 'cli', store: storeWith(isDue) });
      await expect(source.token()).rejects.toMatchObject({
        name: 'TokenError',
        code: 'invalid_grant',
        message: 'the login was revoked',
      });
    },
  );
});

test('of several processes that share a store one renews, and the others read the result', async () => {
  let count = 0;
  await withIssuer(
    () => numbered(++count),
    async (issuer) => {
      const shared = storeWith(isOver);
      let last: Promise<unknown> = Promise.resolve();
      const store: TokenStore = {
        ...shared,
        exclusively(work) {
          const next = last.then(work, work);
          last = next;
          return next;
        },
      };
      const sources = Array.from({ length: 10 }, () =>
        savedLogin({ issuer, clientId: 'cli', store }),
      );
      const tokens = await Promise.all(sources.map((source) => source.token()));
      expect(new Set(tokens)).toEqual(new Set(['token-1']));
    },
  );
});

test('a token that the API refuses is replaced, and the request sent once more', async () => {
  let count = 0;
  const seen: string[] = [];
  await withIssuer(
    () => numbered(++count),
    async (issuer) => {
      await withServer(
        async (request, response) => {
          seen.push(`${request.headers.authorization} ${await text(request)}`);
          response.statusCode = request.headers.authorization === 'Bearer token-2' ? 200 : 401;
          response.end();
        },
        async (api) => {
          const send = authorizedFetch(clientCredentials({ issuer, ...client }));
          const { status } = await send(api, { method: 'POST', body: 'once' });
          expect(status).toBe(200);
          expect(seen).toEqual(['Bearer token-1 once', 'Bearer token-2 once']);
        },
      );
    },
  );
});

test('a device login waits for the person, through a server that is away for a moment', async () => {
  const replies: Reply[] = [
    [400, { error: 'authorization_pending' }],
    [502, {}],
    numbered(1, { refresh_token: 'kept', scope: 'a' }),
  ];
  const retries: unknown[] = [];
  await withIssuer(
    () => replies.shift() ?? [500, {}],
    async (issuer) => {
      let shown: string | undefined;
      const tokens = await deviceLogin({
        issuer,
        clientId: 'cli',
        onCode: ({ userCode }) => {
          shown = userCode;
        },
        onRetry: (error) => retries.push(error),
      });
      expect(shown).toBe('BCDF-GHJK');
      expect(tokens).toMatchObject({ accessToken: 'token-1', refreshToken: 'kept', scope: 'a' });
      expect(retries).toMatchObject([{ status: 502 }]);
    },
  );
});

test.each(['access_denied', 'expired_token'])('a device login ends with %s', async (code) => {
  await withIssuer(
    () => [400, { error: code }],
    async (issuer) => {
      const login = deviceLogin({ issuer, clientId: 'cli', onCode: () => {} });
      await expect(login).rejects.toMatchObject({ code });
    },
  );
});

test('no credentials are sent to a server that names another issuer', async () => {
  await withServer(
    (_request, response) => response.end('{"issuer":"https://login.example.com"}'),
    async (issuer) => {
      const source = clientCredentials({ issuer, ...client });
      await expect(source.token()).rejects.toThrow('names another issuer');
    },
  );
});
