import type { Html } from './frame.ts';

/** A page, as each file beside this one makes it. */
export type View = Html;

/**
 * The text of a page, ready to be sent. Views name paths as the server knows them, `/account`; where the server is
 * reached below a path, `base`, it is put before each here, so that no view has to think of it. What a view was given
 * is escaped, so a quotation mark is an attribute's own.
 */
export async function render(page: View, base = ''): Promise<string> {
  const text = String(await page);
  return base === ''
    ? text
    : text.replaceAll(/(\s(?:href|src|action|formaction)=")\/(?!\/)/g, `$1${base}/`);
}
