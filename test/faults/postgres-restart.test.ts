import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import type { Answer, ApiClient, Credentials } from '../support/http.ts';
import { logIn } from '../support/login.ts';
import { until } from '../support/process.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { findPostgres, type Service, startPostgres } from '../support/services.ts';
import { type Installation, install } from './installation.ts';

(findPostgres() ? describe : describe.skip)('on a Postgres of its own', () => {
  let postgres: Service;
  let installation: Installation;
  let server: ServerProcess;
  let operator: ApiClient;
  let client: Credentials;

  beforeAll(async () => {
    postgres = await startPostgres({ fsync: true });
    installation = await install({ DATABASE_URL: postgres.url });
    server = await installation.start();
    operator = await installation.operator(server);
    await operator.createResource({ identifier: 'https://api.example.com', default: true });
    client = await operator.createClient({
      grant_types: ['client_credentials', 'refresh_token', 'authorization_code'],
      response_types: ['code'],
      redirect_uris: ['https://app.example.com/cb'],
      rotate_refresh_tokens: true,
    });
  });
  afterAll(async () => {
    await installation?.remove();
    await postgres?.stop();
  });

  const newLogin = async (): Promise<string> => {
    const login = installation.behind((domain) =>
      logIn({ domain }, client.id, { scope: 'openid offline_access' }),
    );
    return (await login).refreshToken;
  };

  const refresh = (refreshToken: string) =>
    server.post(
      '/connect/token',
      { grant_type: 'refresh_token', refresh_token: refreshToken },
      client,
    );

  const works = () =>
    until('the server to work again', async () => {
      const { status, text } = await server.token(client);
      if (status !== 200) throw new Error(text);
    });

  const isActive = async (token: string) => (await server.introspect(token, client)).body.active;

  /** Makes Postgres wait so many microseconds before each commit reaches the disk, as a slow disk does. */
  const delayCommits = async (microseconds: number) => {
    const superuser = new pg.Client({ connectionString: postgres.url });
    await superuser.connect();
    await superuser.query(`alter system set commit_delay = ${microseconds}`);
    await superuser.query('alter system set commit_siblings = 0');
    await superuser.query('select pg_reload_conf()');
    await superuser.end();
  };

  test('a disk on which commits take long is named by the diagnostics, with what waits for it', async () => {
    const disk = async () => {
      const { body } = await operator.call('GET', '/diagnostics');
      return body.checks.find(({ name }: { name: string }) => name === 'disk');
    };
    await delayCommits(100_000);
    await until('the diagnostics to name it', async () => {
      expect(await disk()).toMatchObject({
        status: 'warning',
        message: expect.stringMatching(/^A commit takes \d{3,} ms: .*Issuing .* wait for it/),
        remedy: expect.stringContaining('write-ahead log'),
      });
    });
    await delayCommits(0);
    await until('the diagnostics to be content again', async () => {
      expect(await disk()).toMatchObject({ status: 'ok' });
    });
  });

  test('while Postgres is down everything that needs it gets 503; afterwards the same process works', async () => {
    const { body: login } = await refresh(await newLogin());
    const { body } = await server.token(client);
    const { id: other } = await operator.createClient();

    await postgres.stop();
    const bearer = { authorization: `Bearer ${login.access_token}` };
    const away: Record<string, () => Promise<Answer>> = {
      token: () => server.token(client),
      refresh: () => refresh(login.refresh_token),
      introspection: () => server.introspect(body.access_token, client),
      revocation: () => server.revoke(body.access_token, client),
      userinfo: () => server.get('/connect/userinfo', bearer),
      'clients list': () => operator.call('GET', '/clients'),
      'clients create': () => operator.call('POST', '/clients', {}),
      'clients disable': () => operator.call('POST', `/clients/${other}/disable`),
      'roles set': () => operator.call('PUT', '/roles/reader', { permissions: [] }),
      changes: () => operator.call('GET', '/changes'),
    };
    const answers = Object.entries(away).map(async ([name, ask]) => {
      const { status, body, headers } = await ask();
      return [name, status, body.error, /^\d+$/.test(headers.get('retry-after') ?? '')];
    });
    expect(await Promise.all(answers)).toEqual(
      Object.keys(away).map((name) => [name, 503, 'temporarily_unavailable', true]),
    );
    expect((await server.get('/.well-known/openid-configuration/jwks')).status).toBe(200);

    await postgres.start();
    await works();
    expect(await isActive(body.access_token)).toBe(true);
    expect((await server.revoke(body.access_token, client)).status).toBe(200);
    expect(await isActive(body.access_token)).toBe(false);
    expect((await refresh(login.refresh_token)).status).toBe(200);
    expect((await operator.call('POST', `/clients/${other}/disable`)).status).toBe(200);
  });

  test('a connection that breaks within a transaction only fails that request', async () => {
    const { id: other } = await operator.createClient();
    const locker = new pg.Client({ connectionString: postgres.url });
    locker.on('error', () => {});
    await locker.connect();
    await locker.query('begin');
    await locker.query('select from change_counter for update');
    const disabled = operator.call('POST', `/clients/${other}/disable`);
    await until('the server to wait for the lock', async () => {
      const { rows } = await locker.query('select from pg_locks where not granted');
      if (rows.length === 0) throw new Error('no backend waits');
    });
    await postgres.restart();
    expect(await disabled).toMatchObject({
      status: 503,
      body: { error: 'temporarily_unavailable' },
    });
    await works();
    expect((await operator.call('POST', `/clients/${other}/disable`)).status).toBe(200);
    await locker.end();
  });

  test('a server without Postgres still stops when asked to', async () => {
    const other = await installation.start();
    expect((await other.token(client)).status).toBe(200);
    await postgres.stop();
    try {
      expect((await other.token(client)).status).toBe(503);
      expect(await other.stop()).toEqual({ code: 0, signal: null });
    } finally {
      await postgres.start();
      await works();
    }
  });

  test.each([
    ['is restarted', () => postgres.restart()],
    ['crashes', () => postgres.kill().then(() => postgres.start())],
  ])(
    'under load while Postgres %s every response is 200 or 503, and every token is active afterwards',
    async (_, disturb) => {
      const tokens: string[] = [];
      const revoked = new Set<string>();
      const statuses = new Set<number>();
      let over = false;
      const ask = async (answer: Promise<Answer>): Promise<Answer> => {
        const { status } = await answer;
        statuses.add(status);
        return answer;
      };
      const load = Array.from({ length: 8 }, async (_, index) => {
        while (!over) {
          const issued = await ask(server.token(client));
          if (issued.status !== 200) continue;
          const token: string = issued.body.access_token;
          const { status, body } = await ask(server.introspect(token, client));
          if (status === 200) expect(body.active).toBe(true);
          if (index % 2) tokens.push(token);
          else if ((await ask(server.revoke(token, client))).status === 200) revoked.add(token);
        }
      });
      await until('some answers', async () => {
        if (tokens.length < 50) throw new Error('not yet');
      });
      const logins = await Promise.all([newLogin(), newLogin()]);
      const people = logins.map(async (first) => {
        let refreshToken = first;
        while (!over) {
          // A request that got 503 is repeated with the same token, and no one is logged out.
          const { status, body } = await ask(refresh(refreshToken));
          if (status === 200) refreshToken = body.refresh_token;
        }
        return refreshToken;
      });
      await disturb();
      await works();
      const before = tokens.length;
      await until('more answers', async () => {
        if (tokens.length < before + 50) throw new Error('not yet');
      });
      over = true;
      await Promise.all(load);
      const refreshTokens = await Promise.all(people);
      expect([...statuses].sort()).toEqual([200, 503]);
      tokens.push(...refreshTokens);
      expect(await Promise.all(tokens.map(isActive))).toEqual(tokens.map(() => true));
      expect(await Promise.all([...revoked].map(isActive))).toEqual([...revoked].map(() => false));
    },
  );
});
