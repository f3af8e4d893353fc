import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { TOTP } from 'otpauth';
import { passkeys as config } from '../../../config/passkeys.ts';
import { createFactorPolicy } from '../../../src/domain/accounts/factor-policy.ts';
import { actingAs } from '../../../src/domain/audit/actor.ts';
import { createPasskeysDomain } from '../../../src/domain/passkeys/index.ts';
import { relyingPartyOf } from '../../../src/domain/passkeys/relying-party.ts';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import {
  type Behaviour,
  type SoftAuthenticator,
  softAuthenticator,
} from '../../support/soft-authenticator.ts';
import {
  anotherAddress,
  here,
  onStore,
  openPeople,
  outcomes,
  type Store,
} from '../accounts/people.ts';

/** People with passkeys, as one process has them. */
function openPasskeys(store: Store) {
  const people = openPeople(store);
  const { keyring, limits, completion, database } = people;
  const relyingParty = relyingPartyOf({ issuer: 'http://localhost', name: 'Writ' });
  const passkeys = createPasskeysDomain({
    ...{ database, keyring, limits, completion, relyingParty },
    factorPolicy: createFactorPolicy({ who: 'optional', days: 0 }),
    recoveryCodes: { issueIfNone: async () => undefined },
    rememberedBrowserDays: 30,
  });
  if (!passkeys) throw new Error('localhost has passkeys');
  const browser = randomUUID();

  const add = async (
    id: string,
    authenticator: SoftAuthenticator,
    given: Behaviour = {},
    name = '',
  ) => {
    const options = await passkeys.registration.options(id, browser);
    const response = authenticator.create(options, given);
    return actingAs({ kind: 'account', id, ip: here }, () =>
      passkeys.registration.add({
        accountId: id,
        sessionId: randomUUID(),
        browser,
        response,
        name,
        device: 'A test',
      }),
    );
  };
  const answer = async (
    authenticator: SoftAuthenticator,
    given: Behaviour = {},
    accountId?: string,
  ) => {
    const options = await passkeys.signIn.options(browser, accountId);
    if (!options) throw new Error('there is nothing to ask for');
    return authenticator.get(options, given);
  };
  const send = (
    response: string,
    {
      accountId,
      from = browser,
      ip = anotherAddress(),
    }: { accountId?: string; from?: string; ip?: string } = {},
  ) =>
    passkeys.signIn.signIn({
      response,
      accountId,
      origin: { ip, userAgent: 'a test', browser: from },
    });
  return {
    people,
    passkeys,
    browser,
    add,
    answer,
    send,
    signIn: async (authenticator: SoftAuthenticator, given: Behaviour = {}) =>
      send(await answer(authenticator, given)),
    mails: async (accountId: string) =>
      await database.kysely
        .selectFrom('mail')
        .select(['kind', 'details'])
        .where('account_id', '=', accountId)
        .orderBy('kind')
        .execute(),
  };
}

const refused = (reason: string) => ({ name: 'PasskeyRefused', reason });

