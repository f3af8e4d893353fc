/** Colors are #rrggbb. */

/** The least contrast of text (WCAG 2.2 §1.4.3). */
export const textContrast = 4.5;

/** The contrast ratio of two colors (WCAG 2.2). */
export function contrast(one: string, other: string): number {
  const [lighter = 0, darker = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (lighter + 0.05) / (darker + 0.05);
}

/** The color of text on a color: white if it can be read, otherwise dark. */
export const lettersOn = (color: string): string =>
  ['#ffffff', '#14171d'].find((letters) => contrast(letters, color) >= textContrast) ?? '#000000';

/** Red, green and blue, 0 to 255. */
export function channelsOf(color: string): [red: number, green: number, blue: number] {
  const value = Number.parseInt(color.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

/** A color mixed with another one, of which it takes the part (0 to 1). */
export function mix(one: string, other: string, part: number): string {
  const target = channelsOf(other);
  const mixed = channelsOf(one).map((value, index) =>
    Math.round(value + ((target[index] ?? 0) - value) * part),
  );
  return `#${mixed.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

/** The background of programs that show emails in the dark, and the least contrast of links on it. */
const darkGround = { color: '#1e1e1e', contrast: 3.3 };

/**
 * The color of links on a background that can be light or dark, as in an email: the color itself if it can be read on
 * both, otherwise the nearest shade of it that can.
 */
export function onAnyGround(color: string): string {
  for (let step = 0; step <= 100; step++)
    for (const other of ['#000000', '#ffffff']) {
      const shade = mix(color, other, step / 100);
      if (
        contrast(shade, '#ffffff') >= textContrast &&
        contrast(shade, darkGround.color) >= darkGround.contrast
      )
        return shade;
    }
  return color;
}

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = channelsOf(color).map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
