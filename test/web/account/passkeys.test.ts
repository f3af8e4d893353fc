// Passkeys in a real browser, with its own authenticators: the script of the pages, and what browsers refuse by themselves.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Koa from 'koa';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { createPageRouter } from '../../../src/web/index.ts';
import { chromiumPath, openBrowser, openPage, screenshot } from '../../support/browser.ts';
import { makePerson, type TestPerson } from '../../support/people.ts';
import { onStack } from '../../support/stacks.ts';

let browser: Browser | undefined;
beforeAll(async () => {
  if (chromiumPath) browser = await openBrowser();
});
afterAll(() => browser?.close());

/** In a laptop or phone, which asks for a finger; and a security key that only asks for a touch, or also for a PIN. */
const authenticators = {
  platform: { transport: 'internal', hasUserVerification: true, isUserVerified: true },
  touch: {
    transport: 'usb',
    hasResidentKey: false,
    hasUserVerification: false,
    isUserVerified: false,
  },
  pin: { transport: 'usb', hasUserVerification: true, isUserVerified: true },
} as const;

/** What older browsers do not have. */
const withoutJson = `for (const name of ['parseCreationOptionsFromJSON', 'parseRequestOptionsFromJSON'])
  delete PublicKeyCredential[name];
delete PublicKeyCredential.prototype.toJSON;`;

const inChromium = chromiumPath ? describe : describe.skip;

onStack((stack) => {
  inChromium('in Chromium', () => {
    const open = async ({ script = '', javaScriptEnabled = true } = {}) => {
      const opened = await openPage(browser as Browser, { javaScriptEnabled });
      const { page } = opened;
      if (script) await page.addInitScript(script);
      const cdp: CDPSession = await page.context().newCDPSession(page);
      await cdp.send('WebAuthn.enable', { enableUI: false });
      return {
        ...opened,
        cdp,
        go: (path: string) => page.goto(stack().issuer + path),
        plugIn: async (kind: keyof typeof authenticators): Promise<string> => {
          const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
            options: {
              protocol: 'ctap2',
              hasResidentKey: true,
              automaticPresenceSimulation: true,
              ...authenticators[kind],
            },
          });
          return authenticatorId;
        },
      };
    };

    const signIn = async (page: Page, { email, password }: TestPerson) => {
      await page.getByLabel('Email').fill(email);
      await page.getByLabel('Password').fill(password);
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await page.getByRole('heading', { name: 'Passkeys' }).waitFor();
    };
    const signOut = (page: Page) => page.getByRole('button', { name: 'Sign out' }).click();
    const add = async (page: Page) => {
      await page.getByRole('link', { name: 'Add a passkey' }).click();
      await page.getByRole('button', { name: 'Create the passkey' }).click();
    };
    const list = '/account/security/passkeys';

    test.each([
      ['a current browser', ''],
      ['a browser without the conversions from and to JSON', withoutJson],
    ])(
      '%s offers a passkey in the email field, and signs its owner in with nothing else',
      async (_what, script) => {
        const person = await makePerson(stack());
        const { page, complaints, go, plugIn, close } = await open({ script });
        await go(list);
        await signIn(page, person);
        // From here on the browser answers as soon as it is asked.
        await plugIn('platform');
        await add(page);
        await page.getByRole('heading', { name: 'Your recovery codes' }).waitFor();
        await go(list);
        await page.getByText('Signs you in without a password').waitFor();
        await add(page);
        await page.getByText('already has a passkey for your account').waitFor();
        await go('/account');
        await signOut(page);
        await page.waitForURL(`${stack().issuer}/account`);
        await go(list);
        await page.getByText('Last used just now').waitFor();
        expect(complaints).toEqual([]);
        await close();
      },
    );

    test('a security key with a PIN signs in by the button; a copy of it is refused, and once it is removed the browser forgets it', async () => {
      const person = await makePerson(stack());
      const { page, cdp, go, plugIn, close } = await open();
      await go(list);
      await signIn(page, person);
      const authenticatorId = await plugIn('pin');
      await add(page);
      await page.getByRole('heading', { name: 'Your recovery codes' }).waitFor();
      const use = async () => {
        await go('/sign-in');
        await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
      };
      await signOut(page);
      await use();
      await page.waitForURL(`${stack().issuer}/account`);
      await signOut(page);
      const { credentials } = await cdp.send('WebAuthn.getCredentials', { authenticatorId });
      const [credential] = credentials;
      if (!credential) throw new Error('the key has no passkey');
      await cdp.send('WebAuthn.clearCredentials', { authenticatorId });
      await cdp.send('WebAuthn.addCredential', {
        authenticatorId,
        credential: { ...credential, signCount: 0 },
      });
      await use();
      await page.getByText('there seems to be a copy of it').waitFor();
      await screenshot(page, 'passkey-cloned');

      const [stored] = (await stack().domain.passkeys?.list(person.accountId)) ?? [];
      await stack().domain.passkeys?.remove(person.accountId, stored?.id ?? '');
      const forgotten = new Promise((resolve) => cdp.on('WebAuthn.credentialDeleted', resolve));
      await use();
      await page.getByText('This passkey does not work here').waitFor();
      expect(await forgotten).toMatchObject({ credentialId: credential.credentialId });
      await close();
    });

    test('a security key that only asks for a touch is accepted after the password, and not in place of it', async () => {
      const person = await makePerson(stack());
      const { page, go, plugIn, close } = await open();
      await go(list);
      await signIn(page, person);
      await plugIn('touch');
      await add(page);
      await page.getByRole('heading', { name: 'Your recovery codes' }).waitFor();
      await signOut(page);
      await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
      await page.getByText('No passkey was used').waitFor();
      await go(`/sign-in?return_to=${encodeURIComponent(list)}`);
      await page.getByLabel('Email').fill(person.email);
      await page.getByLabel('Password').fill(person.password);
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await page.getByRole('button', { name: 'Use the passkey' }).click();
      await page.getByText('Second step after your password').waitFor();
      await close();
    });

    test('without JavaScript, or in a browser without passkeys, pages show no button for them', async () => {
      const person = await makePerson(stack());
      for (const options of [
        { javaScriptEnabled: false },
        { script: 'delete window.PublicKeyCredential' },
      ]) {
        const { page, complaints, go, close } = await open(options);
        await go(`/sign-in?return_to=${encodeURIComponent(list)}`);
        expect(await page.getByRole('button').allTextContents()).toEqual(['Sign in']);
        await signIn(page, person);
        await page.getByRole('link', { name: 'Add a passkey' }).click();
        await page.getByText('This browser has no passkeys, or JavaScript is off').waitFor();
        expect(await page.getByRole('button', { name: 'Create' }).count()).toBe(0);
        expect(complaints).toEqual([]);
        await close();
      }
    });
  });
});

test('related origins are published where browsers look for them', async () => {
  const origins = ['https://login.example.com', 'https://login.example.de'];
  const router = createPageRouter({
    issuer: origins[0],
    assets: { brand: {} },
    limits: { limit: () => undefined },
    passkeys: { relyingParty: { origins } },
  } as never);
  const server = new Koa().use(router.routes()).listen(0, 'localhost');
  try {
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const answer = await fetch(`http://localhost:${port}/.well-known/webauthn`);
    expect([answer.status, await answer.json()]).toEqual([200, { origins }]);
  } finally {
    server.close();
  }
});
