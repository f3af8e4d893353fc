import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import type { Browser, Page } from 'playwright-core';
import { chromiumPath, openBrowser, openPage, screenshot } from '../../support/browser.ts';
import { makeParties } from '../../support/parties.ts';
import { makePerson, signedIn, type TestPerson } from '../../support/people.ts';
import { onEveryStack, unique } from '../../support/stacks.ts';

let browser: Browser | undefined;
beforeAll(async () => {
  if (chromiumPath) browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
});

const signIn = async (page: Page, { email, password }: TestPerson) => {
  await page.getByLabel(/^E-?mail/).fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
};

const section = (page: Page, name: string) =>
  page.locator('.console-sections').getByRole('link', { name, exact: true }).click();

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();

const unfold = (page: Page, text: string | RegExp) =>
  page.locator('summary', { hasText: text }).first().click();

const said = (page: Page, words: string | RegExp) => page.getByText(words).first().waitFor();

onEveryStack((stack) => {
  for (const javaScriptEnabled of [true, false])
    (chromiumPath ? describe : describe.skip)(
      `in Chromium ${javaScriptEnabled ? 'with' : 'without'} JavaScript`,
      () => {
        const open = async () => {
          const opened = await openPage(browser as Browser, { javaScriptEnabled });
          return { ...opened, go: (path: string) => opened.page.goto(stack().issuer + path) };
        };

        test('pictures of pages have the tried name and color, in the theme that each is of', async () => {
          const operator = await makePerson(stack(), { roles: ['administrator'] });
          const { page, complaints, go, close } = await open();
          await go('/admin/brand?page=device&name=Acme&color=%231a5fb4');
          await signIn(page, operator);
          for (const [theme, color] of [
            ['light', 'rgb(26, 95, 180)'],
            ['dark', 'rgb(26, 95, 180)'],
          ] as const) {
            const picture = page.frameLocator(`iframe[title="Device code on a phone, ${theme}"]`);
            await picture.getByText('BCDF').first().waitFor();
            const seen = await picture
              .locator('button[type=submit]')
              .first()
              .evaluate((button) => [
                getComputedStyle(button).backgroundColor,
                getComputedStyle(document.documentElement).colorScheme,
              ]);
            expect(seen).toEqual([color, theme]);
          }
          // The script of times does not run in a picture, and nothing else is refused.
          const expected = /^error: Blocked script execution in .*\/admin\/brand\/preview/;
          expect(complaints.filter((one) => !expected.test(one))).toEqual([]);
          await screenshot(page, `brand-device-${javaScriptEnabled}`);
          await close();
        });

        test('an operator who knows nothing but the address finds and ends what is wrong, and gives a colleague a part of it', async () => {
          const operator = await makePerson(stack(), { roles: ['administrator'] });
          const { issue, client, resource } = await makeParties(stack());
          const token = await issue();
          await stack().api.call('POST', `/clients/${client.id}/disable`);
          const name = unique('Grace');
          const stolen = await signedIn(stack(), { name });
          const colleague = await makePerson(stack(), { name: unique('Alan') });

          const { page, complaints, go, close } = await open();
          await go('/admin/tokens');
          await signIn(page, operator);

          // Why a customer's token is refused.
          await page.getByLabel('A token, or the ID of one').fill(`Bearer ${token}`);
          await press(page, 'Look it up');
          await said(page, 'Its client is disabled or deleted.');

          // A stolen laptop.
          const search = page.getByRole('searchbox');
          if (javaScriptEnabled) await page.keyboard.press('/');
          else await search.focus();
          await search.pressSequentially(name);
          await search.press('Enter');
          await page.locator('main').getByRole('link', { name, exact: true }).click();
          await page.getByRole('link', { name: 'Access', exact: true }).click();
          await unfold(page, 'End everything…');
          await press(page, 'End everything');
          await said(page, /signed out everywhere, and all of their tokens/);
          expect((await stolen.visitor.get('/account')).location).toMatch(/^\/sign-in/);

          // A colleague becomes an auditor.
          await section(page, 'People');
          await page.getByLabel('Name, address or ID').fill(colleague.email);
          await press(page, 'Find');
          await page.getByRole('link', { name: colleague.name, exact: true }).click();
          await page.getByLabel(/^auditor/).check();
          await press(page, 'Save the roles');
          await said(page, 'The roles are saved.');

          // A new signing key.
          await sql`update signing_key set created_at = now() - interval '2 days'`.execute(
            stack().database.kysely,
          );
          await section(page, 'Keys');
          await unfold(page, 'Rotate the keys of ES256…');
          await page.getByRole('button', { name: 'Rotate now' }).first().click();
          await said(page, 'The keys are rotated.');

          // An API for developers.
          await go(`/admin/resources/${encodeURIComponent(resource)}`);
          await unfold(page, 'Open it to apps…');
          await press(page, 'Open it');
          await said(page, /It is open/);

          // The audit of the day.
          await section(page, 'Audit');
          const today = new Date().toISOString().slice(0, 10);
          await page.getByLabel('From (UTC day)').fill(today);
          await page.getByLabel('To (UTC day)').fill(today);
          await press(page, 'Filter');
          await page.locator('.audit-events', { hasText: 'key.rotated' }).waitFor();
          const [download] = await Promise.all([
            page.waitForEvent('download'),
            page.getByRole('link', { name: 'CSV' }).click(),
          ]);
          expect(download.suggestedFilename()).toBe(`audit-${today}-${today}.csv`);
          const stream = await download.createReadStream();
          let text = '';
          for await (const chunk of stream) text += chunk;
          expect(text).toContain(',resource.updated,success,account,');
          expect(complaints).toEqual([]);
          await close();

          // What the auditor sees, and what they cannot do.
          const theirs = await open();
          await theirs.go('/admin/audit');
          await signIn(theirs.page, colleague);
          await theirs.page.locator('.audit-events', { hasText: 'key.rotated' }).waitFor();
          await section(theirs.page, 'People');
          await theirs.page.getByRole('heading', { name: 'People' }).waitFor();
          expect(await theirs.page.getByRole('link', { name: 'Invite a person' }).count()).toBe(0);
          const refused = await theirs.go('/admin/people/new');
          expect(refused?.status()).toBe(403);
          await said(theirs.page, /It needs accounts:write/);
          await theirs.close();
        });
      },
    );
});
