import { afterEach, describe, expect, test } from '@jest/globals';
import { serverActor } from '../../src/domain/roles/server-actor.ts';
import { postgresDatabase, postgresUrl } from '../support/databases.ts';
import type { Answer, Credentials } from '../support/http.ts';
import { logIn } from '../support/login.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { type Installation, install } from './installation.ts';

/** More than the number of statements in a refresh. */
const tooMany = 30;

// The embedded database is slow to start, so the process only dies after each statement: it is written but not
// confirmed. Before a statement nothing is written on either store.
describe.each([
  { name: 'embedded', present: true, moments: ['after'] },
  { name: 'Postgres', present: Boolean(postgresUrl), moments: ['before', 'after'] },
])('on $name', ({ name, present, moments }) => {
  let installation: Installation | undefined;
  afterEach(() => installation?.remove());

  /** A confidential client with rotating refresh tokens, which it can introspect. */
  const loggedIn = (installation: Installation) =>
    installation.behind(async (domain) => {
      const { secret } = await domain.registry.create(serverActor, {
        clientId: 'app',
        metadata: {
          grant_types: ['refresh_token', 'authorization_code'],
          redirect_uris: ['https://app.example.com/cb'],
          response_types: ['code'],
          token_endpoint_auth_method: 'client_secret_basic',
          rotate_refresh_tokens: true,
        },
      });
      const login = await logIn({ domain }, 'app', { scope: 'openid offline_access' });
      return { ...login, client: { id: 'app', secret: secret?.value ?? '' } };
    });

  const refresh = (
    server: ServerProcess,
    client: Credentials,
    token: string,
    crash?: string,
  ): Promise<Answer> =>
    server.post(
      '/connect/token',
      { grant_type: 'refresh_token', refresh_token: token },
      client,
      crash ? { 'x-crash': crash } : {},
    );

  const isActive = async (server: ServerProcess, token: string, client: Credentials) =>
    (await server.introspect(token, client)).body.active;

  (present ? test : test.skip).each(moments)(
    'a refresh can be repeated, with one successor, if the server died %s any of its statements',
    async (when) => {
      installation = await install(
        name === 'embedded' ? {} : { DATABASE_URL: await postgresDatabase() },
      );
      const { client, grantId, refreshToken } = await loggedIn(installation);
      const start = () => (installation as Installation).start({ preload: ['crash-at.ts'] });
      let token = refreshToken;
      let refreshes = 0;
      let crashes = 0;
      let lastCrash = new Date(0);

      let server = await start();
      for (let step = 1; step < tooMany; step++) {
        let answer = await refresh(server, client, token, `${when} ${step}`).catch(() => undefined);
        const died = answer === undefined;
        if (died) {
          expect(await server.exited).toMatchObject({ signal: 'SIGKILL' });
          crashes++;
          lastCrash = new Date();
          server = await start();
          answer = await refresh(server, client, token);
        }
        expect(answer).toMatchObject({ status: 200 });
        refreshes++;
        expect(await isActive(server, token, client)).toBe(false);
        expect(await isActive(server, answer?.body.access_token, client)).toBe(true);
        expect(await isActive(server, answer?.body.refresh_token, client)).toBe(true);
        token = answer?.body.refresh_token;
        if (!died) break;
      }
      // Client, token with its account and grant, and redemption; then one that succeeded.
      expect(crashes).toBeGreaterThanOrEqual(3);
      expect(refreshes).toBe(crashes + 1);

      await server.stop();
      const stored = await installation.behind((_domain, kysely) =>
        kysely
          .selectFrom('token')
          .select(['kind', 'consumed_at', 'revoked_at'])
          .where('grant_id', '=', grantId)
          .execute(),
      );
      const refreshTokens = stored.filter(({ kind }) => kind === 'refresh_token');
      expect(refreshTokens).toHaveLength(refreshes + 1);
      expect(refreshTokens.filter((row) => !row.consumed_at && !row.revoked_at)).toHaveLength(1);
      expect(stored.filter(({ kind }) => kind === 'access_token')).toHaveLength(refreshes);
      // The redemption is the last statement, so the last crash came before it or after it was stored.
      const earlier = refreshTokens.filter((row) => row.consumed_at && row.consumed_at < lastCrash);
      expect(earlier).toHaveLength(when === 'after' ? crashes : crashes - 1);
    },
  );
});
