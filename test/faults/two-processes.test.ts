import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { emptyPostgresDatabase, postgresDatabase, postgresUrl } from '../support/databases.ts';
import type { ApiClient, Credentials } from '../support/http.ts';
import { logIn } from '../support/login.ts';
import { until } from '../support/process.ts';
import { runWrit, type ServerProcess } from '../support/server-process.ts';
import { type Installation, install } from './installation.ts';

const redisUrl = process.env['TEST_REDIS_URL'] ?? '';
const resource = 'https://api.example.com';

(postgresUrl && redisUrl ? describe : describe.skip)(
  'two processes on one Postgres and Redis',
  () => {
    let installation: Installation;
    let a: ServerProcess;
    let b: ServerProcess;
    let operator: ApiClient;
    let client: Credentials;
    let resourceServer: Credentials;

    beforeAll(async () => {
      installation = await install({ DATABASE_URL: await postgresDatabase(), REDIS_URL: redisUrl });
      [a, b] = await Promise.all([installation.start(), installation.start()]);
      operator = await installation.operator(a);
      await operator.createResource({ identifier: resource, default: true });
      resourceServer = await operator.createClient({ resource_server_for: [resource] });
      client = await operator.createClient({
        grant_types: ['client_credentials', 'refresh_token', 'authorization_code'],
        response_types: ['code'],
        redirect_uris: ['https://app.example.com/cb'],
        rotate_refresh_tokens: true,
      });
    });
    afterAll(() => installation?.remove());

    /**
     * Introspects at B continuously and concurrently while `end` revokes the token at A. Returns the results of the
     * requests that began after A had responded; before that, B returned the token as active.
     */
    async function saidAfter(token: string, end: () => Promise<unknown>): Promise<unknown[]> {
      let ended = false;
      const ask = async () => (await b.introspect(token, resourceServer)).body;
      const askUntilEnded = async () => {
        for (;;) {
          const late = ended;
          const said = await ask();
          if (late) return said;
        }
      };
      expect(await ask()).toMatchObject({ active: true });
      const impatient = [1, 2, 3].map(askUntilEnded);
      await end();
      ended = true;
      return Promise.all([ask(), ...impatient]);
    }

    const logins = (count: number, scope: { resource?: string; scope: string }) =>
      installation.behind((domain) =>
        Promise.all(Array.from({ length: count }, () => logIn({ domain }, client.id, scope))),
      );

    const inactive = Array(4).fill({ active: false });

    test('a token revoked at one process is never active at the other', async () => {
      for (let round = 0; round < 200; round++) {
        const { access_token: token } = (await a.token(client)).body;
        const revoke = async () => expect((await a.revoke(token, client)).status).toBe(200);
        expect(await saidAfter(token, revoke)).toEqual(inactive);
      }
    });

    test('a login revoked at one process has no active access token at the other', async () => {
      for (const { refreshToken } of await logins(50, { resource, scope: 'offline_access' })) {
        const { body } = await a.post(
          '/connect/token',
          { grant_type: 'refresh_token', refresh_token: refreshToken, resource },
          client,
        );
        const revoke = async () =>
          expect((await a.revoke(body.refresh_token, client)).status).toBe(200);
        expect(await saidAfter(body.access_token, revoke)).toEqual(inactive);
      }
    });

    test('a client disabled at one process has no active token at the other and gets none; after enabling, the old ones stay revoked', async () => {
      const { id, secret } = await operator.createClient();
      const call = async (operation: string) =>
        expect((await operator.call('POST', `/clients/${id}/${operation}`)).status).toBe(200);
      for (let round = 0; round < 50; round++) {
        const { access_token: token } = (await a.token({ id, secret })).body;
        expect(await saidAfter(token, () => call('disable'))).toEqual(inactive);
        expect((await b.token({ id, secret })).body.error).toBe('invalid_client');
        await call('enable');
        expect((await b.introspect(token, resourceServer)).body).toEqual({ active: false });
      }
    });

    test('a refresh token presented to both at the same time is redeemed once, and both get the same response', async () => {
      const made = await logins(20, { scope: 'openid offline_access' });
      const grants = made.map(({ grantId }) => grantId);
      for (const { refreshToken } of made) {
        const form = { grant_type: 'refresh_token', refresh_token: refreshToken };
        const answers = await Promise.all(
          [a, b, a, b].map((server) => server.post('/connect/token', form, client)),
        );
        expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
        expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
      }
      const stored = await installation.behind((_domain, kysely) =>
        kysely.selectFrom('token').select('kind').where('grant_id', 'in', grants).execute(),
      );
      expect(stored).toHaveLength(made.length * ['first', 'second', 'access'].length);
    });

    test('processes that start at the same time on an empty database create one installation with one set of keys', async () => {
      const env = { ...installation.env, DATABASE_URL: await emptyPostgresDatabase() };
      const servers = await Promise.all([1, 2, 3].map(() => installation.start({ env })));
      const published = async (): Promise<{ alg: string }[][]> => {
        const answers = await Promise.all(
          servers.map((server) => server.get('/.well-known/openid-configuration/jwks')),
        );
        return answers.map(({ body }) => body.keys);
      };
      // A signing key and an announced one, which appears shortly after the start. Nothing uses another algorithm yet.
      await until('the next keys to be announced', async () => {
        const [first, ...others] = await published();
        expect(first?.map(({ alg }) => alg)).toEqual(['RS256', 'RS256']);
        expect(others).toEqual([first, first]);
      });
      expect(servers.map((server) => server.stderr())).toEqual(['', '', '']);
      await Promise.all(servers.map((server) => server.stop()));
    });

    test('a process whose clock is ten seconds fast says so in its log, is not ready and issues nothing, while the other goes on', async () => {
      const fast = await installation.start({ preload: ['fast-clock.ts'] });
      expect((await fast.token(client)).body.error).toBe('temporarily_unavailable');
      expect(await fast.get('/readyz')).toMatchObject({ status: 503, body: { clock: 'off' } });
      const said = fast.log().find(({ msg }) => msg.includes('the clock of this process'));
      expect(said).toMatchObject({
        level: 50,
        seconds: 10,
        msg: expect.stringContaining('it issues no tokens until it is right'),
      });
      const { access_token: token } = (await a.token(client)).body;
      expect((await fast.introspect(token, resourceServer)).body).toMatchObject({ active: true });
      await fast.stop();
    });

    test('several `writ setup` at the same time on an empty database create one installation', async () => {
      const env = { ...installation.env, DATABASE_URL: await emptyPostgresDatabase() };
      const runs = await Promise.all([1, 2].map(() => runWrit(['setup'], env)));
      expect(runs).toEqual(runs.map(() => expect.objectContaining({ code: 0, stderr: '' })));
    });
  },
);
