/** The rules for incoming text of any kind: forms, queries, paths, JSON, headers. */
import { isUtf8 } from 'node:buffer';
import type { Context } from 'koa';
import { OAuthError } from '../oauth/errors.ts';

/** Whether Postgres can store a text: no NUL, no unpaired surrogate. */
export const isStorable = (value: string): boolean => !value.includes('\0') && value.isWellFormed();

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const controls = /[\0-\x1f\x7f-\x9f]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above, without tab, line feed and carriage return
const controlsInLines = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/;

/** Whether a text has no control characters. With `lines`, tabs and line breaks are allowed, as in a text area. */
export const isPlainText = (value: string, { lines = false } = {}): boolean =>
  !(lines ? controlsInLines : controls).test(value);

/**
 * Decodes percent-encoding, and in forms `+` as a space (RFC 6749 Appendix B). Undefined if an escape is malformed or the
 * bytes are not UTF-8; replacement characters would make different texts equal.
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

/** Decodes the bytes of a body. Throws `invalid_request` if they are not UTF-8 (RFC 8259 §8.1). */
export function decodeUtf8(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new OAuthError('invalid_request', 'The body must be encoded in UTF-8.');
  return bytes.toString();
}

const maxUserAgentLength = 500;

/**
 * The `User-Agent` header as it is stored: printable ASCII, at most 500 characters. Other characters become a space
 * rather than an error. Null if nothing is left.
 */
export const userAgentOf = (ctx: Context): string | null =>
  ctx
    .get('user-agent')
    .slice(0, maxUserAgentLength)
    .replaceAll(/[^\x20-\x7e]+/g, ' ')
    .trim() || null;
