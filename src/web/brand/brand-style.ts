/** The brand's color as pages use it: text on it, and shades of it that can be read on the backgrounds of pages. */
import {
  channelsOf,
  contrast,
  lettersOn,
  mix,
  textContrast,
} from '../../../views/components/contrast.ts';

/** The least contrast of what shows where a control is (WCAG 2.2 §1.4.11). */
const edgeContrast = 3;

/**
 * The background of each theme on which text and controls are hardest to see (--inset in views/assets/style.ts), and
 * the color farthest from it.
 */
export const themes = {
  light: { ground: '#f3f4f7', away: '#000000', letters: '#15181e' },
  dark: { ground: '#1d222b', away: '#ffffff', letters: '#e9ebef' },
} as const;

type Theme = (typeof themes)[keyof typeof themes];

/** Whether a color is so close to the background that a shape of it needs an outline. */
export const isLost = (color: string, ground: string): boolean => contrast(color, ground) < 1.5;

/** The custom properties of one theme. */
export function brandColors(brand: string, { ground, away, letters }: Theme) {
  // A white or black brand is black on white, and white on black.
  const color = isGrey(brand) && isLost(brand, ground) ? letters : brand;
  const onColor = lettersOn(color);
  const link = until(textContrast, color, ground, away);
  return {
    '--brand': color,
    '--brand-letters': onColor,
    '--brand-hover': mix(color, onColor === '#ffffff' ? '#000000' : '#ffffff', 0.14),
    '--brand-edge': until(edgeContrast, color, ground, away),
    '--brand-link': link,
    '--brand-link-hover': mix(link, away, 0.25),
  };
}

/** The style sheet that gives pages a brand's color, in both themes. */
export function brandStyle(brand: string): string {
  const properties = (theme: Theme) =>
    Object.entries(brandColors(brand, theme))
      .map(([name, value]) => `${name}: ${value};`)
      .join(' ');
  return `:root { ${properties(themes.light)} }
@media (prefers-color-scheme: dark) { :root { ${properties(themes.dark)} } }
`;
}

/** The color, moved away from the background only as far as the contrast requires. */
function until(least: number, color: string, ground: string, away: string): string {
  for (let step = 0; step < 100; step++) {
    const moved = mix(color, away, step / 100);
    if (contrast(moved, ground) >= least) return moved;
  }
  return away;
}

const isGrey = (color: string): boolean =>
  Math.max(...channelsOf(color)) - Math.min(...channelsOf(color)) < 32;
