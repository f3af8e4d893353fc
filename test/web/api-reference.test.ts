// The API reference at /docs: made from the OpenAPI document, readable by anyone, and tried with a token of the session.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { administratorRole } from '../../config/roles.ts';
import { isPersonalScope, personalTokenScopes } from '../../config/scopes.ts';
import { apiTrialTokenTtl } from '../../config/tokens.ts';
import { serverActor } from '../../src/domain/roles/server-actor.ts';
import { tokenOfPerson } from '../api/person-token.ts';
import {
  checkAccessibility,
  chromiumPath,
  colorRules,
  openBrowser,
  openPage,
  phoneRules,
  screenshot,
  sidewaysOverflow,
} from '../support/browser.ts';
import { apiClient } from '../support/http.ts';
import { makePerson, signedIn, type TestPerson } from '../support/people.ts';
import { onStack } from '../support/stacks.ts';
import { createVisitor } from '../support/visitor.ts';

onStack((stack) => {
  const readDocument = async () => (await stack().get('/api/v1/openapi.json')).body;
  /** The pages of the reference, as its own table of contents lists them. */
  const pagesOf = async (): Promise<string[]> => {
    const { text } = await stack().get('/docs');
    return [...new Set([...text.matchAll(/href="(\/docs[\w/-]*)"/g)].map(([, path = '']) => path))];
  };
  const trialTokens = async (accountId: string) =>
    (await stack().domain.audit.page({ actor: accountId, action: 'token.tried', limit: 10 })).items;

  test('every operation is on the page of its noun, with its path, its scope and an anchor', async () => {
    const { tags, paths } = await readDocument();
    expect(await pagesOf()).toHaveLength(tags.length + 1);
    const texts = new Map<string, string>();
    for (const path of await pagesOf()) {
      const { status, text } = await stack().get(path);
      expect([path, status]).toEqual([path, 200]);
      texts.set(path, text);
    }
    // biome-ignore lint/suspicious/noExplicitAny: an operation of the document
    for (const [path, methods] of Object.entries<Record<string, any>>(paths))
      for (const { operationId, tags, security } of Object.values(methods)) {
        const text = texts.get(`/docs/${tags[0].toLowerCase().replaceAll(' ', '-')}`) ?? '';
        const start = text.indexOf(`<section class="operation" id="${operationId}"`);
        expect([operationId, start > 0]).toEqual([operationId, true]);
        const section = text.slice(start, text.indexOf('</section>', start));
        expect(section.replaceAll('<wbr>', '')).toContain(`<code>${path}</code>`);
        for (const scope of security.flatMap(
          (each: Record<string, string[]>) => each['oauth2'] ?? [],
        ))
          expect(section).toContain(scope);
      }
  });

  test('the page loads only what this server has, under a strict policy, and a stranger can sign in from it', async () => {
    const { text, headers } = await stack().get('/docs/clients');
    for (const [, url = ''] of text.matchAll(/<(?:script|link|img)\b[^>]* (?:src|href)="([^"]+)"/g))
      expect(url).toMatch(/^\/assets\//);
    expect(text).not.toMatch(/<script>|<style|\son\w+=/);
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/);
    expect(policy).toContain("connect-src 'self';");
    expect(policy).not.toContain('unsafe');
    expect(text).toContain('href="/sign-in?return_to=%2Fdocs%2Fclients"');
    const person = await makePerson(stack());
    const visitor = createVisitor(stack().origin);
    const signedIn = await visitor.signIn(person.email, person.password, '/docs/clients');
    expect(signedIn.location).toBe('/docs/clients');
    expect((await visitor.follow(signedIn)).text).toContain('href="/account"');
  });

  test.each([
    '/docs/nothing',
    '/docs/clients/nothing',
    '/docs/..%2fpackage.json',
    '/docs/__proto__',
    '/docsome',
  ])('nothing is at %s', async (path) => {
    expect((await stack().get(path)).status).toBe(404);
  });

  test('a signed-in person gets a token that reads what they can read, expires within minutes and is audited', async () => {
    for (const roles of [[], [administratorRole]]) {
      const { visitor, accountId } = await signedIn(stack(), { roles });
      await visitor.get('/docs/apps');
      const { status, headers, body } = await visitor.submit('/docs/token');
      expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
      const scopes = personalTokenScopes.filter(
        (name) => roles.length > 0 || isPersonalScope(name),
      );
      expect(body.scope.split(' ').toSorted()).toEqual(scopes.toSorted());
      expect(body.scope).not.toMatch(/write/);
      expect([body.token_type, body.expires_in]).toEqual(['Bearer', apiTrialTokenTtl]);
      const api = apiClient(stack().origin, body.access_token);
      expect((await api.call('GET', '/apps')).status).toBe(200);
      expect((await api.call('GET', '/clients')).status).toBe(roles.length > 0 ? 200 : 403);
      expect((await api.call('POST', '/apps', { display_name: 'An app' })).status).toBe(403);
      expect(await trialTokens(accountId)).toHaveLength(1);
      await stack().domain.accounts.revokeTokens(serverActor, accountId);
      expect((await api.call('GET', '/apps')).status).toBe(401);
    }
  });

  test('another site, an old form, a stranger and a sign-in of long ago get no token', async () => {
    const { visitor, accountId } = await signedIn(stack());
    const forged = await visitor.submit('/docs/token', { csrf: 'x'.repeat(43) });
    expect([forged.status, forged.text]).toEqual([403, expect.not.stringContaining('writ_at_')]);
    const cookie = [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    await visitor.get('/docs');
    const elsewhere = await stack().post('/docs/token', { csrf: visitor.csrf() }, undefined, {
      cookie,
      'sec-fetch-site': 'cross-site',
    });
    expect(elsewhere.status).toBe(403);
    const stranger = createVisitor(stack().origin);
    await stranger.get('/docs');
    expect((await stranger.submit('/docs/token')).location).toMatch(
      /^\/sign-in\?return_to=%2Fdocs/,
    );
    await stack()
      .database.kysely.updateTable('session')
      .set({ signed_in_at: new Date(Date.now() - 86_400_000) })
      .where('account_id', '=', accountId)
      .execute();
    expect((await visitor.submit('/docs/token')).location).toMatch(/return_to=%2Fdocs&again=1/);
    expect(await trialTokens(accountId)).toHaveLength(0);
  });

  (chromiumPath ? describe : describe.skip)('in a browser', () => {
    let browser: Browser;
    let person: TestPerson;
    beforeAll(async () => {
      browser = await openBrowser();
      person = await makePerson(stack(), { roles: [administratorRole] });
    });
    afterAll(() => browser?.close());

    const signIn = async (page: Page) => {
      await page.goto(`${stack().issuer}/docs/clients`);
      await page.getByRole('link', { name: 'Sign in' }).first().click();
      await page.getByLabel(/^e-?mail/i).fill(person.email);
      await page.getByLabel('Password').fill(person.password);
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await page.waitForURL('**/docs/clients');
    };

    test('the pages have no barriers and fit a desk and a phone, in the light and in the dark', async () => {
      const { page, complaints, close } = await openPage(browser);
      // All pages are made of the same pieces: these two have all of them.
      const checked = ['/docs', '/docs/tokens'];
      for (const path of await pagesOf()) {
        const name = `reference-${path.split('/')[2] ?? 'overview'}`;
        const go = async (width: number, colorScheme: 'light' | 'dark') => {
          await page.setViewportSize({ width, height: 860 });
          await page.emulateMedia({ colorScheme });
        };
        await page.goto(stack().issuer + path);
        await go(1280, 'light');
        await screenshot(page, `${name}-light`);
        await page.evaluate(
          'for (const each of document.querySelectorAll("details")) each.open = true',
        );
        if (checked.includes(path)) {
          expect([path, await checkAccessibility(page)]).toEqual([path, []]);
          await go(1280, 'dark');
          expect([path, await checkAccessibility(page, colorRules)]).toEqual([path, []]);
        }
        for (const width of [390, 320]) {
          await go(width, 'dark');
          expect([path, width, await sidewaysOverflow(page)]).toEqual([path, width, 0]);
        }
        if (checked.includes(path))
          expect([path, await checkAccessibility(page, phoneRules)]).toEqual([path, []]);
      }
      expect(complaints).toEqual([]);
      await close();
    });

    test('a person signs in and sends a call; the token is in no URL, no storage and no cookie', async () => {
      const { page, complaints, close } = await openPage(browser);
      const urls: string[] = [];
      const tokens: string[] = [];
      page.on('request', (request) => urls.push(request.url()));
      page.on('response', async (response) => {
        if (new URL(response.url()).pathname === '/docs/token')
          tokens.push((await response.json()).access_token);
      });
      await signIn(page);
      const operation = page.locator('#listClients');
      await operation.getByText('Try it').click();
      await operation.getByLabel('limit').fill('2');
      await operation.getByRole('button', { name: 'Send GET request' }).click();
      await operation.locator('.status').filter({ hasText: '200' }).waitFor();
      expect(await operation.locator('.result').textContent()).toContain('"client_id"');
      await screenshot(page, 'reference-tried-light');
      const writing = page.locator('#deleteClient');
      await writing.getByText('Try it').click();
      await writing.getByLabel('client_id').fill('backend');
      await writing.getByRole('button', { name: 'Send DELETE request' }).click();
      await writing.getByText('This call needs the scope clients:write').waitFor();
      expect(tokens).toHaveLength(1);
      const kept = await page.evaluate<string>(
        'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, document.documentElement.outerHTML])',
      );
      const cookies = JSON.stringify(await page.context().cookies());
      for (const place of [...urls, kept, cookies]) expect(place).not.toContain(tokens[0]);
      expect(complaints).toEqual([]);
      await close();
    });

    test('a token that is pasted is sent in place of that of the session', async () => {
      const { page, close } = await openPage(browser);
      await page.goto(`${stack().issuer}/docs/clients`);
      const operation = page.locator('#getClient');
      await operation.getByText('Try it').click();
      await operation.getByLabel('client_id').fill('nothing-here');
      const send = operation.getByRole('button', { name: 'Send GET request' });
      await send.click();
      await operation.getByText('Sign in or paste a token first').waitFor();
      const { value } = await tokenOfPerson(stack(), person.accountId, ['clients:read']);
      await page.locator('#own-token').fill(value);
      await send.click();
      await operation.locator('.status').filter({ hasText: '404' }).waitFor();
      await close();
    });

    test('without JavaScript everything can be read, and no call is offered', async () => {
      const { page, close } = await openPage(browser, { javaScriptEnabled: false });
      await page.goto(`${stack().issuer}/docs/clients`);
      expect(await page.locator('#createClient').textContent()).toContain('client_name');
      expect(await page.getByText('Try it').first().isVisible()).toBe(false);
      await close();
    });
  });
});
