import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import Koa from 'koa';
import { type Assets, createAssets } from '../../src/web/brand/assets.ts';
import type { LoadedBrand } from '../../src/web/brand/brand.ts';
import { qrCode } from '../../src/web/framework/qr.ts';

const logo = {
  type: 'image/svg+xml',
  extension: '.svg',
  content: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
};
const brand: LoadedBrand = { name: 'Acme', color: '#3a4fd8', logo };

let assets: Assets;
let origin: string;
let close: () => void;

beforeAll(async () => {
  assets = await createAssets({ brand });
  const app = new Koa().use(assets.serve).use((ctx) => {
    ctx.status = 404;
    ctx.body = 'somebody else answers';
  });
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  close = () => {
    server.close();
    server.closeAllConnections();
  };
});
afterAll(() => close?.());

const types: Record<string, string> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};

const urls = ({ brand: { logo = '', assets } }: Assets) => [logo, ...Object.values(assets)];

test('everything that pages load is served to be kept for ever, and can do nothing by itself', async () => {
  for (const url of urls(assets)) {
    expect(url).toMatch(/^\/assets\/[a-z-]+-[0-9a-f]{16}\.(css|js|svg)$/);
    const answer = await fetch(origin + url);
    expect([url, answer.status]).toEqual([url, 200]);
    const { headers } = answer;
    expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none';.* sandbox;/);
    expect(headers.get('content-type')).toBe(types[url.split('.').at(-1) ?? '']);
    expect((await answer.text()).length).toBeGreaterThan(50);
    const head = await fetch(origin + url, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect(head.headers.get('content-length')).toBe(headers.get('content-length'));
  }
});

test('style sheets load nothing from elsewhere', async () => {
  for (const url of urls(assets).filter((each) => each.endsWith('.css'))) {
    const text = await (await fetch(origin + url)).text();
    for (const [, target = ''] of text.matchAll(/url\(["']?([^)]{0,20})/g))
      expect(target).toMatch(/^data:/);
    expect(text).not.toContain('@import');
  }
});

test('a name changes with what it names, and with nothing else', async () => {
  const same = await createAssets({ brand });
  expect(same.brand).toEqual(assets.brand);
  const other = await createAssets({ brand: { ...brand, color: '#b3122d' } });
  expect(other.brand.assets.pico).toBe(assets.brand.assets.pico);
  expect(other.brand.assets.style).toBe(assets.brand.assets.style);
  expect(other.brand.assets.brand).not.toBe(assets.brand.assets.brand);
  expect(other.brand.assets.favicon).not.toBe(assets.brand.assets.favicon);
  const plain = await createAssets({ brand: { name: 'Acme', color: '#3a4fd8' } });
  expect(plain.brand).not.toHaveProperty('logo');
});

test.each(['<b>', '&', '"', '👩‍🚀 Space', 'ß'])('the icon of %s is an image', async (name) => {
  const made = await createAssets({ brand: { name, color: '#ffffff' } });
  let body = '';
  await made.serve(
    {
      method: 'GET',
      path: made.brand.assets.favicon,
      set: () => {},
      set body(value: string) {
        body = value;
      },
    } as never,
    async () => {},
  );
  expect(body).toMatch(/^<svg [^<]*<rect [^<]*<text [^<]*<\/text><\/svg>$/);
});

test.each([
  '/assets/',
  '/assets',
  '/assets/style.css',
  '/assets/pico-0000000000000000.css',
  '/assets/../package.json',
  '/assets/..%2fpackage.json',
  '/assets/%2e%2e/package.json',
  '/assets/....//package.json',
  '/assets/\\..\\package.json',
  '/assets//etc/passwd',
  '/assets/constructor',
  '/assets/__proto__',
])('%s is left to others, however it is spelt', async (spelt) => {
  const answer = await raw(`GET ${spelt} HTTP/1.1`);
  expect(answer).toMatch(/^HTTP\/1\.1 404 /);
  expect(answer).toContain('somebody else answers');
});

test('only reading is answered', async () => {
  const { status } = await fetch(origin + assets.brand.assets.style, { method: 'POST' });
  expect(status).toBe(404);
});

test('a QR code is an image, dark on white, with its quiet zone, and differs with the address', () => {
  const image = qrCode('https://login.example.com/device?user_code=BCDF-GHJK');
  expect(image).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 (\d+) \1">/);
  expect(image).toContain('fill="#ffffff"');
  expect(image).toContain('fill="#000000"');
  // The first dark module is at the fifth row and column.
  expect(image).toMatch(/d="M40,40h/);
  expect(image).not.toContain('example');
  expect(qrCode('https://login.example.com/device')).not.toBe(image);
});

/** Sends a path as it is: fetch would tidy it first. */
const raw = (line: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(origin).port), '127.0.0.1');
    let answer = '';
    socket.on('data', (data) => {
      answer += data;
    });
    socket.on('end', () => resolve(answer)).on('error', reject);
    socket.write(`${line}\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  });
