import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { createKeyring } from '../../../src/crypto/sealing.ts';
import { sealRegistrationLink } from '../../../src/domain/accounts/registration/link.ts';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import { makeLoginClient } from '../../protocol/authorization/support.ts';
import { chromiumPath, openBrowser, openPage } from '../../support/browser.ts';
import { signedIn } from '../../support/people.ts';
import { keepSecret } from '../../support/run-records.ts';
import { onStack, type Stack, secretKey, unique } from '../../support/stacks.ts';
import { createVisitor } from '../../support/visitor.ts';

const password = 'nine lemons in a hat';
const newAddress = () => `${unique('ada')}@acme.test`;

/** The value of the latest link that was sent to an address. */
async function linkTo({ database }: Pick<Stack, 'database'>, email: string) {
  const { id } = await database.kysely
    .selectFrom('registration')
    .select('id')
    .where('email', '=', email)
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow();
  const value = sealRegistrationLink(createKeyring([secretKey]), id);
  keepSecret('registration link', value);
  return value;
}

onStack(
  (stack) => {
    test('the sign-in page offers an account, for the app that sent the person', async () => {
      const app = await makeLoginClient(stack());
      const visitor = createVisitor(stack().origin);
      const page = await visitor.follow(await visitor.get(app.begin().path));
      const [, href = ''] = /href="(\/register\?[^"]*)"/.exec(page.text) ?? [];
      const form = await visitor.get(href.replaceAll('&amp;', '&'));
      expect(form.words).toContain(`Create an account to continue to ${app.name}`);
      expect(form.words).toContain('Only addresses at acme.test can register');
      expect(form.words).toContain('An administrator approves each account');
    });

    test('the page says the same whether or not an address has an account, and refuses what is none', async () => {
      const known = newAddress();
      await stack().domain.accounts.create(serverActor, { name: 'Ada', email: known });
      const pageFor = async (email: string) => {
        const visitor = createVisitor(stack().origin);
        await visitor.get('/register');
        const { status, words, headers } = await visitor.submit('/register', { email });
        return [status, words.replaceAll(email || 'no address', '…'), [...headers.keys()]];
      };
      const unknown = await pageFor(newAddress());
      expect(unknown[0]).toBe(200);
      expect(await pageFor(known)).toEqual(unknown);
      for (const [email, problem] of [
        ['', 'Enter your email address.'],
        ['ada', 'Is not a valid email address.'],
        ['ada@example.com', 'Must be at acme.test.'],
      ] as const)
        expect(await pageFor(email)).toEqual([
          400,
          expect.stringContaining(problem),
          expect.anything(),
        ]);
      const stale = await createVisitor(stack().origin).submit('/register', { email: known });
      expect(stale.status).toBe(403);
    });

    test('prompt=create leads to the page, with an old sign-in too, and a new sign-in answers the request', async () => {
      const { body } = await stack().request('GET', '/.well-known/openid-configuration');
      expect(body.prompt_values_supported).toContain('create');
      const app = await makeLoginClient(stack());
      const { visitor, email, password: theirs } = await signedIn(stack());
      const { path } = app.begin({ prompt: 'create', login_hint: 'new@acme.test' });
      const toRegister = /^\/register\?return_to=.*&login_hint=new%40acme\.test$/;
      expect((await createVisitor(stack().origin).get(path)).location).toMatch(toRegister);
      const sent = await visitor.get(String((await visitor.get(path)).location));
      expect(sent.location).toMatch(toRegister);
      const page = await visitor.follow(sent);
      expect([page.words, page.text]).toEqual([
        expect.stringContaining(`Create an account to continue to ${app.name}`),
        expect.stringContaining('value="new@acme.test"'),
      ]);
      const [, href = ''] = /href="(\/sign-in\?[^"]*)"/.exec(page.text) ?? [];
      const signIn = await visitor.get(href.replaceAll('&amp;', '&'));
      const return_to = /name="return_to" value="([^"]*)"/.exec(signIn.text)?.[1] ?? '';
      const after = await visitor.submit('/sign-in', { email, password: theirs, return_to });
      expect((await visitor.follow(after)).words).toContain(app.name);
      for (const prompt of ['create none', 'none create'])
        expect((await visitor.get(app.begin({ prompt }).path)).location).toMatch(
          /error=invalid_request/,
        );
    });

    test('a person who confirms waits, cannot sign in before an administrator approves the account, and can afterwards', async () => {
      const email = newAddress();
      const visitor = createVisitor(stack().origin);
      await visitor.get('/register');
      await visitor.submit('/register', { email });
      const value = await linkTo(stack(), email);
      const form = await visitor.get(`/registration/${value}`);
      expect(form.text).toContain('https://acme.test/terms');
      expect(stack().logged()).not.toContain(value);
      const wrong = await visitor.submit('/registration', { value, name: '', password: 'x' });
      expect(wrong.status).toBe(400);
      for (const problem of ['Enter a name', 'too short', 'are different', 'Accept them'])
        expect(wrong.words).toContain(problem);
      const fields = { value, name: 'Ada Lovelace', password, repeat: password, terms: 'on' };
      const done = await visitor.submit('/registration', fields);
      expect([done.status, done.words]).toEqual([
        200,
        expect.stringContaining('waits for approval'),
      ]);
      expect((await visitor.submit('/registration', fields)).status).toBe(404);
      expect((await visitor.get(`/registration/${value}`)).words).toContain('no longer works');
      expect((await visitor.signIn(email, password)).status).toBe(400);

      const list = await stack().api.call('GET', '/accounts?waiting=true');
      const [waiting] = list.body.items;
      expect(list.body.items).toMatchObject([
        { email, disabled_at: expect.any(String), approval_requested_at: expect.any(String) },
      ]);
      const approved = await stack().api.call('POST', `/accounts/${waiting.id}/approve`);
      expect(approved.body).toMatchObject({
        approval_requested_at: null,
        disabled_at: null,
        email_verified: true,
        accepted_terms: { terms_url: 'https://acme.test/terms', privacy_url: null },
      });
      expect((await visitor.signIn(email, password)).location).toBe('/account');
    });

    (chromiumPath ? describe : describe.skip)('in Chromium without JavaScript', () => {
      let browser: Browser | undefined;
      beforeAll(async () => {
        browser = await openBrowser();
      });
      afterAll(() => browser?.close());

      test('a person registers', async () => {
        const { page, complaints, close } = await openPage(browser as Browser, {
          javaScriptEnabled: false,
        });
        const email = newAddress();
        await page.goto(`${stack().issuer}/sign-in`);
        await page.getByRole('link', { name: 'Create an account' }).click();
        await page.getByLabel('Email').fill(email);
        await page.keyboard.press('Enter');
        await page.getByRole('heading', { name: 'Check your email' }).waitFor();
        await page.goto(`${stack().issuer}/registration/${await linkTo(stack(), email)}`);
        await page.getByLabel('Name').fill('Ada Lovelace');
        await page.getByLabel('New password', { exact: true }).fill(password);
        await page.getByLabel('Repeat new password').fill(password);
        await page.getByLabel('I accept').check();
        await page.getByRole('button', { name: 'Create account' }).click();
        await page.getByRole('heading', { name: 'Your account waits for approval' }).waitFor();
        expect(complaints).toEqual([]);
        await close();
      });
    });
  },
  {
    REGISTRATION: 'approval',
    REGISTRATION_DOMAINS: 'acme.test',
    TERMS_URL: 'https://acme.test/terms',
    SMTP_URL: 'smtp://127.0.0.1:1',
  },
);
