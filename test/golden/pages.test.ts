// Each page that changes something, in a flow, on every stack. The last test compares the flows with the
// pages' router: a new form fails until a flow sends it.
import { beforeAll, expect, test } from '@jest/globals';
import { TOTP } from 'otpauth';
import { createKeyring } from '../../src/crypto/sealing.ts';
import { sealEmailClaim } from '../../src/domain/accounts/email-verification.ts';
import { sealStopClaim } from '../../src/domain/accounts/factor-resets.ts';
import { sealRegistrationLink } from '../../src/domain/accounts/registration/link.ts';
import { mailPlace } from '../../src/domain/mail/outbox.ts';
import { defaultPersonalPolicy } from '../../src/domain/resources/resources.ts';
import { serverActor } from '../../src/domain/roles/server-actor.ts';
import { createPageRouter } from '../../src/web/index.ts';
import { allow, answer, ask, makeLoginClient } from '../protocol/authorization/support.ts';
import { exchange } from '../protocol/token/token-exchange/support.ts';
import { makeDevice } from '../support/device.ts';
import { addAuthenticator } from '../support/factors.ts';
import { apiClient, type Credentials } from '../support/http.ts';
import { signInWith, startIdentityProvider, upstreamSecret } from '../support/identity-provider.ts';
import { logIn } from '../support/login.ts';
import { openApi } from '../support/open-api.ts';
import { makePerson, signedIn, type TestPerson } from '../support/people.ts';
import { keepSecret } from '../support/run-records.ts';
import { softAuthenticator } from '../support/soft-authenticator.ts';
import { onStack, type Stack, secretKey, unique } from '../support/stacks.ts';
import { acceptedForms, createVisitor, type Page, type Visitor } from '../support/visitor.ts';
import {
  ageSignIns,
  codeOf,
  expectDone,
  filledIn,
  makeApp,
  operator,
  secretOf,
} from '../web/apps/support.ts';

/** The pages' router, of which only the paths are read. */
const router = createPageRouter({
  issuer: 'https://writ.test',
  clientsRegister: true,
  assets: { brand: {} },
  limits: { limit: () => undefined },
  passkeys: { relyingParty: { origins: [] } },
} as never);

type Route = (typeof router.stack)[number];
const takesForms = ({ methods }: Route) => methods.includes('POST');
const formsOfPages = router.stack
  .filter(takesForms)
  .map(({ path }) => String(path))
  // Flows through the console are in test/web/admin.
  .filter((path) => !path.startsWith('/admin'));

/** The route of a form. */
const routeOf = (path: string): string =>
  String(router.match(path, 'POST').pathAndMethod.find(takesForms)?.path);

/** No mail server listens there: emails wait in the database. */
const settings = { SMTP_URL: 'smtp://127.0.0.1:9', REGISTRATION: 'open' };

/** The link of the newest email of a kind to an account, once the server has queued it. */
async function mailedValue({ database }: Stack, kind: string, accountId: string): Promise<string> {
  for (;;) {
    const mail = await database.kysely
      .selectFrom('mail')
      .select(['id', 'secret'])
      .where('kind', '=', kind)
      .where('account_id', '=', accountId)
      .where('secret', 'is not', null)
      .orderBy('created_at', 'desc')
      .executeTakeFirst();
    if (mail?.secret) {
      const keyring = createKeyring([secretKey]);
      const value = keyring.open(mailPlace({ id: mail.id, kind }), mail.secret).toString();
      keepSecret('link of an email', value);
      return value;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The hidden fields of a form. */
const hiddenOn = ({ text }: Page): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g)].map(
      ([, name = '', value = '']) => [name, value],
    ),
  );