onStore((store) => {
  test('a passkey with user verification signs its owner in without a password, as a strong sign-in', async () => {
    const { people, passkeys, add, signIn } = openPasskeys(store());
    const { id } = await people.person({ hash: null });
    const [phone, key] = [softAuthenticator({ synced: true }), softAuthenticator({ counts: true })];
    await add(id, phone);
    await add(id, key, { transports: ['usb', 'nfc'] });
    const begun = [await signIn(phone), await signIn(key)];
    const sessions = await Promise.all(
      begun.map((one) => people.sessions.find('value' in one ? one.value : '')),
    );
    expect(sessions).toMatchObject([
      { account: { id }, amr: ['swk', 'user', 'mfa'], hasFactor: true, lacksFactor: false },
      { account: { id }, amr: ['hwk', 'user', 'mfa'], hasFactor: true, lacksFactor: false },
    ]);
    expect(await passkeys.list(id)).toMatchObject([
      { name: 'A test', user_verified: true, backed_up: true, last_used_at: expect.any(Date) },
      {
        name: 'Security key',
        user_verified: true,
        backed_up: false,
        last_used_at: expect.any(Date),
      },
    ]);
  });

  test('authenticators know an account by a random ID, which stays the same and names each passkey they have', async () => {
    const { people, passkeys, browser, add } = openPasskeys(store());
    const { id, email } = await people.person();
    const first = await passkeys.registration.options(id, browser);
    await add(id, softAuthenticator());
    const again = await passkeys.registration.options(id, browser);
    expect(again.user).toEqual({ id: first.user.id, name: email, displayName: 'Ada Lovelace' });
    expect(Buffer.from(first.user.id, 'base64url')).toHaveLength(64);
    expect([first.attestation, first.rp]).toEqual(['none', { id: 'localhost', name: 'Writ' }]);
    const [passkey] = await passkeys.list(id);
    expect(again.excludeCredentials).toEqual([
      { type: 'public-key', id: passkey?.credential_id, transports: ['internal'] },
    ]);
  });

  test('an answer counts once, also if it arrives twice at the same time', async () => {
    const { people, add, answer, send } = openPasskeys(store());
    const { id } = await people.person();
    const authenticator = softAuthenticator();
    await add(id, authenticator);
    const response = await answer(authenticator);
    const all = await outcomes(Array.from({ length: 6 }, () => send(response)));
    expect(all.toSorted()).toEqual([...Array.from({ length: 5 }, () => 'expired'), 'in']);
    await expect(send(response)).rejects.toMatchObject(refused('expired'));
    expect(await people.sessions.list(id)).toHaveLength(1);
  });

  test('a passkey whose counter goes back is refused, also at the same time; its owner gets one email', async () => {
    const { people, add, answer, send, signIn, mails } = openPasskeys(store());
    const { id } = await people.person();
    const authenticator = softAuthenticator({ counts: true });
    const { id: passkeyId } = await add(id, authenticator);
    await signIn(authenticator);
    await signIn(authenticator);
    const [key] = authenticator.keys;
    if (!key) throw new Error('no key');
    const copy = { ...key, counter: 0 };
    const original = authenticator.keys.splice(0, 1, copy);
    await expect(signIn(authenticator)).rejects.toMatchObject(refused('cloned'));
    copy.counter = 1;
    await expect(signIn(authenticator)).rejects.toMatchObject(refused('cloned'));
    // Two answers with the same counter are of two authenticators.
    const first = await answer(authenticator, { counts: true });
    copy.counter--;
    const second = await answer(authenticator);
    expect((await outcomes([send(first), send(second)])).toSorted()).toEqual(['cloned', 'in']);
    authenticator.keys.splice(0, 1, ...original);
    expect(
      (await people.events(id)).filter(({ action }) => action === 'passkey.cloned'),
    ).toMatchObject([
      { actor_id: id, details: { passkey_id: passkeyId, counter: 1 } },
      { details: { counter: 2 } },
      { details: { counter: 3 } },
    ]);
    const kinds = (await mails(id)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'passkey_cloned')).toHaveLength(1);
  });

  test('anyone can send a counter that went back: without a valid signature it reports no copy', async () => {
    const { people, add, answer, send, signIn } = openPasskeys(store());
    const { id } = await people.person();
    const authenticator = softAuthenticator({ counts: true });
    await add(id, authenticator);
    await signIn(authenticator);
    const [key] = authenticator.keys;
    if (!key) throw new Error('no key');
    key.counter = 0;
    const forged = JSON.parse(await answer(authenticator));
    forged.response.signature = JSON.parse(await answer(authenticator)).response.signature;
    await expect(send(JSON.stringify(forged))).rejects.toMatchObject(refused('wrong'));
    expect((await people.events(id)).map(({ action }) => action)).not.toContain('passkey.cloned');
  });

  test('a passkey that does not verify its owner is refused without a password, and upgraded only with it', async () => {
    const { people, passkeys, browser, add, signIn, send, answer } = openPasskeys(store());
    const { id } = await people.person();
    const authenticator = softAuthenticator({ verifies: false, transports: ['usb'] });
    await add(id, authenticator);
    await expect(signIn(authenticator)).rejects.toMatchObject(refused('unverified'));
    // Who found it has set a PIN.
    await expect(signIn(authenticator, { verifies: true })).rejects.toMatchObject(
      refused('unverified'),
    );
    expect(await passkeys.signIn.options(browser, id)).toBeUndefined();
    const factor = async (given: Behaviour) => {
      const options = await passkeys.signIn.factorOptions(browser, id);
      if (!options) throw new Error('there is no second factor');
      expect(options.userVerification).toBe('preferred');
      const pending = {
        accountId: id,
        passwordVersion: await versionOf(id),
        amr: ['pwd'],
        hasFactor: false,
        done: [],
      };
      return passkeys.signIn.proveFactor({
        response: authenticator.get(options, given),
        pending,
        remember: true,
        origin: { ip: here, browser },
      });
    };
    const { signIn: outcome, remembered } = await factor({});
    expect(remembered).toMatch(/^[0-9A-Za-z]{43}$/);
    const session = await people.sessions.find('value' in outcome ? outcome.value : '');
    expect(session).toMatchObject({
      amr: ['pwd', 'hwk', 'user', 'mfa'],
      hasFactor: true,
      lacksFactor: false,
    });
    await expect(send(await answer(authenticator, { verifies: true }))).rejects.toMatchObject(
      refused('unverified'),
    );
    // In a session no password was entered just now.
    const { id: sessionId } = session ?? { id: '' };
    const confirmation = await passkeys.signIn.factorOptions(browser, id, 'raise');
    if (!confirmation) throw new Error('there is nothing to confirm with');
    const confirmed = await passkeys.signIn.raise({
      response: authenticator.get(confirmation, { verifies: true }),
      accountId: id,
      sessionId,
      origin: { ip: here, browser },
    });
    expect(await people.sessions.find(confirmed ?? '')).toMatchObject({ id: sessionId });
    await expect(signIn(authenticator, { verifies: true })).rejects.toMatchObject(
      refused('unverified'),
    );
    await factor({ verifies: true });
    expect(await signIn(authenticator, { verifies: true })).toMatchObject({ accountId: id });
  });

  const versionOf = async (id: string): Promise<string | null> => {
    const { database } = store();
    const [row] = await database.query<{ version: string | null }>(
      {
        name: 'version',
        text: 'select extract(epoch from password_changed_at)::text as version from account where id = $1::uuid',
      },
      [id],
    );
    return row?.version ?? null;
  };

  test.each<[what: string, given: Behaviour, reason: string]>([
    ['of another site', { origin: 'https://evil.example' }, 'wrong'],
    ['of another port of this host', { origin: 'http://localhost:81' }, 'wrong'],
    ['for another domain', { rpId: 'evil.example' }, 'wrong'],
    ['of a frame in another site', { clientData: { crossOrigin: true } }, 'wrong'],
    ['of a registration', { clientData: { type: 'webauthn.create' } }, 'wrong'],
    ['that says that the passkey can be copied now', { synced: true }, 'wrong'],
    ['to a challenge of someone else', { clientData: { challenge: 'AAAA' } }, 'expired'],
  ])('an answer %s is refused', async (_what, given, reason) => {
    const { people, add, signIn } = openPasskeys(store());
    const { id } = await people.person();
    const authenticator = softAuthenticator();
    await add(id, authenticator);
    await expect(signIn(authenticator, given)).rejects.toMatchObject(refused(reason));
    expect(await people.sessions.list(id)).toEqual([]);
  });

  test('a challenge is for one browser, one account and one purpose, for five minutes', async () => {
    const { people, passkeys, browser, add, answer, send } = openPasskeys(store());
    const [{ id }, { id: other }] = [await people.person(), await people.person()];
    const [mine, theirs] = [softAuthenticator(), softAuthenticator()];
    await add(id, mine);
    await add(other, theirs);
    const expired = refused('expired');
    await expect(send(await answer(mine), { from: 'another browser' })).rejects.toMatchObject(
      expired,
    );
    await expect(send(await answer(mine), { accountId: id })).rejects.toMatchObject(expired);
    await expect(send(await answer(mine, {}, id))).rejects.toMatchObject(expired);
    await expect(send(await answer(theirs, {}, other), { accountId: id })).rejects.toMatchObject(
      expired,
    );
    const registration = await passkeys.registration.options(id, browser);
    const asked = {
      ...(await passkeys.signIn.options(browser)),
      challenge: registration.challenge,
    };
    await expect(send(mine.get(asked))).rejects.toMatchObject(expired);
    const late = await answer(mine);
    const now = Date.now;
    try {
      Date.now = () => now() + (config.challengeLifetime + 1) * 1000;
      await expect(send(late)).rejects.toMatchObject(expired);
    } finally {
      Date.now = now;
    }
  });

  test('another person cannot confirm a session, nor use a passkey in the name of its owner', async () => {
    const { people, passkeys, browser, add, answer, send } = openPasskeys(store());
    const [{ id }, { id: other }] = [await people.person(), await people.person()];
    const [mine, theirs] = [softAuthenticator(), softAuthenticator()];
    await add(id, mine);
    await add(other, theirs);
    const asked = await passkeys.signIn.options(browser, id);
    if (!asked) throw new Error('there is nothing to ask for');
    const { allowCredentials: _, ...anyone } = asked;
    await expect(send(theirs.get(anyone), { accountId: id })).rejects.toMatchObject(
      refused('wrong'),
    );
    const { userHandle } = mine.keys[0] ?? {};
    for (const key of theirs.keys) key.userHandle = userHandle ?? '';
    await expect(send(await answer(theirs))).rejects.toMatchObject(refused('wrong'));
    expect(await send(await answer(mine, {}, id), { accountId: id })).toMatchObject({
      accountId: id,
    });
  });

  test('an unknown passkey, a removed one and a wrong signature get the same answer', async () => {
    const { people, passkeys, add, answer, send, signIn } = openPasskeys(store());
    const { id } = await people.person();
    const [wrong, removed, unknown] = [
      softAuthenticator(),
      softAuthenticator(),
      softAuthenticator(),
    ];
    await add(id, wrong);
    const { id: gone } = await add(id, removed);
    await passkeys.remove(id, gone);
    unknown.create(await passkeys.registration.options(id, 'elsewhere'));
    const forged = JSON.parse(await answer(wrong));
    forged.response.signature = JSON.parse(await answer(wrong)).response.signature;
    const all = await Promise.all(
      [
        send(JSON.stringify(forged)),
        signIn(removed),
        signIn(unknown),
        send('{}'),
        send('no JSON'),
      ].map((one) => one.catch(({ reason, message }) => ({ reason, message }))),
    );
    expect(new Set(all.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(all[0]).toMatchObject({ reason: 'wrong' });
  });

  test('a disabled account is refused as others are, and its passkeys work again once it is enabled', async () => {
    const { people, add, signIn } = openPasskeys(store());
    const { id } = await people.person();
    const authenticator = softAuthenticator();
    await add(id, authenticator);
    await people.accounts.disable(serverActor, id);
    const { message } = (await signIn(authenticator).catch(
      (error: Error) => error as Error,
    )) as Error;
    const unknown = softAuthenticator();
    unknown.keys.push({ ...authenticator.keys[0], id: Buffer.alloc(32) } as never);
    await expect(signIn(unknown)).rejects.toMatchObject({ message });
    await people.accounts.enable(serverActor, id);
    expect(await signIn(authenticator)).toMatchObject({ accountId: id });
  });

  test('a network with a hundred refused passkeys is refused; others, and right ones, are not', async () => {
    const { people, add, answer, send } = openPasskeys(store());
    const { id } = await people.person();
    const authenticator = softAuthenticator();
    await add(id, authenticator);
    const ip = anotherAddress();
    await send(await answer(authenticator), { ip });
    const tries = await outcomes(Array.from({ length: 105 }, () => send('{}', { ip })));
    expect(tries.filter((one) => one === 'limited')).toHaveLength(5);
    await expect(send(await answer(authenticator), { ip })).rejects.toMatchObject({
      ...refused('limited'),
      retryAfter: expect.any(Number),
    });
    expect(await send(await answer(authenticator))).toMatchObject({ accountId: id });
  });

  test('passkeys have names of their own, at most twenty an account, and each only once', async () => {
    const { people, passkeys, browser, add } = openPasskeys(store());
    const { id } = await people.person();
    const authenticator = softAuthenticator();
    const options = await passkeys.registration.options(id, browser);
    const response = authenticator.create(options);
    const given = { accountId: id, sessionId: randomUUID(), browser, response, device: 'A test' };
    expect(
      await outcomes([passkeys.registration.add(given), passkeys.registration.add(given)]),
    ).toContain('expired');
    await add(id, softAuthenticator());
    await add(id, softAuthenticator(), {}, '  My phone ');
    await expect(add(id, softAuthenticator(), {}, 'x'.repeat(61))).rejects.toMatchObject({
      code: 'invalid_request',
    });
    const [first] = await passkeys.list(id);
    await passkeys.rename(id, first?.id ?? '', 'Laptop');
    expect((await passkeys.list(id)).map(({ name }) => name)).toEqual([
      'Laptop',
      'A test 2',
      'My phone',
    ]);
    for (let count = 3; count < config.perAccount; count++) await add(id, softAuthenticator());
    await expect(add(id, softAuthenticator())).rejects.toMatchObject(refused('full'));
    expect((await people.events(id)).slice(0, 5).map(({ action }) => action)).toEqual([
      'account.created',
      'passkey.added',
      'passkey.added',
      'passkey.added',
      'passkey.renamed',
    ]);
  });

  test('what is set up as the first factor is refused once there is another, also at the same time', async () => {
    const { people, passkeys, browser } = openPasskeys(store());
    const { id } = await people.person();
    const sessionId = randomUUID();
    const add = async () => {
      const response = softAuthenticator().create(await passkeys.registration.options(id, browser));
      const given = { accountId: id, sessionId, browser, response, device: 'A test' };
      return () => passkeys.registration.add({ ...given, onlyFirst: true });
    };
    const [one, other] = [await add(), await add()];
    expect((await outcomes([one(), other()])).toSorted()).toEqual(['conflict', 'in']);
    const { secret, sealed } = people.authenticators.begin(id, sessionId);
    const code = TOTP.generate({ secret: new TOTP({ secret }).secret });
    const given = { accountId: id, sessionId, sealed, code, ip: here };
    expect(
      await outcomes([
        people.authenticators.confirm({ ...given, onlyFirst: true }),
        people.authenticators.confirm(given),
      ]),
    ).toEqual(['conflict', 'in']);
  });

  test.each<[what: string, given: Behaviour]>([
    ['of another site', { origin: 'https://evil.example' }],
    ['for another domain', { rpId: 'evil.example' }],
    ['of a frame in another site', { clientData: { crossOrigin: true } }],
  ])('a new passkey %s is refused', async (_what, given) => {
    const { people, passkeys, add } = openPasskeys(store());
    const { id } = await people.person();
    await expect(add(id, softAuthenticator(), given)).rejects.toMatchObject(refused('wrong'));
    expect(await passkeys.list(id)).toEqual([]);
  });

  test('only its owner renames or removes a passkey, and gets an email', async () => {
    const { people, passkeys, add, mails } = openPasskeys(store());
    const [{ id }, { id: other }] = [await people.person(), await people.person()];
    const { id: passkeyId } = await add(id, softAuthenticator());
    const absent = { code: 'not_found' };
    for (const wrongId of [passkeyId, 'none', randomUUID()]) {
      await expect(passkeys.rename(other, wrongId, 'Mine')).rejects.toMatchObject(absent);
      await expect(passkeys.remove(other, wrongId)).rejects.toMatchObject(absent);
      await expect(passkeys.describe(other, wrongId)).rejects.toMatchObject(absent);
    }
    await actingAs({ kind: 'account', id, ip: here }, () => passkeys.remove(id, passkeyId));
    expect(await passkeys.list(id)).toEqual([]);
    const details = { name: 'A test', ip: here, at: expect.any(String) };
    expect(await mails(id)).toEqual([
      { kind: 'passkey_added', details },
      { kind: 'passkey_removed', details },
    ]);
  });

  test('the only way to sign in cannot be removed', async () => {
    const { people, passkeys, add } = openPasskeys(store());
    const { id } = await people.person({ hash: null });
    const { id: only } = await add(id, softAuthenticator());
    const { id: second } = await add(id, softAuthenticator({ verifies: false }));
    await expect(passkeys.remove(id, only)).rejects.toMatchObject({ code: 'conflict' });
    await passkeys.remove(id, second);
    await add(id, softAuthenticator());
    await passkeys.remove(id, only);
    expect(await passkeys.list(id)).toHaveLength(1);
  });

  test('an administrator who signs in with a passkey counts without an email address', async () => {
    const { people, add } = openPasskeys(store());
    const { kysely } = store().database;
    const make = async (given: { email?: null } = {}) => {
      const { id } = await people.person({ hash: null });
      const roles = ['administrator'];
      await kysely
        .updateTable('account')
        .set({ roles, ...given })
        .where('id', '=', id)
        .execute();
      return id;
    };
    const [withAddress, withPasskey] = [await make(), await make({ email: null })];
    const isLast = { code: 'conflict' };
    await expect(people.accounts.disable(serverActor, withAddress)).rejects.toMatchObject(isLast);
    await add(withPasskey, softAuthenticator({ verifies: false }));
    await expect(people.accounts.disable(serverActor, withAddress)).rejects.toMatchObject(isLast);
    await add(withPasskey, softAuthenticator());
    expect(await people.accounts.disable(serverActor, withAddress)).toBe(true);
    await expect(people.accounts.disable(serverActor, withPasskey)).rejects.toMatchObject(isLast);
    await kysely.updateTable('account').set({ roles: [] }).where('id', '=', withPasskey).execute();
  });
});

test.each([
  ['http://localhost:3000', 'localhost'],
  ['http://writ.localhost', 'writ.localhost'],
  ['https://login.example.com/at/a/path', 'login.example.com'],
  ['http://127.0.0.1:3000', undefined],
  ['https://[::1]', undefined],
  ['https://192.0.2.1', undefined],
  ['http://login.example.com', undefined],
])('passkeys of %s are bound to %s', (issuer, id) => {
  expect(relyingPartyOf({ issuer, name: 'Writ' })?.id).toBe(id);
});
