import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import type { Browser, Page } from 'playwright-core';
import {
  checkAccessibility,
  chromiumPath,
  openBrowser,
  openPage,
  screenshot,
  sidewaysOverflow,
} from '../../support/browser.ts';
import { openApi } from '../../support/open-api.ts';
import { makePerson, type TestPerson } from '../../support/people.ts';
import { keepSecret } from '../../support/run-records.ts';
import { onStack, unique } from '../../support/stacks.ts';
import { parseAnswer, paste, runModule } from './running.ts';
import { makeApp, operator } from './support.ts';
import { openWebsite, type Website } from './website.ts';

let browser: Browser | undefined;
let website: Website;
beforeAll(async () => {
  website = await openWebsite();
  if (chromiumPath) browser = await openBrowser();
});
afterAll(async () => {
  await website.close();
  await browser?.close();
});

const inChromium = (define: (javaScriptEnabled: boolean) => void) => {
  for (const javaScriptEnabled of [true, false])
    (chromiumPath ? describe : describe.skip)(
      `in Chromium ${javaScriptEnabled ? 'with' : 'without'} JavaScript`,
      () => define(javaScriptEnabled),
    );
};

/** What stands under a label to be copied, as a person marks and copies it. */
const codeUnder = async (page: Page, label: string): Promise<string> =>
  (await page
    .locator('figure', { has: page.getByText(label, { exact: true }) })
    .locator('pre')
    .textContent()) ?? '';

const secretOn = async (page: Page): Promise<string> => {
  const [secret = ''] = /writ_cs_\w+/.exec((await page.locator('main').textContent()) ?? '') ?? [];
  keepSecret('client_secret', secret);
  return secret;
};

const signIn = async (page: Page, { email, password }: TestPerson) => {
  await page.getByLabel(/^E-?mail/).fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
};

