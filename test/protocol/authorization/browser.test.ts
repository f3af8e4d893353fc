import { once } from 'node:events';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import {
  checkAccessibility,
  chromiumPath,
  openBrowser,
  openPage,
  screenshot,
  sidewaysOverflow,
} from '../../support/browser.ts';
import { makePerson } from '../../support/people.ts';
import { onStack } from '../../support/stacks.ts';
import { letTimePass, makeLoginClient } from './support.ts';

/**
 * A website on another origin, which redirects to a third one: browsers apply the `form-action` of a page to all
 * redirects that follow its form.
 */
let website: http.Server;
let redirectUri: string;
let home: string;
let browser: Browser | undefined;
beforeAll(async () => {
  website = http.createServer(({ url = '' }, response) => {
    const { pathname, search } = new URL(url, redirectUri);
    if (pathname === '/back') {
      response.writeHead(303, { location: home + search }).end();
      return;
    }
    response.setHeader('content-type', 'text/html');
    response.end(
      '<!doctype html><link rel="icon" href="data:,"><title>Back</title><h1>Back at the app</h1>',
    );
  });
  website.listen(0);
  await once(website, 'listening');
  const { port } = website.address() as AddressInfo;
  redirectUri = `http://127.0.0.1:${port}/back`;
  home = `http://localhost:${port}/home`;
  if (chromiumPath) browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  website.close();
  website.closeAllConnections();
});

const inChromium = (define: (javaScriptEnabled: boolean) => void) => {
  for (const javaScriptEnabled of [true, false])
    (chromiumPath ? describe : describe.skip)(
      `in Chromium ${javaScriptEnabled ? 'with' : 'without'} JavaScript`,
      () => define(javaScriptEnabled),
    );
};

