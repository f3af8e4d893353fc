/** The brand's colour as pages use it: what is readable on it, and what of it is readable on their grounds. */

/** The least contrast of text (WCAG 2.2 §1.4.3), and of what shows where a control is (§1.4.11). */
const TEXT = 4.5;
const EDGE = 3;

/**
 * The ground of each theme on which text and controls are hardest to see, as views/assets/style.ts has
 * it (--inset), and what is farthest away from it.
 */
export const themes = {
  light: { ground: '#f3f4f7', away: '#000000', letters: '#15181e' },
  dark: { ground: '#1d222b', away: '#ffffff', letters: '#e9ebef' },
} as const;

type Theme = (typeof themes)[keyof typeof themes];

/** Contrast ratio of two colours (WCAG 2.2). */
export function contrast(one: string, other: string): number {
  const [lighter = 0, darker = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (lighter + 0.05) / (darker + 0.05);
}

/** White letters where they can be read, else dark ones: black always can where white cannot. */
export const lettersOn = (color: string): string =>
  ['#ffffff', '#14171d'].find((letters) => contrast(letters, color) >= TEXT) ?? '#000000';

/** Whether a colour is all but that of the ground: a shape of it needs an outline. */
export const isLost = (color: string, ground: string): boolean => contrast(color, ground) < 1.5;

/** The custom properties of one theme. */
export function brandColors(brand: string, { ground, away, letters }: Theme) {
  // White or black as a brand's colour means black on white, and white on black.
  const color = isGrey(brand) && isLost(brand, ground) ? letters : brand;
  const onColor = lettersOn(color);
  const link = until(TEXT, color, ground, away);
  return {
    '--brand': color,
    '--brand-letters': onColor,
    '--brand-hover': mix(color, onColor === '#ffffff' ? '#000000' : '#ffffff', 0.14),
    '--brand-edge': until(EDGE, color, ground, away),
    '--brand-link': link,
    '--brand-link-hover': mix(link, away, 0.25),
  };
}

/** The style sheet that gives pages a brand's colour, in both themes. */
export function brandStyle(brand: string): string {
  const properties = (theme: Theme) =>
    Object.entries(brandColors(brand, theme))
      .map(([name, value]) => `${name}: ${value};`)
      .join(' ');
  return `:root { ${properties(themes.light)} }
@media (prefers-color-scheme: dark) { :root { ${properties(themes.dark)} } }
`;
}

/** The colour, moved away from the ground no further than needed. */
function until(least: number, color: string, ground: string, away: string): string {
  for (let step = 0; step < 100; step++) {
    const moved = mix(color, away, step / 100);
    if (contrast(moved, ground) >= least) return moved;
  }
  return away;
}

function mix(one: string, other: string, part: number): string {
  const target = parse(other);
  const mixed = parse(one).map((value, index) =>
    Math.round(value + ((target[index] ?? 0) - value) * part),
  );
  return `#${mixed.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = parse(color).map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

const isGrey = (color: string): boolean =>
  Math.max(...parse(color)) - Math.min(...parse(color)) < 32;

function parse(color: string): number[] {
  const value = Number.parseInt(color.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}
