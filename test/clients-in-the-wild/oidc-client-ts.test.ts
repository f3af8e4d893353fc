// A single-page app with oidc-client-ts in Chromium: login, silent renewal in a frame, userinfo, revocation and logout.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { chromiumPath, openBrowser, openPage } from '../support/browser.ts';
import { makePerson } from '../support/people.ts';
import { clientProgram } from '../support/published-clients.ts';
import { keepSecret } from '../support/run-records.ts';
import { onStack } from '../support/stacks.ts';

const library = clientProgram('node_modules/oidc-client-ts/dist/browser/oidc-client-ts.min.js');

interface User {
  access_token: string;
  id_token: string;
  scope: string;
  profile: Record<string, unknown>;
}

(library && chromiumPath ? describe : describe.skip)('oidc-client-ts in Chromium', () => {
  let website: Server;
  let origin: string;
  let browser: Browser;
  beforeAll(async () => {
    website = createServer((request, response) => {
      if (request.url === '/oidc.js') {
        response.setHeader('content-type', 'text/javascript');
        response.end(readFileSync(library ?? ''));
        return;
      }
      response.setHeader('content-type', 'text/html');
      if (request.url?.startsWith('/silent')) {
        response.end(`<!doctype html><script src="/oidc.js"></script><script>
          const settings = { authority: 'none', client_id: 'none', redirect_uri: location.href };
          new oidc.UserManager(settings).signinSilentCallback();
        </script>`);
        return;
      }
      response.end(
        '<!doctype html><link rel="icon" href="data:,"><title>App</title><script src="/oidc.js"></script><h1>App</h1>',
      );
    });
    website.listen(0, 'localhost');
    await once(website, 'listening');
    origin = `http://localhost:${(website.address() as AddressInfo).port}`;
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    website.close();
    website.closeAllConnections();
  });

  onStack((stack) => {
    test('a person logs in, the app renews its tokens silently, and signs out', async () => {
      const { id, secret } = await stack().api.createClient({
        client_name: 'Single-page app',
        first_party: true,
        // Without a secret, a client on localhost is never answered without a page (RFC 8252 §8.6).
        token_endpoint_auth_method: 'client_secret_post',
        application_type: 'native',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        redirect_uris: [`${origin}/callback`, `${origin}/silent`],
        post_logout_redirect_uris: [`${origin}/`],
      });
      const ada = await makePerson(stack());
      const { page, close } = await openPage(browser);
      const settings = JSON.stringify({
        authority: stack().issuer,
        client_id: id,
        client_secret: secret,
        redirect_uri: `${origin}/callback`,
        silent_redirect_uri: `${origin}/silent`,
        post_logout_redirect_uri: `${origin}/`,
        scope: 'openid profile email',
        loadUserInfo: true,
      });
      const manager = `new oidc.UserManager(${settings})`;
      const run = <Result>(expression: string) => page.evaluate<Result>(expression);
      const summary = async (expression: string): Promise<User> => {
        const user = await run<User>(
          `(async () => { const user = await ${expression}; return user && { access_token: user.access_token, id_token: user.id_token, scope: user.scope, profile: user.profile } })()`,
        );
        keepSecret('access_token', user.access_token);
        return user;
      };
      await page.goto(`${origin}/`);
      await startLogin(page, `${manager}.signinRedirect()`);
      await page.getByLabel(/^Email/).fill(ada.email);
      await page.getByLabel('Password').fill(ada.password);
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await page.waitForURL(`${origin}/callback?**`);
      const user = await summary(`${manager}.signinRedirectCallback()`);
      expect(user.profile).toMatchObject({ sub: ada.accountId, name: ada.name, email: ada.email });
      expect(user.scope).toBe('openid profile email');

      const renewed = await summary(`${manager}.signinSilent()`);
      expect(renewed.profile).toMatchObject({ sub: ada.accountId });
      expect(renewed.access_token).not.toBe(user.access_token);

      await run(`${manager}.revokeTokens(['access_token'])`);
      await startLogin(
        page,
        `${manager}.signoutRedirect({ id_token_hint: '${renewed.id_token}' })`,
      );
      await page.waitForURL(`${origin}/**`);
      await expect(
        run(`${manager}.signinSilent().catch((problem) => problem.error)`),
      ).resolves.toBe('login_required');
      await close();
    });
  });
});

/** Runs what leaves the page. */
const startLogin = async (page: Page, expression: string): Promise<void> => {
  await Promise.all([page.waitForNavigation(), page.evaluate(`void ${expression}`)]);
};