onStack((stack) => {
  const makeWebsite = () =>
    makeLoginClient(stack(), 'server', {
      application_type: 'native',
      redirect_uris: [redirectUri],
    });

  const signIn = async (page: Page, { email, password }: { email: string; password: string }) => {
    await page.getByLabel(/^E-?mail/).fill(email);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  };
  const allowButton = (page: Page) => page.getByRole('button', { name: 'Allow', exact: true });

  inChromium((javaScriptEnabled) => {
    const open = async () => {
      const opened = await openPage(browser as Browser, { javaScriptEnabled });
      const go = (path: string) => opened.page.goto(stack().issuer + path);
      const text = async () => (await opened.page.locator('main').textContent()) ?? '';
      return { ...opened, go, text };
    };

    test('a website sends a person here, who signs in, allows it with a double click, and returns to the website', async () => {
      const app = await makeWebsite();
      const person = await makePerson(stack());
      const begun = app.begin({ scope: 'openid things:read offline_access' });
      const { page, complaints, go, text, close } = await open();
      await go(begun.path);
      await signIn(page, person);
      await allowButton(page).waitFor();
      for (const words of [app.name, new URL(redirectUri).host, 'See your things'])
        expect(await text()).toContain(words);
      await allowButton(page).dblclick();
      await page.getByRole('heading', { name: 'Back at the app' }).waitFor();
      const url = new URL(page.url());
      expect([url.origin + url.pathname, url.searchParams.get('state')]).toEqual([
        home,
        begun.state,
      ]);
      const { status, body } = await app.redeem(begun, url);
      expect([status, body.scope]).toEqual([200, 'openid offline_access things:read']);
      expect(await stack().domain.connectedClients.list(person.accountId)).toHaveLength(1);
      expect(complaints).toEqual([]);
      await close();
    });

    test('a person who has allowed it before signs in and is back at the website, without a decision', async () => {
      const app = await makeLoginClient(stack(), 'server', {
        application_type: 'native',
        redirect_uris: [redirectUri],
        first_party: true,
      });
      const person = await makePerson(stack());
      const begun = app.begin();
      const { page, complaints, go, close } = await open();
      await go(begun.path);
      await signIn(page, person);
      await page.getByRole('heading', { name: 'Back at the app' }).waitFor();
      expect((await app.redeem(begun, new URL(page.url()))).status).toBe(200);
      expect(complaints).toEqual([]);
      await close();
    });

    test('response_mode=form_post: the website gets the code by a form, under the policy of the page', async () => {
      const app = await makeWebsite();
      const person = await makePerson(stack());
      const begun = app.begin({ response_mode: 'form_post' });
      const { page, complaints, go, close } = await open();
      await go(begun.path);
      await signIn(page, person);
      await allowButton(page).waitFor();
      const sent = page.waitForRequest(
        (request) => request.method() === 'POST' && request.url() === redirectUri,
      );
      await allowButton(page).click();
      if (!javaScriptEnabled) await page.getByRole('button', { name: 'Continue' }).click();
      const form = new URLSearchParams((await sent).postData() ?? '');
      expect(form.get('state')).toBe(begun.state);
      const answered = new URL(`${redirectUri}?${form}`);
      expect((await app.redeem(begun, answered)).status).toBe(200);
      await page.getByRole('heading', { name: 'Back at the app' }).waitFor();
      expect(complaints).toEqual([]);
      await close();
    });

    test('45 authorization requests in one browser do not affect its session', async () => {
      const app = await makeWebsite();
      const person = await makePerson(stack());
      const { page, go, close } = await open();
      await go('/sign-in');
      await signIn(page, person);
      await page.waitForURL('**/account');
      const { request } = page.context();
      for (let count = 0; count < 45; count++)
        await request.get(stack().issuer + app.begin().path, { maxRedirects: 0 });
      const cookies = (await page.context().cookies()).map(({ name }) => name).sort();
      expect(cookies).toContain('writ_session');
      expect(cookies.length).toBeLessThanOrEqual(8 + 3);
      await go(app.begin().path);
      await allowButton(page).waitFor();
      await close();
    });

    test('going back, or opening the request in a second tab, shows the decision', async () => {
      const app = await makeWebsite();
      const person = await makePerson(stack());
      const { page, complaints, go, text, close } = await open();
      await go(app.begin().path);
      await signIn(page, person);
      await allowButton(page).waitFor();
      const second = await page.context().newPage();
      await second.goto(page.url());
      await allowButton(page).click();
      await page.getByRole('heading', { name: 'Back at the app' }).waitFor();
      await page.goBack();
      await page.getByRole('heading', { name: `You allowed ${app.name}` }).waitFor();
      await page.reload();
      expect(await text()).toContain('Return to the app');
      await letTimePass(stack(), 60);
      await second.getByRole('button', { name: 'Deny' }).click();
      await second.getByRole('heading', { name: `You allowed ${app.name}` }).waitFor();
      expect(await stack().domain.connectedClients.list(person.accountId)).toHaveLength(1);
      expect(complaints).toEqual([]);
      await close();
    });

    test('a person who denies returns to the website, which gets the error', async () => {
      const app = await makeWebsite();
      const person = await makePerson(stack());
      const begun = app.begin();
      const { page, complaints, go, close } = await open();
      await go(begun.path);
      await signIn(page, person);
      await page.getByRole('button', { name: 'Deny' }).click();
      await page.getByRole('heading', { name: 'Back at the app' }).waitFor();
      const { searchParams } = new URL(page.url());
      expect([searchParams.get('error'), searchParams.get('state')]).toEqual([
        'access_denied',
        begun.state,
      ]);
      expect(await stack().domain.connectedClients.list(person.accountId)).toEqual([]);
      expect(complaints).toEqual([]);
      await close();
    });

    test('a native app is reached by its own scheme, under the policy of the page', async () => {
      const app = await makeLoginClient(stack(), 'phone');
      const person = await makePerson(stack());
      const begun = app.begin();
      const { page, complaints, go, text, close } = await open();
      await go(begun.path);
      await signIn(page, person);
      await allowButton(page).waitFor();
      expect(await text()).toContain('An app on this device');
      // No app handles the scheme, so the test sees only that the browser requests it.
      const asked = page.waitForRequest((request) => request.url().startsWith('com.example.app:'));
      await allowButton(page).click();
      const url = new URL((await asked).url());
      expect((await app.redeem(begun, url)).status).toBe(200);
      expect(complaints.join()).not.toContain('Content Security Policy');
      await close();
    });
  });

  (chromiumPath ? test : test.skip)(
    'its pages have no accessibility violations and fit a phone, as the server sends them',
    async () => {
      const app = await makeWebsite();
      const person = await makePerson(stack());
      const { page, close } = await openPage(browser as Browser, { width: 390, theme: 'dark' });
      const look = async (name: string) => {
        expect(await checkAccessibility(page)).toEqual([]);
        expect(await sidewaysOverflow(page)).toBe(0);
        await screenshot(page, `consent-${stack().name.replaceAll(/\W+/g, '-')}-${name}`);
      };
      await page.goto(stack().issuer + app.begin().path);
      await look('1-sign-in');
      await signIn(page, person);
      await allowButton(page).waitFor();
      await look('2-ask');
      const asked = page.url();
      await allowButton(page).click();
      await page.getByRole('heading', { name: 'Back at the app' }).waitFor();
      await page.goto(asked);
      await look('3-allowed');
      await page.goto(`${stack().issuer}/consent/nothing`);
      await look('4-expired');
      await close();
    },
  );
});
