import type { Html } from './frame.ts';

/** A page, as each file beside this one makes it. */
export type View = Html;

/** The text of a page, ready to be sent. */
export async function render(page: View): Promise<string> {
  return String(await page);
}
