import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { type KyselyPlugin, sql } from 'kysely';
import { requestLimits } from '../../../config/limits.ts';
import { administratorRole } from '../../../config/roles.ts';
import type { Database } from '../../../db/database.ts';
import { createKeyring } from '../../../src/crypto/sealing.ts';
import { createAccountDeletion } from '../../../src/domain/accounts/deletion.ts';
import { sealRegistrationLink } from '../../../src/domain/accounts/registration/link.ts';
import {
  createRegistration,
  type Registration,
  type RegistrationRules,
} from '../../../src/domain/accounts/registration/registration.ts';
import { createRequestLimits } from '../../../src/domain/limits/request-limits.ts';
import { createRoles } from '../../../src/domain/roles/roles.ts';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import { sweep } from '../../../src/jobs/sweep.ts';
import { onEachDatabase } from '../../db/each-database.ts';
import { keepSecret } from '../../support/run-records.ts';
import { secretKey, unique } from '../../support/stacks.ts';
import {
  anotherAddress,
  goodPassword,
  here,
  openPeople,
  quickHasher,
  watchedHasher,
} from './people.ts';

const keyring = createKeyring([secretKey]);
const product = { brand: 'Writ', issuer: 'http://localhost' };
const newAddress = () => `${unique('ada')}@example.com`;

