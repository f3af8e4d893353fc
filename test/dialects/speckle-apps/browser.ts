import { describe, expect, test } from '@jest/globals';
import {
  checkAccessibility,
  chromiumPath,
  openPage,
  screenshot,
  sidewaysOverflow,
} from '../../support/browser.ts';
import { makePerson, type TestPerson } from '../../support/people.ts';
import type { Stack } from '../../support/stacks.ts';
import { type SpeckleApps, website } from './support.ts';

/** The page in a browser. */
export function browserTests(stack: () => Stack, apps: SpeckleApps): void {
  const { makeApp, newChallenge, verifyPath, codeIn, redeem } = apps;

  for (const javaScriptEnabled of [true, false])
    (chromiumPath ? describe : describe.skip)(
      `in Chromium ${javaScriptEnabled ? 'with' : 'without'} JavaScript`,
      () => {
        const open = async (theme: 'light' | 'dark' = 'light', width = 1280) => {
          const opened = await openPage(website.browser as NonNullable<typeof website.browser>, {
            javaScriptEnabled,
            theme,
            width,
          });
          const { page } = opened;
          return {
            ...opened,
            go: (path: string) => page.goto(stack().issuer + path),
            signIn: async ({ email, password }: TestPerson) => {
              await page.getByLabel(/^E-?mail/).fill(email);
              await page.getByLabel('Password').fill(password);
              await page.getByRole('button', { name: 'Sign in', exact: true }).click();
            },
          };
        };

        test('a person signs in, allows an app with a double click, and returns to it with one code', async () => {
          const person = await makePerson(stack());
          const app = await makeApp();
          const challenge = newChallenge();
          const { page, go, signIn, complaints, close } = await open();
          await go(verifyPath(app, challenge));
          await signIn(person);
          await page.getByRole('button', { name: 'Allow', exact: true }).dblclick();
          await page.getByRole('heading', { name: 'Back at the app' }).waitFor();
          const url = new URL(page.url());
          expect((await redeem(app, codeIn(url), challenge)).status).toBe(200);
          expect(await stack().domain.connectedClients.list(person.accountId)).toHaveLength(1);
          expect(complaints).toEqual([]);
          await close();
        });

        test('a person who denies returns to the app, which gets the error', async () => {
          const { page, go, signIn, complaints, close } = await open();
          await go(verifyPath(await makeApp(), newChallenge()));
          await signIn(await makePerson(stack()));
          await page.getByRole('button', { name: 'Deny' }).click();
          await page.getByRole('heading', { name: 'Back at the app' }).waitFor();
          expect(page.url()).toBe(`${website.redirectUrl}?denied=true`);
          expect(complaints).toEqual([]);
          await close();
        });

        if (javaScriptEnabled)
          test.each([
            ['light', 1280],
            ['dark', 1280],
            ['light', 320],
          ] as const)(
            'the page fits and is accessible: %s, %i pixels wide',
            async (theme, width) => {
              const { page, go, signIn, close } = await open(theme, width);
              await go(
                verifyPath(
                  await makeApp('streams:read streams:write users:read tokens:write'),
                  'x',
                ),
              );
              await signIn(await makePerson(stack()));
              await page.getByRole('button', { name: 'Allow', exact: true }).waitFor();
              expect(await sidewaysOverflow(page)).toBe(0);
              expect(await checkAccessibility(page)).toEqual([]);
              await screenshot(page, `speckle-consent-${theme}-${width}`);
              await close();
            },
          );
      },
    );
}
