import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Koa from 'koa';
import type { Browser, Page } from 'playwright-core';
import { type Assets, createAssets } from '../../src/web/brand/assets.ts';
import { submitScript } from '../../views/consent/response.ts';
import { render } from '../../views/layout/render.ts';
import {
  brokenWords,
  checkAccessibility,
  chromiumPath,
  colorRules,
  type OpenPage,
  openBrowser,
  openPage,
  phoneRules,
  screenshot,
  sidewaysOverflow,
  takesScreenshots,
} from '../support/browser.ts';
import { clients } from './app-cases.ts';
import { hostile } from './case.ts';
import { cases } from './cases.ts';

const links = {
  supportUrl: 'https://acme.example/help',
  supportEmail: 'help@acme.example',
  termsUrl: 'https://acme.example/terms',
  privacyUrl: 'https://acme.example/privacy',
};

const policyOf = (hasScript: boolean, calls = false) =>
  `default-src 'none'; ${hasScript ? "script-src 'self'; " : ''}${calls ? "connect-src 'self'; " : ''}style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`;

(chromiumPath ? describe : describe.skip)('in a browser', () => {
  let browser: Browser;
  let close: () => void;
  let origin: string;

  beforeAll(async () => {
    const assets = await createAssets({ brand: { name: 'Acme', color: '#3a4fd8', links } });
    const server = serve(assets).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    close = () => {
      server.close();
      server.closeAllConnections();
    };
    browser = await openBrowser();
  });

  afterAll(async () => {
    await browser?.close();
    close?.();
  });

  const look = async (options: Parameters<typeof openPage>[1], name = '') => {
    const opened = await openPage(browser, options);
    if (name) await opened.page.goto(`${origin}/${name}`);
    return opened;
  };

  /** What is active in a page, and nothing of it comes from what a person or an app is called. */
  const expectNoActiveMarkup = async ({ page }: OpenPage) => {
    const [markup, scripts] = await page.evaluate<[string[], string[]]>(findActiveMarkup);
    expect(markup).toEqual([]);
    for (const script of scripts.filter((each) => each !== `<script>${submitScript}</script>`))
      expect(script).toMatch(
        /^<script src="\/assets\/(admin|copy|times|passkeys)-[0-9a-f]{16}\.js" defer=""><\/script>$/,
      );
  };

  let everyday: OpenPage;
  let extreme: OpenPage;
  beforeAll(async () => {
    everyday = await look({});
    extreme = await look({ theme: 'dark' });
  });
  afterAll(async () => {
    await everyday?.close();
    await extreme?.close();
  });

  const onDesk = (page: Page) => page.setViewportSize({ width: 1180, height: 800 });
  const onPhone = (page: Page, width: number) => page.setViewportSize({ width, height: 844 });

  /** Goes to a page, on a desk, and looks at what a browser complains of and what is active. */
  const goTo = async (opened: OpenPage, name: string) => {
    opened.complaints.length = 0;
    await opened.page.goto(`${origin}/${name}`);
    // The form that submits itself has to stand still here, so the policy of these pages refuses its script.
    const refused = /^error: Executing inline script violates/;
    const isStill = name === 'consent-response-form';
    expect(opened.complaints.filter((said) => !(isStill && refused.test(said)))).toEqual([]);
    // Before axe, which leaves marks of its own.
    await expectNoActiveMarkup(opened);
  };

  const expectNoBarriers = async (page: Page, only?: string[]) => {
    expect(await checkAccessibility(page, only)).toEqual([]);
    expect(await sidewaysOverflow(page)).toBe(0);
  };

  /** Pictures of a page in both themes, on a desk and on a phone, if they are wanted. */
  const takePictures = async (page: Page, name: string) => {
    if (!takesScreenshots) return;
    for (const theme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme: theme });
      await onPhone(page, 390);
      await screenshot(page, `${name}-${theme}-phone`);
      await onDesk(page);
      await screenshot(page, `${name}-${theme}`);
    }
  };

  // All rules on a desk in the light; what depends on the colours, again in the dark; on the size, again on a phone.
  test.each(cases.filter((each) => each.everyday))(
    '$name has no barriers, fits the screen and a thumb, and nothing in it complains or is active, on a desk, on a phone, in the light and in the dark',
    async ({ name }) => {
      const { page } = everyday;
      await page.emulateMedia({ colorScheme: 'light' });
      await onDesk(page);
      await goTo(everyday, name);
      await takePictures(page, name);
      await page.evaluate(openDetails);
      await expectNoBarriers(page);
      await page.emulateMedia({ colorScheme: 'dark' });
      // On a desk, because a phone does not show everything.
      await expectNoBarriers(page, colorRules);
      await onPhone(page, 768);
      expect(await brokenWords(page)).toEqual([]);
      await onPhone(page, 320);
      expect(await brokenWords(page)).toEqual([]);
      await expectNoBarriers(page, phoneRules);
      // What can be pressed is large enough for a thumb.
      expect(await page.evaluate<[string, number][]>(findSmallTargets)).toEqual([]);
    },
  );

  // The same pages with more, longer and hostile content: the narrowest screen is where they would break.
  test.each(cases.filter((each) => !each.everyday))(
    '$name has no barriers, fits a phone, and nothing in it complains or is active',
    async ({ name }) => {
      const { page } = extreme;
      await onDesk(page);
      await goTo(extreme, name);
      await screenshot(page, `${name}-dark`);
      await page.evaluate(openDetails);
      expect(await sidewaysOverflow(page)).toBe(0);
      await onPhone(page, 320);
      await expectNoBarriers(page);
    },
  );

  test('what a person or an app is called stands in a page as text', async () => {
    const { page, close } = await look({}, 'device-confirm-extreme');
    expect(await page.locator('h1').textContent()).toContain(hostile);
    expect(await page.title()).toContain(hostile);
    await close();
  });

  test('the check for barriers finds one, and the policy forbids a script', async () => {
    const { page, complaints, close } = await look({}, 'broken');
    expect((await checkAccessibility(page)).join()).toMatch(/image-alt.*label/s);
    expect((await checkAccessibility(page, colorRules)).join()).toMatch(/color-contrast/);
    expect(complaints.join()).toContain('Content Security Policy');
    expect(await sidewaysOverflow(page)).toBeGreaterThan(0);
    await close();
  });

  test('without JavaScript, a form sends what it should, with the button that was pressed', async () => {
    const { page, close } = await look({ javaScriptEnabled: false }, 'device-confirm');
    await page.getByLabel('30 days').check();
    await page.getByRole('button', { name: 'Connect', exact: true }).click();
    expect(JSON.parse((await page.locator('body').textContent()) ?? '')).toEqual({
      path: '/device/decision',
      csrf: 'csrf-value',
      user_code: 'BCDF-GHJK',
      lifetime: '2592000',
      decision: 'approve',
    });
    await close();
  });

  test('without JavaScript, revoking a connection takes two clicks', async () => {
    const { page, close } = await look({ javaScriptEnabled: false }, 'account-connected');
    const button = page.getByRole('button', { name: 'Revoke Acme CLI' });
    expect(await button.isVisible()).toBe(false);
    await page.locator('summary', { hasText: 'Revoke Acme CLI…' }).click();
    await button.click();
    expect(JSON.parse((await page.locator('body').textContent()) ?? '')).toEqual({
      path: '/account/connected/revoke',
      csrf: 'csrf-value',
      grant_id: 'a1',
    });
    await close();
  });

  test('without JavaScript, an app is deleted in two steps, by its name', async () => {
    const { page, close } = await look({ javaScriptEnabled: false }, 'app-settings');
    const button = page.getByRole('button', { name: 'Delete Acme Shop' });
    expect(await button.isVisible()).toBe(false);
    await page.getByText('Delete Acme Shop…').click();
    for (const { clientId } of clients)
      expect(await page.getByText(`the client ${clientId}`).isVisible()).toBe(true);
    await page.getByLabel('Type acme to delete it').fill('acme');
    await button.click();
    expect(JSON.parse((await page.locator('body').textContent()) ?? '')).toEqual({
      path: '/apps/acme/delete',
      csrf: 'csrf-value',
      name: 'acme',
    });
    await close();
  });

  test('without JavaScript, a token is asked for with the scopes that are ticked', async () => {
    const { page, close } = await look({ javaScriptEnabled: false }, 'app-connect');
    await page.getByLabel('things:write').uncheck();
    await page.getByRole('button', { name: 'Get a token' }).click();
    expect(JSON.parse((await page.locator('body').textContent()) ?? '')).toEqual({
      path: '/apps/acme/clients/default/connect/token',
      csrf: 'csrf-value',
      resource: 'https://api.example.com',
      'scope:things:read': 'on',
    });
    await close();
  });

  test('an invitation has no role until one is chosen', async () => {
    const { page, close } = await look({}, 'app-members');
    const invite = async () => {
      await page.getByLabel(/^E-?mail/).fill('alan@example.com');
      await page.getByRole('button', { name: 'Invite', exact: true }).click();
      return JSON.parse((await page.locator('body').textContent()) ?? '');
    };
    const sent = {
      path: '/apps/acme/members/invite',
      csrf: 'csrf-value',
      email: 'alan@example.com',
    };
    expect(await invite()).toEqual({ ...sent, role: '' });
    await page.goBack();
    await page.getByLabel('Role', { exact: true }).selectOption({ value: 'Reader' });
    expect(await invite()).toEqual({ ...sent, role: 'Reader' });
    await close();
  });

  test('code that is wider than a phone scrolls inside itself, by keyboard too', async () => {
    const { page, close } = await look({ width: 390, height: 844 }, 'app-connect');
    const code = page.getByRole('region', { name: 'Terminal: read' });
    // Not all browsers let a keyboard reach what scrolls.
    expect(await code.getAttribute('tabindex')).toBe('0');
    await code.focus();
    expect(await page.evaluate('document.activeElement.scrollLeft')).toBe(0);
    await page.keyboard.press('ArrowRight');
    await page.evaluate(
      "document.activeElement.scrollLeft > 0 || new Promise((done) => document.activeElement.addEventListener('scroll', done, { once: true }))",
    );
    expect(await sidewaysOverflow(page)).toBe(0);
    await close();
  });

  test('on a phone, a table becomes cards that still say what each value is', async () => {
    const { page, close } = await look({ width: 390, height: 844 }, 'app-home');
    const spoken = await page.getByRole('table', { name: 'Clients of this app' }).ariaSnapshot();
    expect(spoken).toMatch(/columnheader "Kind".*rowheader .*acme:website.*cell .*Editor/s);
    const styles = (of: string) =>
      page.evaluate(`(({ display, content }) => [display, content])(getComputedStyle(${of}))`);
    const cell = "document.querySelector('td[data-label=Role]')";
    expect(await styles(cell)).toEqual(['grid', 'normal']);
    expect(await styles(`${cell}, '::before'`)).toEqual(['block', '"Role"']);
    await close();
  });

  test('times are shown in the time zone of the browser, with UTC in their title', async () => {
    const context = await browser.newContext({ timezoneId: 'Asia/Tokyo' });
    const page = await context.newPage();
    await page.goto(`${origin}/account-connected`);
    await page.locator('.line-more summary').first().click();
    const moment = page.locator('time[data-shows=moment]').first();
    expect([await moment.textContent(), await moment.getAttribute('title')]).toEqual([
      '8 November 2026, 13:30',
      '8 November 2026, 04:30 UTC',
    ]);
    const words = page.locator('time[data-shows=words]').first();
    expect(await words.getAttribute('title')).toBe(
      '20 November 2026, 13:30 (20 November 2026, 04:30 UTC)',
    );
    await context.close();
  });

  test('the first stop of the keyboard skips to the content', async () => {
    const { page, close } = await look({}, 'account-connected-empty');
    await page.keyboard.press('Tab');
    const skip = page.getByRole('link', { name: 'Skip to content' });
    expect(await skip.evaluate((link) => link.matches(':focus'))).toBe(true);
    expect((await skip.boundingBox())?.height).toBeGreaterThan(30);
    await page.keyboard.press('Enter');
    expect(page.url()).toMatch(/#main$/);
    await close();
  });

  test('what was just done has the focus, and the keyboard goes on after it; the navigation comes before signing out', async () => {
    const { page, close } = await look({}, 'account-home');
    const isFocused = (locator: ReturnType<Page['locator']>) =>
      locator.evaluate((element) => element.matches(':focus'));
    expect(await isFocused(page.getByRole('status'))).toBe(true);
    await page.keyboard.press('Tab');
    expect(await isFocused(page.getByLabel('Name', { exact: true }))).toBe(true);
    for (const before of [
      { role: 'button', name: 'Sign out' },
      { role: 'link', name: 'Connected' },
    ] as const) {
      await page.keyboard.press('Shift+Tab');
      const { role, ...named } = before;
      expect(await isFocused(page.getByRole(role, { ...named, exact: true }))).toBe(true);
    }
    await close();
  });

  test('who listens hears the code letter by letter', async () => {
    const { page, close } = await look({}, 'device-confirm');
    const spoken = await page
      .getByRole('region', { name: 'Does your device show this code?' })
      .ariaSnapshot();
    expect(spoken).toContain('B C D F, G H J K');
    expect(spoken).not.toContain('BCDF');
    await close();
  });

  /** The pages; a form is answered with what it sent. */
  function serve(assets: Assets): Koa {
    const app = new Koa();
    app.use(assets.serve);
    app.use(async (ctx) => {
      ctx.set('Content-Security-Policy', policyOf(false));
      if (ctx.method === 'POST') {
        const body = await text(ctx.req);
        ctx.body = JSON.stringify({
          path: ctx.path,
          ...Object.fromEntries(new URLSearchParams(body)),
        });
        return;
      }
      if (ctx.path === '/broken') ctx.body = broken;
      // The script of passkeys asks for options, and waits.
      if (ctx.path.endsWith('/options')) ctx.status = 204;
      if (ctx.path === '/admin/brand/preview') {
        ctx.type = 'html';
        ctx.set('Content-Security-Policy', "default-src 'none'; frame-ancestors 'self'");
        ctx.body = '<!doctype html><html lang="en"><title>A picture</title><p>A picture</p></html>';
        return;
      }
      const found = cases.find(({ name }) => ctx.path === `/${name}`);
      if (!found) return;
      ctx.type = 'html';
      const page = await render(found.page(assets.brand));
      ctx.set(
        'Content-Security-Policy',
        `${policyOf(page.includes('<script src='), page.includes('data-passkey='))}${page.includes('<iframe') ? "; frame-src 'self'" : ''}`,
      );
      ctx.body = page;
    });
    return app;
  }
});

/** What could run or restyle a page, and the scripts in it. */
const findActiveMarkup = `[
  [...document.querySelectorAll('style, [style], [onclick], [onload], a[href^="javascript:"]')],
  [...document.querySelectorAll('script')],
].map((elements) => elements.map((each) => each.outerHTML))`;

/** What can be pressed, is shown, and is less than 44 pixels high, with its text. */
const findSmallTargets = `[...document.querySelectorAll(
  'button, .button, nav a, summary, select, textarea, .choice label, .checks label, input:not([type=radio], [type=checkbox])',
)].filter((each) => each.checkVisibility())
  .map((each) => [each.textContent, each.getBoundingClientRect().height])
  .filter(([, height]) => height < 44)`;

const openDetails = "document.querySelectorAll('details').forEach((each) => { each.open = true })";

/** All that the checks above should find. */
const broken = `<!doctype html><html lang="en"><title>Broken</title><main><h1>Broken</h1>
  <script>document.title = 'ran'</script><p><font color="#cccccc">Pale</font></p><input><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">
  <pre>${'wide '.repeat(500)}</pre></main>`;
