import type { Html } from './frame.ts';

/** A page, as the functions of `views` return it. */
export type View = Html;

/**
 * The text of a page, ready to be sent. Views use the paths of the server, such as `/account`; if the issuer has a path,
 * `base`, this puts it in front of each. Values in a view are escaped, so every quotation mark belongs to an attribute.
 */
export async function render(page: View, base = ''): Promise<string> {
  const text = String(await page);
  return base === ''
    ? text
    : text.replaceAll(/(\s(?:href|src|action|formaction)=")\/(?!\/)/g, `$1${base}/`);
}
