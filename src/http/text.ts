/** The rules for text that comes in, whatever it comes in: forms, queries, paths, JSON, headers. */
import { isUtf8 } from 'node:buffer';
import type { Context } from 'koa';
import { OAuthError } from '../oauth/errors.ts';

/** Postgres holds neither NUL nor half a surrogate pair. */
export const isStorable = (value: string): boolean => !value.includes('\0') && value.isWellFormed();

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const controls = /[\0-\x1f\x7f-\x9f]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above, without tab, line feed and carriage return
const controlsInLines = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/;

/** Whether a text is free of control characters. With `lines` it may have tabs and line breaks, as a text area has. */
export const isPlainText = (value: string, { lines = false } = {}): boolean =>
  !(lines ? controlsInLines : controls).test(value);

/**
 * Undoes percent-encoding, and `+` for a space where the text is a form's (RFC 6749 Appendix B). Undefined where an
 * escape is malformed, or where the bytes are not UTF-8: two texts that differ must not become one.
 */
export function decodeEscapes(text: string, { form }: { form: boolean }): string | undefined {
  const spaced = form && text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (!spaced.includes('%')) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    return undefined;
  }
}

/** Bytes of a body as text. Throws `invalid_request` where they are not UTF-8 (RFC 8259 §8.1). */
export function decodeUtf8(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new OAuthError('invalid_request', 'The body is not UTF-8.');
  return bytes.toString();
}

const maxUserAgentLength = 500;

/**
 * What a browser or a device calls itself, as it is stored: printable ASCII, at most 500 characters. What else the
 * header holds becomes a space, since no request fails for a name. Null where nothing is left.
 */
export const userAgentOf = (ctx: Context): string | null =>
  ctx
    .get('user-agent')
    .slice(0, maxUserAgentLength)
    .replaceAll(/[^\x20-\x7e]+/g, ' ')
    .trim() || null;
