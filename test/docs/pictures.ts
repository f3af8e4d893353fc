// The pictures of the README: two pages as people see them, in the light and in the dark. `node test/docs/pictures.ts` takes
// them from the views, with the data of the tests of pages.
import { mkdir, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import * as path from 'node:path';
import Koa from 'koa';
import { chromium } from 'playwright-core';
import { createAssets } from '../../src/web/brand/assets.ts';
import { render } from '../../views/layout/render.ts';
import { findChromium } from '../support/services.ts';
import { cases } from '../views/cases.ts';

const directory = path.resolve(import.meta.dirname, '../../docs/images');

/** The names of the files, and the case that each shows. */
const pictures = { device: 'device-confirm', app: 'app-connect' };

const size = { width: 720, height: 1190 };

const assets = await createAssets({ brand: { name: 'Acme', color: '#3a4fd8' } });
const app = new Koa();
app.use(assets.serve);
app.use(async (ctx) => {
  const found = cases.find(({ name }) => ctx.path === `/${name}`);
  if (!found) return;
  ctx.type = 'html';
  ctx.body = await render(found.page(assets.brand));
});
const server = app.listen(0, '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const executablePath = findChromium();
if (!executablePath) throw new Error('Chromium is not installed');
const browser = await chromium.launch({
  executablePath,
  args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-dev-shm-usage'],
});
try {
  await mkdir(directory, { recursive: true });
  for (const theme of ['light', 'dark'] as const)
    for (const [file, name] of Object.entries(pictures)) {
      const context = await browser.newContext({
        colorScheme: theme,
        viewport: size,
        locale: 'en-GB',
        timezoneId: 'UTC',
      });
      const page = await context.newPage();
      await page.goto(`${origin}/${name}`);
      // Playwright has no WebP, which takes a quarter of a PNG.
      const session = await context.newCDPSession(page);
      const { data } = await session.send('Page.captureScreenshot', {
        format: 'webp',
        quality: 78,
        clip: { x: 0, y: 0, ...size, scale: 1 },
      });
      await writeFile(path.join(directory, `${file}-${theme}.webp`), Buffer.from(data, 'base64'));
      await context.close();
    }
} finally {
  await browser.close();
  server.close();
  server.closeAllConnections();
}
