import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { pino } from 'pino';
import { personalClientId } from '../../../config/clients.ts';
import { mailDelivery } from '../../../config/mails.ts';
import type { Mailbox } from '../../../config/settings.ts';
import { currentWait, withWaitBudget } from '../../../db/deadline.ts';
import { createDiagnostics } from '../../../src/boot/diagnostics.ts';
import { createKeyring } from '../../../src/crypto/sealing.ts';
import { createAccounts } from '../../../src/domain/accounts/accounts.ts';
import { createEmailVerification } from '../../../src/domain/accounts/email-verification.ts';
import { createFactorResets } from '../../../src/domain/accounts/factor-resets.ts';
import { actingAs } from '../../../src/domain/audit/actor.ts';
import { createAuditPartitions } from '../../../src/domain/audit/partitions.ts';
import { currentRequest, inRequestContext } from '../../../src/domain/audit/request-context.ts';
import { apiResource, ensureInstallation } from '../../../src/domain/installation/installation.ts';
import { createJobRuns } from '../../../src/domain/installation/job-runs.ts';
import { LimitReached } from '../../../src/domain/limits/rate-limits.ts';
import { type NewMail, recordMail } from '../../../src/domain/mail/outbox.ts';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import { insertNamedToken } from '../../../src/domain/tokens/named/insert.ts';
import { createPartitions } from '../../../src/domain/tokens/partitions.ts';
import { publicId } from '../../../src/domain/tokens/value.ts';
import { startJobs } from '../../../src/jobs/index.ts';
import { createMailJob, openMailing } from '../../../src/jobs/mail/index.ts';
import { onAnyGround } from '../../../views/components/contrast.ts';
import { onDatabase } from '../../db/each-database.ts';
import { anotherAddress, goodPassword, openPeople } from '../../domain/accounts/people.ts';
import { addAuthenticator } from '../../support/factors.ts';
import { keepSecret } from '../../support/run-records.ts';
import { secretKey, unique } from '../../support/stacks.ts';
import { statementsOf } from '../../support/statements.ts';
import { startSmtpServer } from './smtp-server.ts';

const issuer = 'https://login.acme.test';
const keyring = createKeyring([secretKey]);
const brand = 'Acme';

const settingsFor = (SMTP_URL: string | undefined, MAIL_FROM?: Mailbox) => ({
  SMTP_URL,
  MAIL_FROM,
  BRAND_NAME: brand,
  BRAND_COLOR: '#ffc107',
  SUPPORT_EMAIL: 'help@acme.test',
});