onStack((stack) => {
  const hasExample = () => stack().name === 'embedded';
  beforeAll(async () => {
    if (!hasExample()) await openApi(stack(), { isDefault: true });
  });

  inChromium((javaScriptEnabled) => {
    const open = async () => {
      const opened = await openPage(browser as Browser, { javaScriptEnabled });
      return { ...opened, go: (path: string) => opened.page.goto(stack().issuer + path) };
    };

    const click = (page: Page, name: string) =>
      page.getByRole('link', { name, exact: true }).first().click();
    const press = (page: Page, name: string | RegExp) =>
      page.getByRole('button', { name, ...(typeof name === 'string' && { exact: true }) }).click();

    test('a newcomer makes an app, connects a script, and sees what its role lets it do', async () => {
      const person = await makePerson(stack());
      const name = unique('shop');
      const { page, complaints, go, close } = await open();
      await go('/apps');
      await signIn(page, person);
      await click(page, 'Create an app');
      await page.getByLabel('Display name').fill(name);
      await page.getByLabel(/^Name/).fill(name);
      await page.getByRole('button', { name: 'Create the app' }).dblclick();
      await page.getByRole('heading', { name: /App created|already exists/ }).waitFor();
      await go(`/apps/${name}`);
      await click(page, 'Add a client');
      await page.getByLabel('Name', { exact: true }).fill('script');
      await page.getByLabel('Role', { exact: true }).selectOption('Reader');
      await press(page, 'Add the client');
      await page.getByRole('heading', { name: 'Client created' }).waitFor();
      const secret = await secretOn(page);
      const made = JSON.parse(await paste(await codeUnder(page, 'curl')));
      expect(made).toMatchObject({ token_type: 'Bearer' });
      const env = await codeUnder(page, '.env');
      await click(page, 'Next: connect your program');
      await page.getByRole('heading', { name: 'Get a token' }).waitFor();
      expect(await page.locator('main').textContent()).not.toContain(secret);
      const withSecret = (code: string) => code.replace('YOUR_CLIENT_SECRET', secret);
      const token = JSON.parse(
        await paste(withSecret(await codeUnder(page, 'Terminal'))),
      ).access_token;
      const isShown = (file: string) =>
        page.locator('figcaption', { hasText: file }).first().isVisible();
      if (javaScriptEnabled) {
        // The tabs of the languages, with the keyboard.
        const chosen = page.getByRole('tab', { selected: true });
        expect(await chosen.textContent()).toBe('curl');
        expect([await isShown('Terminal'), await isShown('main.go')]).toEqual([true, false]);
        await chosen.press('ArrowLeft');
        expect(await chosen.textContent()).toBe('Go');
        expect(await page.getByRole('tabpanel', { name: 'Go' }).isVisible()).toBe(true);
        expect([await isShown('get_token.py'), await isShown('main.go')]).toEqual([false, true]);
        await page.reload();
        expect(await chosen.textContent()).toBe('Go');
      } else {
        for (const name of ['curl', 'Node.js', 'Python', 'Go'])
          expect(await page.getByRole('heading', { name, exact: true }).isVisible()).toBe(true);
        for (const file of ['get-token.mjs', 'get_token.py', 'main.go'])
          expect([file, await isShown(file)]).toEqual([file, true]);
      }
      const module = await codeUnder(page, 'get-token.mjs');
      expect(await runModule(module, env)).toMatch(/^writ_at_/);

      const editor = async () => {
        await go(`/apps/${name}/clients/script`);
        await page.getByLabel('Role', { exact: true }).selectOption('Editor');
        await press(page, 'Save');
        await page.getByText('The client is saved').waitFor();
      };
      if (hasExample()) {
        const read = await codeUnder(page, 'Terminal: read');
        const write = await codeUnder(page, 'Terminal: write');
        const call = async (lines: string) =>
          parseAnswer(await paste(lines, { variables: { TOKEN: token } }));
        expect((await call(read)).status).toBe(200);
        const refused = await call(write);
        expect([refused.status, refused.body]).toEqual([
          403,
          expect.stringContaining('things.write'),
        ]);
        await editor();
        // The same token: a role applies at once.
        expect((await call(write)).status).toBe(201);
        expect(JSON.parse((await call(read)).body).items).toMatchObject([{ name: 'lamp' }]);
      } else await editor();

      await go(`/apps/${name}/clients/script/connect`);
      await press(page, 'Get a token');
      await page.getByRole('heading', { name: 'Your token' }).waitFor();
      const told = JSON.parse(await codeUnder(page, 'Introspection response'));
      expect(told).toMatchObject({ active: true, app: name, roles: ['Editor'] });
      if (hasExample())
        expect(parseAnswer(await paste(await codeUnder(page, 'Terminal: read'))).status).toBe(200);
      // The second click may be answered that the app is there already, of which the browser makes a note.
      expect(complaints.filter((complaint) => !/409 \(Conflict\)/.test(complaint))).toEqual([]);
      await close();
    });

    test('a newcomer makes an app and an API key, and with what is shown a token for a user of theirs, and ends it', async () => {
      const person = await makePerson(stack());
      const name = unique('desk');
      const { page, complaints, go, close } = await open();
      await go('/apps');
      await signIn(page, person);
      await click(page, 'Create an app');
      await page.getByLabel('Display name').fill(name);
      await page.getByLabel(/^Name/).fill(name);
      await press(page, 'Create the app');
      await secretOn(page);
      await click(page, 'Open the app');
      await click(page, 'default');
      await click(page, 'API keys');
      await page.getByLabel('Name', { exact: true }).fill('Support desk');
      await page.getByRole('button', { name: 'Create the key' }).dblclick();
      await page.getByRole('heading', { name: 'API key created' }).waitFor();
      const [key = ''] = /writ_ak_\w+/.exec((await page.locator('main').textContent()) ?? '') ?? [];
      keepSecret('api_key', key);

      const keep = await codeUnder(page, 'Terminal: the key');
      const run = async (label: string, variables = {}) =>
        paste(`${keep}\n${await codeUnder(page, label)}`, { variables });
      const token = (await run('Terminal: create a token for user 42')).trim();
      expect(token).toMatch(/^writ_tk_/);
      const use = async () =>
        parseAnswer(await run('Terminal: call the API with it', { TOKEN: token })).status;
      const list = async () =>
        JSON.parse(await run('Terminal: list the active tokens of user 42')).items.map(
          ({ name, state }: Record<string, string>) => [name, state],
        );
      if (hasExample()) expect(await use()).toBe(200);
      expect(await list()).toEqual([['Laptop', 'active']]);
      expect(JSON.parse(await run('Terminal: revoke them all'))).toEqual({ revoked: 1 });
      expect(await list()).toEqual([]);
      if (hasExample()) expect(await use()).toBe(401);

      await click(page, 'Open the key');
      await page.getByLabel('Name', { exact: true }).fill('Help desk');
      await press(page, 'Save');
      await page.getByText('The API key is saved').waitFor();
      await click(page, 'Regenerate…');
      await press(page, 'Regenerate');
      await page.getByRole('heading', { name: 'API key regenerated' }).waitFor();
      const [next = ''] =
        /writ_ak_\w+/.exec((await page.locator('main').textContent()) ?? '') ?? [];
      keepSecret('api_key', next);
      await page.getByText('The old value no longer works').waitFor();
      const create = await codeUnder(page, 'Terminal: create a token for user 42');
      const withKey = (apiKey: string) => paste(create, { variables: { API_KEY: apiKey } });
      expect(await withKey(key)).toContain('invalid_token');
      expect((await withKey(next)).trim()).toMatch(/^writ_tk_/);
      await click(page, 'Open the key');
      await click(page, 'Revoke…');
      await press(page, 'Revoke the key');
      await page.getByText('It no longer works').waitFor();
      expect(complaints).toEqual([]);
      await close();
    });

    test('somebody who was invited by a link signs in and becomes a member, and finds the app again', async () => {
      const app = await makeApp(stack());
      const guest = await makePerson(stack(), { name: 'Gus Guest' });
      const { page, complaints, go, close } = await open();
      await go(`/apps/${app.name}/members`);
      await signIn(page, app.owner);
      await page.getByLabel(/^E-?mail/).fill(guest.email);
      await page.getByLabel('Role', { exact: true }).selectOption('Editor');
      await press(page, 'Invite');
      await page.getByText('/apps/invitations/').first().waitFor();
      const text = (await page.locator('main').textContent()) ?? '';
      const link = /https?:\S+\/apps\/invitations\/writ_app_\w+/.exec(text)?.[0] ?? '';
      keepSecret('invitation', link.split('/').at(-1));
      const other = await open();
      await other.page.goto(link);
      await signIn(other.page, guest);
      await other.page.getByText(app.displayName).first().waitFor();
      await press(other.page, 'Join');
      await other.page.getByText('You are now a member').waitFor();
      expect(new URL(other.page.url()).pathname).toBe(`/apps/${app.name}`);
      await other.go('/apps');
      await click(other.page, app.displayName);
      await other.page.getByRole('link', { name: 'Members' }).waitFor();
      await go(`/apps/${app.name}/members`);
      await page.getByText('Gus Guest').first().waitFor();
      expect([...complaints, ...other.complaints]).toEqual([]);
      await other.close();
      await close();
    });

    test('an app is deleted by typing its name, and by nothing else', async () => {
      const app = await makeApp(stack());
      const { page, complaints, go, close } = await open();
      await go(`/apps/${app.name}/settings`);
      await signIn(page, app.owner);
      const del = async (typed: string) => {
        const details = page.locator('details', { hasText: 'This cannot be undone' });
        if ((await details.getAttribute('open')) === null) await details.locator('summary').click();
        await details.getByRole('textbox').fill(typed);
        await details.getByRole('button').click();
      };
      await del('something');
      await page.getByText(`Type the name of the app to delete it: ${app.name}`).waitFor();
      expect((await stack().domain.apps.find(operator, app.name)).name).toBe(app.name);
      await del(app.name);
      await page.getByText('The app is deleted').waitFor();
      expect(new URL(page.url()).pathname).toBe('/apps');
      await go(`/apps/${app.name}`);
      await page.getByRole('heading', { name: 'Page not found' }).waitFor();
      // The page that is not there was asked for on purpose.
      expect(complaints.filter((complaint) => !/status of (400|404)/.test(complaint))).toEqual([]);
      await close();
    });
  });

  (chromiumPath ? test : test.skip)(
    'the code for a website, as its page shows it, signs a person in in their browser',
    async () => {
      const app = await makeApp(stack());
      await app.addClient({
        name: 'site',
        kind: 'website',
        redirectUris: ['https://www.example.com/callback'],
      });
      // A website of this machine, as one was registered while http was not yet for native clients only.
      await sql`update client set metadata = jsonb_set(metadata, '{redirect_uris,0}', to_jsonb(${`${website.origin}/callback`}::text))
        where client_id = ${`${app.name}:site`}`.execute(stack().database.kysely);
      const { page, close } = await openPage(browser as Browser);
      await page.goto(`${stack().issuer}/apps/${app.name}/clients/site/connect`);
      await signIn(page, app.owner);
      website.use(await codeUnder(page, 'sign-in.js, in the browser'));
      await page.goto(website.origin);
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await page.getByRole('button', { name: 'Allow', exact: true }).click();
      await page.waitForURL(`${website.origin}/callback*`);
      const output = page.locator('output');
      await output.filter({ hasText: /./ }).waitFor();
      const token = (await output.textContent()) ?? '';
      keepSecret('access_token', token);
      expect(token).toMatch(/^writ_at_/);
      await close();
    },
  );

  (chromiumPath ? test : test.skip)(
    'every page of an app is without barriers and fits a phone, as the server sends it',
    async () => {
      const app = await makeApp(stack());
      await app.addClient({ name: 'script' });
      await app.member('Editor');
      await stack().domain.appRoles.set(operator, app.name, {
        name: 'Night Helper',
        permissions: ['things.read'],
      });
      const { page, close } = await openPage(browser as Browser, { width: 390, theme: 'dark' });
      await page.goto(`${stack().issuer}/apps`);
      await signIn(page, app.owner);
      await page.getByRole('link', { name: 'Create an app' }).waitFor();
      for (const path of [
        '/apps',
        '/apps/new',
        `/apps/${app.name}`,
        ...[
          'clients/new',
          'clients/script',
          'clients/script/connect',
          'members',
          'roles?permission=things.read',
          'roles/edit',
          'activity',
          'settings',
        ].map((rest) => `/apps/${app.name}/${rest}`),
      ]) {
        await page.goto(stack().issuer + path);
        expect([path, await checkAccessibility(page)]).toEqual([path, []]);
        expect([path, await sidewaysOverflow(page)]).toEqual([path, 0]);
        const name = path.replace(app.name, 'app').replaceAll(/\W+/g, '-');
        await screenshot(page, `served-${stack().name.replaceAll(/\W+/g, '-')}${name}`);
      }
      await close();
    },
  );
});
