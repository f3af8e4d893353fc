import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { serverActor } from '../../src/domain/roles/server-actor.ts';
import { expire } from '../protocol/device/support.ts';
import {
  checkAccessibility,
  chromiumPath,
  openBrowser,
  openPage,
  screenshot,
  sidewaysOverflow,
} from '../support/browser.ts';
import { makeDevice } from '../support/device.ts';
import { makePerson } from '../support/people.ts';
import { onStack } from '../support/stacks.ts';

let browser: Browser | undefined;
beforeAll(async () => {
  if (chromiumPath) browser = await openBrowser();
});
afterAll(() => browser?.close());

/** The pages in a real browser, with scripts and without. */
const inChromium = (define: (javaScriptEnabled: boolean) => void) => {
  for (const javaScriptEnabled of [true, false])
    (chromiumPath ? describe : describe.skip)(
      `in Chromium ${javaScriptEnabled ? 'with' : 'without'} JavaScript`,
      () => define(javaScriptEnabled),
    );
};

onStack((stack) => {
  inChromium((javaScriptEnabled) => {
    const open = async () => {
      const opened = await openPage(browser as Browser, { javaScriptEnabled });
      const go = (path: string) => opened.page.goto(stack().issuer + path);
      const text = async () => (await opened.page.locator('main').textContent()) ?? '';
      return { ...opened, go, text };
    };

    const signIn = async (page: Page, { email, password }: { email: string; password: string }) => {
      await page.getByLabel('Email').fill(email);
      await page.getByLabel('Password').fill(password);
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    };

    test('a person lets a command line in, sees it among their devices, and ends it', async () => {
      const device = await makeDevice(stack());
      const person = await makePerson(stack());
      const started = await device.start('things:read things:write offline_access', {
        'user-agent': 'curl/8.5.0',
      });
      const { page, complaints, go, text, close } = await open();
      await go(new URL(started.verification_uri).pathname);
      await signIn(page, person);
      await page.getByLabel(/code/i).fill(started.user_code.toLowerCase());
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Connect', exact: true }).waitFor();
      expect(await text()).toContain(device.name);
      expect(await text()).toContain('Create, change and delete your things');
      expect((await device.poll(started)).body.error).toBe('authorization_pending');
      await page.getByRole('button', { name: 'Connect', exact: true }).dblclick();
      await page.getByRole('heading', { name: /connected/i }).waitFor();
      const { status, body } = await device.poll(started);
      expect([status, body.token_type]).toEqual([200, 'Bearer']);
      // Going back and reloading shows what holds, and asks nothing again.
      await page.reload();
      await page.getByRole('heading', { name: /connected/i }).waitFor();
      await page.goBack();
      await page.goForward();
      await go('/account/connected');
      expect(await text()).toContain(device.name);
      await page.locator('summary', { hasText: /^Revoke/ }).click();
      await page.getByRole('button', { name: /^Revoke/ }).click();
      await page.getByText(`Access of ${device.name} is revoked.`).waitFor();
      const refresh = await stack().post('/connect/token', {
        grant_type: 'refresh_token',
        refresh_token: body.refresh_token,
        client_id: device.clientId,
      });
      expect([refresh.status, refresh.body.error]).toEqual([400, 'invalid_grant']);
      expect(complaints).toEqual([]);
      await close();
    });

    test('a person follows the link of a device, compares the code, and says no', async () => {
      const device = await makeDevice(stack());
      const person = await makePerson(stack());
      const started = await device.start();
      const { page, complaints, go, text, close } = await open();
      await go(`/device?user_code=${started.user_code}`);
      await signIn(page, person);
      await page.getByRole('button', { name: 'Deny' }).waitFor();
      expect((await text()).replaceAll(/[\s\u2060]/g, '')).toContain(started.user_code);
      await page.getByRole('button', { name: 'Deny' }).click();
      await page.getByRole('heading').first().waitFor();
      expect((await device.poll(started)).body.error).toBe('access_denied');
      expect(await text()).not.toMatch(/is connected/i);
      expect(complaints).toEqual([]);
      await close();
    });

    test('a code that ran out while somebody looked at it says so, and where a new one comes from', async () => {
      const device = await makeDevice(stack());
      const person = await makePerson(stack());
      const started = await device.start();
      const { page, go, text, close } = await open();
      await go(`/device?user_code=${started.user_code}`);
      await signIn(page, person);
      await page.getByRole('button', { name: 'Connect', exact: true }).waitFor();
      await expire(stack(), started);
      await page.getByRole('button', { name: 'Connect', exact: true }).click();
      await page.getByRole('heading', { name: /expired|too late|ran out/i }).waitFor();
      expect(await text()).toMatch(/new (code|one)/i);
      expect((await device.poll(started)).body.error).toBe('expired_token');
      expect(await stack().domain.connectedClients.list(person.accountId)).toEqual([]);
      await close();
    });

    test('a code that one person looked at and left is taken up by another, in another browser', async () => {
      const device = await makeDevice(stack());
      const [first, second] = [await makePerson(stack()), await makePerson(stack())];
      const started = await device.start();
      const left = await open();
      await left.go(`/device?user_code=${started.user_code}`);
      await signIn(left.page, first);
      await left.page.getByRole('button', { name: 'Connect', exact: true }).waitFor();
      await left.close();
      const { page, go, close } = await open();
      await go(`/device?user_code=${started.user_code}`);
      await signIn(page, second);
      await page.getByRole('button', { name: 'Connect', exact: true }).click();
      await page.getByRole('heading', { name: /connected/i }).waitFor();
      const { body } = await device.poll(started);
      const { body: token } = await stack().introspect(body.access_token, device.resourceServer);
      expect(token.sub).toBe(second.accountId);
      await close();
    });

    test('an invited person chooses a password, and is signed in', async () => {
      const { domain } = stack();
      const email = `${crypto.randomUUID().slice(0, 8)}@example.com`;
      const { id } = await domain.accounts.create(serverActor, { name: 'Alan Turing', email });
      const { value } = await domain.invitations.create(serverActor, id);
      const { page, complaints, go, text, close } = await open();
      await go(`/invitation/${value}`);
      const password = 'an enigma for the ages';
      await page.locator('input[name=password]').fill(password);
      await page.locator('input[name=repeat]').fill(password);
      await page.locator('main form button').click();
      await page.getByText('Your password is set').waitFor();
      await page.getByRole('link', { name: 'Connected' }).first().waitFor();
      expect(await text()).toContain(email);
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByText('You are signed out').waitFor();
      // The back button shows nothing of the person any more.
      await page.goBack();
      expect(new URL(page.url()).pathname).toBe('/sign-in');
      expect(complaints).toEqual([]);
      await close();
    });

    test('a tab that is left open while somebody else signs in ends in a page that helps', async () => {
      const device = await makeDevice(stack());
      const [first, second] = [await makePerson(stack()), await makePerson(stack())];
      const started = await device.start();
      const { page, go, close } = await open();
      await go(`/device?user_code=${started.user_code}`);
      await signIn(page, first);
      await page.getByRole('button', { name: 'Connect', exact: true }).waitFor();
      const other = await page.context().newPage();
      await other.goto(`${stack().issuer}/account`);
      await other.getByRole('button', { name: 'Sign out' }).click();
      await signIn(other, second);
      await other.getByRole('link', { name: 'Connected' }).first().waitFor();
      await page.getByRole('button', { name: 'Connect', exact: true }).click();
      await page.getByText('out of date').waitFor();
      expect((await device.poll(started)).body.error).toBe('authorization_pending');
      await page.getByRole('link', { name: 'Open it again' }).click();
      await page.getByRole('button', { name: 'Connect', exact: true }).click();
      await page.getByRole('heading', { name: /connected/i }).waitFor();
      const { body } = await device.poll(started);
      const { body: token } = await stack().introspect(body.access_token, device.resourceServer);
      expect(token.sub).toBe(second.accountId);
      await close();
    });
  });

  (chromiumPath ? test : test.skip)(
    'every page of a login is without barriers and fits a phone, as the server sends it',
    async () => {
      const device = await makeDevice(stack(), { device_lifetimes: [86_400, 2_592_000] });
      const person = await makePerson(stack());
      const started = await device.start('things:read offline_access', {
        'user-agent': 'curl/8.5.0',
      });
      const { page, close } = await openPage(browser as Browser, { width: 390, theme: 'dark' });
      const look = async (name: string) => {
        expect(await checkAccessibility(page)).toEqual([]);
        expect(await sidewaysOverflow(page)).toBe(0);
        await screenshot(page, `login-${stack().name.replaceAll(/\W+/g, '-')}-${name}`);
      };
      await page.goto(`${stack().issuer}/device`);
      await look('1-sign-in');
      await page.getByLabel('Email').fill(person.email);
      await page.getByLabel('Password').fill(person.password);
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await page.getByLabel(/code/i).waitFor();
      await look('2-enter');
      await page.getByLabel(/code/i).fill(started.user_code);
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Connect', exact: true }).waitFor();
      await look('3-confirm');
      await page.getByRole('button', { name: 'Connect', exact: true }).click();
      await page.getByRole('heading', { name: /connected/i }).waitFor();
      await look('4-connected');
      for (const path of ['', '/connected', '/password', '/delete']) {
        await page.goto(`${stack().issuer}/account${path}`);
        await look(`5-account${path.replace('/', '-')}`);
      }
      await close();
    },
  );
});
