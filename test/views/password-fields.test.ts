// What password managers and the chapters of ASVS 5.0 on authentication and sessions ask of every page.
import { expect, test } from '@jest/globals';
import type { Brand } from '../../views/layout/frame.ts';
import { cases } from './cases.ts';

const brand = { name: 'Acme', assets: {} } as Brand;
const pages = await Promise.all(
  cases.map(async ({ name, page }) => ({ name, text: String(await page(brand)) })),
);

test('every password field hides its value, and names itself to password managers', () => {
  const fields = pages.flatMap(({ text }) => text.match(/<input\b[^>]*>/g) ?? []);
  const passwords = fields.filter((field) => /name="(current|password|repeat)"/.test(field));
  expect(passwords.length).toBeGreaterThan(10);
  for (const field of passwords) {
    expect(field).toContain('type="password"');
    expect(field).toMatch(/autocomplete="(current|new)-password"/);
    expect(field).not.toMatch(/maxlength|onpaste|value="[^"]/);
  }
});

test('every page of a person who is signed in has a way to sign out', () => {
  const signedIn = pages.filter(({ text }) => text.includes('<nav class="places"'));
  expect(signedIn.length).toBeGreaterThan(20);
  const without = signedIn.filter(({ text }) => !text.includes('action="/sign-out"'));
  expect(without.map(({ name }) => name)).toEqual([]);
});
