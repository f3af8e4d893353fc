import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { onStack } from '../../support/stacks.ts';

onStack((stack) => {
  /** The page and everything that it loads. */
  const files = async (): Promise<string[]> => {
    const { text } = await stack().get('/docs');
    const named = [...text.matchAll(/<(?:script|link)\b[^>]* (?:src|href)="([^"]+)"/g)];
    const urls = named.map(([, url = '']) => url).filter((url) => url !== 'data:,');
    return ['/docs', ...urls.map((url) => new URL(url, `${stack().origin}/docs`).pathname)];
  };

  test('the page is called Writ API, and loads only what this server has', async () => {
    const { status, text, headers } = await stack().get('/docs');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(text).toContain('<title>Writ API</title>');
    expect(text).not.toMatch(/<script>|<style|\son\w+=|https?:/);
    for (const file of await files()) expect(file).toMatch(/^\/docs(\/[a-z-]+\.(js|css))?$/);
  });

  test('each of its files comes with its type, a strict policy and a tag', async () => {
    const types: Record<string, string> = { js: 'text/javascript', css: 'text/css' };
    for (const file of await files()) {
      const { status, headers, text } = await stack().get(file);
      expect({ file, status }).toEqual({ file, status: 200 });
      expect(text.length).toBeGreaterThan(20);
      const type = types[file.split('.')[1] ?? ''] ?? 'text/html';
      expect(headers.get('content-type')).toBe(`${type}; charset=utf-8`);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/);
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain('unsafe');
      const hosts = policy.match(/https?:\/\/[^ ;]+/g);
      expect(hosts).toEqual([stack().issuer]);
      const tag = headers.get('etag') ?? '';
      expect(await stack().get(file, { 'if-none-match': tag })).toMatchObject({
        status: 304,
        text: '',
      });
    }
  });

  test.each([
    '/docs/nothing.js',
    '/docs/index.html',
    '/docs/package.json',
    '/docs/..%2fpackage.json',
    '/docs/%2e%2e%2fpackage.json',
    '/docs/constructor',
    '/docs/__proto__',
    '/docsome',
  ])('there is nothing at %s', async (path) => {
    expect(await stack().get(path)).toMatchObject({ status: 404, body: { error: 'not_found' } });
  });

  test('other methods are told which it takes; a slash at the end leads to the page', async () => {
    for (const method of ['POST', 'PUT', 'DELETE']) {
      const { status, headers } = await stack().request(method, '/docs');
      expect(status).toBe(405);
      expect(headers.get('allow')).toBe('GET, HEAD');
    }
    const { status, headers } = await stack().get('/docs/');
    expect(status).toBe(308);
    expect(headers.get('location')).toBe('/docs');
    const head = await stack().request('HEAD', '/docs/swagger-ui-bundle.js');
    expect(head).toMatchObject({ status: 200, text: '' });
  });

  const chromium = process.env['TEST_CHROMIUM'];
  (chromium ? test : test.skip)(
    'a browser that can reach nothing but this server shows it, and its policy stops nothing',
    async () => {
      const profile = await mkdtemp(path.join(tmpdir(), 'writ-test-chromium-'));
      const { stdout, stderr } = await promisify(execFile)(
        String(chromium),
        [
          '--headless',
          '--no-sandbox',
          '--disable-gpu',
          '--enable-logging=stderr',
          '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost',
          `--user-data-dir=${profile}`,
          '--virtual-time-budget=10000',
          '--dump-dom',
          `${stack().origin}/docs`,
        ],
        { maxBuffer: 1 << 26, timeout: 50_000 },
      );
      await rm(profile, { recursive: true, force: true });
      for (const summary of [
        'Make a client',
        'Who did what, newest first',
        'Take a stolen key out',
      ])
        expect(stdout).toContain(summary);
      expect(stderr).not.toMatch(/CONSOLE|Content Security Policy/);
    },
  );
});
