import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SettingsError } from '../../config/settings-error.ts';
import { createAssets } from '../../src/web/brand/assets.ts';
import { loadBrand } from '../../src/web/brand/brand.ts';
import { brandColors, themes } from '../../src/web/brand/brand-style.ts';
import { style } from '../../views/assets/style.ts';
import { contrast, lettersOn, onAnyGround } from '../../views/components/contrast.ts';

const colors = {
  white: '#ffffff',
  black: '#000000',
  yellow: '#ffff00',
  amber: '#ffc107',
  red: '#ff0000',
  crimson: '#b3122d',
  orange: '#ff6a00',
  green: '#00c853',
  forest: '#0b5d1e',
  cyan: '#00ffff',
  blue: '#0000ff',
  indigo: '#3a4fd8',
  violet: '#7c3aed',
  pink: '#ff5fa2',
  grey: '#777777',
  silver: '#c0c0c0',
};

test.each(['#3a4fd8', '#ffc107', '#000000', '#ffffff', '#0b7040', '#888888', '#ff0000', '#123456'])(
  'links of an email in the color %s can be read in the light and in the dark',
  (color) => {
    const shade = onAnyGround(color);
    expect(contrast(shade, '#ffffff')).toBeGreaterThanOrEqual(4.5);
    expect(contrast(shade, '#1e1e1e')).toBeGreaterThanOrEqual(3.3);
    // A color that can be read stays as it is.
    expect(onAnyGround(shade)).toBe(shade);
  },
);

test('contrast is that of WCAG', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21);
  expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
  expect(contrast('#ffffff', '#777777')).toBe(contrast('#777777', '#ffffff'));
});

describe.each(Object.entries(colors))('%s', (_, color) => {
  test.each(Object.entries(themes))('can be read and seen in the %s', (_, theme) => {
    const given = brandColors(color, theme);
    expect(contrast(given['--brand-letters'], given['--brand'])).toBeGreaterThanOrEqual(4.5);
    expect(contrast(given['--brand-letters'], given['--brand-hover'])).toBeGreaterThanOrEqual(4.5);
    expect(contrast(given['--brand-link'], theme.ground)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(given['--brand-link-hover'], theme.ground)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(given['--brand-edge'], theme.ground)).toBeGreaterThanOrEqual(3);
  });
});

test('a colour that is readable already stays what it is', () => {
  expect(brandColors('#3a4fd8', themes.light)).toMatchObject({
    '--brand': '#3a4fd8',
    '--brand-letters': '#ffffff',
    '--brand-link': '#3a4fd8',
    '--brand-edge': '#3a4fd8',
  });
});

test('whatever the colour, letters on it can be read', () => {
  for (let value = 0; value <= 0xffffff; value += 4099) {
    const color = `#${value.toString(16).padStart(6, '0')}`;
    expect(contrast(lettersOn(color), color)).toBeGreaterThanOrEqual(4.5);
  }
});

test('the grounds and letters that colours are made for are those of the pages', () => {
  const [light = '', dark = ''] = [...style.matchAll(/:root \{[^}]*\}/g)].map(([block]) => block);
  for (const [block, theme] of [
    [light, themes.light],
    [dark, themes.dark],
  ] as const) {
    const value = (name: string) => new RegExp(`--${name}: (#[0-9a-f]{6});`).exec(block)?.[1] ?? '';
    expect([value('inset'), value('letters')]).toEqual([theme.ground, theme.letters]);
    // What is readable on the nearest ground is so on the others.
    for (const ground of ['card', 'ground'])
      expect(contrast(theme.away, value(ground))).toBeGreaterThanOrEqual(
        contrast(theme.away, theme.ground),
      );
  }
});

describe('a logo', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'writ-brand-'));
  });
  afterAll(() => rm(directory, { recursive: true }));

  const load = async (name: string, content?: string | Buffer) => {
    const file = path.join(directory, name);
    if (content !== undefined) await writeFile(file, content);
    return loadBrand({ BRAND_NAME: 'Acme', BRAND_COLOR: '#3a4fd8', BRAND_LOGO: file });
  };
  const png = Buffer.from('89504e470d0a1a0a0000', 'hex');

  test('is read at the start', async () => {
    expect((await load('a.svg', '<svg/>')).logo).toMatchObject({ type: 'image/svg+xml' });
    expect((await load('a.PNG', png)).logo).toMatchObject({ type: 'image/png', extension: '.png' });
    expect((await load('a.webp', 'RIFF____WEBP')).logo).toMatchObject({ type: 'image/webp' });
  });

  test('a style sheet of the installation comes after those of the server, and a file that cannot be read is named', async () => {
    const file = path.join(directory, 'own.css');
    await writeFile(file, ':root { --round: 0 }');
    const settings = { BRAND_NAME: 'Acme', BRAND_COLOR: '#3a4fd8', BRAND_LOGO: undefined };
    const brand = await loadBrand({ ...settings, BRAND_STYLE: file });
    const { serve, brand: shown } = await createAssets({ brand });
    const ctx = { path: shown.assets.brand, method: 'GET', set: () => undefined, body: '' };
    await serve(ctx as never, async () => undefined);
    expect(ctx.body).toMatch(/--brand:[\s\S]*:root { --round: 0 }\s*$/);
    await expect(loadBrand({ ...settings, BRAND_STYLE: `${file}.css` })).rejects.toThrow(
      `BRAND_STYLE: the file ${file}.css does not exist`,
    );
  });

  test('is not needed', async () => {
    const brand = await loadBrand({
      BRAND_NAME: 'Acme',
      BRAND_COLOR: '#3a4fd8',
      BRAND_LOGO: undefined,
    });
    expect(brand).toMatchObject({ name: 'Acme', color: '#3a4fd8' });
    expect(brand.logo).toBeUndefined();
  });

  test.each([
    ['absent.svg', undefined, 'does not exist'],
    ['.', undefined, 'must end in'],
    ['wrong.png', '<html>', 'is not a .png image'],
    ['wrong.svg', png, 'is not a .svg image'],
    ['large.svg', `<svg>${' '.repeat(512 * 1024)}`, 'is larger than 512 KiB'],
  ])('%s is refused in words', async (name, content, words) => {
    const refused = load(name, content);
    await expect(refused).rejects.toThrow(SettingsError);
    await expect(refused).rejects.toThrow(words);
    await expect(refused).rejects.toThrow('BRAND_LOGO: ');
  });
});
