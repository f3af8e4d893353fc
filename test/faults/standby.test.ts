import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { openDatabase } from '../../db/database.ts';
import { createDiagnostics } from '../../src/boot/diagnostics.ts';
import type { Answer, ApiClient, Credentials } from '../support/http.ts';
import { logIn } from '../support/login.ts';
import { until } from '../support/process.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { findPostgres, type Service, startPostgres, startStandby } from '../support/services.ts';
import { type Installation, install } from './installation.ts';

async function receiverOf(standby: string): Promise<number> {
  const client = new pg.Client({ connectionString: standby });
  await client.connect();
  const { rows } = await client.query('select pid from pg_stat_wal_receiver');
  await client.end();
  return rows[0].pid;
}

(findPostgres() ? describe : describe.skip)('with a synchronous standby', () => {
  let primary: Service;
  let standby: Service;
  let installation: Installation;
  let server: ServerProcess;
  let operator: ApiClient;
  let client: Credentials;
  let administrator: pg.Client;
  /** The standby's process that receives commits. */
  let receiver: number;

  beforeAll(async () => {
    primary = await startPostgres();
    installation = await install({ DATABASE_URL: primary.url });
    server = await installation.start();
    operator = await installation.operator(server);
    await operator.createResource({ identifier: 'https://api.example.com', default: true });
    client = await operator.createClient({
      grant_types: ['client_credentials', 'refresh_token', 'authorization_code'],
      response_types: ['code'],
      redirect_uris: ['https://app.example.com/cb'],
      rotate_refresh_tokens: true,
    });
    standby = await startStandby(primary);
    administrator = new pg.Client({ connectionString: primary.url });
    administrator.on('error', () => {});
    await administrator.connect();
    await administrator.query(`alter system set synchronous_standby_names = '*'`);
    await administrator.query('select pg_reload_conf()');
    receiver = await receiverOf(standby.url);
  });
  afterAll(async () => {
    resume();
    await administrator?.end();
    await installation?.remove();
    await standby?.stop();
    await primary?.stop();
  });

  const pause = () => process.kill(receiver, 'SIGSTOP');
  const resume = () => receiver && process.kill(receiver, 'SIGCONT');

  /** Backends whose commit waits for the standby. */
  const waiting = async (): Promise<number[]> => {
    const { rows } = await administrator.query(
      `select pid from pg_stat_activity where wait_event = 'SyncRep' and query not like '%usage%'`,
    );
    return rows.map(({ pid }) => pid);
  };

  /** Sends a request and returns when its commit waits for the standby or it has a response. */
  const send = async (ask: () => Promise<Answer>) => {
    const sent: { answer: Promise<Answer>; answered?: Answer } = { answer: ask() };
    sent.answer.then((answer) => {
      sent.answered = answer;
    });
    await until('a commit that waits', async () => {
      if (!sent.answered && (await waiting()).length === 0) throw new Error('not yet');
    });
    return sent;
  };

  /** Terminates the waiting backends. Their commits become visible. */
  const endWaiting = async () => {
    const ended = await waiting();
    for (const pid of ended) await administrator.query('select pg_terminate_backend($1)', [pid]);
    // A retry of Writ may already wait on another backend.
    await until('the backends to be gone', async () => {
      if ((await waiting()).some((pid) => ended.includes(pid))) throw new Error('not yet');
    });
  };

  interface Found {
    ask: () => Promise<() => Promise<Answer>>;
    /** Status of the request that finds it already done. */
    status: number;
    /** Writ retries it itself; otherwise it responds 503, and the caller retries. */
    isSentAgain?: boolean;
  }

  const found: Record<string, Found> = {
    'a token is stored': {
      ask: async () => () => server.token(client),
      status: 200,
      isSentAgain: true,
    },
    'a token is revoked': {
      ask: async () => {
        const { body } = await server.token(client);
        return () => server.revoke(body.access_token, client);
      },
      status: 200,
      isSentAgain: true,
    },
    'a refresh token is redeemed': {
      ask: async () => {
        const { refreshToken } = await installation.behind((domain) =>
          logIn({ domain }, client.id, { scope: 'openid offline_access' }),
        );
        const form = { grant_type: 'refresh_token', refresh_token: refreshToken };
        return () => server.post('/connect/token', form, client);
      },
      status: 200,
    },
    'a login is revoked': {
      ask: async () => {
        const { refreshToken } = await installation.behind((domain) =>
          logIn({ domain }, client.id, { scope: 'openid offline_access' }),
        );
        return () => server.revoke(refreshToken, client);
      },
      status: 200,
    },
    'a client is disabled': {
      ask: async () => {
        const { id } = await operator.createClient();
        return () => operator.call('POST', `/clients/${id}/disable`);
      },
      status: 200,
    },
    'a client is deleted': {
      ask: async () => {
        const { id } = await operator.createClient();
        return () => operator.call('DELETE', `/clients/${id}`);
      },
      status: 404,
    },
    'a client of that id exists': {
      ask: async () => () => operator.call('POST', '/clients', { client_id: 'made-once' }),
      status: 409,
    },
  };

  test.each(Object.keys(found))(
    'a request that finds its change already done is answered after the standby has it: %s',
    async (name) => {
      const { ask, status, isSentAgain = false } = found[name] as (typeof found)[string];
      const request = await ask();
      pause();
      try {
        const first = await send(request);
        expect(first.answered).toBeUndefined();
        await endWaiting();
        await until('an answer, or another commit that waits', async () => {
          if (!first.answered && (await waiting()).length === 0) throw new Error('not yet');
        });
        expect(first.answered !== undefined).toBe(!isSentAgain);
        const again = first.answered ? await send(request) : first;
        expect(again.answered).toBeUndefined();
        resume();
        expect((await again.answer).status).toBe(status);
      } finally {
        resume();
      }
    },
  );

  test('a commit that is cancelled while it waits is not reported as a success', async () => {
    const { id } = await operator.createClient();
    pause();
    try {
      const sent = await send(() => operator.call('POST', `/clients/${id}/disable`));
      for (const pid of await waiting())
        await administrator.query('select pg_cancel_backend($1)', [pid]);
      expect(await sent.answer).toMatchObject({
        status: 503,
        body: { error: 'temporarily_unavailable' },
      });
    } finally {
      resume();
    }
  });

  test('while the standby is down backends do not accumulate, reads succeed, and doctor reports it', async () => {
    const database = await openDatabase(primary.url, { poolSize: 4, maxWait: 300 });
    const write = { name: 'write', text: `select pg_logical_emit_message(true, 'test', '')` };
    const read = { name: 'read', text: 'select 1 as one' };
    await database.query(read, []);
    pause();
    try {
      for (let attempt = 0; attempt < 5; attempt++) {
        const writes = Array.from({ length: 10 }, () => database.query(write, []));
        for (const { status } of await Promise.allSettled(writes)) expect(status).toBe('rejected');
      }
      expect((await waiting()).length).toBeLessThanOrEqual(3);
      expect(await database.query(read, [])).toEqual([{ one: 1 }]);
      await until('doctor to find it', async () => {
        const { body } = await operator.call('GET', '/diagnostics');
        expect(body.checks).toContainEqual(
          expect.objectContaining({
            name: 'failover',
            status: 'failed',
            message: expect.stringMatching('does not respond'),
          }),
        );
      });
    } finally {
      resume();
    }
    await until('a place to be free', () => database.query(write, []));
    await database.close();
  });

  test.each([
    ['remote_write', 'if the machine of the standby fails as well'],
    ['local', 'up to the lag of the standby'],
  ])(
    'doctor warns if commits do not wait for the disk of the standby: synchronous_commit %s',
    async (setting, lost) => {
      const { rows } = await administrator.query('select current_database() as name');
      await administrator.query(
        `alter database "${rows[0].name}" set synchronous_commit = ${setting}`,
      );
      const database = await openDatabase(primary.url);
      const checks = await createDiagnostics({
        database,
        redis: undefined,
        mail: undefined,
        isResealPending: async () => false,
        sawUntrustedProxy: () => false,
        dialects: [],
        providers: { enabled: async () => [] },
        trustedIssuers: { all: async () => [] },
        issuerKeys: { check: async () => [] },
        upstream: { check: async () => [] },
      })();
      await database.close();
      await administrator.query(`alter database "${rows[0].name}" reset synchronous_commit`);
      expect(checks.find(({ name }) => name === 'failover')).toMatchObject({
        status: 'warning',
        message: expect.stringContaining(lost),
      });
    },
  );

  test('after a failover every token exists, and revoked ones are revoked', async () => {
    const { body: kept } = await server.token(client);
    const { body: revoked } = await server.token(client);
    expect((await server.revoke(revoked.access_token, client)).status).toBe(200);
    await primary.kill();
    receiver = 0;
    const promoted = new pg.Client({ connectionString: standby.url });
    await promoted.connect();
    await promoted.query('select pg_promote()');
    await promoted.query(`alter system set synchronous_standby_names = ''`);
    await promoted.query('select pg_reload_conf()');
    await promoted.end();
    const next = await installation.start({ env: { DATABASE_URL: standby.url } });
    const active = async (token: string) => (await next.introspect(token, client)).body.active;
    expect([await active(kept.access_token), await active(revoked.access_token)]).toEqual([
      true,
      false,
    ]);
  });
});
