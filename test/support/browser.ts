// Opens pages in a real browser: the Chromium of this machine, with axe-core for accessibility.
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import * as path from 'node:path';
import type { AxeResults, RunOptions } from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';

/** Path of Chromium; undefined if this machine has none, which `npm test` reports. */
export const chromiumPath = process.env['TEST_CHROMIUM'] || undefined;

/** One browser for all tests of a file. */
export function openBrowser(): Promise<Browser> {
  if (!chromiumPath)
    throw new Error('There is no Chromium: skip the test where chromiumPath is unset');
  return chromium.launch({
    executablePath: chromiumPath,
    // The sandbox refuses to run as root, and containers have little shared memory.
    args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-dev-shm-usage'],
  });
}

export interface PageOptions {
  theme?: 'light' | 'dark';
  width?: number;
  height?: number;
  javaScriptEnabled?: boolean;
}

/** A page in a context of its own, without cookies, that records every complaint of the browser. */
export interface OpenPage {
  page: Page;
  /** Console messages, violations of the Content-Security-Policy, and failed requests. */
  complaints: string[];
  close(): Promise<void>;
}

/** Opens a page in a browser with these settings. */
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
  // No test is about time, and a machine can be busy: below the limit of Jest, so that the message names what was awaited.
  context.setDefaultTimeout(300_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('requestfailed', (request) => {
    const why = request.failure()?.errorText ?? '';
    // Navigation aborts requests that are still loading.
    if (why !== 'net::ERR_ABORTED') complaints.push(`failed: ${request.url()} ${why}`);
  });
  return { page, complaints, close: () => context.close() };
}

const require = createRequire(import.meta.url);
let axeSource: string | undefined;

/** Rules of axe-core that depend on colors; all others give the same result in light and dark. */
export const colorRules = ['color-contrast', 'link-in-text-block'];

/** Rules of axe-core that depend on the size of the screen, or on a narrow layout. */
export const phoneRules = [...colorRules, 'target-size', 'scrollable-region-focusable'];

/**
 * Accessibility problems that axe-core finds on a page, each with its place: by all rules including best practices,
 * or by the rules in `only`.
 */
export async function checkAccessibility(page: Page, only?: string[]): Promise<string[]> {
  axeSource ??= readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
  // It may be present from an earlier check of the same page.
  if ((await page.evaluate('typeof axe')) === 'undefined') await page.evaluate(axeSource);
  const options: RunOptions = {
    resultTypes: ['violations'],
    ...(only
      ? { runOnly: { type: 'rule', values: only } }
      : { rules: { 'target-size': { enabled: true } } }),
    // It would fetch the style sheets again, which the page's policy forbids.
    preload: false,
  };
  // As text, because the types of Node do not know a browser's globals.
  const { violations } = await page.evaluate<AxeResults>(
    `axe.run(document, ${JSON.stringify(options)})`,
  );
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${help}\n  ${html}\n  ${failureSummary}`),
  );
}

/** Width in pixels that can only be seen by scrolling sideways. */
export const sidewaysOverflow = (page: Page): Promise<number> =>
  page.evaluate<number>(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  );

/** The words of up to 20 letters that a line break divides, with what surrounds them. Code, IDs and addresses are none. */
export const brokenWords = (page: Page): Promise<string[]> =>
  page.evaluate<string[]>(`(() => {
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    while (walker.nextNode()) {
      const { data, parentElement } = walker.currentNode;
      if (parentElement.closest('code, pre, script, style, .id, .skip, .visually-hidden, option')) continue;
      for (const { 0: word, index } of data.matchAll(/(?<![^\\s(“])\\p{L}{2,20}(?![^\\s,.;:!?)”…])/gu)) {
        // Japanese has no spaces: a line ends after any of its characters.
        if (/[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}]/u.test(word)) continue;
        range.setStart(walker.currentNode, index);
        range.setEnd(walker.currentNode, index + word.length);
        const lines = new Set([...range.getClientRects()].map(({ top }) => Math.round(top)));
        if (lines.size > 1) found.push(word + ': ' + data.trim().slice(0, 60));
      }
    }
    return found;
  })()`);

/** Whether screenshots are wanted. */
export const takesScreenshots = Boolean(process.env['SCREENSHOTS_DIR']);

/**
 * Saves a screenshot of the whole page in $SCREENSHOTS_DIR: `SCREENSHOTS_DIR=screenshots npm test -- test/views`.
 * Does nothing if it is unset.
 */
export async function screenshot(page: Page, name: string): Promise<void> {
  const directory = process.env['SCREENSHOTS_DIR'];
  if (!directory) return;
  await mkdir(directory, { recursive: true });
  await page.screenshot({ path: path.join(directory, `${name}.png`), fullPage: true });
}