onDatabase((database) => {
  let server: Awaited<ReturnType<typeof startSmtpServer>>;
  let lines: { level: number; msg: string; err?: { message: string } }[] = [];
  const log = pino({ level: 'info' }, { write: (line) => lines.push(JSON.parse(line)) });

  beforeAll(async () => {
    await ensureInstallation(database(), { issuer, keyring });
    server = await startSmtpServer();
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    await sql`delete from mail`.execute(database().kysely);
    lines = [];
    server.received.length = 0;
    server.refuseWith(undefined);
  });

  /** A process's job, over the mail server that a URL names. */
  const openJob = async (SMTP_URL: string | undefined = server.url) => {
    const mailing = await openMailing(settingsFor(SMTP_URL), issuer);
    const { run } = createMailJob({
      database: database(),
      keyring,
      log,
      mailing,
      passwordResets: people().passwordResets,
    });
    return (stop = new AbortController().signal) => run(stop);
  };
  const turn = async () => (await openJob())();
  const people = () =>
    openPeople({ database: database(), redis: undefined }, { keyring, sendsEmails: true });

  const newAccount = async (
    given: { name?: string; email?: string | null } = {},
  ): Promise<{ id: string; email: string }> => {
    const email = `${unique('ada')}@example.com`;
    const { id } = await createAccounts({ database: database() }).create(serverActor, {
      name: 'Ada Lovelace',
      email,
      ...given,
    });
    return { id, email };
  };

  /** A personal access token that was made some days ago and ends in some. */
  const newToken = async ({
    accountId,
    name = unique('laptop'),
    ago = 0,
    days = 30,
  }: {
    accountId: string;
    name?: string;
    ago?: number;
    days?: number | null;
  }) => {
    const { id, value } = await insertNamedToken(database().kysely, {
      kind: 'personal_access_token',
      clientId: personalClientId,
      accountId,
      name,
      scope: ['apps:read', 'audit:read'],
      resource: apiResource(issuer),
    });
    keepSecret('personal access token', value);
    const { key } = id;
    await sql`update token set issued_at = now() - ${ago} * interval '1 day',
      expires_at = now() + ${days}::float8 * interval '1 day' where shelf = 0 and key = ${key}`.execute(
      database().kysely,
    );
    return { id: publicId(id), key, value, name };
  };

  const record = (mail: NewMail) => recordMail(database().kysely, mail);

  /** A mail about a new token of somebody new. Gives their address. */
  const recordOne = async (): Promise<string> => {
    const { id, email } = await newAccount();
    const token = await newToken({ accountId: id });
    await record({ kind: 'token_created', accountId: id, details: { token_id: token.id } });
    return email;
  };

  const state = async () =>
    (
      await sql<{ sent: boolean; attempts: number; never: boolean; wait: number }>`
      select sent_at is not null as sent, attempts, next_attempt_at = 'infinity' as never,
        case when isfinite(next_attempt_at) then round(extract(epoch from next_attempt_at - now()))::integer end as wait
      from mail order by created_at`.execute(database().kysely)
    ).rows;

  /** As if the pause were over. */
  const due = () =>
    sql`update mail set next_attempt_at = now() where isfinite(next_attempt_at)`.execute(
      database().kysely,
    );

  describe('what a mail says', () => {
    test('is in the language of the account, otherwise of the page that asked for it, otherwise in the first of LANGUAGES', async () => {
      const accounts = createAccounts({ database: database() });
      const signIn = (accountId: string, language?: string) =>
        inRequestContext({ requestId: 'r', ip: '192.0.2.7', ...(language && { language }) }, () =>
          record({
            kind: 'new_sign_in',
            accountId,
            details: { at: new Date().toISOString(), user_agent: 'curl/8.5.0' },
          }),
        );
      const [austrian, french, other] = [
        await newAccount({ name: 'Ada' }),
        await newAccount({ name: 'Blaise' }),
        await newAccount({ name: 'Grace' }),
      ];
      await accounts.update(serverActor, austrian.id, { locale: 'de-AT' });
      await signIn(austrian.id, 'fr');
      await signIn(french.id, 'fr');
      await signIn(other.id, 'tlh');
      await turn();
      const mailTo = ({ email }: { email: string }) =>
        server.received.find(({ to }) => to === email);
      expect(mailTo(austrian)?.headers).toMatchObject({
        subject: 'Neue Anmeldung bei Ihrem Konto',
      });
      for (const words of [
        'Guten Tag, Ada,',
        'curl auf einer Befehlszeile',
        'den Support von Acme',
      ])
        expect(mailTo(austrian)?.text).toContain(words);
      expect(mailTo(austrian)?.html).toContain('<html lang="de">');
      expect(mailTo(french)?.text).toContain('Bonjour Blaise,');
      expect(mailTo(other)?.text).toContain('Hello Grace,');
      expect(mailTo(other)?.html).toContain('<html lang="en">');
    });

    test('that a program let an app in: which one, with which scopes, when and from where, and what to do', async () => {
      const { id, email } = await newAccount();
      const clientId = unique('drawings');
      const grantId = randomUUID();
      const payload = { resources: { 'https://api.test': 'streams:read streams:write' } };
      await sql`with app as (insert into client (client_id, metadata) values (${clientId},
          ${JSON.stringify({ client_name: 'Drawings' })}::jsonb) returning id)
        insert into oauth_grant (id, account_id, client_id, payload, live_until)
        select ${grantId}::uuid, ${id}::uuid, id, ${JSON.stringify(payload)}::jsonb, now() from app`.execute(
        database().kysely,
      );
      const mail = (grant_id: string) =>
        actingAs({ kind: 'account', id, ip: '192.0.2.7' }, () =>
          record({ kind: 'app_let_in', accountId: id, details: { grant_id } }),
        );
      await mail(grantId);
      await mail(randomUUID());
      await turn();
      expect(server.received).toMatchObject([
        { to: email, headers: { subject: 'An app was connected to your account: Drawings' } },
      ]);
      for (const form of [server.received[0]?.text, server.received[0]?.html])
        for (const words of [
          ...['Drawings', 'streams:read, streams:write', 'UTC', '192.0.2.7'],
          ...[
            'Revoke the app and the program, change your password, and contact Acme support',
            `${issuer}/account/connected`,
            `${issuer}/account/password`,
          ],
        ])
          expect(form).toContain(words);
    });

    test('that a token was made: its name, what it is for, when and from where, and what to do', async () => {
      const { id, email } = await newAccount();
      const { id: token_id, value } = await newToken({ accountId: id, name: 'laptop' });
      await actingAs({ kind: 'account', id, ip: '192.0.2.7' }, () =>
        record({ kind: 'token_created', accountId: id, details: { token_id } }),
      );
      await turn();
      expect(server.received).toHaveLength(1);
      const [mail] = server.received;
      if (!mail) throw new Error('no mail came');
      expect(mail).toMatchObject({ to: email, from: 'no-reply@login.acme.test' });
      const { rows } = await sql<{ id: string }>`select id from mail`.execute(database().kysely);
      expect(mail.headers).toMatchObject({
        from: 'Acme <no-reply@login.acme.test>',
        to: email,
        subject: 'A personal access token was created: laptop',
        'message-id': `<${rows[0]?.id}@login.acme.test>`,
        'auto-submitted': 'auto-generated',
      });
      for (const form of [mail.text, mail.html])
        for (const words of [
          ...['Hello Ada Lovelace,', 'laptop', 'Writ', '(apps:read); ', '192.0.2.7'],
          ...['UTC', 'was created for your account', 'If this was not you'],
          ...[`${issuer}/account/tokens`, `${issuer}/account/password`, brand],
        ])
          expect(form).toContain(words);
      // Branded, with a button and a way to get help, and nothing that a mail program would have to load.
      expect(mail.html).toMatch(/background: #ffc107; color: #14171d[^>]*>Review your tokens<\/a>/);
      expect(mail.html).not.toMatch(/<img|<style|<link|url\(/);
      const contact = 'contact Acme support (help@acme.test) at once.';
      expect(mail.text).toContain(contact);
      const color = onAnyGround('#ffc107');
      expect(mail.html.replaceAll(` style="color: ${color}"`, '')).toContain(
        contact.replace('help@acme.test', '<a href="mailto:help@acme.test">help@acme.test</a>'),
      );
      expect(mail.source + mail.text + mail.html).not.toContain(value.slice(0, 20));
      expect((await state()).map(({ sent }) => sent)).toEqual([true]);
    });

    test('that something leaked: what, and what to do now', async () => {
      const person = await newAccount();
      const told = { name: 'CI', hint: 'x7Qz', client_id: 'acme:backend' };
      await record({
        kind: 'token_leaked',
        accountId: person.id,
        details: { ...told, kind: 'personal_access_token', of_client: false },
      });
      await record({
        kind: 'token_leaked',
        accountId: person.id,
        details: { ...told, kind: 'client_secret', of_client: true },
      });
      await record({
        kind: 'token_leaked',
        accountId: person.id,
        details: { ...told, kind: 'api_key', of_client: true },
      });
      await turn();
      const [own, ofClient, key] = server.received;
      expect(own?.headers['subject']).toBe(
        'A personal access token was leaked and has been revoked: CI',
      );
      for (const words of ['x7Qz', 'Create a new one', `${issuer}/account/tokens`])
        expect(own?.text).toContain(words);
      expect(ofClient?.text).toContain('A client secret of the client acme:backend was found');
      expect(ofClient?.text).not.toContain('/account/');
      // The client of personal access tokens is one of the server itself.
      expect(own?.text).not.toContain('Client:');
      for (const mail of [ofClient, key])
        expect(mail?.text).toContain('writ audit list --actor acme:backend');
      for (const mail of server.received) expect(mail.text).not.toContain('one email an hour');
    });

    test('that one of many leaked: that others are told of once an hour, and where to see them', async () => {
      const { id: accountId } = await newAccount();
      const told = { name: null, hint: 'x7Qz', client_id: 'acme:backend' };
      await record({
        kind: 'token_leaked',
        accountId,
        details: { ...told, name: 'Win a prize', kind: 'api_token', of_client: true },
      });
      for (const kind of ['access_token', 'refresh_token'] as const)
        await record({
          kind: 'token_leaked',
          accountId,
          details: { ...told, kind, of_client: false },
        });
      await turn();
      const [ofClient, ...own] = server.received;
      for (const { text, html } of server.received)
        for (const form of [text, html]) {
          expect(form).toContain('More of the same kind may have been found and revoked');
          expect(form).toContain('at most one email an hour');
        }
      expect(ofClient?.text).toContain('writ audit list --action token.leaked');
      expect(own).toHaveLength(2);
      for (const { text } of own) expect(text).toContain(`${issuer}/account/connected`);
    });

    test('the name that a backend gave a token is in no subject of a mail to others', async () => {
      const { id: accountId } = await newAccount();
      for (const kind of ['api_token', 'api_key'] as const)
        await record({
          kind: 'token_leaked',
          accountId,
          details: {
            ...{ kind, name: 'Win a prize', hint: 'x7Qz' },
            ...{ client_id: 'acme:backend', of_client: true },
          },
        });
      await turn();
      expect(server.received.map(({ headers }) => headers['subject']).sort()).toEqual([
        'An API key was leaked and has been revoked',
        'An API token was leaked and has been revoked',
      ]);
      for (const { text } of server.received) expect(text).toContain('Name: Win a prize');
    });

    test('names stay text: they make no header, no second line and no markup', async () => {
      const { id } = await newAccount();
      // As an older version stored it: no such name is taken any more.
      const name = 'Ada\r\nBcc: eve@evil.test\r\n\r\n<b>&';
      await database().kysely.updateTable('account').set({ name }).where('id', '=', id).execute();
      const { id: token_id } = await newToken({
        accountId: id,
        name: 'x\r\nBcc: eve@evil.test\r\n\r\n<script>alert(1)</script>\u202e\u2028y',
      });
      await record({ kind: 'token_created', accountId: id, details: { token_id } });
      await turn();
      const [mail] = server.received;
      expect(server.received).toHaveLength(1);
      expect(mail?.headers).not.toHaveProperty('bcc');
      expect(mail?.headers['subject']).toBe(
        'A personal access token was created: x Bcc: eve@evil.test <script>alert(1)</script> y',
      );
      expect(mail?.text).not.toMatch(/^\s*Bcc:/m);
      expect(mail?.html).toContain('&lt;script&gt;');
      expect(mail?.html).not.toMatch(/<script|<b>/);
    });
  });

  describe('the link that verifies an email address', () => {
    const verification = () => createEmailVerification({ database: database(), keyring });

    const valueIn = (text = ''): string => /\/email\/([\w-]+)/.exec(text)?.[1] ?? '';

    const sendLink = async (accountId: string): Promise<string> => {
      server.received.length = 0;
      await verification().request(accountId);
      await turn();
      const value = valueIn(server.received.at(-1)?.text);
      expect(value).not.toBe('');
      keepSecret('email link', value);
      return value;
    };

    const isVerified = async (id: string) =>
      (await createAccounts({ database: database() }).describe(id))?.email_verified;

    test('goes to that address, and verifies it once the person uses it, with an event', async () => {
      const { id, email } = await newAccount();
      const value = await sendLink(id);
      expect(server.received).toMatchObject([{ to: email }]);
      expect(await verification().find(value)).toEqual({ name: 'Ada Lovelace', email });
      expect(await isVerified(id)).toBe(false);
      for (let time = 1; time <= 2; time++)
        expect(await verification().confirm(value, '192.0.2.1')).toBe(true);
      expect(await isVerified(id)).toBe(true);
      const events = await database()
        .kysely.selectFrom('audit_event')
        .select(['action', 'actor_id', 'ip'])
        .where('target_id', '=', id)
        .where('action', '=', 'account.email_verified')
        .execute();
      expect(events).toEqual([{ action: 'account.email_verified', actor_id: id, ip: '192.0.2.1' }]);
    });

    test('no longer works once the account has another address, which is not verified', async () => {
      const { id, email } = await newAccount();
      const value = await sendLink(id);
      await verification().confirm(value, undefined);
      const accounts = createAccounts({ database: database() });
      await accounts.update(serverActor, id, { email: `${unique('new')}@example.com` });
      expect(await isVerified(id)).toBe(false);
      expect(await verification().find(value)).toBeUndefined();
      expect(await verification().confirm(value, undefined)).toBe(false);
      expect(await isVerified(id)).toBe(false);
      // The new address gets a link of its own at once, which is of no use for the old one.
      const next = await sendLink(id);
      expect(next).not.toBe(value);
      await accounts.update(serverActor, id, { email });
      expect(await verification().confirm(next, undefined)).toBe(false);
      expect(await isVerified(id)).toBe(false);
    });

    test('is sent once, however often the person asks within minutes, and not if it is verified', async () => {
      const { id } = await newAccount();
      const value = await sendLink(id);
      await verification().request(id);
      await turn();
      expect(server.received).toHaveLength(1);
      await verification().confirm(value, undefined);
      await sql`delete from mail`.execute(database().kysely);
      await verification().request(id);
      await turn();
      expect(server.received).toHaveLength(1);
    });

    test('that is made up, of a disabled account, or sealed for something else does nothing', async () => {
      const { id, email } = await newAccount();
      const value = await sendLink(id);
      const claim = JSON.stringify({ accountId: id, email, expiresAt: 9_999_999_999 });
      const place = { table: 'account', row: '', purpose: 'something else' };
      const foreign = keyring.seal(place, claim).toString('base64url');
      for (const wrong of ['', 'x', value.slice(0, -3), `${value}${value}`, foreign])
        expect(await verification().confirm(wrong, undefined)).toBe(false);
      await createAccounts({ database: database() }).disable(serverActor, id);
      expect(await verification().confirm(value, undefined)).toBe(false);
      await expect(
        verification().request((await newAccount({ email: null })).id),
      ).rejects.toMatchObject({ code: 'conflict' });
    });
  });

  test('who registers gets a link or, if the address has an account, advice; administrators learn how many wait', async () => {
    const { kysely } = database();
    const request = async (email: string) => {
      const { id } = await kysely
        .insertInto('registration')
        .values({ email, expires_at: sql<Date>`now() + interval '1 day'` })
        .returning('id')
        .executeTakeFirstOrThrow();
      const details = { registration_id: id };
      await recordMail(kysely, { kind: 'registration_confirm', recipient: email, details });
    };
    const disable = (id: string, waits: boolean) =>
      sql`update account set disabled_at = now(), approval_requested_at = case when ${waits} then now() end
        where id = ${id}`.execute(kysely);
    const [active, waiting, disabled] = [
      await newAccount(),
      await newAccount(),
      await newAccount(),
    ];
    await disable(waiting.id, true);
    await disable(disabled.id, false);
    const nobody = `${unique('new')}@example.com`;
    for (const email of [nobody, active.email.toUpperCase(), waiting.email, disabled.email])
      await request(email);
    const root = await newAccount({ name: 'Root' });
    await record({ kind: 'registration_waiting', accountId: root.id, details: {} });
    await record({ kind: 'registration_approved', accountId: active.id, details: {} });
    await record({ kind: 'registration_refused', recipient: nobody, details: {} });
    await turn();
    const link = /https:\/\/login\.acme\.test\/registration\/([\w-]+)/;
    const to = (email: string) => server.received.filter((mail) => mail.to.toLowerCase() === email);
    const [confirm, refused] = to(nobody);
    keepSecret('registration link', link.exec(confirm?.text ?? '')?.[1] ?? '');
    expect(confirm).toMatchObject({
      headers: { subject: 'Create your Acme account' },
      text: expect.stringMatching(/^Hello,\r?\n/),
      html: expect.stringMatching(link),
    });
    expect(refused?.text).toContain('not approved');
    const [known, approved] = to(active.email);
    expect(known?.headers['subject']).toBe('You already have an account at Acme');
    expect(known?.text).toContain(`${issuer}/sign-in/forgot`);
    expect(to(waiting.email)[0]?.text).toContain('has to approve the account');
    expect(to(disabled.email)[0]?.text).toContain('is disabled');
    for (const { text } of [known, ...to(waiting.email), ...to(disabled.email)].filter(
      (mail) => mail !== undefined,
    ))
      expect(text).not.toMatch(link);
    expect(to(root.email)[0]?.headers['subject']).toBe('A person waits for approval');
    expect(approved?.headers['subject']).toBe('Your Acme account is approved');
  });

  describe('a person who forgot their password', () => {
    const linkIn = (text = ''): string => /\/sign-in\/reset\/(writ_link_\w+)/.exec(text)?.[1] ?? '';

    const ask = async (email: string, { ip = anotherAddress() } = {}): Promise<string> => {
      server.received.length = 0;
      await people().passwordResets.request({ email, ip });
      await turn();
      const value = server.received.map(({ text }) => linkIn(text)).join('');
      keepSecret('reset link', value);
      return value;
    };

    test('gets a link by email that sets a new password once, signs out others, and verifies the address', async () => {
      const { id, email } = await people().person();
      await people().sessions.begin(id, { amr: ['pwd'], hasFactor: false });
      const ip = anotherAddress();
      const value = await ask(email.toUpperCase(), { ip });
      expect(server.received).toMatchObject([
        { to: email, headers: { subject: 'Set a new password' } },
      ]);
      expect(server.received[0]?.text).toContain(`Requested from: ${ip}`);
      const { passwordResets, sessions, accounts, events } = people();
      expect(await passwordResets.find(value)).toMatchObject({ account: { email }, isUsed: false });
      const chosen = 'quite another long password';
      const both = await Promise.all([1, 2].map(() => passwordResets.accept(value, chosen)));
      expect(both.filter((each) => each?.accountId === id)).toHaveLength(1);
      expect(await passwordResets.find(value)).toMatchObject({ isUsed: true });
      expect(await sessions.list(id)).toEqual([]);
      expect(await accounts.describe(id)).toMatchObject({ email_verified: true });
      expect(await people().signIn({ email, password: chosen })).toMatchObject({ accountId: id });
      expect((await events(id)).map(({ action }) => action)).toEqual(
        expect.arrayContaining([
          'account.reset_link_sent',
          'account.password_changed',
          'account.email_verified',
        ]),
      );
      server.received.length = 0;
      await turn();
      // In a browser that the account did not know.
      expect(server.received.map(({ headers }) => headers['subject']).sort()).toEqual([
        'New sign-in to your account',
        'Your password was changed',
      ]);
    });

    test('only the newest link works, until the password is changed otherwise or half an hour has passed', async () => {
      const { id, email } = await people().person();
      const older = await ask(email);
      const newer = await ask(email);
      const { passwordResets, accounts } = people();
      expect(await passwordResets.find(older)).toBeUndefined();
      expect(await passwordResets.accept(older, goodPassword)).toBeUndefined();
      expect(await passwordResets.find(newer)).toBeDefined();
      await accounts.update(serverActor, id, { email: `${unique('moved')}@example.com` });
      expect(await passwordResets.accept(newer, goodPassword)).toBeUndefined();
      const last = await ask((await accounts.describe(id))?.email ?? '');
      expect(last).not.toBe('');
      await sql`update mailed_link set expires_at = now()`.execute(database().kysely);
      expect(await passwordResets.accept(last, goodPassword)).toBeUndefined();
    });

    test('an unknown, a disabled and a password-less account cost the request the same work, and get no link', async () => {
      const known = await people().person();
      const disabled = await people().person();
      await people().accounts.disable(serverActor, disabled.id);
      const without = await people().person({ hash: null });
      const { passwordResets, hasher } = people();
      const costs: unknown[] = [];
      for (const email of [
        ...[known.email, disabled.email, without.email],
        ...[`${unique('nobody')}@example.com`],
      ]) {
        await sql`delete from mail`.execute(database().kysely);
        const statements = await statementsOf(database(), () =>
          passwordResets.request({ email, ip: anotherAddress() }),
        );
        const { rows } = await sql<Record<string, number>>`
          select (select count(*)::integer from mail) as mails, (select count(*)::integer from mailed_link l
            join account a on a.id = l.account_id where a.email = ${email}) as links,
            (select count(*)::integer from forgotten_password) as requests`.execute(
          database().kysely,
        );
        costs.push({ statements, hashed: hasher.hashed.length, ...rows[0] });
        await sql`delete from forgotten_password`.execute(database().kysely);
      }
      expect(costs[0]).toMatchObject({ mails: 0, links: 0, requests: 1, hashed: 0 });
      for (const cost of costs) expect(cost).toEqual(costs[0]);

      for (const email of [disabled.email, `${unique('nobody')}@example.com`]) {
        await ask(email);
        expect(server.received).toEqual([]);
      }
      await ask(without.email);
      expect(server.received).toMatchObject([
        { to: without.email, headers: { subject: 'Your account has no password' } },
      ]);
      expect(server.received[0]?.text).not.toContain('/sign-in/reset/');
    });

    test('a mailbox gets three links in half an hour, and a network asks thirty times in an hour', async () => {
      const { email } = await people().person();
      for (let time = 1; time <= 3; time++) expect(await ask(email)).not.toBe('');
      expect(await ask(email)).toBe('');
      const ip = anotherAddress();
      const { passwordResets } = people();
      for (let time = 1; time <= 30; time++)
        await passwordResets.request({ email: `${unique('nobody')}@example.com`, ip });
      await expect(passwordResets.request({ email, ip })).rejects.toThrow(LimitReached);
    });
  });

  describe('another email address', () => {
    const valueIn = (text = ''): string => /\/email\/\w+\/(writ_link_\w+)/.exec(text)?.[1] ?? '';

    const change = async (id: string, email: string) => {
      await people().emailChange.request(id, email, '192.0.2.9');
      server.received.length = 0;
      await turn();
      const value = valueIn(server.received[0]?.text);
      keepSecret('email link', value);
      return value;
    };

    const confirm = async (value: string) => {
      expect(await people().emailChange.confirm(value, '192.0.2.9')).toBe('done');
      server.received.length = 0;
      await turn();
      const revert = valueIn(server.received[0]?.text);
      keepSecret('email link', revert);
      return revert;
    };

    test('is confirmed by a link that is sent there; the old one gets a link that restores it', async () => {
      const { id, email } = await people().person();
      const next = `${unique('ada')}@example.org`;
      const value = await change(id, next);
      expect(server.received).toMatchObject([
        { to: next, headers: { subject: 'Confirm your new email address' } },
      ]);
      const { accounts, emailChange, sessions } = people();
      expect((await accounts.describe(id))?.email).toBe(email);
      const revert = await confirm(value);
      expect(await accounts.describe(id)).toMatchObject({ email: next, email_verified: true });
      expect(await emailChange.confirm(value, undefined)).toBe('gone');
      expect(server.received).toMatchObject([
        { to: email, headers: { subject: 'Your email address was changed' } },
      ]);
      expect(server.received[0]?.text).toContain('a…@example.org');
      await sessions.begin(id, { amr: ['pwd'], hasFactor: false });
      expect(await emailChange.revert(revert, undefined)).toBe('done');
      expect(await accounts.describe(id)).toMatchObject({ email, email_verified: false });
      expect(await sessions.list(id)).toEqual([]);
      server.received.length = 0;
      await turn();
      expect(server.received).toMatchObject([
        { to: email, headers: { subject: 'Set a new password' } },
      ]);
    });

    test('who restores theirs takes the links of whoever changed it twice', async () => {
      const { id, email } = await people().person();
      const mine = await confirm(await change(id, `${unique('eve')}@example.com`));
      const theirs = await confirm(await change(id, `${unique('eve')}@example.com`));
      const { accounts, emailChange } = people();
      expect(await emailChange.findRevert(theirs)).toBeDefined();
      expect(await emailChange.revert(mine, undefined)).toBe('done');
      expect(await emailChange.revert(theirs, undefined)).toBe('gone');
      expect(await accounts.describe(id)).toMatchObject({ email });
    });

    test('what was added after the change signs no one in without the password, once the address is restored', async () => {
      const { id } = await people().person();
      const { kysely } = database();
      const provider = unique('acme');
      await kysely
        .insertInto('identity_provider')
        .values({
          ...{ id: provider, name: 'Acme', kind: 'oidc', issuer: 'https://acme.test' },
          ...{ client_id: 'writ', scopes: ['openid'] },
        })
        .execute();
      const add = async (name: string) => {
        await kysely
          .insertInto('passkey')
          .values({
            ...{ account_id: id, name, credential_id: Buffer.from(unique(name)), counter: 0 },
            ...{ public_key: Buffer.alloc(1), backup_eligible: false, backed_up: false },
            ...{ user_verified: true, aaguid: null, last_used_at: null },
          })
          .execute();
        await kysely
          .insertInto('linked_identity')
          .values({
            ...{ provider_id: provider, issuer: 'https://acme.test', subject: unique(name) },
            ...{ account_id: id, email: name, username: null, last_used_at: null },
          })
          .execute();
      };
      await add('before');
      const revert = await confirm(await change(id, `${unique('eve')}@example.com`));
      await add('since');
      expect(await people().emailChange.revert(revert, undefined)).toBe('done');
      const passkeys = await kysely
        .selectFrom('passkey')
        .select(['name', 'user_verified'])
        .where('account_id', '=', id)
        .orderBy('name')
        .execute();
      expect(passkeys).toEqual([
        { name: 'before', user_verified: true },
        { name: 'since', user_verified: false },
      ]);
      const identities = await kysely
        .selectFrom('linked_identity')
        .select('email')
        .where('account_id', '=', id)
        .execute();
      expect(identities).toEqual([{ email: 'before' }]);
      expect((await people().events(id)).map(({ action }) => action)).toContain(
        'identity.unlinked',
      );
    });

    test('that an administrator changes or removes is told at the old one', async () => {
      const { accounts, ...opened } = people();
      const { id, email } = await opened.person();
      const next = `${unique('ada')}@example.org`;
      for (const [to, words] of [
        [next, 'given your account another email address'],
        [null, 'removed the email address of your account'],
      ] as const) {
        await accounts.update(serverActor, id, { email: to });
        server.received.length = 0;
        await turn();
        expect(server.received).toMatchObject([
          {
            to: to === null ? next : email,
            headers: { subject: 'Your email address was changed' },
            text: expect.stringContaining(words),
          },
        ]);
        expect(server.received[0]?.text).not.toContain('/email/revert/');
      }
    });

    test('of another account gets no email, and no one learns that it exists', async () => {
      const [ada, grace] = [await people().person(), await people().person()];
      expect(await change(ada.id, grace.email)).toBe('');
      expect(server.received).toEqual([]);
      // It is taken between the email and the click.
      const next = `${unique('ada')}@example.com`;
      const value = await change(ada.id, next);
      await people().accounts.update(serverActor, grace.id, { email: next });
      expect(await people().emailChange.confirm(value, undefined)).toBe('taken');
      expect((await people().accounts.describe(ada.id))?.email).toBe(ada.email);
    });
  });

  test('a person learns that their factors were reset, and that their recovery codes were replaced', async () => {
    const { recoveryCodes, ...opened } = people();
    const { id } = await opened.person();
    await addAuthenticator(database().kysely, id);
    await recoveryCodes.replace(id, '192.0.2.9');
    const resets = createFactorResets({ database: database(), keyring, waitingHours: 0 });
    await resets.plan(serverActor, id);
    await turn();
    expect(server.received.map(({ headers }) => headers['subject'])).toEqual([
      'You have new recovery codes',
      'Your second factors were removed',
    ]);
    expect(server.received[0]?.text).toContain('192.0.2.9');
  });

  test('an invitation by email has the link, which verifies the address; ended sessions are told', async () => {
    const { id, email } = await newAccount();
    const { invitations, sessions, accounts } = people();
    const invited = await invitations.create(serverActor, id, { sendEmail: true });
    expect(invited.sentTo).toBe(email);
    await turn();
    expect(server.received).toMatchObject([{ to: email }]);
    expect(server.received[0]?.text).toContain(`${issuer}/invitation/${invited.value}`);
    await invitations.accept(invited.value, goodPassword);
    expect(await accounts.describe(id)).toMatchObject({ email_verified: true });
    await sql`delete from mail`.execute(database().kysely);
    const origin = { amr: ['pwd'], hasFactor: false };
    const { id: kept } = await sessions.begin(id, origin);
    await sessions.begin(id, origin);
    await sessions.revokeOthers(id, kept);
    await sessions.revokeAll(serverActor, id);
    server.received.length = 0;
    await turn();
    expect(server.received.map(({ headers }) => headers['subject']).sort()).toEqual([
      'You were signed out everywhere',
      'You were signed out everywhere else',
    ]);
  });

  test('mails come from whom the settings name', async () => {
    const to = await recordOne();
    const from = { name: 'Acme, the API', address: 'mail@acme.test' };
    const mailing = await openMailing(settingsFor(server.url, from), issuer);
    const passwordResets = { answer: async () => {} };
    const job = createMailJob({ database: database(), keyring, log, mailing, passwordResets });
    await job.run(new AbortController().signal);
    expect(server.received).toMatchObject([
      { to, from: 'mail@acme.test', headers: { from: '"Acme, the API" <mail@acme.test>' } },
    ]);
  });

  test('what a request queued is sent neither in its name nor within its wait budget', async () => {
    const contexts: unknown[] = [];
    const job = createMailJob({
      database: database(),
      keyring,
      log,
      mailing: undefined,
      passwordResets: {
        answer: async () => void contexts.push({ request: currentRequest(), wait: currentWait() }),
      },
    });
    inRequestContext({ requestId: 'r', ip: '192.0.2.7' }, () => withWaitBudget(job.notify));
    await job.close();
    expect(contexts).toEqual([{ request: undefined, wait: undefined }]);
  });

  test('the jobs of a process send them', async () => {
    const { promise: arrived, resolve } = Promise.withResolvers<void>();
    const to = await recordOne();
    server.refuseWith(() => void resolve());
    const jobs = startJobs({
      database: database(),
      partitions: createPartitions({ database: database() }),
      auditPartitions: createAuditPartitions({ database: database() }),
      factorResets: { applyDue: async () => 0 },
      unusedClients: { delete: async () => 0 },
      bulkRevocations: { continue: async () => 0 },
      rotation: {
        announce: async () => {},
        rotateDue: async () => [],
        removeRetired: async () => [],
        keepUsed: async () => {},
      },
      jobRuns: createJobRuns({ database: database() }),
      log,
      logout: { run: async () => {} },
      signals: { run: async () => {} },
      mail: createMailJob({
        database: database(),
        keyring,
        log,
        mailing: await openMailing(settingsFor(server.url), issuer),
        passwordResets: { answer: async () => {} },
      }),
      changeRetentionDays: 60,
      auditRetentionDays: 365,
    });
    await arrived;
    await jobs.close();
    await due();
    await turn();
    expect(server.received.map((mail) => mail.to)).toEqual([to]);
  });

  describe('the operator sees in the diagnostics', () => {
    const look = async (SMTP_URL: string | undefined) => {
      const mailing = await openMailing(settingsFor(SMTP_URL), issuer);
      const checks = await createDiagnostics({
        database: database(),
        redis: undefined,
        mail: mailing?.transport,
        isResealPending: async () => false,
        sawUntrustedProxy: () => false,
        dialects: [],
        providers: { enabled: async () => [] },
        trustedIssuers: { all: async () => [] },
        issuerKeys: { check: async () => [] },
        upstream: { check: async () => [] },
      })();
      return checks.filter(({ name }) => name === 'mail');
    };

    test('that no email is sent, as a warning on Postgres', async () => {
      expect(await look(undefined)).toMatchObject([
        {
          // Where many depend on it, people expect to be notified.
          status: database().embedded ? 'ok' : 'warning',
          message: expect.stringContaining('SMTP_URL is unset'),
        },
      ]);
    });

    test('that the mail server responds, but some emails could not be sent yet', async () => {
      expect(await look(server.url)).toMatchObject([{ status: 'ok' }]);
      await recordOne();
      // As it is while a process sends it.
      await sql`update mail set attempts = 1, next_attempt_at = now() + ${mailDelivery.taken} * interval '1 second'`.execute(
        database().kysely,
      );
      expect(await look(server.url)).toMatchObject([{ status: 'ok' }]);
      await sql`update mail set attempts = 0`.execute(database().kysely);
      await due();
      server.refuseWith(() => 'not today');
      await turn();
      expect(await look(server.url)).toMatchObject([
        { status: 'warning', message: expect.stringContaining('1 email is waiting.') },
      ]);
      expect(server.received).toEqual([]);
    });

    test('that the mail server is away, or takes another password, which is not said', async () => {
      const away = await startSmtpServer();
      await away.close();
      expect(await look(away.url)).toMatchObject([
        { status: 'failed', message: expect.stringContaining('ECONNREFUSED') },
      ]);
      const guarded = await startSmtpServer({ user: 'writ', password: randomUUID() });
      const wrong = randomUUID();
      const [check] = await look(`smtp://writ:${wrong}@127.0.0.1:${guarded.port}`);
      await guarded.close();
      expect(check).toMatchObject({ status: 'failed' });
      expect(JSON.stringify(check)).not.toContain(wrong);
    });
  });

  describe('a mail gets there', () => {
    test('once, however many processes send at once', async () => {
      const addresses = await Promise.all(Array.from({ length: 12 }, recordOne));
      const turns = await Promise.all([openJob(), openJob(), openJob()]);
      await Promise.all(turns.map((run) => run()));
      expect(server.received.map(({ to }) => to).sort()).toEqual(addresses.sort());
      await due();
      await turn();
      expect(server.received).toHaveLength(12);
    });

    test('later, where the server refuses it: with growing pauses, and others do not wait for it', async () => {
      const refused = await recordOne();
      server.refuseWith((to) => (to === refused ? 'not today' : undefined));
      const taken = await recordOne();
      const waits: number[] = [];
      for (let attempt = 1; attempt <= 7; attempt++) {
        await turn();
        const [first] = await state();
        expect(first).toMatchObject({ sent: false, attempts: attempt });
        waits.push(first?.wait ?? 0);
        await due();
      }
      expect(waits).toEqual([60, 300, 900, 3600, 14_400, 14_400, 14_400]);
      expect(server.received.map(({ to }) => to)).toEqual([taken]);
      expect(lines.filter(({ level }) => level === 40)).toHaveLength(7);
      expect(lines[0]).toMatchObject({
        msg: 'emails could not be sent and will be retried',
        err: { message: expect.stringContaining('not today') },
      });
      server.refuseWith(undefined);
      await turn();
      expect(server.received.map(({ to }) => to)).toEqual([taken, refused]);
    });

    test('not before its pause is over', async () => {
      await recordOne();
      server.refuseWith(() => 'not today');
      await turn();
      server.refuseWith(undefined);
      await turn();
      expect(server.received).toEqual([]);
    });

    test('once its server is back; while that is away, a turn tries one mail and no more', async () => {
      const addresses = [await recordOne(), await recordOne(), await recordOne()];
      const away = await startSmtpServer();
      await away.close();
      await (await openJob(away.url))();
      expect((await state()).map(({ attempts }) => attempts)).toEqual([1, 0, 0]);
      await due();
      await turn();
      expect(server.received.map(({ to }) => to).sort()).toEqual(addresses.sort());
    });

    test('by a process that knows its kind: an older one leaves it alone', async () => {
      const { id } = await newAccount();
      await sql`insert into mail (kind, account_id, details) values ('of_a_newer_version', ${id}, '{}')`.execute(
        database().kysely,
      );
      const known = await recordOne();
      await turn();
      expect(server.received.map(({ to }) => to)).toEqual([known]);
      expect(await state()).toMatchObject([
        { sent: false, never: false, attempts: 0 },
        { sent: true },
      ]);
    });

    test('at most three days late, and then it is given up', async () => {
      await recordOne();
      const fresh = await recordOne();
      await sql`update mail set created_at = now() - ${mailDelivery.givenUpAfter + 1} * interval '1 second'
        where id = (select id from mail order by created_at limit 1)`.execute(database().kysely);
      await turn();
      expect(server.received.map(({ to }) => to)).toEqual([fresh]);
      expect(await state()).toMatchObject([
        { sent: false, never: true },
        { sent: true, never: false },
      ]);
      await turn();
      expect(lines.map(({ msg }) => msg)).toEqual([
        'emails could not be sent for days and are dropped',
      ]);
    });

    test('not at all where nobody can or should read it', async () => {
      const disabled = await newAccount();
      await createAccounts({ database: database() }).disable(serverActor, disabled.id);
      const accounts = [
        disabled.id,
        (await newAccount({ email: null })).id,
        (await newAccount({ email: `${unique('admin')}@localhost` })).id,
      ];
      for (const accountId of accounts) {
        const details = { kind: 'api_key', name: null, hint: 'abcd', client_id: 'x' } as const;
        await record({
          kind: 'token_leaked',
          accountId,
          details: { ...details, of_client: true },
        });
      }
      const { id: accountId } = await newAccount();
      const gone = `tok_${'0'.repeat(25)}`;
      await record({ kind: 'token_created', accountId, details: { token_id: gone } });
      await turn();
      expect(server.received).toEqual([]);
      expect(lines).toEqual([]);
      for (const each of await state()) expect(each).toMatchObject({ sent: false, never: true });
    });

    test('not where no server was named when it was made: whoever names one later sends nothing old', async () => {
      await recordOne();
      await (await openJob(''))();
      expect(await state()).toMatchObject([{ never: true }]);
      const later = await recordOne();
      await turn();
      expect(server.received.map(({ to }) => to)).toEqual([later]);
    });
  });

  describe('a mail server that takes a connection and says nothing', () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => {
      sockets.push(socket.on('error', () => {}));
    });
    beforeAll(async () => {
      silent.listen(0, '127.0.0.1');
      await once(silent, 'listening');
    });
    afterEach(() => {
      for (const socket of sockets.splice(0)) socket.destroy();
    });
    afterAll(() => void silent.close());
    const url = () => `smtp://127.0.0.1:${(silent.address() as AddressInfo).port}`;

    test('does not hold up a process that is to stop, and the mail is tried again', async () => {
      await recordOne();
      const stop = new AbortController();
      const running = (await openJob(url()))(stop.signal);
      await once(silent, 'connection');
      stop.abort();
      await running;
      expect(await state()).toMatchObject([{ sent: false, attempts: 1, wait: 60 }]);
    });

    test('is given up on in the time that it was given', async () => {
      const mailing = await openMailing(settingsFor(url()), issuer);
      await expect(mailing?.transport.verify(50)).rejects.toThrow();
    });
  });

  describe('a password of the mail server', () => {
    const password = `p@ss/w:rd ${randomUUID()}`;
    let guarded: Awaited<ReturnType<typeof startSmtpServer>>;
    beforeAll(async () => {
      keepSecret('SMTP password', password);
      guarded = await startSmtpServer({ user: 'writ', password });
    });
    afterAll(() => guarded.close());
    const url = (given: string, host = '127.0.0.1') =>
      `smtp://writ:${encodeURIComponent(given)}@${host}:${guarded.port}`;

    test('opens it, whatever characters it has', async () => {
      const to = await recordOne();
      await (await openJob(url(password)))();
      expect(guarded.received.map((mail) => mail.to)).toEqual([to]);
    });

    test('is not in the log where it is wrong', async () => {
      const wrong = `wrong ${randomUUID()}`;
      await recordOne();
      await (await openJob(url(wrong)))();
      expect(lines).toHaveLength(1);
      expect(JSON.stringify(lines)).not.toContain(wrong);
      expect(await state()).toMatchObject([{ sent: false }]);
    });

    test('is never sent in clear to another machine: whoever holds back the offer of TLS gets nothing', async () => {
      await recordOne();
      const before = guarded.logins();
      // This machine, under a name that does not say so.
      await (await openJob(url(password, '127.0.0.2')))();
      expect(guarded.logins()).toBe(before);
      expect(await state()).toMatchObject([{ sent: false, attempts: 1 }]);
      expect(lines[0]?.err?.message).toMatch(/TLS/i);
    });
  });

  describe('whose token ends soon', () => {
    const subjects = () => server.received.map(({ headers }) => headers['subject']);
    /** Each turn is the first of a process, and so looks for them. */
    const remind = turn;

    beforeEach(() => sql`delete from token_shelf_0`.execute(database().kysely));

    const tokenOf = async (given: { ago?: number; days?: number | null; name?: string }) => {
      const account = await newAccount();
      return { ...account, token: await newToken({ accountId: account.id, ...given }) };
    };
    const endIn = (key: Buffer, days: number) =>
      sql`update token set expires_at = now() + ${days} * interval '1 day' where shelf = 0 and key = ${key}`.execute(
        database().kysely,
      );

    /** As if time had passed until so many days before the end: what was told stays told. */
    const passUntil = async (key: Buffer, days: number) => {
      await endIn(key, days);
      await sql`update mail set once = regexp_replace(once, ':\\d+:', (select ':' || extract(epoch from expires_at)::bigint || ':'
        from token where shelf = 0 and key = ${key}))`.execute(database().kysely);
    };

    test('is written to 14, 7 and 1 days before, once each', async () => {
      const { token, email } = await tokenOf({ ago: 60, days: 20, name: 'laptop' });
      const told: (string | undefined)[] = [];
      for (const days of [14.5, 13.9, 13.9, 8, 6.9, 3, 0.9, 0.5]) {
        await passUntil(token.key, days);
        server.received.length = 0;
        await remind();
        await remind();
        expect(server.received.every(({ to }) => to === email)).toBe(true);
        told.push(subjects().join());
      }
      const ends = 'Your personal access token “laptop” expires';
      expect(told).toEqual([
        '',
        `${ends} in 14 days`,
        '',
        '',
        `${ends} in 7 days`,
        '',
        `${ends} within a day`,
        '',
      ]);
    });

    test('is told of the nearest threshold alone, after an outage that missed the others', async () => {
      await tokenOf({ ago: 60, days: 0.5, name: 'laptop' });
      await remind();
      expect(subjects()).toEqual(['Your personal access token “laptop” expires within a day']);
    });

    test.each([
      ['14 days', 14],
      ['14 days, by a clock that is a little ahead', 14.001],
      ['7 days', 7],
      ['a day', 1],
      ['an hour', 1 / 24],
    ])('is not told at once that a token ends that was made for %s', async (_for, days) => {
      await tokenOf({ days });
      await remind();
      expect(subjects()).toEqual([]);
    });

    test('is told of a token that was made for 10 days a week before its end, and of none for 5', async () => {
      await tokenOf({ ago: 3.5, days: 6.5, name: 'ten' });
      await tokenOf({ ago: 0.5, days: 4.5, name: 'five' });
      await remind();
      expect(subjects()).toEqual(['Your personal access token “ten” expires in 7 days']);
    });

    test('is told again once the end was changed', async () => {
      const { token } = await tokenOf({ ago: 60, days: 6 });
      await remind();
      await endIn(token.key, 100);
      await remind();
      expect(server.received).toHaveLength(1);
      await endIn(token.key, 5);
      await remind();
      expect(server.received).toHaveLength(2);
    });

    test('is not told of what is over, was replaced, never ends, or ends later; nor is whoever is disabled', async () => {
      const change = async (assignment: string) => {
        const { token } = await tokenOf({ ago: 60, days: 5 });
        await sql`update token set ${sql.raw(assignment)} where shelf = 0 and key = ${token.key}`.execute(
          database().kysely,
        );
      };
      await change('revoked_at = now()');
      await change(`successor = '\\x00'`);
      await change(`expires_at = now() - interval '1 second'`);
      await change('account_epoch = 7');
      await change(`kind = 'api_key'`);
      await tokenOf({ ago: 60, days: 15 });
      await tokenOf({ ago: 60, days: null });
      const { id } = await tokenOf({ ago: 60, days: 5 });
      await createAccounts({ database: database() }).disable(serverActor, id);
      await remind();
      expect(await state()).toEqual([]);
    });

    test('is not told of an end that is none any more when the mail leaves', async () => {
      const tokens = [
        await tokenOf({ ago: 60, days: 5 }),
        await tokenOf({ ago: 60, days: 5 }),
        await tokenOf({ ago: 60, days: 5 }),
      ];
      server.refuseWith(() => 'not today');
      await remind();
      expect(await state()).toHaveLength(3);
      const [changed, revoked, rolled] = tokens.map(({ token }) => token.key);
      if (changed) await endIn(changed, 50);
      await sql`update token set revoked_at = now() where shelf = 0 and key = ${revoked}`.execute(
        database().kysely,
      );
      await sql`update token set successor = '\\x00' where shelf = 0 and key = ${rolled}`.execute(
        database().kysely,
      );
      server.refuseWith(undefined);
      await due();
      await turn();
      expect(server.received).toEqual([]);
      for (const each of await state()) expect(each).toMatchObject({ sent: false, never: true });
    });
  });
});