onEachDatabase((database) => {
  const open = (rules: Partial<RegistrationRules> = {}, watched: Database = database()) => {
    const people = openPeople(
      { database: database(), redis: undefined },
      { hasher: watchedHasher(quickHasher) },
    );
    const { limits, hasher } = people;
    const registration = createRegistration(
      {
        database: watched,
        keyring,
        product,
        limits,
        sendsEmails: true,
        requestLimits: createRequestLimits({ limits, table: requestLimits }),
        hasher,
      },
      { mode: 'open', domains: [], roles: [], ...rules },
    ) as Registration;
    return { ...people, registration };
  };

  const rowsOf = (email: string) =>
    database()
      .kysely.selectFrom('registration')
      .select('id')
      .where('email', '=', email)
      .orderBy('created_at')
      .execute();

  /** Requests a link, and reads what its email would contain. */
  const link = async (registration: Registration, email: string): Promise<string> => {
    await registration.request({ email, ip: anotherAddress() });
    const value = sealRegistrationLink(keyring, String((await rowsOf(email)).at(-1)?.id));
    keepSecret('registration link', value);
    return value;
  };

  const entered = (value: string) => ({
    value,
    name: 'Ada Lovelace',
    password: goodPassword,
    repeat: goodPassword,
    acceptsTerms: false,
    ip: here,
  });

  const problemsOf = async (work: Promise<unknown>): Promise<(string | undefined)[]> => {
    const error = await work.then(
      () => undefined,
      (thrown) => thrown,
    );
    return (error?.details ?? []).map(({ parameter }: { parameter?: string }) => parameter);
  };

  test('a person confirms an address with a link that works once, and can sign in', async () => {
    const { registration, accounts, signIn, events } = open({
      termsUrl: 'https://acme.test/terms',
    });
    const email = newAddress();
    const value = await link(registration, ` ${email} `.trim());
    expect(await registration.find(value)).toEqual({ email });
    const given = { ...entered(value), acceptsTerms: true };
    const registered = await registration.confirm(given);
    expect(registered).toMatchObject({ isWaiting: false });
    const id = String(registered?.accountId);
    expect(await accounts.describe(id)).toMatchObject({
      email,
      email_verified: true,
      name: 'Ada Lovelace',
      roles: [],
      accepted_terms: {
        terms_url: 'https://acme.test/terms',
        privacy_url: null,
        accepted_at: expect.any(String),
      },
      approval_requested_at: null,
      disabled_at: null,
    });
    expect(await signIn({ email })).toMatchObject({ accountId: id });
    expect(await registration.find(value)).toBeUndefined();
    expect(await registration.confirm(given)).toBeUndefined();
    expect(await rowsOf(email)).toEqual([]);
    const [event] = await events(id);
    expect(event).toMatchObject({ action: 'account.registered', actor_id: id, ip: here });
    expect(event?.details).toEqual({
      email,
      roles: [],
      terms_url: 'https://acme.test/terms',
      privacy_url: null,
    });
    expect(JSON.stringify(event)).not.toContain(value);
  });

  test('a request does the same work for an address with an account as for one without', async () => {
    const statements: string[] = [];
    const plugin: KyselyPlugin = {
      transformQuery: ({ node }) => {
        statements.push(`${node.kind} ${JSON.stringify(node).match(/"name":"(\w+)"/)?.[1]}`);
        return node;
      },
      transformResult: async ({ result }) => result,
    };
    const watched = { ...database(), kysely: database().kysely.withPlugin(plugin) };
    const { registration, person } = open({}, watched);
    const { email: known } = await person();
    const workOf = async (email: string) => {
      statements.length = 0;
      await registration.request({ email, ip: anotherAddress() });
      const { rows } = await sql<{ kind: string }>`
        select kind from mail where recipient = ${email} and account_id is null`.execute(
        database().kysely,
      );
      return { statements: [...statements], mails: rows.map(({ kind }) => kind) };
    };
    const unknown = await workOf(newAddress());
    expect(unknown.mails).toEqual(['registration_confirm']);
    expect(unknown.statements).toHaveLength(2);
    expect(await workOf(known)).toEqual(unknown);
  });

  test('an unconfirmed address is reserved by no one: of ten links that are used at once, one gets it', async () => {
    const { registration } = open();
    const email = newAddress();
    const values = [
      await link(registration, email),
      await link(registration, email),
      await link(registration, email.toUpperCase()),
    ];
    const results = await Promise.all(
      Array.from({ length: 10 }, (_, i) => registration.confirm(entered(String(values[i % 3])))),
    );
    expect(results.filter(Boolean)).toHaveLength(1);
    for (const value of values) expect(await registration.find(value)).toBeUndefined();
    const { rows } = await sql`
      select from account where lower(email) = ${email} and deleted_at is null`.execute(
      database().kysely,
    );
    expect(rows).toHaveLength(1);
  });

  test('a link expires, is swept with its address, and no text of another origin is one', async () => {
    const { registration } = open();
    const email = newAddress();
    const value = await link(registration, email);
    await sql`update registration set expires_at = now() where email = ${email}`.execute(
      database().kysely,
    );
    expect(await registration.find(value)).toBeUndefined();
    expect(await registration.confirm(entered(value))).toBeUndefined();
    expect(await sweep(database(), { changeRetentionDays: 60 })).toMatchObject({
      registration: expect.any(Number),
    });
    expect(await rowsOf(email)).toEqual([]);
    const other = createKeyring(['a key of another installation, long enough']);
    for (const foreign of [
      sealRegistrationLink(other, randomUUID()),
      sealRegistrationLink(keyring, randomUUID()),
      sealRegistrationLink(keyring, 'no uuid'),
      keyring
        .seal({ table: 'account', row: '', purpose: 'email address' }, randomUUID())
        .toString('base64url'),
      'x'.repeat(10_000),
      '',
    ])
      expect(await registration.find(foreign)).toBeUndefined();
  });

  test('only addresses at the domains of the installation register, also with a link from before', async () => {
    const { registration } = open();
    const before = await link(registration, newAddress());
    const limited = open({ domains: ['acme.test', '*.acme.example'] }).registration;
    for (const email of ['a@acme.test', 'a@ACME.test', 'a@it.acme.example', 'a@a.b.acme.example'])
      await limited.request({ email, ip: anotherAddress() });
    for (const email of [
      ...[
        'a@example.com',
        'a@acme.example',
        'a@evilacme.test',
        'a@it.acme.test',
        'a@evilacme.example',
      ],
      ...[
        'a@acme.test@example.com',
        'acme.test',
        '',
        'a b@acme.test',
        'a@acme.test\0',
        `${'a'.repeat(320)}@acme.test`,
      ],
    ])
      expect([email, await problemsOf(limited.request({ email, ip: anotherAddress() }))]).toEqual([
        email,
        ['email'],
      ]);
    expect(await limited.find(before)).toBeUndefined();
    expect(await limited.confirm(entered(before))).toBeUndefined();
  });

  test('every problem of the form is reported at once, and the link still works', async () => {
    const { registration } = open({ privacyUrl: 'https://acme.test/privacy' });
    const value = await link(registration, newAddress());
    for (const name of ['', ' ', 'a\u202eb', 'x'.repeat(201), '\ud800'])
      expect(
        await problemsOf(
          registration.confirm({ ...entered(value), name, password: 'short', repeat: 'other' }),
        ),
      ).toEqual(['name', 'password', 'repeat', 'terms']);
    expect(await registration.confirm({ ...entered(value), acceptsTerms: true })).toMatchObject({
      isWaiting: false,
    });
  });

  test('a flood is stopped by network and for the whole installation; one address gets three emails without a word', async () => {
    const { registration, limits } = open();
    const email = newAddress();
    for (let i = 0; i < 5; i++) await registration.request({ email, ip: anotherAddress() });
    expect(await rowsOf(email)).toHaveLength(requestLimits['registration.address'].points);
    const { points } = requestLimits['registration.network'];
    const ip = '2001:db8::1';
    for (let i = 0; i < points; i++) await registration.request({ email, ip });
    await expect(registration.request({ email, ip: '2001:db8::2' })).rejects.toMatchObject({
      policy: { name: 'registration.network' },
    });
    const tight = createRegistration(
      {
        database: database(),
        keyring,
        product,
        limits,
        sendsEmails: true,
        requestLimits: createRequestLimits({
          limits,
          table: {
            'registration.installation': {
              ...requestLimits['registration.installation'],
              points: 1,
            },
          },
        }),
      },
      { mode: 'open', domains: [], roles: [] },
    );
    await expect(
      Promise.all([1, 2].map(() => tight?.request({ email: newAddress(), ip: anotherAddress() }))),
    ).rejects.toMatchObject({ policy: { name: 'registration.installation' } });
  });

  test('new accounts get the roles of the setting that exist', async () => {
    const role = unique('reader');
    await createRoles({ database: database() }).set(serverActor, { name: role, permissions: [] });
    const { registration, accounts } = open({ roles: [role, unique('gone')] });
    const registered = await registration.confirm(entered(await link(registration, newAddress())));
    expect((await accounts.describe(String(registered?.accountId)))?.roles).toEqual([role]);
  });

  test('with approval an account waits: no one signs in to it before an administrator approves it; a refused one is deleted', async () => {
    const people = open({ mode: 'approval' });
    const { registration, accounts, signIn, passwords } = people;
    await createRoles({ database: database() }).set(serverActor, {
      name: administratorRole,
      permissions: [],
    });
    const administrator = await accounts.create(serverActor, {
      name: 'Root',
      email: newAddress(),
      roles: [administratorRole],
    });
    const wait = async (email: string) => {
      const registered = await registration.confirm(entered(await link(registration, email)));
      expect(registered).toMatchObject({ isWaiting: true });
      return String(registered?.accountId);
    };
    const mailsTo = async (email: string) =>
      (
        await sql<{
          kind: string;
        }>`select kind from mail left join account a on a.id = mail.account_id
          where coalesce(mail.recipient, a.email) = ${email} and kind <> 'registration_confirm' order by mail.created_at`.execute(
          database().kysely,
        )
      ).rows.map(({ kind }) => kind);
    const [email, other] = [newAddress(), newAddress()];
    const [id, refused] = [await wait(email), await wait(other)];
    await expect(signIn({ email })).rejects.toMatchObject({ reason: 'wrong' });
    const waiting = await accounts.page({ limit: 100, waiting: true });
    expect(waiting.map((each) => each.id).sort()).toEqual([id, refused].sort());
    expect(await mailsTo(String(administrator.email))).toEqual(['registration_waiting']);

    const without = { kind: 'account', id, scopes: new Set<string>() } as const;
    expect(await accounts.approve(without, id)).toBe(true);
    expect(await mailsTo(email)).toEqual(['registration_approved']);
    expect(await signIn({ email })).toMatchObject({ accountId: id });
    await expect(accounts.approve(serverActor, id)).rejects.toMatchObject({ code: 'conflict' });
    expect(await accounts.approve(serverActor, randomUUID())).toBe(false);

    const deletion = createAccountDeletion({ database: database(), passwords });
    await expect(deletion.refuse(serverActor, id)).rejects.toMatchObject({ code: 'conflict' });
    expect(await deletion.refuse(serverActor, refused)).toBe(true);
    expect(await accounts.describe(refused)).toBeUndefined();
    expect(await mailsTo(other)).toEqual(['registration_refused']);
    const actions = async (account: string) =>
      (await people.events(account)).map(({ action }) => action);
    expect(await actions(id)).toEqual([
      'account.registered',
      'account.approved',
      'account.signed_in',
    ]);
    expect(await actions(refused)).toEqual(['account.registered', 'account.refused']);
    expect((await people.events(refused))[0]?.details).not.toHaveProperty('email');

    const again = await wait(other);
    expect(await accounts.enable(serverActor, again)).toBe(true);
    expect((await accounts.page({ limit: 100, waiting: true })).length).toBe(0);
  });
});
