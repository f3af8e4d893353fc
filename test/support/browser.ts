// A real browser on pages: Chromium, as it is on this machine, with axe-core to look for barriers.
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import * as path from 'node:path';
import type { AxeResults, RunOptions } from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';

/** Where Chromium is, or nothing where this machine has none: `npm test` says so. */
export const chromiumPath = process.env['TEST_CHROMIUM'] || undefined;

/** One browser, for all tests of a file. */
export function openBrowser(): Promise<Browser> {
  if (!chromiumPath)
    throw new Error('There is no Chromium: skip the test where chromiumPath is unset');
  return chromium.launch({
    executablePath: chromiumPath,
    // Its sandbox refuses to run as root, and containers give it little shared memory.
    args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-dev-shm-usage'],
  });
}

export interface PageOptions {
  theme?: 'light' | 'dark';
  width?: number;
  height?: number;
  javaScriptEnabled?: boolean;
}

/** A page in a context of its own: no cookies, and everything noted that a browser complains of. */
export interface OpenPage {
  page: Page;
  /** Console messages, violations of the Content-Security-Policy, what could not be loaded. */
  complaints: string[];
  close(): Promise<void>;
}

/** Opens a page as a person's browser would be set up. */
export async function openPage(
  browser: Browser,
  { theme = 'light', width = 1280, height = 860, javaScriptEnabled = true }: PageOptions = {},
): Promise<OpenPage> {
  const context = await browser.newContext({
    colorScheme: theme,
    viewport: { width, height },
    javaScriptEnabled,
    reducedMotion: 'reduce',
    locale: 'en-GB',
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('requestfailed', (request) => {
    const why = request.failure()?.errorText ?? '';
    // Going on to another page ends what still loads.
    if (why !== 'net::ERR_ABORTED') complaints.push(`failed: ${request.url()} ${why}`);
  });
  return { page, complaints, close: () => context.close() };
}

const require = createRequire(import.meta.url);
let axeSource: string | undefined;

/** The rules of axe-core that depend on the colours of a page: all others find the same in the light and in the dark. */
export const colorRules = ['color-contrast', 'link-in-text-block'];

/** The rules of axe-core that depend on the size of the screen, or on what a narrow one shows in another way. */
export const phoneRules = [...colorRules, 'target-size', 'scrollable-region-focusable'];

/**
 * Barriers that axe-core finds on a page, each with where it is: by all its rules, best practices too, or only by
 * the rules that `only` names.
 */
export async function checkAccessibility(page: Page, only?: string[]): Promise<string[]> {
  axeSource ??= readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
  // It may be there already, from a look at the same page before.
  if ((await page.evaluate('typeof axe')) === 'undefined') await page.evaluate(axeSource);
  const options: RunOptions = {
    resultTypes: ['violations'],
    ...(only
      ? { runOnly: { type: 'rule', values: only } }
      : { rules: { 'target-size': { enabled: true } } }),
    // It would fetch the style sheets anew, which the policy of the page forbids.
    preload: false,
  };
  // As text: a function would be read without the types of a browser, which are not Node's.
  const { violations } = await page.evaluate<AxeResults>(
    `axe.run(document, ${JSON.stringify(options)})`,
  );
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${help}\n  ${html}\n  ${failureSummary}`),
  );
}

/** How many pixels of a page can only be seen by scrolling sideways. */
export const sidewaysOverflow = (page: Page): Promise<number> =>
  page.evaluate<number>(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  );

/**
 * Keeps a picture of the whole page in $SCREENSHOTS_DIR, for people to look at:
 * `SCREENSHOTS_DIR=screenshots npm test -- test/views`. Without it no time goes into pictures that nobody sees.
 */
export async function screenshot(page: Page, name: string): Promise<void> {
  const directory = process.env['SCREENSHOTS_DIR'];
  if (!directory) return;
  await mkdir(directory, { recursive: true });
  await page.screenshot({ path: path.join(directory, `${name}.png`), fullPage: true });
}
