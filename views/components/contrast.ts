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

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = channelsOf(color).map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
