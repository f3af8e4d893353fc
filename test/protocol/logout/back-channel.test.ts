import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { sql } from 'kysely';
import { pino } from 'pino';
import { logoutDelivery } from '../../../config/logout.ts';
import { currentWait, withWaitBudget } from '../../../db/deadline.ts';
import type { LogoutAttempt } from '../../../src/domain/accounts/logout-notices.ts';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import { createLogoutJob } from '../../../src/jobs/logout.ts';
import { makePerson, signedIn, type TestPerson } from '../../support/people.ts';
import { until } from '../../support/process.ts';
import { onEveryStack } from '../../support/stacks.ts';
import { createVisitor, type Visitor } from '../../support/visitor.ts';
import { allow, ask, type LoginClient, makeLoginClient } from '../authorization/support.ts';
import { type RelyingParty, startRelyingParty } from './relying-party.ts';

onEveryStack((stack) => {
  let party: RelyingParty;
  let app: LoginClient;

  beforeAll(async () => {
    party = await startRelyingParty(stack);
    app = await makeLoginClient(stack(), 'website', {
      backchannel_logout_uri: party.backchannelUri,
    });
  });
  afterAll(() => party.close());

  const scope = 'openid things:read';

  /** A login of the browser's person at an app. */
  const enter = async (
    visitor: Visitor,
    at: LoginClient = app,
    asked: Record<string, string> = { scope },
  ) => {
    const begun = at.begin(asked);
    const { body } = await at.redeem(begun, await allow(visitor, begun));
    return { ...body, sid: decodeJwt(body.id_token)['sid'] as string };
  };

  const someoneInside = async () => {
    const person = await signedIn(stack());
    return { ...person, ...(await enter(person.visitor)) };
  };

  /** The logout tokens about a session. */
  const toldOf = async (sid: string) =>
    (await party.told(app.client.id)).filter(({ claims }) => claims.sid === sid);

  const isTold = (sid: string) =>
    until('the app to be notified', async () => expect(await toldOf(sid)).toHaveLength(1), 20_000);

  const waiting = async (sid: string) => {
    const { rows } = await sql<{ attempts: number; pause: number }>`
      select attempts, extract(epoch from next_attempt_at - now())::float8 as pause from logout_notice
      where sid = ${sid}`.execute(stack().database.kysely);
    return rows;
  };

  test('signing out tells the app at once with a logout token for its session', async () => {
    const { accountId, visitor, sid, id_token } = await someoneInside();
    await visitor.get('/account');
    await visitor.submit('/sign-out');
    await isTold(sid);
    const [{ alg, claims }] = (await toldOf(sid)) as [Awaited<ReturnType<typeof toldOf>>[0]];
    expect(alg).toBe('RS256');
    expect(claims).toEqual({
      iss: stack().issuer,
      aud: app.client.id,
      sub: accountId,
      sid,
      iat: expect.any(Number),
      exp: expect.any(Number),
      jti: expect.any(String),
      events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    });
    expect(decodeJwt(id_token)).toMatchObject({ sub: accountId, sid });
    expect(party.arrived.at(-1)).toMatchObject({
      path: '/backchannel?of=writ',
      type: 'application/x-www-form-urlencoded',
    });
    await until('nothing waits', async () => expect(await waiting(sid)).toEqual([]));
  });

  test('a logout token has the algorithm of the ID tokens of its client', async () => {
    const elliptic = await makeLoginClient(stack(), 'website', {
      backchannel_logout_uri: `${party.origin}/elliptic`,
      id_token_signed_response_alg: 'ES256',
    });
    const { visitor } = await signedIn(stack());
    await enter(visitor, elliptic);
    await visitor.get('/account');
    await visitor.submit('/sign-out');
    await until('the app to be notified', async () => {
      const last = party.arrived.findLast(({ path }) => path === '/elliptic');
      expect(last).toBeDefined();
      expect(JSON.parse(atob(last?.form.get('logout_token')?.split('.')[0] ?? ''))).toMatchObject({
        alg: 'ES256',
      });
    });
    party.arrived.splice(0);
  });

  test('a sid stays the same for an app in a session, and differs between apps and sessions', async () => {
    const other = await makeLoginClient(stack());
    const { visitor, sid, email, password } = await someoneInside();
    expect((await enter(visitor)).sid).toBe(sid);
    expect((await enter(visitor, other)).sid).not.toBe(sid);
    const elsewhere = createVisitor(stack().origin);
    await elsewhere.signIn(email, password);
    expect((await enter(elsewhere)).sid).not.toBe(sid);
  });

  test('a person who enters the password again stays signed in at the apps, under the same sid', async () => {
    const { visitor, sid, email, password } = await someoneInside();
    await visitor.get('/sign-in?again=1');
    await visitor.submit('/sign-in', { email, password });
    expect((await enter(visitor)).sid).toBe(sid);
    expect(await waiting(sid)).toEqual([]);
  });

  describe('the app is notified when a session ends', () => {
    type Inside = TestPerson & { visitor: Visitor };
    const sessionsOf = (accountId: string) => stack().domain.sessions.list(accountId);
    const ways: Record<string, (inside: Inside) => Promise<unknown>> = {
      'because its person ends it in another browser': async ({ email, password, accountId }) => {
        const [session] = await sessionsOf(accountId);
        const other = createVisitor(stack().origin);
        await other.signIn(email, password);
        await other.get('/account');
        await other.submit('/account/sessions/end', { session_id: session?.id ?? '' });
      },
      'because its person signs out everywhere else': async ({ email, password }) => {
        const other = createVisitor(stack().origin);
        await other.signIn(email, password);
        await other.get('/account');
        await other.submit('/account/sessions/end-others');
      },
      'because an administrator ends all sessions': ({ accountId }) =>
        stack().api.call('DELETE', `/accounts/${accountId}/sessions`),
      'because the account is disabled': ({ accountId }) =>
        stack().api.call('POST', `/accounts/${accountId}/disable`),
      'because the account is deleted': ({ accountId }) =>
        stack().api.call('DELETE', `/accounts/${accountId}`),
      'because the password was replaced with a link': async ({ accountId }) => {
        const { value } = await stack().domain.invitations.create(serverActor, accountId);
        await stack().domain.invitations.accept(value, 'correct horse battery staple 22');
      },
      'because the password was changed in another browser': async ({ email, password }) => {
        const other = createVisitor(stack().origin);
        await other.signIn(email, password);
        await other.get('/account/password');
        await other.submit('/account/password', {
          current: password,
          password: 'correct horse battery staple 33',
          repeat: 'correct horse battery staple 33',
        });
      },
      'because another person signs in in the browser': async ({ visitor }) => {
        const { email, password } = await makePerson(stack());
        await visitor.get('/sign-in?switch=1');
        await visitor.submit('/sign-in', { email, password });
      },
      'because the account has too many': async ({ accountId }) => {
        for (let more = 0; more < 20; more++) await stack().domain.sessions.begin(accountId, {});
      },
    };

    test.each(Object.entries(ways))('%s', async (_way, end) => {
      const inside = await someoneInside();
      await end(inside);
      // What the domain did outside a request is sent with the next turn.
      const { visitor, sid } = await someoneInside();
      await visitor.get('/account');
      await visitor.submit('/sign-out');
      await isTold(inside.sid);
      await isTold(sid);
    });
  });

  test('an app that is not notified before a crash is notified by the next run, of any process', async () => {
    const { accountId, sid } = await someoneInside();
    const [session] = await stack().domain.sessions.list(accountId);
    // As a process does that ends right after its commit.
    await stack().domain.sessions.signOut(accountId, session?.id ?? '');
    expect(await waiting(sid)).toHaveLength(1);
    const { visitor } = await someoneInside();
    await visitor.get('/account');
    await visitor.submit('/sign-out');
    await isTold(sid);
    await until('nothing waits', async () => expect(await waiting(sid)).toEqual([]));
  });

  test('a login that is stored while its session ends is refused, or the app is notified of it', async () => {
    for (let round = 0; round < 5; round++) {
      const { visitor, accountId } = await signedIn(stack());
      const [session] = await stack().domain.sessions.list(accountId);
      const begun = app.begin({ scope });
      const { path } = await ask(visitor, begun);
      const decided = await visitor.submit(path, { decision: 'allow' });
      const [resumed] = await Promise.all([
        visitor.get(decided.location ?? ''),
        stack().domain.sessions.signOut(accountId, session?.id ?? ''),
      ]);
      const hasCode = new URL(resumed.location ?? 'x:', 'x:').searchParams.has('code');
      const { rows } = await sql`
        select from logout_notice where account_id = ${accountId}::uuid`.execute(
        stack().database.kysely,
      );
      // Without its session the login is one without a sid, which no session can end.
      if (rows.length === 0 && hasCode) {
        const { body } = await app.redeem(begun, new URL(resumed.location ?? ''));
        expect(decodeJwt(body.id_token)).not.toHaveProperty('sid');
      }
    }
  });

  describe('the tokens of an app', () => {
    test('end with the session, unless the person allowed offline_access', async () => {
      const { visitor, access_token } = await someoneInside();
      const other = await makeLoginClient(stack());
      const offline = await enter(visitor, other, { scope: `${scope} offline_access` });
      expect((await app.introspect(access_token)).body.active).toBe(true);
      await visitor.get('/account');
      await visitor.submit('/sign-out');
      expect((await app.introspect(access_token)).body.active).toBe(false);
      expect((await other.introspect(offline.access_token)).body.active).toBe(true);
      const refreshed = await stack().post('/connect/token', {
        grant_type: 'refresh_token',
        refresh_token: offline.refresh_token,
        client_id: other.client.id,
      });
      expect(refreshed.status).toBe(200);
    });
  });

  test('a login in the browser that a later one was to replace ends with the session as well', async () => {
    const { visitor, access_token } = await someoneInside();
    // Its code is never redeemed, so it has replaced nothing yet.
    const later = app.begin({ scope, prompt: 'consent' });
    await allow(visitor, later);
    expect((await app.introspect(access_token)).body.active).toBe(true);
    await visitor.get('/account');
    await visitor.submit('/sign-out');
    expect((await app.introspect(access_token)).body.active).toBe(false);
  });

  test('every login in a session ends with it, also earlier ones in a browser that forgot its cookie', async () => {
    const { visitor, accountId, access_token } = await someoneInside();
    const logins = [access_token as string];
    const logInAgain = async (asked: Record<string, string>) => {
      expect([...visitor.cookies.keys()].filter((name) => name.endsWith('known'))).toHaveLength(0);
      const { access_token: value } = await enter(visitor, app, { prompt: 'consent', ...asked });
      return value as string;
    };
    for (const name of visitor.cookies.keys())
      if (name.endsWith('known')) visitor.cookies.delete(name);
    const offline = await logInAgain({ scope: `${scope} offline_access` });
    for (let more = 0; more < 2; more++) logins.push(await logInAgain({ scope }));
    const active = (tokens: string[]) =>
      Promise.all(tokens.map(async (token) => (await app.introspect(token)).body.active));
    expect(await active(logins)).toEqual([true, true, true]);
    const [session] = await stack().domain.sessions.list(accountId);
    await stack().domain.sessions.signOut(accountId, session?.id ?? '');
    expect(await active(logins)).toEqual([false, false, false]);
    expect(await active([offline])).toEqual([true]);
  });

  describe('the outbox', () => {
    const log = pino({ enabled: false });

    /** A notice that is due, and a job whose clients answer so. */
    const waitingFor = async (send: () => Promise<LogoutAttempt>) => {
      const { accountId } = await makePerson(stack());
      const { id: clientId } = await stack().api.createClient();
      const client = await stack().domain.clients(clientId);
      const { rows } = await sql<{ id: string }>`
        insert into logout_notice (client_id, account_id, sid, expires_at)
        values (${client?.id}, ${accountId}, 'a sid', now() + interval '1 day') returning id`.execute(
        stack().database.kysely,
      );
      const id = rows[0]?.id ?? '';
      let attempts = 0;
      const job = createLogoutJob({
        database: stack().database,
        log,
        send: async (notice) => {
          if (notice.id !== id) return { outcome: 'pointless' };
          attempts++;
          return send();
        },
      });
      return {
        clientId,
        turn: () => job.run(new AbortController().signal),
        notify: job.notify,
        close: job.close,
        attempts: () => attempts,
        later: (seconds: number) =>
          sql`update logout_notice set next_attempt_at = next_attempt_at - ${seconds} * interval '1 second',
              expires_at = expires_at - ${seconds} * interval '1 second' where id = ${id}`.execute(
            stack().database.kysely,
          ),
        async left() {
          const found = await sql`select from logout_notice where id = ${id}`.execute(
            stack().database.kysely,
          );
          return found.rows.length;
        },
      };
    };
    const failed = async (): Promise<LogoutAttempt> => ({ outcome: 'failed', error: new Error() });

    test('sends a notice outside of the wait budget of the request that ended the session', async () => {
      const waits: unknown[] = [];
      const { notify, close } = await waitingFor(async () => {
        waits.push(currentWait());
        return { outcome: 'delivered' };
      });
      withWaitBudget(notify);
      await until('the attempt', async () => expect(waits).toHaveLength(1), 20_000);
      expect(waits).toEqual([undefined]);
      await close();
    });

    test('repeats a failed attempt after growing pauses, and gives up after a day with an event', async () => {
      const { turn, attempts, later, left, clientId } = await waitingFor(failed);
      let spent = 0;
      for (const [index, pause] of logoutDelivery.pauses.entries()) {
        await turn();
        await turn();
        expect(attempts()).toBe(index + 1);
        await later(pause);
        spent += pause;
      }
      expect(await left()).toBe(1);
      await later(logoutDelivery.givenUpAfter - spent + 1);
      await turn();
      expect([attempts(), await left()]).toEqual([logoutDelivery.pauses.length, 0]);
      const { rows } = await sql`
        select details from audit_event where target_id = ${clientId}
          and action = 'client.logout_undelivered'`.execute(stack().database.kysely);
      expect(rows).toEqual([{ details: { notices: 1 } }]);
    });

    test.each(['delivered', 'pointless'] as const)(
      'is done with a notice that is %s',
      async (outcome) => {
        const { turn, attempts, left } = await waitingFor(async () => ({ outcome }));
        await turn();
        await turn();
        expect([attempts(), await left()]).toEqual([1, 0]);
      },
    );

    test('does not repeat what a client refused, and records an event about the client', async () => {
      const { turn, attempts, left, clientId } = await waitingFor(async () => ({
        outcome: 'refused',
        error: new Error(),
      }));
      await turn();
      expect([attempts(), await left()]).toEqual([1, 0]);
      const { rows } = await sql`
        select actor_kind, result from audit_event where target_id = ${clientId}
          and action = 'client.logout_refused'`.execute(stack().database.kysely);
      expect(rows).toEqual([{ actor_kind: 'system', result: 'success' }]);
    });

    test('sends a notice again only after a while if a process ends before it has noted the answer', async () => {
      const { turn, attempts, later, left } = await waitingFor(() =>
        Promise.reject(new Error('killed')),
      );
      await expect(turn()).rejects.toThrow('killed');
      await turn();
      expect([attempts(), await left()]).toEqual([1, 1]);
      await later(logoutDelivery.taken);
      await expect(turn()).rejects.toThrow('killed');
      expect(attempts()).toBe(2);
    });

    test('is worked off once by two processes at the same time', async () => {
      const { turn, attempts } = await waitingFor(async () => ({ outcome: 'delivered' }));
      await Promise.all([turn(), turn(), turn()]);
      expect(attempts()).toBe(1);
    });
  });

  test('a client that answers 400 is not notified again, one that answers 500 is', async () => {
    const { visitor, sid } = await someoneInside();
    party.answerWith(() => 400);
    await visitor.get('/account');
    await visitor.submit('/sign-out');
    await isTold(sid);
    await until('nothing waits', async () => expect(await waiting(sid)).toEqual([]));
    party.answerWith(() => 500);
    const failing = await someoneInside();
    await failing.visitor.get('/account');
    await failing.visitor.submit('/sign-out');
    await isTold(failing.sid);
    await until('it is put off', async () =>
      expect(await waiting(failing.sid)).toEqual([{ attempts: 1, pause: expect.any(Number) }]),
    );
    party.answerWith(() => 200);
  });
});

test('no client can have the server send logout tokens into its own network', async () => {
  // In a process of its own: the engine's guard needs the HTTP client of Node, which test files do not share.
  const program = `
    import { createServer } from 'node:http';
    import { Provider } from 'oidc-provider';
    const server = createServer((_request, response) => { console.log('reached'); response.end(); });
    server.listen(0, '127.0.0.1', async () => {
      const provider = new Provider('http://localhost', {
        features: { backchannelLogout: { enabled: true } },
        clients: [{
          client_id: 'app', client_secret: 'a secret of more than enough bytes', redirect_uris: ['https://app.test/'],
          backchannel_logout_uri: 'http://127.0.0.1:' + server.address().port,
        }],
      });
      const client = await provider.Client.find('app');
      await client.backchannelLogout('ada', 'a sid').catch(({ cause }) => console.log(cause.message));
      server.close();
    });`;
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '--eval',
    program,
  ]);
  expect(stdout).toBe('hostname resolves to a special-use IP address\n');
});
