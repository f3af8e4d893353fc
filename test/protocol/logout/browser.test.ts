import { once } from 'node:events';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import type { Browser } from 'playwright-core';
import { checkAccessibility, chromiumPath, openBrowser, openPage } from '../../support/browser.ts';
import { makePerson } from '../../support/people.ts';
import { onStack } from '../../support/stacks.ts';
import { makeLoginClient } from '../authorization/support.ts';

/** A website on another origin: what it was asked for, and whether its page for signing out responds. */
let website: http.Server;
let origin: string;
let asked: URL[] = [];
let isSilent = false;
let browser: Browser | undefined;
beforeAll(async () => {
  website = http.createServer((request, response) => {
    const url = new URL(request.url ?? '/', origin);
    asked.push(url);
    if (isSilent && url.pathname === '/front') return;
    if (url.searchParams.get('state') === 'elsewhere') {
      response.writeHead(303, { location: origin.replace('127.0.0.1', 'localhost') }).end();
      return;
    }
    response.setHeader('content-type', 'text/html');
    response.end(
      `<!doctype html><link rel="icon" href="data:,"><title>App</title><h1>At ${url.pathname}</h1>`,
    );
  });
  website.listen(0);
  await once(website, 'listening');
  origin = `http://127.0.0.1:${(website.address() as AddressInfo).port}`;
  if (chromiumPath) browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  website.close();
  website.closeAllConnections();
});

onStack((stack) => {
  (chromiumPath ? describe : describe.skip)('in Chromium', () => {
    /** A person who is signed in at the website. */
    const enter = async (javaScriptEnabled: boolean, metadata = {}) => {
      asked = [];
      const app = await makeLoginClient(stack(), 'server', {
        application_type: 'native',
        redirect_uris: [`${origin}/back`],
        post_logout_redirect_uris: [`${origin}/bye`],
        frontchannel_logout_uri: `${origin}/front?from=writ`,
        ...metadata,
      });
      const person = await makePerson(stack());
      const begun = app.begin({ scope: 'openid' });
      const opened = await openPage(browser as Browser, { javaScriptEnabled });
      const { page } = opened;
      await page.goto(stack().issuer + begun.path);
      await page.getByLabel(/^E-?mail/).fill(person.email);
      await page.getByLabel('Password').fill(person.password);
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await page.getByRole('button', { name: 'Allow', exact: true }).click();
      await page.getByRole('heading', { name: 'At /back' }).waitFor();
      const { body } = await app.redeem(begun, new URL(page.url()));
      const go = (parameters: Record<string, string>) =>
        page.goto(
          `${stack().issuer}/connect/endsession?${new URLSearchParams({
            post_logout_redirect_uri: `${origin}/bye`,
            state: 'a state',
            ...parameters,
          })}`,
        );
      return { ...opened, app, hint: String(body.id_token), go };
    };

    const fronts = () => asked.filter(({ pathname }) => pathname === '/front');

    const isTold = (hint: string) =>
      expect(fronts().map(({ searchParams }) => Object.fromEntries(searchParams))).toEqual([
        { from: 'writ', iss: stack().issuer, sid: decodeJwt(hint)['sid'] },
      ]);

    test('a person confirms that they sign out; the website is loaded in a frame, and they return to it', async () => {
      const { page, app, hint, go, complaints, close } = await enter(true);
      await go({ client_id: app.client.id });
      await page.getByRole('heading', { name: 'Sign out of Writ?' }).waitFor();
      expect(await checkAccessibility(page)).toEqual([]);
      await page.locator('main').getByRole('button', { name: 'Sign out' }).click();
      await page.getByRole('heading', { name: 'At /bye' }).waitFor();
      expect(new URL(page.url()).search).toBe('?state=a+state');
      isTold(hint);
      expect(complaints).toEqual([]);
      await close();
    });

    test('a person confirms, and returns to a website that redirects them to another origin', async () => {
      const { page, app, go, complaints, close } = await enter(false, {
        frontchannel_logout_uri: undefined,
      });
      await go({ client_id: app.client.id, state: 'elsewhere' });
      await page.locator('main').getByRole('button', { name: 'Sign out' }).click();
      await page.getByRole('heading', { name: 'At /', exact: true }).waitFor();
      expect(new URL(page.url()).hostname).toBe('localhost');
      expect(complaints).toEqual([]);
      await close();
    });

    test('with the ID token nothing is asked', async () => {
      const { page, hint, go, complaints, close } = await enter(true);
      await go({ id_token_hint: hint }).catch(() => {});
      await page.getByRole('heading', { name: 'At /bye' }).waitFor();
      isTold(hint);
      expect(complaints).toEqual([]);
      await close();
    });

    test('a website that does not respond keeps no one', async () => {
      const { page, hint, go, close } = await enter(true);
      isSilent = true;
      try {
        await go({ id_token_hint: hint }).catch(() => {});
        await page.getByRole('heading', { name: 'At /bye' }).waitFor();
      } finally {
        isSilent = false;
      }
      await close();
    });

    test('without JavaScript a link leads back', async () => {
      const { page, hint, go, complaints, close } = await enter(false);
      await go({ id_token_hint: hint });
      await page.getByRole('link', { name: /^Continue to/ }).click();
      await page.getByRole('heading', { name: 'At /bye' }).waitFor();
      isTold(hint);
      expect(complaints).toEqual([]);
      await close();
    });
  });
});
