import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Middleware } from 'koa';
import { adminScript } from '../../../views/assets/admin-script.ts';
import { copyScript } from '../../../views/assets/copy.ts';
import { passkeysScript } from '../../../views/assets/passkeys.ts';
import { referenceScript } from '../../../views/assets/reference-script.ts';
import { referenceStyle } from '../../../views/assets/reference-style.ts';
import { signedOutScript } from '../../../views/assets/signed-out.ts';
import { style } from '../../../views/assets/style.ts';
import { adminStyle } from '../../../views/assets/style-admin.ts';
import { appStyle } from '../../../views/assets/style-apps.ts';
import { tabsScript } from '../../../views/assets/tabs.ts';
import { timesScript } from '../../../views/assets/times.ts';
import { lettersOn } from '../../../views/components/contrast.ts';
import type { Brand, LoadedBrand } from './brand.ts';
import { brandStyle, isLost, themes } from './brand-style.ts';

interface Asset {
  type: string;
  content: string | Buffer;
}

/** The assets of all pages: the middleware that serves them, and their URLs. */
export interface Assets {
  /** Answers GET and HEAD below /assets/. */
  serve: Middleware;
  /** For the frame of every page. */
  brand: Brand;
  /** The brand with another name and color. */
  preview: BrandPreview;
}

/** What pages look like with a name and a color that are not set. */
export interface BrandPreview {
  /** Its style sheets come from `sheet`, at the addresses that `addressOf` gives. */
  brand(given: TriedBrand, addressOf: (part: BrandSheet) => string): Brand;
  /** A style sheet for one color, in one theme, whatever the browser prefers. */
  sheet(part: BrandSheet, color: string, theme: keyof typeof themes): string;
}

export interface TriedBrand {
  name: string;
  color: string;
}

export const brandSheets = ['pico', 'style', 'brand'] as const;
export type BrandSheet = (typeof brandSheets)[number];

/**
 * Reads and builds everything that pages load. Each URL contains a digest of its content, so browsers can cache it
 * forever, and no path from a request reaches the disk.
 */
export async function createAssets({ brand }: { brand: LoadedBrand }): Promise<Assets> {
  const { resolve } = createRequire(import.meta.url);
  const assets = new Map<string, Asset>();
  const add = (name: string, extension: string, asset: Asset): string => {
    const digest = createHash('sha256').update(asset.content).digest('hex').slice(0, 16);
    const url = `/assets/${name}-${digest}${extension}`;
    assets.set(url, asset);
    return url;
  };
  const css = (name: string, content: string) => add(name, '.css', { type: 'text/css', content });
  const { logo } = brand;
  const pico = await readFile(resolve('@picocss/pico/css/pico.min.css'), 'utf8');
  const sheetOf = (part: BrandSheet, color: string): string => {
    if (part === 'pico') return pico;
    if (part === 'style') return style + appStyle;
    // What the installation adds comes last, so that it wins.
    return `${brandStyle(color)}\n${brand.style ?? ''}`;
  };
  const shown: Brand = {
    name: brand.name,
    ...(logo && { logo: add('logo', logo.extension, logo) }),
    links: brand.links,
    apps: brand.apps,
    languages: brand.languages,
    registration: brand.registration,
    assets: {
      pico: css('pico', sheetOf('pico', brand.color)),
      style: css('style', sheetOf('style', brand.color)),
      brand: css('brand', sheetOf('brand', brand.color)),
      copy: add('copy', '.js', { type: 'text/javascript', content: copyScript + tabsScript }),
      signedOut: add('signed-out', '.js', { type: 'text/javascript', content: signedOutScript }),
      times: add('times', '.js', { type: 'text/javascript', content: timesScript }),
      passkeys: add('passkeys', '.js', { type: 'text/javascript', content: passkeysScript }),
      reference: css('reference', referenceStyle),
      referenceScript: add('reference', '.js', {
        type: 'text/javascript',
        content: referenceScript,
      }),
      admin: css('admin', adminStyle),
      adminScript: add('admin', '.js', { type: 'text/javascript', content: adminScript }),
      favicon: add('icon', '.svg', { type: 'image/svg+xml', content: icon(brand) }),
    },
  };

  const serve: Middleware = async (ctx, next) => {
    const asset = assets.get(ctx.path);
    if (!asset || (ctx.method !== 'GET' && ctx.method !== 'HEAD')) return next();
    ctx.set('Cache-Control', 'public, max-age=31536000, immutable');
    ctx.set('Content-Security-Policy', policy);
    ctx.set('Cross-Origin-Resource-Policy', 'same-origin');
    ctx.type = asset.type.startsWith('text/') ? `${asset.type}; charset=utf-8` : asset.type;
    ctx.body = asset.content;
  };
  const preview: BrandPreview = {
    brand: (given, addressOf) => ({
      ...shown,
      name: given.name,
      assets: {
        ...shown.assets,
        pico: addressOf('pico'),
        style: addressOf('style'),
        brand: addressOf('brand'),
        favicon: `data:image/svg+xml;base64,${Buffer.from(icon({ ...brand, ...given })).toString('base64')}`,
      },
    }),
    sheet: (part, color, theme) => inTheme(sheetOf(part, color), theme),
  };
  return { serve, brand: shown, preview };
}

/** A style sheet as a browser reads it that prefers a theme. */
const inTheme = (sheet: string, theme: keyof typeof themes): string =>
  `${sheet.replaceAll(/\(\s*prefers-color-scheme:\s*(dark|light)\s*\)/g, (_all, wanted) =>
    wanted === theme ? '(min-width:0)' : '(max-width:0)',
  )}\n:root { color-scheme: ${theme} !important; }`;

/** An SVG opened by itself is a document: it can style itself, and nothing else. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'";

/** A square in the brand's color with its first letter. */
function icon({ name, color }: LoadedBrand): string {
  const letter = firstLetter(name.toUpperCase());
  const escaped = letter.replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
  const lost = Object.values(themes).some(({ ground }) => isLost(color, ground));
  const outline = lost ? ' stroke="#808080" stroke-width="2"' : '';
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect x="1" y="1" width="62" height="62" rx="15" fill="${color}"${outline}/><text x="32" y="33" dy=".35em" fill="${lettersOn(color)}" font-family="system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif" font-size="38" font-weight="700" text-anchor="middle">${escaped}</text></svg>`;
}

/** The tables of a segmenter take 7 ms to load, and few names need them. */
const firstLetter = (name: string): string =>
  /^[\x20-\x7e]([\x20-\x7e]|$)/.test(name)
    ? name.slice(0, 1)
    : ([...new Intl.Segmenter('en').segment(name)][0]?.segment ?? '');