onStack((stack) => {
  let resource: string;
  let resourceServer: Credentials;
  beforeAll(async () => {
    resource = await openApi(stack(), {
      isDefault: true,
      personalPolicy: defaultPersonalPolicy,
    });
    resourceServer = await stack().api.createClient({ resource_server_for: [resource] });
  });

  test('a person asks for a link to their address, and confirms the address with it in any browser', async () => {
    const { visitor, accountId, email } = await signedIn(stack());
    await visitor.get('/account');
    const asked = await visitor.submit('/account/email/verify');
    expect([asked.status, asked.location]).toEqual([303, '/account?done=email_sent']);
    const value = sealEmailClaim(createKeyring([secretKey]), { accountId, email });
    keepSecret('email link', value);
    const elsewhere = createVisitor(stack().origin);
    await elsewhere.get(`/email/${value}`);
    expect((await elsewhere.submit('/email', { value })).words).toContain('is verified');
  });

  test('a person downloads what is held about them, without credentials and without what others noted', async () => {
    const { visitor, accountId, email, password } = await signedIn(stack(), { roles: ['auditor'] });
    await stack().domain.accounts.update(serverActor, accountId, { attributes: { note: 'vip' } });
    await visitor.get('/account');
    const file = await visitor.submit('/account/data');
    expect(file.status).toBe(200);
    expect(JSON.parse(file.text)).toMatchObject({
      account: { id: accountId, email, roles: ['auditor'] },
      sessions: [{ amr: ['pwd'] }],
      events_are_complete: true,
    });
    expect(JSON.parse(file.text).events.map(({ action }: { action: string }) => action)).toEqual(
      expect.arrayContaining(['account.data_exported', 'account.signed_in']),
    );
    expect(file.text).not.toMatch(/vip|argon2|digest|public_key/);
    expect(file.text).not.toContain(password);
    await ageSignIns(stack());
    expect((await visitor.submit('/account/data')).location).toMatch(/^\/sign-in/);
    await stack()
      .database.kysely.updateTable('session')
      .set({ signed_in_at: new Date() })
      .execute();
  });

  test('a person stops the removal of their second factors with the link of an email', async () => {
    const { accountId } = await makePerson(stack());
    const { domain, database, origin } = stack();
    await addAuthenticator(database.kysely, accountId);
    await domain.factorResets.plan(serverActor, accountId);
    const { id: resetId } = await database.kysely
      .selectFrom('factor_reset')
      .select('id')
      .where('account_id', '=', accountId)
      .executeTakeFirstOrThrow();
    const value = sealStopClaim(createKeyring([secretKey]), { accountId, resetId });
    keepSecret('stop link', value);
    const visitor = createVisitor(origin);
    expect((await visitor.get(`/factors-reset/${value}`)).words).toContain('will be removed');
    expect((await visitor.submit('/factors-reset', { value })).words).toContain('factors stay');
    expect((await visitor.get(`/factors-reset/${value}`)).status).toBe(404);
    expect(await domain.factorResets.find(accountId)).toBeUndefined();

    const owner = await signedIn(stack());
    await addAuthenticator(database.kysely, owner.accountId);
    await domain.factorResets.plan(serverActor, owner.accountId);
    expect((await owner.visitor.get('/account')).words).toContain('will be removed');
    const kept = await owner.visitor.submit('/account/security/keep-factors');
    await expectDone(owner.visitor, kept, '/account', 'Your second factors stay');
    expect(await domain.factorResets.find(owner.accountId)).toBeUndefined();
  });

  test('a person who forgot their password sets another one with the link of an email, and changes their address', async () => {
    const { email, accountId } = await signedIn(stack());
    const visitor = createVisitor(stack().origin);
    await visitor.get('/account/connected').then(visitor.follow);
    expect((await visitor.get('/sign-in/forgot')).words).toContain('Forgot your password?');
    const asked = await visitor.submit('/sign-in/forgot', { email });
    expect((await visitor.follow(asked)).words).toContain('Check your email');
    const value = await mailedValue(stack(), 'password_reset', accountId);
    expect((await visitor.get(`/sign-in/reset/${value}`)).words).toContain('Set new password');
    const password = 'a password for the next time';
    const set = await visitor.submit('/sign-in/reset', { value, password, repeat: password });
    expect([set.status, set.location]).toEqual([303, '/account/connected']);
    expect((await visitor.get(`/sign-in/reset/${value}`)).words).toContain('already used');

    await visitor.get('/account/email');
    const next = `${unique('moved')}@example.com`;
    const change = await visitor.submit('/account/email', { email: next });
    await expectDone(visitor, change, '/account', 'on its way to the new address');
    const moved = await mailedValue(stack(), 'email_change', accountId);
    const elsewhere = createVisitor(stack().origin);
    expect((await elsewhere.get(`/email/change/${moved}`)).words).toContain(next);
    const done = await elsewhere.submit('/email/change', { value: moved });
    expect(done.words).toContain('Your email address is changed');
    expect((await visitor.get('/account')).words).toContain(next);
    const revert = await mailedValue(stack(), 'email_changed', accountId);
    expect((await elsewhere.get(`/email/revert/${revert}`)).words).toContain(email);
    const restored = await elsewhere.submit('/email/revert', { value: revert });
    expect(restored.words).toContain('every browser is signed out');
    expect((await visitor.get('/account')).location).toContain('/sign-in');
  });

  test('after many wrong passwords, a new browser also needs the code of an email, once, five times at most', async () => {
    const { email, password, accountId } = await signedIn(stack());
    const { origin } = stack();
    const atAccount = stack().domain.limits.limit('sign-in-account', { seconds: 3600 });
    for (let tries = 0; tries < 10; tries++) await atAccount.consume(email);
    const visitor = createVisitor(origin);
    const first = await visitor.signIn(email, password, '/account/connected');
    expect(first.location).toBe('/sign-in/email-code?return_to=%2Faccount%2Fconnected');
    expect(visitor.cookies.has('writ_session')).toBe(false);
    expect((await visitor.follow(first)).words).toContain('Check your email');
    const code = await mailedValue(stack(), 'sign_in_code', accountId);
    const enter = (typed: string) =>
      visitor.submit('/sign-in/email-code', { code: typed, return_to: '/account/connected' });
    const wrong = code === '00000000' ? '00000001' : '00000000';
    for (let tries = 1; tries < 5; tries++)
      expect((await enter(wrong)).words).toContain('The code is incorrect');
    // Another browser that knows the password has a code of its own.
    const thief = createVisitor(origin);
    await thief.follow(await thief.signIn(email, password));
    expect((await thief.submit('/sign-in/email-code', { code })).status).toBe(400);
    const done = await enter(`${code.slice(0, 4)} ${code.slice(4)}`);
    expect([done.status, done.location]).toEqual([303, '/account/connected']);
    expect((await visitor.get('/account')).status).toBe(200);
    // The browser is known from now on.
    await visitor.submit('/sign-out');
    expect((await visitor.signIn(email, password)).location).toBe('/account');
    const again = createVisitor(origin);
    await again.follow(await again.signIn(email, password));
    for (let tries = 1; tries <= 5; tries++)
      await again.submit('/sign-in/email-code', { code: wrong });
    const last = await mailedValue(stack(), 'sign_in_code', accountId);
    await again.get('/sign-in/email-code');
    const late = await again.submit('/sign-in/email-code', { code: last });
    expect(late.words).toContain('no longer works');
  });

  test('a person registers for an app that asks for a new account, confirms the address, and goes on to the app', async () => {
    const app = await makeLoginClient(stack());
    const visitor = createVisitor(stack().origin);
    const begun = app.begin({ prompt: 'create' });
    const form = await visitor.follow(await visitor.get(begun.path));
    const email = `${unique('ada')}@example.com`;
    const sent = await visitor.submit('/register', { ...hiddenOn(form), email });
    expect(sent.words).toContain(`We sent an email to ${email}`);
    const { id } = await stack()
      .database.kysely.selectFrom('registration')
      .select('id')
      .where('email', '=', email)
      .executeTakeFirstOrThrow();
    const value = sealRegistrationLink(createKeyring([secretKey]), id);
    keepSecret('registration link', value);
    await visitor.get(`/registration/${value}`);
    const password = 'a bridge over quiet water';
    const registered = await visitor.submit('/registration', {
      value,
      name: 'Ada Lovelace',
      password,
      repeat: password,
    });
    expect(registered.location).toMatch(/^\/connect\/authorize\/continue\?/);
    const asked = await visitor.get(String(registered.location));
    const consent = await visitor.get(String(asked.location));
    expect([consent.status, consent.words]).toEqual([200, expect.stringContaining(email)]);
    const { url } = await answer(visitor, String(asked.location));
    const { body } = await app.redeem(begun, url as URL);
    expect((await app.introspect(body.access_token)).body).toMatchObject({ active: true });
    expect((await visitor.get(`/registration/${value}`)).status).toBe(404);
  });

  test('the sign-in page accepts only the right password, slows down guessing, and signs out', async () => {
    const { email, password } = await makePerson(stack(), { name: 'Grace Hopper' });
    const visitor = createVisitor(stack().origin);
    const sent = await visitor.get('/account/connected');
    expect(sent.location).toBe('/sign-in?return_to=%2Faccount%2Fconnected');
    await visitor.follow(sent);
    const form = { email, return_to: '/account/connected' };
    expect((await visitor.submit('/sign-in', { ...form, password: 'wrong' })).status).toBe(400);
    const after = await visitor.submit('/sign-in', { ...form, password });
    expect([after.status, after.location]).toEqual([303, '/account/connected']);
    expect((await visitor.follow(after)).words).toContain('Grace Hopper');
    await visitor.follow(await visitor.submit('/sign-out'));
    expect((await visitor.get('/account')).location).toContain('/sign-in');
    const { email: victim } = await makePerson(stack());
    const stranger = createVisitor(stack().origin);
    let page = await stranger.signIn(victim, 'wrong');
    for (let tries = 0; tries < 30 && page.status === 400; tries++)
      page = await stranger.submit('/sign-in', { email: victim, password: `wrong ${tries}` });
    expect(page.status).toBe(429);
  });

  /** The introspection of a token by its API. */
  const introspect = async (token: string) =>
    (await stack().introspect(token, resourceServer)).body;
  const inactive = { active: false };

  test('an invited person chooses a password, a name and another password, and signs out other sessions', async () => {
    const { domain, origin } = stack();
    const email = `${unique('alan')}@example.com`;
    const { id } = await domain.accounts.create(serverActor, { name: 'Alan', email });
    const { value } = await domain.invitations.create(serverActor, id);
    const visitor = createVisitor(origin);
    expect((await visitor.get(`/invitation/${value}`)).words).toContain('Alan');
    const password = 'an enigma for the ages';
    const accepted = await visitor.submit('/invitation', { value, password, repeat: password });
    await expectDone(visitor, accepted, '/account', 'you are signed in');
    expect((await visitor.get(`/invitation/${value}`)).status).toBe(404);

    await visitor.get('/account');
    const renamed = await visitor.submit('/account/profile', { name: 'Alan Turing' });
    const home = await expectDone(visitor, renamed, '/account', 'Your profile is saved');
    expect(home.words).toContain('Alan Turing');
    expect((await domain.accounts.describe(id))?.name).toBe('Alan Turing');

    const elsewhere = async () => {
      const other = createVisitor(origin);
      expect((await other.signIn(email, password)).location).toBe('/account');
      return other;
    };
    const isSignedIn = async (other: Visitor) => (await other.get('/account')).status === 200;
    const phone = await elsewhere();
    const session_id = filledIn(await visitor.get('/account'), 'session_id') ?? '';
    const ended = await visitor.submit('/account/sessions/end', { session_id });
    await expectDone(visitor, ended, '/account', 'That browser is signed out');
    expect([await isSignedIn(phone), await isSignedIn(visitor)]).toEqual([false, true]);
    const others = [await elsewhere(), await elsewhere()];
    const endedOthers = await visitor.submit('/account/sessions/end-others');
    await expectDone(visitor, endedOthers, '/account', 'signed out everywhere else');
    for (const other of others) expect(await isSignedIn(other)).toBe(false);
    expect(await domain.sessions.list(id)).toHaveLength(1);

    const last = await elsewhere();
    await visitor.get('/account/password');
    const next = 'quite another long password';
    const changed = await visitor.submit('/account/password', {
      current: password,
      password: next,
      repeat: next,
    });
    await expectDone(visitor, changed, '/account/security', 'Your password is changed');
    expect([await isSignedIn(last), await isSignedIn(visitor)]).toEqual([false, true]);
    expect((await last.signIn(email, password)).status).toBe(400);
    expect((await last.signIn(email, next)).location).toBe('/account');
  });

  test('a person who needs a second factor sets one up while they sign in: an app, or a passkey', async () => {
    const { api, origin, issuer } = stack();
    const role = unique('careful');
    await api.call('PUT', `/roles/${role}`, { permissions: [], second_factor: 'required' });
    const begin = async () => {
      const { accountId, email, password } = await makePerson(stack(), { roles: [role] });
      const visitor = createVisitor(origin);
      const first = await visitor.signIn(email, password, '/account/connected');
      // In a browser that the account does not know, the password alone sets up no factor.
      expect(first.location).toBe('/sign-in/email-code?return_to=%2Faccount%2Fconnected');
      expect((await visitor.get('/sign-in/enrol')).location).toBe('/sign-in/email-code');
      await visitor.follow(first);
      const next = await visitor.submit('/sign-in/email-code', {
        code: await mailedValue(stack(), 'sign_in_code', accountId),
        return_to: '/account/connected',
      });
      expect(next.location).toBe('/sign-in/enrol?return_to=%2Faccount%2Fconnected');
      return { visitor, page: await visitor.follow(next) };
    };
    const goesOn = async (visitor: Visitor, done: Page) => {
      expect([done.status, done.words]).toEqual([200, expect.stringContaining('recovery codes')]);
      expect(done.text).toContain('href="/account/connected"');
      expect((await visitor.get('/account/connected')).status).toBe(200);
    };
    const app = await begin();
    const key = filledIn(app.page, 'key') ?? '';
    const wrong = await app.visitor.submit('/sign-in/enrol', { key, code: '12' });
    expect(wrong.status).toBe(400);
    const secret = /class="key">([A-Z2-7 ]+)</.exec(wrong.text)?.[1]?.replaceAll(' ', '') ?? '';
    const code = TOTP.generate({ secret: new TOTP({ secret }).secret });
    const form = { key, code, return_to: '/account/connected' };
    await goesOn(app.visitor, await app.visitor.submit('/sign-in/enrol', form));

    const byPasskey = await begin();
    const options = await byPasskey.visitor.get('/sign-in/enrol/passkey/options');
    const credential = softAuthenticator({ origin: issuer }).create(options.body);
    await byPasskey.visitor.get('/sign-in/enrol');
    const added = await byPasskey.visitor.submit('/sign-in/enrol/passkey', {
      credential,
      return_to: '/account/connected',
    });
    await goesOn(byPasskey.visitor, added);
  });

  test('a person sets up an authenticator app, signs in with its code, keeps a browser and a recovery code, and removes it', async () => {
    const { visitor, email, password } = await signedIn(stack());
    const security = '/account/security';
    const setUp = await visitor.get(`${security}/authenticator`);
    const secret = /<code class="key">([A-Z2-7 ]+)</.exec(setUp.text)?.[1]?.replaceAll(' ', '');
    if (!secret) throw new Error('the page shows no key');
    keepSecret('key of an authenticator app', secret);
    const totp = new TOTP({ secret });
    const codeIn = (seconds: number) => totp.generate({ timestamp: Date.now() + seconds * 1000 });
    const { key = '' } = hiddenOn(setUp);
    const wrong = await visitor.submit(`${security}/authenticator`, { key, code: '12345' });
    expect([wrong.status, wrong.words]).toEqual([400, expect.stringContaining('not correct')]);
    const confirmed = await visitor.submit(`${security}/authenticator`, { key, code: codeIn(0) });
    const codesOn = ({ text }: Page) =>
      [...text.matchAll(/<li><code>([\w-]{17})<\/code>/g)].map(([, code = '']) => code);
    const codes = codesOn(confirmed);
    for (const code of codes) keepSecret('recovery code', code);
    expect([confirmed.words, codes.length]).toEqual([
      expect.stringContaining('Your recovery codes'),
      10,
    ]);

    const elsewhere = createVisitor(stack().origin);
    const signInTo = async (path: string) =>
      expect((await elsewhere.signIn(email, password)).location).toBe(path);
    const prove = (kind: string, code: string, remember = {}) =>
      elsewhere.submit('/sign-in/factor', { kind, code, return_to: '/account', ...remember });
    await signInTo('/sign-in/factor');
    await elsewhere.get('/sign-in/factor');
    expect((await elsewhere.get('/account')).location).toBe('/sign-in');
    await elsewhere.get('/sign-in/factor');
    expect((await prove('authenticator', '123456')).status).toBe(400);
    const proven = await prove('authenticator', codeIn(30), { remember: 'on' });
    expect(proven.location).toBe('/account');
    await elsewhere.get('/account');
    await elsewhere.submit('/sign-out');
    await signInTo('/account');

    expect((await visitor.get(security)).words).toContain('Remembered browsers');
    const forgotten = await visitor.submit(`${security}/forget-browsers`);
    await expectDone(visitor, forgotten, security, 'All browsers are forgotten');
    await elsewhere.get('/account');
    await elsewhere.submit('/sign-out');
    await signInTo('/sign-in/factor');
    await elsewhere.get('/sign-in/factor?kind=recovery');
    expect((await prove('recovery', codes[0] ?? '')).location).toBe('/account');

    expect((await visitor.get(security)).words).toContain('9 of 10 left');
    await visitor.get(`${security}/recovery-codes`);
    const replaced = codesOn(await visitor.submit(`${security}/recovery-codes`));
    for (const code of replaced) keepSecret('recovery code', code);
    expect(replaced).toHaveLength(10);
    await visitor.get(`${security}/authenticator/remove`);
    const removed = await visitor.submit(`${security}/authenticator/remove`, { end_others: 'on' });
    await expectDone(visitor, removed, security, 'The authenticator app is removed');
    expect((await elsewhere.get('/account')).location).toBe('/sign-in');
    await signInTo('/account');
  });

  test('a person adds a passkey, signs in with it, also after the password, confirms the sign-in, renames it and removes it', async () => {
    const { visitor, email, password } = await signedIn(stack());
    const list = '/account/security/passkeys';
    const authenticator = softAuthenticator({ origin: stack().issuer });
    const asked = async (at: Visitor, path: string) => (await at.get(`${path}/options`)).body;
    expect((await visitor.get('/account/security')).words).toContain('Add a passkey');
    await visitor.get(`${list}/new`);
    const credential = authenticator.create(await asked(visitor, `${list}/new`));
    await visitor.get(`${list}/new`);
    const added = await visitor.submit(`${list}/new`, { credential, name: 'Laptop' });
    expect([added.status, added.words]).toEqual([200, expect.stringContaining('recovery codes')]);
    const shown = await visitor.get(list);
    expect(shown.words).toContain('Laptop');
    const path = /\/account\/security\/passkeys\/[\w-]{36}/.exec(shown.text)?.[0] ?? '';

    const elsewhere = createVisitor(stack().origin);
    const signIn = async (at: Visitor, to: string) => {
      const answer = authenticator.get(await asked(at, to));
      await at.follow(await at.get('/sign-in?again=1'));
      return at.submit(to, { credential: answer, return_to: list });
    };
    await elsewhere.get('/sign-in');
    const page = await elsewhere.follow(await signIn(elsewhere, '/sign-in/passkey'));
    expect(page.words).toMatch(/Passkeys.*Laptop .*Last used just now/);
    const again = await signIn(elsewhere, '/sign-in/passkey/again');
    expect([again.status, again.location]).toEqual([303, list]);

    const byPassword = createVisitor(stack().origin);
    const second = await byPassword.follow(await byPassword.signIn(email, password));
    expect(second.words).toContain('Use your passkey');
    const step = '/sign-in/factor/passkey';
    const proof = authenticator.get(await asked(byPassword, step));
    await byPassword.get('/sign-in/factor');
    const proven = await byPassword.submit(step, { credential: proof, return_to: list });
    await expectDone(byPassword, proven, list, 'Laptop');

    await visitor.get(path);
    const renamed = await visitor.submit(path, { name: 'Old laptop' });
    await expectDone(visitor, renamed, list, 'Old laptop');
    await visitor.get(path);
    await expectDone(visitor, await visitor.submit(`${path}/remove`), list, 'no passkeys yet');
    await elsewhere.follow(await elsewhere.submit('/sign-out'));
    await elsewhere.get('/sign-in');
    const refused = await signIn(elsewhere, '/sign-in/passkey');
    expect([refused.status, refused.words]).toEqual([
      400,
      expect.stringContaining('This passkey does not work here'),
    ]);
    const gone = authenticator.keys[0]?.id.toString('base64url');
    expect(refused.text).toContain(
      `signalUnknownCredential&quot;,&quot;rpId&quot;:&quot;localhost&quot;,&quot;credentialId&quot;:&quot;${gone}`,
    );
  });

  test('a personal access token is created on its page, shown once, changed, regenerated and revoked there', async () => {
    const { accountId, visitor } = await signedIn(stack());
    const form = await visitor.get(`/account/tokens/new?resource=${encodeURIComponent(resource)}`);
    const name = unique('token');
    const fields = {
      ...hiddenOn(form),
      resource,
      name,
      'scope:things:read': 'on',
      'scope:things:write': 'on',
      expiry: String(30 * 86_400),
    };
    const made = await visitor.submit('/account/tokens', fields);
    const valueOn = ({ text }: Page) => /writ_pat_[A-Za-z0-9]+/.exec(text)?.[0] ?? '';
    const value = valueOn(made);
    expect([made.status, value]).toEqual([200, expect.stringMatching(/^writ_pat_/)]);
    const claims = { active: true, sub: accountId, aud: resource };
    expect(await introspect(value)).toMatchObject({ ...claims, scope: 'things:read things:write' });
    const list = await visitor.get('/account/tokens');
    expect(list.words).toContain(name);
    expect(list.text).not.toContain(value);
    const tried = await visitor.submit('/docs/token');
    expect([tried.status, tried.body.token_type]).toEqual([200, 'Bearer']);
    const pathOn = ({ text }: Page) => /\/account\/tokens\/tok_\w+/.exec(text)?.[0] ?? '';
    const path = pathOn(list);
    await visitor.get(path);
    const renamed = unique('renamed');
    const changed = await visitor.submit(`${path}/settings`, {
      name: renamed,
      'scope:things:read': 'on',
      expiry: 'keep',
    });
    const page = await expectDone(visitor, changed, path, 'The token is saved');
    expect(page.words).toContain(renamed);
    expect(await introspect(value)).toMatchObject({ ...claims, scope: 'things:read' });
    const replaced = await visitor.submit(`${path}/regenerate`, {
      ...hiddenOn(await visitor.get(`${path}/regenerate`)),
      overlap: '0',
      expiry: 'keep',
    });
    expect(replaced.words).toContain('The old value no longer works');
    const next = valueOn(replaced);
    expect(await introspect(value)).toEqual(inactive);
    expect(await introspect(next)).toMatchObject({ ...claims, scope: 'things:read' });
    const nextPath = pathOn(replaced);
    const revoked = await visitor.submit(
      `${nextPath}/revoke`,
      hiddenOn(await visitor.get(nextPath)),
    );
    await expectDone(visitor, revoked, '/account/tokens', 'The token is revoked');
    expect(await introspect(next)).toEqual(inactive);
  });

  test('a person denies a device and an app on their pages; an allowed app is revoked on another', async () => {
    const { visitor } = await signedIn(stack());
    const device = await makeDevice(stack());
    const started = await device.start();
    await visitor.get(`/device?user_code=${started.user_code}`);
    const denied = await visitor.submit('/device/decision', {
      user_code: started.user_code,
      decision: 'deny',
    });
    await expectDone(visitor, denied, '/device', device.name);
    expect((await device.poll(started)).body.error).toBe('access_denied');

    const app = await makeLoginClient(stack());
    const refused = await ask(visitor, app.begin());
    expect(refused.words).toContain(app.name);
    const { url } = await answer(visitor, refused.path, 'deny');
    expect(url?.searchParams.get('error')).toBe('access_denied');

    const begun = app.begin({ scope: 'openid things:read offline_access' });
    const { body } = await app.redeem(begun, await allow(visitor, begun));
    expect((await app.introspect(body.access_token)).body).toMatchObject({ active: true });
    const devices = await visitor.get('/account/connected');
    expect(devices.words).toContain(app.name);
    const grant_id = filledIn(devices, 'grant_id') ?? '';
    const ended = await visitor.submit('/account/connected/revoke', { grant_id });
    await expectDone(visitor, ended, '/account/connected', `Access of ${app.name} is revoked.`);
    expect((await app.introspect(body.access_token)).body).toEqual(inactive);
  });

  test('the client keys of a person are shown, their tokens revoked, and the keys deleted', async () => {
    const { visitor, accountId } = await signedIn(stack());
    const { id, clientId, secret } = await stack().domain.keyPairs.create(accountId, {
      name: 'Client keys',
      resource,
      accessTokenTtl: 3600,
      refreshTokenTtl: 86_400,
    });
    const keys = { id: clientId, secret };
    const epoch = async () => (await stack().domain.clients(clientId))?.epoch;
    expect((await visitor.get('/account/connected')).words).toContain(clientId);
    const ended = await visitor.submit('/account/keys/end-tokens', { key_id: id });
    await expectDone(visitor, ended, '/account/connected', 'All tokens of the keys are revoked');
    expect([await epoch(), (await stack().introspect('x', keys)).status]).toEqual([1, 200]);
    const deleted = await visitor.submit('/account/keys/delete', { key_id: id });
    await expectDone(visitor, deleted, '/account/connected', 'The keys are deleted');
    expect([await epoch(), (await stack().introspect('x', keys)).status]).toEqual([undefined, 401]);
    expect((await visitor.get('/account/connected')).words).not.toContain(clientId);
  });

  test('an app is created on its page, its client gets tokens, and both stop working when it is deleted', async () => {
    const { visitor } = await signedIn(stack());
    const name = unique('acme');
    const form = await visitor.get('/apps/new');
    const made = await visitor.submit('/apps/new', {
      ...hiddenOn(form),
      display_name: unique('Acme'),
      name,
    });
    expect([made.status, made.headers.get('cache-control')]).toEqual([200, 'no-store']);
    const client = { id: `${name}:default`, secret: secretOf(made) };
    const { status, body } = await stack().token(client, { resource });
    expect(status).toBe(200);
    expect(await introspect(body.access_token)).toMatchObject({
      active: true,
      client_id: client.id,
      roles: ['Reader'],
    });
    expect((await visitor.get('/apps')).words).toContain(name);
    await visitor.get(`/apps/${name}/settings`);
    const deleted = await visitor.submit(`/apps/${name}/delete`, { name });
    expect(deleted.status).toBe(303);
    expect((await visitor.get(`/apps/${name}`)).status).toBe(404);
    expect(await introspect(body.access_token)).toEqual(inactive);
    expect((await stack().token(client, { resource })).body.error).toBe('invalid_client');
  });

  test('an app has members who are invited, accept or decline, and leave; a role of its own; and a new Owner', async () => {
    const app = await makeApp(stack());
    const { owner } = app;
    const { visitor } = owner;
    const path = `/apps/${app.name}`;
    const members = `${path}/members`;
    const { appClients, appMembers, appRoles, appInvitations } = stack().domain;
    const roles = async () =>
      Object.fromEntries(
        (await appMembers.list(operator, app.name)).map(({ accountId, role }) => [accountId, role]),
      );
    const invite = async (guest: TestPerson, role: string) => {
      await visitor.get(members);
      const page = await visitor.submit(`${members}/invite`, { email: guest.email, role });
      const link = /\/apps\/invitations\/writ_app_\w+/.exec(page.text)?.[0] ?? '';
      expect([page.status, link]).toEqual([200, expect.stringMatching(/^\/apps/)]);
      return link;
    };

    const guest = await makePerson(stack(), { name: 'Gus Guest' });
    const link = await invite(guest, 'Reader');
    const browser = createVisitor(stack().origin);
    const asked = await browser.follow(await browser.signIn(guest.email, guest.password, link));
    expect(asked.words).toMatch(/Olive Owner.*Reader/);
    const accepted = await browser.submit('/apps/invitations/accept', hiddenOn(asked));
    await expectDone(browser, accepted, path, 'You are now a member');
    expect(await roles()).toEqual({ [owner.accountId]: 'Owner', [guest.accountId]: 'Reader' });

    const other = await signedIn(stack(), { name: 'Otto Other' });
    await invite(other, 'Editor');
    const offered = await other.visitor.get('/apps');
    expect(offered.words).toContain(app.displayName);
    const declined = await other.visitor.submit('/apps/invitations/decline', {
      id: filledIn(offered, 'id') ?? '',
    });
    const list = await expectDone(other.visitor, declined, '/apps', 'The invitation is declined');
    expect(list.words).not.toContain(app.displayName);
    const late = await invite(other, 'Editor');
    const id = filledIn(await visitor.get(members), 'id') ?? '';
    const takenBack = await visitor.submit(`${members}/revoke`, { id });
    await expectDone(visitor, takenBack, members, 'The invitation is revoked');
    expect((await other.visitor.get(late)).status).toBe(404);
    expect(await appInvitations.list(operator, app.name)).toEqual([]);
    expect(Object.keys(await roles())).toHaveLength(2);

    await visitor.get(`${path}/roles/edit`);
    const role = { name: 'Importer', permissions: 'things.write', manages: 'nothing' };
    const made = await visitor.submit(`${path}/roles/edit`, role);
    const shown = await expectDone(visitor, made, `${path}/roles`, 'The role is saved');
    expect(shown.words).toContain('Importer');
    const client = await app.addClient({ name: 'importer', role: 'Importer' });
    const { body } = await stack().token(client, { resource });
    expect(await introspect(body.access_token)).toMatchObject({
      roles: ['Importer'],
      entitlements: ['things.write'],
    });
    const given = await visitor.submit(`${members}/role`, {
      account_id: guest.accountId,
      role: 'Importer',
    });
    await expectDone(visitor, given, members, 'The role of the member is changed');
    expect(await roles()).toMatchObject({ [guest.accountId]: 'Importer' });
    expect((await browser.get(`${path}/clients/new`)).status).toBe(403);
    await visitor.get(`${path}/roles/edit?name=Importer`);
    const edited = await visitor.submit(`${path}/roles/edit`, {
      ...role,
      existing: 'Importer',
      permissions: 'things.read',
      manages: 'clients',
    });
    await expectDone(visitor, edited, `${path}/roles`, 'The role is saved');
    expect(await introspect(body.access_token)).toMatchObject({ entitlements: ['things.read'] });
    expect((await browser.get(`${path}/clients/new`)).status).toBe(200);

    const handedOver = await visitor.submit(`${members}/hand-over`, {
      to: guest.accountId,
      afterwards: 'stay',
    });
    await expectDone(visitor, handedOver, members, 'The app is transferred');
    expect(await roles()).toEqual({ [owner.accountId]: 'Developer', [guest.accountId]: 'Owner' });
    await appClients.delete(operator, app.name, 'importer');
    const deleted = await browser.submit(`${path}/roles/delete`, { name: 'Importer' });
    await expectDone(browser, deleted, `${path}/roles`, 'The role is deleted');
    const names = (await appRoles.list(operator, app.name)).map(({ name }) => name);
    expect(names).not.toContain('Importer');

    const removed = await app.member('Reader');
    const out = await browser.submit(`${members}/remove`, { account_id: removed.accountId });
    await expectDone(browser, out, members, 'no longer a member');
    expect((await removed.visitor.get(path)).status).toBe(404);
    await removed.visitor.get('/account/delete');
    const goodbye = await removed.visitor.submit('/account/delete', { current: removed.password });
    await expectDone(removed.visitor, goodbye, '/sign-in', 'account is deleted');
    expect((await removed.visitor.get('/account')).status).toBe(303);
    // They created the app's secret, so they decide about it.
    expect((await visitor.submit(`${members}/leave`)).words).toContain('Keep them');
    const left = await visitor.submit(`${members}/leave`, { credentials: 'keep' });
    await expectDone(visitor, left, '/apps', 'You left the app');
    expect((await visitor.get(path)).status).toBe(404);
    expect(await roles()).toEqual({ [guest.accountId]: 'Owner' });
  });

  test('a client is created, changed, tried and revoked on its pages, with its secrets, its API keys and its app', async () => {
    const app = await makeApp(stack());
    const { visitor } = app.owner;
    const atApp = `/apps/${app.name}`;
    const path = `${atApp}/clients/importer`;
    const { appApiKeys, appClients, apps } = stack().domain;
    const [importer, byNight] = [unique('Night importer'), unique('Acme by night')];
    const get = (client: Credentials) => stack().token(client, { resource });
    const refused = { status: 401, body: { error: 'invalid_client' } };
    /** Sends a form that redirects to a page which confirms it. */
    const submit = async (
      to: string,
      words: string,
      at: string,
      fields: Record<string, string> = {},
    ) => expectDone(visitor, await visitor.submit(to, fields), at, words);

    await visitor.get(`${atApp}/clients/new`);
    const made = await visitor.submit(`${atApp}/clients/new`, {
      kind: 'server',
      name: 'importer',
      role: 'Reader',
    });
    const client = { id: `${app.name}:importer`, secret: secretOf(made) };
    expect([made.status, client.secret]).toEqual([200, expect.stringMatching(/^writ_cs_/)]);
    const token = (await get(client)).body.access_token;
    const claims = { active: true, client_id: client.id };
    expect(await introspect(token)).toMatchObject({ ...claims, roles: ['Reader'] });

    await visitor.get(path);
    const changed = await submit(`${path}/settings`, 'The client is saved', path, {
      display_name: importer,
      role: 'Editor',
      lifetime: '3',
      lifetime_unit: '3600',
      token_format: 'opaque',
    });
    expect(filledIn(changed, 'display_name')).toBe(importer);
    expect(await introspect(token)).toMatchObject({ ...claims, roles: ['Editor'] });
    expect((await get(client)).body.expires_in).toBe(3 * 3600);

    const added = await visitor.submit(`${path}/secrets`);
    const second = { ...client, secret: secretOf(added) };
    for (const each of [client, second]) expect((await get(each)).status).toBe(200);
    const page = await visitor.get(path);
    const secrets = [...page.text.matchAll(/name="secret_id" value="([^"]+)"/g)];
    expect(secrets).toHaveLength(2);
    const secret_id = secrets.at(-1)?.[1] ?? '';
    await submit(`${path}/secrets/delete`, 'The secret is revoked', path, { secret_id });
    expect(await get(client)).toMatchObject(refused);
    expect((await get(second)).status).toBe(200);

    const keys = `${path}/api-keys`;
    const keyOn = ({ text }: Page) => /writ_ak_\w+/.exec(text)?.[0] ?? '';
    const opens = async (value: string) =>
      (await apiClient(stack().origin, value).call('GET', '/tokens')).status;
    const withKey = await visitor.submit(keys, {
      ...hiddenOn(await visitor.get(keys)),
      name: 'Billing',
      may: 'write',
      expiry: 'never',
    });
    const value = keyOn(withKey);
    expect([withKey.status, await opens(value)]).toEqual([200, 200]);
    const atKey = /\/apps\/[^"]*\/api-keys\/tok_\w+/;
    const key = atKey.exec(withKey.text)?.[0] ?? '';
    const renamed = await submit(`${key}/settings`, 'The API key is saved', key, {
      name: 'Invoices',
      expiry: 'keep',
    });
    expect(renamed.words).toContain('Invoices');
    const replaced = await visitor.submit(`${key}/regenerate`, {
      ...hiddenOn(await visitor.get(`${key}/regenerate`)),
      overlap: '0',
      expiry: 'keep',
    });
    const nextValue = keyOn(replaced);
    expect([await opens(value), await opens(nextValue)]).toEqual([401, 200]);
    expect(await appApiKeys.list(operator, app.name, 'importer')).toHaveLength(2);
    const nextKey = atKey.exec(replaced.text)?.[0] ?? '';
    await submit(`${nextKey}/revoke`, 'It no longer works', keys);
    expect(await opens(nextValue)).toBe(401);

    await visitor.get(`${path}/connect`);
    const tried = await visitor.submit(`${path}/connect/token`, {
      resource,
      'scope:things:read': 'on',
    });
    const trial = /writ_at_\w+/.exec(tried.text)?.[0] ?? '';
    const introspected = JSON.parse(codeOf(tried, 'Introspection response'));
    expect(introspected).toMatchObject({ ...claims, roles: ['Editor'], scope: 'things:read' });
    expect(await introspect(trial)).toMatchObject({ ...claims, scope: 'things:read' });

    await submit(`${path}/disable`, 'The client is disabled', path);
    expect([await introspect(token), await introspect(trial)]).toEqual([inactive, inactive]);
    expect(await get(second)).toMatchObject(refused);
    await submit(`${path}/enable`, 'The client is enabled', path);
    const again = (await get(second)).body.access_token;
    expect(await introspect(again)).toMatchObject(claims);
    expect(await introspect(token)).toEqual(inactive);

    const settings = `${atApp}/settings`;
    await submit(settings, 'The app is saved', settings, { display_name: byNight });
    expect((await apps.find(operator, app.name)).displayName).toBe(byNight);
    await submit(`${atApp}/disable`, 'The app is disabled', settings);
    expect(await introspect(again)).toEqual(inactive);
    for (const each of [second, app.client]) expect(await get(each)).toMatchObject(refused);
    await submit(`${atApp}/enable`, 'The app is enabled', settings);
    for (const each of [second, app.client]) expect((await get(each)).status).toBe(200);
    await submit(`${path}/delete`, 'The client is deleted', atApp);
    expect(await get(second)).toMatchObject(refused);
    expect((await appClients.list(operator, app.name)).map(({ name }) => name)).toEqual([
      'default',
    ]);
    await submit(`${atApp}/delete`, 'The app is deleted', '/apps', { name: app.name });
    expect(await get(app.client)).toMatchObject(refused);
  });

  test('a person signs in with another provider, connects it with their account, is signed out from there, and disconnects it', async () => {
    const { api, issuer, origin } = stack();
    const op = await startIdentityProvider(issuer, ['golden']);
    try {
      const created = await api.call('POST', '/identity-providers', {
        id: 'golden',
        issuer: op.origin,
        client_id: 'writ',
        client_secret: upstreamSecret,
        private_network: true,
      });
      expect(created.status).toBe(201);
      const { email, password } = await makePerson(stack());
      const visitor = createVisitor(origin);
      await visitor.get('/sign-in');
      const unknown = await signInWith(visitor, origin, 'golden');
      expect(unknown.words).toContain('no account here is connected');
      await visitor.follow(await visitor.get('/account/security/connect'));
      const form = { email, password, return_to: '/account/security/connect' };
      await visitor.follow(await visitor.submit('/sign-in', form));
      const connected = await visitor.submit('/account/security/connect', { decision: 'connect' });
      await expectDone(visitor, connected, '/account/security', 'It is connected');

      const elsewhere = createVisitor(origin);
      await elsewhere.get('/sign-in');
      const returned = await signInWith(elsewhere, origin, 'golden', { return_to: '/account' });
      expect([returned.status, returned.location]).toEqual([303, '/account']);
      const now = Math.floor(Date.now() / 1000);
      const logout_token = await op.sign(
        {
          iss: op.origin,
          aud: 'writ',
          sub: op.state.person.sub,
          iat: now,
          exp: now + 60,
          jti: unique('jti'),
          events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
        },
        'logout+jwt',
      );
      const ended = await elsewhere.submit('/sign-in/with/golden/backchannel-logout', {
        logout_token,
      });
      expect(ended.status).toBe(200);
      expect((await elsewhere.get('/account')).status).toBe(303);

      const identity_id = filledIn(await visitor.get('/account/security'), 'identity_id') ?? '';
      const removed = await visitor.submit('/account/security/identities/remove', { identity_id });
      await expectDone(visitor, removed, '/account/security', 'It is disconnected');
    } finally {
      await api.call('DELETE', '/identity-providers/golden');
      await op.close();
    }
  });

  test('a person sees which agent acts for them, ends it with a click, and allows it again', async () => {
    const { api, domain } = stack();
    const { visitor, accountId } = await signedIn(stack());
    const { id } = await api.createClient({
      client_id: unique('agent'),
      client_name: 'Invoice sorter',
      agent: { purpose: 'Sorts incoming invoices.' },
    });
    const client = await domain.clients(id);
    const parties = { accountId, client: String(client?.id) };
    await domain.delegations.grantFor(parties, id);
    const shown = await visitor.get('/account/connected');
    expect(shown.words).toMatch(/Invoice sorter Acts for you since .* Sorts incoming invoices\./);
    const ended = await visitor.submit('/account/connected/end', { client_id: id });
    await expectDone(visitor, ended, '/account/connected', 'It no longer acts for you');
    expect(await domain.delegations.grantFor(parties, id)).toBe('ended');
    const allowed = await visitor.submit('/account/connected/allow', { client_id: id });
    await expectDone(visitor, allowed, '/account/connected', 'It can act for you again');
    expect(await domain.delegations.grantFor(parties, id)).toMatchObject({ epoch: 0 });
  });

  test('an Owner creates an agent, lets it act for people, ends that for one of them, stops it, and starts it again', async () => {
    const app = await makeApp(stack());
    const { visitor } = app.owner;
    const path = `/apps/${app.name}/clients/sorter`;
    const agentPage = `${path}/agent`;
    await visitor.get(`/apps/${app.name}/clients/new`);
    const made = await visitor.submit(`/apps/${app.name}/clients/new`, {
      kind: 'agent',
      name: 'sorter',
      role: 'Reader',
      purpose: 'Sorts incoming invoices.',
    });
    const agent = { id: `${app.name}:sorter`, secret: secretOf(made) };
    expect([made.status, agent.secret]).toEqual([200, expect.stringMatching(/^writ_cs_/)]);

    const website = await stack().domain.appClients.create(operator, app.name, {
      name: 'website',
      kind: 'website_with_server',
      role: 'Reader',
      redirectUris: ['https://app.test/cb'],
    });
    const ada = await signedIn(stack(), { name: 'Ada Private' });
    const { refreshToken } = await logIn(stack(), website.client.clientId, {
      resource,
      scope: 'offline_access things:read',
      accountId: ada.accountId,
    });
    const refreshed = await stack().post(
      '/connect/token',
      { grant_type: 'refresh_token', refresh_token: refreshToken },
      { id: website.client.clientId, secret: website.secret ?? '' },
    );
    const subject = refreshed.body.access_token;
    const act = () => exchange(stack(), agent, subject);
    expect(await act()).toMatchObject({ status: 400, body: { error: 'unauthorized_client' } });

    await visitor.get(path);
    const settings = await visitor.submit(`${path}/settings`, {
      display_name: unique('Invoice sorter'),
      role: 'Reader',
      purpose: 'Sorts invoices.',
      agent_owner: app.owner.accountId,
      tokens_limit: '100',
      hours_from: '00:00',
      hours_to: '23:59',
      time_zone: 'UTC',
      token_exchange: 'on',
    });
    await expectDone(visitor, settings, path, 'The client is saved');
    const first = (await act()).body.access_token;
    expect(await introspect(first)).toMatchObject({
      active: true,
      sub: ada.accountId,
      act: { sub: agent.id },
    });

    const page = await visitor.get(agentPage);
    expect(page.words).toMatch(/Sorts invoices\. .*Acts for one person/);
    expect(page.words).toContain('1 of 100 in this hour');
    expect(page.text).toContain(ada.accountId);
    expect(page.words).not.toContain('Ada Private');
    const ofPerson = await visitor.get(`${agentPage}?person=${ada.accountId}`);
    expect(ofPerson.words).toContain('began to act for a person');
    const ended = await visitor.submit(`${agentPage}/end`, { account_id: ada.accountId });
    await expectDone(visitor, ended, agentPage, 'It no longer acts for that person');
    expect(await introspect(first)).toEqual(inactive);
    expect((await act()).status).toBe(400);

    await ada.visitor.get('/account/connected');
    await ada.visitor.submit('/account/connected/allow', { client_id: agent.id });
    const second = (await act()).body.access_token;
    expect((await introspect(second)).active).toBe(true);
    expect((await visitor.get(agentPage)).words).toContain('its access for one person');
    const stopped = await visitor.submit(`${agentPage}/stop`);
    await expectDone(visitor, stopped, agentPage, 'All of its tokens are revoked');
    expect([await introspect(second), (await act()).status]).toEqual([inactive, 401]);
    const started = await visitor.submit(`${agentPage}/start`);
    await expectDone(visitor, started, agentPage, 'The agent is started');
    expect(await introspect(second)).toEqual(inactive);
    expect((await act()).status).toBe(200);
    expect((await visitor.get(`${path.replace('sorter', 'default')}/agent`)).status).toBe(404);
  });

  test('an Owner creates an initial access token, a program registers a client with it, and the Owner revokes it', async () => {
    const app = await makeApp(stack());
    const { visitor } = app.owner;
    const path = `/apps/${app.name}/registration`;
    expect((await visitor.get(`/apps/${app.name}/settings`)).text).toContain(`href="${path}"`);
    const made = await visitor.submit(path, {
      ...hiddenOn(await visitor.get(path)),
      name: 'Deployment',
      role: 'Reader',
      uses: '2',
      lifetime: '86400',
    });
    const [value = ''] = /writ_ia_\w+/.exec(made.text) ?? [];
    keepSecret('initial access token', value);
    const register = async () =>
      fetch(new URL('/connect/register', stack().origin), {
        method: 'POST',
        headers: { authorization: `Bearer ${value}`, 'content-type': 'application/json' },
        body: JSON.stringify({ grant_types: ['client_credentials'] }),
      });
    const registered = await register();
    expect(registered.status).toBe(201);
    keepSecret(
      'client_secret',
      ((await registered.json()) as Record<string, string>)['client_secret'],
    );
    const page = await visitor.get(path);
    expect(page.words).toMatch(/Deployment .*Used 1 of 2 times/);
    const [, token_id = ''] = /name="token_id" value="([^"]+)"/.exec(page.text) ?? [];
    const revoked = await visitor.submit(`${path}/revoke`, { token_id });
    await expectDone(visitor, revoked, path, 'The token is revoked');
    expect((await register()).status).toBe(401);
    const developer = await app.member('Developer');
    expect((await developer.visitor.get(path)).status).toBe(403);
  });

  test('every form of a page was sent by one of these flows, and accepted', () => {
    const sent = new Set(acceptedForms(stack().origin).map(routeOf));
    expect([...sent].toSorted()).toEqual(formsOfPages.toSorted());
  });
}, settings);
