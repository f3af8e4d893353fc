import { describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { operatorClientId, personalClientId } from '../../../../config/clients.ts';
import { requestLimits } from '../../../../config/limits.ts';
import type { MailDetails } from '../../../../src/domain/mail/outbox.ts';
import { serverActor } from '../../../../src/domain/roles/server-actor.ts';
import { insertNamedToken } from '../../../../src/domain/tokens/named/insert.ts';
import {
  mintClientSecret,
  mintToken,
  type NamedTokenKind,
  publicId,
  type TokenId,
} from '../../../../src/domain/tokens/value.ts';
import { makeApp, makeOpenApi } from '../../../support/apps.ts';
import { makeLoggedIn } from '../../../support/logins.ts';
import { makeParties } from '../../../support/parties.ts';
import { makePerson } from '../../../support/people.ts';
import { keepSecret } from '../../../support/run-records.ts';
import { onStack, type Stack, unique } from '../../../support/stacks.ts';

/** A new network for each report, unless a test names one. */
let networks = 0;
const elsewhere = () => `198.18.${Math.floor(networks / 256)}.${networks++ % 256}`;

const report = ({ domain }: Stack, values: string[], ip = elsewhere()) =>
  domain.leaks.report({ values, ip });

const isAlive = async ({ domain }: Stack, value: string) => (await domain.find(value))?.alive;

interface LeakMail {
  account_id: string;
  details: MailDetails['token_leaked'];
}

/** The emails about the leaked value. */
async function mailsAbout({ database }: Stack, value: string): Promise<LeakMail[]> {
  const { rows } = await sql<LeakMail>`
    select account_id, details from mail where kind = 'token_leaked' and details->>'hint' = ${value.slice(-4)}
    order by account_id`.execute(database.kysely);
  return rows;
}

async function eventsOf({ database }: Stack, action: string, hint: string) {
  const { rows } = await sql<{
    actor_kind: string;
    target_kind: string;
    target_id: string;
    app_id: string | null;
    details: Record<string, unknown>;
  }>`select actor_kind, target_kind, target_id, app_id, details from audit_event
    where action = ${action} and details->>'hint' = ${hint}`.execute(database.kysely);
  return rows;
}

/** Creates a named token and returns its value. */
async function own(
  { database, apiResource }: Stack,
  kind: NamedTokenKind,
  given: { clientId: string; accountId?: string; name?: string; expiresAt?: Date },
): Promise<string> {
  const { value } = await insertNamedToken(database.kysely, {
    kind,
    name: unique('the laptop'),
    scope: [],
    resource: apiResource,
    ...given,
  });
  keepSecret(kind, value);
  return value;
}

onStack((stack) => {
  describe('a reported value is revoked, and its owner is notified', () => {
    test.each(['opaque', 'jwt'] as const)(
      'an access token of a client (%s): the administrators of this server',
      async (format) => {
        const administrator = await makePerson(stack(), { roles: ['administrator'] });
        const disabled = await makePerson(stack(), { roles: ['administrator'] });
        await stack().domain.accounts.disable(serverActor, disabled.accountId);
        const { issue, resourceServer, client } = await makeParties(stack(), { format });
        const [leaked, kept] = [await issue(), await issue()];
        await report(stack(), [leaked]);
        expect((await stack().introspect(leaked, resourceServer)).body).toEqual({ active: false });
        expect((await stack().introspect(kept, resourceServer)).body.active).toBe(true);
        const mails = await mailsAbout(stack(), leaked);
        expect(mails).toContainEqual({
          account_id: administrator.accountId,
          details: {
            kind: 'access_token',
            name: null,
            hint: leaked.slice(-4),
            client_id: client.id,
            of_client: true,
          },
        });
        expect(mails.map(({ account_id }) => account_id)).not.toContain(disabled.accountId);
        expect(await eventsOf(stack(), 'token.leaked', leaked.slice(-4))).toMatchObject([
          { actor_kind: 'system', target_kind: 'token', details: { client_id: client.id } },
        ]);
      },
    );

    test('an access token of a person: the person, whose login stays active', async () => {
      const { app, accountId, refreshToken, refresh, resourceServer } = await makeLoggedIn(stack());
      const leaked = (await refresh(refreshToken)).body.access_token;
      await report(stack(), [leaked]);
      expect((await stack().introspect(leaked, resourceServer)).body.active).toBe(false);
      expect((await refresh(refreshToken)).status).toBe(200);
      expect(await mailsAbout(stack(), leaked)).toMatchObject([
        { account_id: accountId, details: { client_id: app.id, of_client: false } },
      ]);
    });

    test('a refresh token: the person, and the whole login is revoked', async () => {
      const { accountId, refreshToken, refresh, resourceServer } = await makeLoggedIn(stack());
      const { access_token } = (await refresh(refreshToken)).body;
      await report(stack(), [refreshToken]);
      expect((await refresh(refreshToken)).body.error).toBe('invalid_grant');
      expect((await stack().introspect(access_token, resourceServer)).body.active).toBe(false);
      expect(await mailsAbout(stack(), refreshToken)).toMatchObject([
        { account_id: accountId, details: { kind: 'refresh_token' } },
      ]);
    });

    test('a refresh token that was rotated: its login is revoked', async () => {
      const { refreshToken, refresh } = await makeLoggedIn(stack(), {
        token_endpoint_auth_method: 'none',
      });
      const { refresh_token } = (await refresh(refreshToken)).body;
      await report(stack(), [refreshToken]);
      expect((await refresh(refresh_token)).body.error).toBe('invalid_grant');
    });

    test('a personal access token: the person, with its name', async () => {
      const { accountId } = await makePerson(stack());
      const leaked = await own(stack(), 'personal_access_token', {
        clientId: personalClientId,
        accountId,
        name: 'CI',
      });
      await report(stack(), [leaked]);
      expect(await isAlive(stack(), leaked)).toBe(false);
      expect(await mailsAbout(stack(), leaked)).toMatchObject([
        { account_id: accountId, details: { kind: 'personal_access_token', name: 'CI' } },
      ]);
      expect(await stack().domain.personalTokens.list(accountId)).toMatchObject([
        { name: 'CI', status: 'revoked', leaked: true },
      ]);
    });

    test('a token that its person revoked is not marked as leaked, also when it is reported later', async () => {
      const { accountId } = await makePerson(stack());
      const value = await own(stack(), 'personal_access_token', {
        clientId: personalClientId,
        accountId,
        name: 'Old',
      });
      const { personalTokens } = stack().domain;
      const [token] = await personalTokens.list(accountId);
      await personalTokens.revoke(accountId, publicId(token?.id as TokenId));
      await report(stack(), [value]);
      expect(await personalTokens.list(accountId)).toMatchObject([
        { status: 'revoked', leaked: false },
      ]);
    });

    test.each(['api_token', 'api_key'] as const)(
      'an %s of an app: its Owner, and it appears in the activity of the app',
      async (kind) => {
        const app = await makeApp(stack());
        await app.addMember('Developer');
        const leaked = await own(stack(), kind, { clientId: app.client.id });
        await report(stack(), [leaked]);
        expect(await isAlive(stack(), leaked)).toBe(false);
        expect(await mailsAbout(stack(), leaked)).toMatchObject([
          { account_id: app.owner.accountId, details: { kind, of_client: true } },
        ]);
        const { items } = await stack().domain.audit.page({ limit: 10, appName: app.name });
        expect(items.map(({ action }) => action)).toEqual(
          expect.arrayContaining(['token.leaked', 'token.revoked']),
        );
      },
    );

    test('a client secret: the Owner of the app; it and the tokens issued with it are revoked, the API keys of the client are not', async () => {
      await makeOpenApi(stack());
      const app = await makeApp(stack());
      const client = await app.addClient();
      const { body, status } = await stack().token(client);
      expect(status).toBe(200);
      const key = await own(stack(), 'api_key', { clientId: client.id });
      const token = await own(stack(), 'api_token', { clientId: client.id });
      const alive = async () =>
        Promise.all(
          [body.access_token, key, token].map(
            async (value) => (await stack().domain.find(value))?.alive,
          ),
        );
      expect(await alive()).toEqual([true, true, true]);
      await report(stack(), [client.secret]);
      expect(await alive()).toEqual([false, true, true]);
      expect((await stack().token(client)).body.error).toBe('invalid_client');
      const mails = await mailsAbout(stack(), client.secret);
      expect(mails).toMatchObject([
        {
          account_id: app.owner.accountId,
          details: { kind: 'client_secret', client_id: client.id, of_client: true },
        },
      ]);
      expect(
        await eventsOf(stack(), 'client_secret.leaked', client.secret.slice(-4)),
      ).toMatchObject([{ actor_kind: 'system', target_kind: 'client', target_id: client.id }]);
    });

    test('a client secret that was imported', async () => {
      const { client } = await makeParties(stack());
      const taken = `Zq8${unique('').replaceAll('-', 'xY7')}kP2mR5wT9vB4nL6jH3`;
      keepSecret('client_secret', taken);
      await stack().api.call('POST', `/clients/${client.id}/secrets`, { value: taken });
      await report(stack(), [taken]);
      expect((await stack().token({ id: client.id, secret: taken })).status).toBe(401);
      expect((await stack().token(client)).status).toBe(200);
    });

    test('the key of an operator: all administrators', async () => {
      const administrators = [
        await makePerson(stack(), { roles: ['administrator'] }),
        await makePerson(stack(), { roles: ['administrator'] }),
      ];
      const leaked = await own(stack(), 'api_key', { clientId: operatorClientId });
      await report(stack(), [leaked]);
      expect(await isAlive(stack(), leaked)).toBe(false);
      expect((await mailsAbout(stack(), leaked)).map(({ account_id }) => account_id)).toEqual(
        expect.arrayContaining(administrators.map(({ accountId }) => accountId)),
      );
    });

    test('a value of an app whose only Owner is disabled: the administrators', async () => {
      const administrator = await makePerson(stack(), { roles: ['administrator'] });
      const app = await makeApp(stack());
      await stack().domain.accounts.disable(serverActor, app.owner.accountId);
      const leaked = await own(stack(), 'api_token', { clientId: app.client.id });
      await report(stack(), [leaked]);
      expect((await mailsAbout(stack(), leaked)).map(({ account_id }) => account_id)).toContain(
        administrator.accountId,
      );
    });
  });

  test('revoked values appear in the change feed', async () => {
    const { issue, client } = await makeParties(stack(), { format: 'jwt' });
    const leaked = await issue();
    const { jti } = JSON.parse(Buffer.from(leaked.split('.')[1] ?? '', 'base64url').toString());
    await report(stack(), [leaked]);
    const { rows } = await sql<{ kind: string; client_id: string }>`
      select kind, client_id from change where token_id = ${jti}`.execute(stack().database.kysely);
    expect(rows).toEqual([{ kind: 'token.revoked', client_id: client.id }]);
  });

  test('unknown, malformed and inactive values revoke nothing and notify no one', async () => {
    const { accountId } = await makePerson(stack());
    const given = { clientId: personalClientId, accountId };
    const revoked = await own(stack(), 'personal_access_token', given);
    const state = await stack().domain.find(revoked);
    if (state) await stack().domain.revoke(state.id);
    const expired = await own(stack(), 'personal_access_token', {
      ...given,
      expiresAt: new Date(Date.now() - 1000),
    });
    const { issue } = await makeParties(stack(), { format: 'jwt' });
    const jwt = await issue();
    const forged = `${jwt.slice(0, -4)}${jwt.endsWith('AAAA') ? 'BBBB' : 'AAAA'}`;
    const others = [
      ...['', ' ', 'hunter2', 'eyJ.e30.x', '\u0000', 'x'.repeat(10_000)],
      ...[mintClientSecret(), mintToken('api_token', 0).value, mintToken('access_token', 0).value],
    ];
    const counts = async () =>
      (
        await sql<{ mails: number; events: number }>`
        select (select count(*)::integer from mail) as mails, (select count(*)::integer from audit_event) as events`.execute(
          stack().database.kysely,
        )
      ).rows[0];
    const before = await counts();
    await report(stack(), [...others, revoked, expired, forged]);
    await report(stack(), []);
    expect(await counts()).toEqual(before);
    expect(await isAlive(stack(), jwt)).toBe(true);
  });

  test('repeated and concurrent reports notify the owner once', async () => {
    const app = await makeApp(stack());
    const { secret } = await app.addClient();
    const token = await own(stack(), 'api_token', { clientId: app.client.id });
    const values = [token, ` ${token}\n`, secret, token];
    await Promise.all(Array.from({ length: 4 }, () => report(stack(), values)));
    await report(stack(), values);
    for (const value of [token, secret]) expect(await mailsAbout(stack(), value)).toHaveLength(1);
    expect(await eventsOf(stack(), 'token.leaked', token.slice(-4))).toHaveLength(1);
  });

  describe('an owner gets an email', () => {
    const mailsTo = async (accountId: string) =>
      (
        await sql<{ kind: string; client_id: string; once: string }>`
        select details->>'kind' as kind, details->>'client_id' as client_id, once from mail
        where kind = 'token_leaked' and account_id = ${accountId}::uuid`.execute(
          stack().database.kysely,
        )
      ).rows;

    const many = (kind: NamedTokenKind, clientId: string, length = 3) =>
      Promise.all(Array.from({ length }, () => own(stack(), kind, { clientId })));

    /** Frees the deduplication keys, as an hour does. */
    const passAnHour = () =>
      sql`update mail set once = once || ' before' where kind = 'token_leaked'`.execute(
        stack().database.kysely,
      );

    /** The number of clock hours in which `run` was running. */
    const hoursOf = async (run: () => Promise<unknown>) => {
      const hour = () => Math.floor(Date.now() / 3_600_000);
      const before = hour();
      await run();
      return hour() - before + 1;
    };

    test('once an hour about all API tokens of a client, and all of them are revoked', async () => {
      const app = await makeApp(stack());
      const other = await app.addClient();
      const tokens = [
        ...(await many('api_token', app.client.id)),
        ...(await many('api_token', other.id)),
      ];
      const hours = await hoursOf(async () => {
        await report(stack(), tokens.slice(1));
        await report(stack(), tokens);
      });
      for (const token of tokens) {
        expect(await isAlive(stack(), token)).toBe(false);
        expect(await eventsOf(stack(), 'token.leaked', token.slice(-4))).toHaveLength(1);
      }
      for (const id of [app.client.id, other.id]) {
        const mails = (await mailsTo(app.owner.accountId)).filter(
          ({ client_id }) => client_id === id,
        );
        expect(mails.length).toBeGreaterThan(0);
        expect(mails.length).toBeLessThanOrEqual(hours);
      }
    });

    test('again in another hour', async () => {
      const app = await makeApp(stack());
      await report(stack(), await many('api_token', app.client.id, 1));
      await passAnHour();
      await report(stack(), await many('api_token', app.client.id, 1));
      expect(await mailsTo(app.owner.accountId)).toHaveLength(2);
    });

    test('about each kind and client separately, so that many of one kind do not hide another', async () => {
      await makeOpenApi(stack());
      const app = await makeApp(stack());
      const access = (await stack().token(app.client)).body.access_token;
      await report(stack(), [...(await many('api_token', app.client.id)), access]);
      expect(new Set((await mailsTo(app.owner.accountId)).map(({ kind }) => kind))).toEqual(
        new Set(['api_token', 'access_token']),
      );
    });

    test('about each API key, each personal access token and each client secret', async () => {
      const app = await makeApp(stack());
      await report(stack(), [...(await many('api_key', app.client.id)), app.client.secret]);
      expect((await mailsTo(app.owner.accountId)).map(({ kind }) => kind).sort()).toEqual([
        ...['api_key', 'api_key', 'api_key', 'client_secret'],
      ]);
      const { accountId } = await makePerson(stack());
      const given = { clientId: personalClientId, accountId };
      await report(stack(), [
        await own(stack(), 'personal_access_token', given),
        await own(stack(), 'personal_access_token', given),
      ]);
      expect(await mailsTo(accountId)).toHaveLength(2);
    });
  });

  test('a report that fails halfway revokes nothing without an email, and can be repeated', async () => {
    const { accountId } = await makePerson(stack());
    const leaked = await own(stack(), 'personal_access_token', {
      clientId: personalClientId,
      accountId,
    });
    const { kysely } = stack().database;
    await sql`alter table mail add constraint broken check (kind <> 'token_leaked' or account_id <> ${sql.lit(accountId)})`.execute(
      kysely,
    );
    await expect(report(stack(), [leaked])).rejects.toThrow();
    expect(await isAlive(stack(), leaked)).toBe(true);
    await sql`alter table mail drop constraint broken`.execute(kysely);
    await report(stack(), [leaked]);
    expect(await isAlive(stack(), leaked)).toBe(false);
    expect(await mailsAbout(stack(), leaked)).toHaveLength(1);
  });

  test('a network that sends too many reports is refused, and others are not', async () => {
    const one = (last: number) => `2001:db8:0:${(++networks).toString(16)}::${last}`;
    const network = one(1).replace(/::1$/, '');
    for (let sent = 0; sent < requestLimits['leak_reports.network'].points; sent++)
      await report(stack(), [], `${network}::${sent + 1}`);
    await expect(report(stack(), [], `${network}::ffff`)).rejects.toMatchObject({
      name: 'LimitReached',
      retryAfter: expect.any(Number),
    });
    await report(stack(), []);
  });

  test('neither an email nor an event contains the value', async () => {
    const app = await makeApp(stack());
    const token = await own(stack(), 'api_token', { clientId: app.client.id });
    await report(stack(), [token, app.client.secret]);
    const { rows } = await sql<{ text: string }>`
      select mail::text as text from mail union all select audit_event::text from audit_event`.execute(
      stack().database.kysely,
    );
    const all = rows.map(({ text }) => text).join('\n');
    expect(all).toContain(app.client.id);
    for (const value of [token, app.client.secret]) expect(all).not.toContain(value.slice(0, -6));
  });
});
