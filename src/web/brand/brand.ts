import { readFile, stat } from 'node:fs/promises';
import * as path from 'node:path';
import { type Settings, SettingsError } from '../../../config/settings.ts';

const LARGEST_LOGO = 512 * 1024;

export type { Brand } from '../../../views/layout/frame.ts';

/** What makes pages those of an installation's product, as it was read. `createAssets` makes of it what pages name. */
export interface LoadedBrand {
  name: string;
  /** #rrggbb */
  color: string;
  logo?: { type: string; extension: string; content: Buffer };
}

/** What an image of each kind holds at its beginning, so that a wrong file is found at the start and not by people. */
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

/** Reads what the settings name. Throws SettingsError where the logo cannot be read or shown. */
export async function loadBrand(
  settings: Pick<Settings, 'BRAND_NAME' | 'BRAND_LOGO' | 'BRAND_COLOR'>,
): Promise<LoadedBrand> {
  const logo = settings.BRAND_LOGO;
  return {
    name: settings.BRAND_NAME,
    color: settings.BRAND_COLOR,
    ...(logo && { logo: await loadLogo(logo) }),
  };
}

async function loadLogo(file: string) {
  const extension = path.extname(file).toLowerCase();
  const kind = kinds[extension];
  if (!kind) throw new SettingsError([`BRAND_LOGO: ${file} must end in .svg, .png or .webp`]);
  const content = await read(file);
  if (!kind.holds(content))
    throw new SettingsError([
      `BRAND_LOGO: ${file} does not hold an image of the kind ${extension}`,
    ]);
  return { type: kind.type, extension, content };
}

async function read(file: string): Promise<Buffer> {
  try {
    const { size } = await stat(file);
    if (size <= LARGEST_LOGO) return await readFile(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new SettingsError([`BRAND_LOGO: ${file} cannot be read (${code})`]);
  }
  throw new SettingsError([`BRAND_LOGO: ${file} is larger than 512 KiB`]);
}
