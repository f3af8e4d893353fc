import { readFile, stat } from 'node:fs/promises';
import * as path from 'node:path';

import type { Language } from '../../../config/languages.ts';
import type { Settings } from '../../../config/settings.ts';
import { SettingsError } from '../../../config/settings-error.ts';

import type { BrandLinks } from '../../../views/layout/frame.ts';

const maxKibOf = { BRAND_LOGO: 512, BRAND_STYLE: 256 } as const;

export type { Brand } from '../../../views/layout/frame.ts';

/** The brand of an installation as its settings have it. `createAssets` turns it into what pages refer to. */
export interface LoadedBrand {
  name: string;
  /** #rrggbb */
  color: string;
  logo?: { type: string; extension: string; content: Buffer };
  /** A style sheet of the installation. */
  style?: string;
  links?: BrandLinks;
  /** False if APPS is off. */
  apps?: boolean;
  /** LANGUAGES. */
  languages?: readonly Language[];
  /** False if REGISTRATION is off. */
  registration?: boolean;
}

/** The signature of each image type: a file of another type fails the start instead of the pages. */
const kinds: Record<string, { type: string; holds(content: Buffer): boolean }> = {
  '.svg': {
    type: 'image/svg+xml',
    holds: (content) => content.includes('<svg'),
  },
  '.png': {
    type: 'image/png',
    holds: (content) => content.subarray(0, 8).toString('latin1') === '\x89PNG\r\n\x1a\n',
  },
  '.webp': {
    type: 'image/webp',
    holds: (content) => content.subarray(8, 12).toString('latin1') === 'WEBP',
  },
};

/** Settings that pages and emails show. */
export type BrandSettings = Pick<Settings, 'BRAND_NAME' | 'BRAND_LOGO' | 'BRAND_COLOR'> &
  Partial<Pick<Settings, 'BRAND_STYLE' | 'APPS' | 'LANGUAGES' | 'REGISTRATION'>> &
  LinkSettings;

type LinkSettings = Partial<
  Pick<Settings, 'SUPPORT_URL' | 'SUPPORT_EMAIL' | 'TERMS_URL' | 'PRIVACY_URL'>
>;

/** Reads the settings, the logo and the style sheet. Throws SettingsError if a file cannot be read, or the logo is no image that pages can show. */
export async function loadBrand(settings: BrandSettings): Promise<LoadedBrand> {
  const { BRAND_LOGO: logo, BRAND_STYLE: style } = settings;
  return {
    name: settings.BRAND_NAME,
    color: settings.BRAND_COLOR,
    links: linksOf(settings),
    apps: settings.APPS !== 'off',
    ...(settings.LANGUAGES && { languages: settings.LANGUAGES }),
    registration: (settings.REGISTRATION ?? 'off') !== 'off',
    ...(logo && { logo: await loadLogo(logo) }),
    ...(style && { style: (await read('BRAND_STYLE', style)).toString('utf8') }),
  };
}

/** Where people get help, and what they agree to. */
export const linksOf = (settings: LinkSettings): BrandLinks => ({
  supportUrl: settings.SUPPORT_URL,
  supportEmail: settings.SUPPORT_EMAIL,
  termsUrl: settings.TERMS_URL,
  privacyUrl: settings.PRIVACY_URL,
});

async function loadLogo(file: string) {
  const extension = path.extname(file).toLowerCase();
  const kind = kinds[extension];
  if (!kind) throw new SettingsError([`BRAND_LOGO: ${file} must end in .svg, .png or .webp`]);
  const content = await read('BRAND_LOGO', file);
  if (!kind.holds(content))
    throw new SettingsError([`BRAND_LOGO: ${file} is not a ${extension} image`]);
  return { type: kind.type, extension, content };
}

async function read(setting: keyof typeof maxKibOf, file: string): Promise<Buffer> {
  try {
    const { size } = await stat(file);
    if (size <= maxKibOf[setting] * 1024) return await readFile(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new SettingsError([
      code === 'ENOENT'
        ? `${setting}: the file ${file} does not exist`
        : `${setting}: the file ${file} cannot be read (${code})`,
    ]);
  }
  throw new SettingsError([`${setting}: ${file} is larger than ${maxKibOf[setting]} KiB`]);
}
