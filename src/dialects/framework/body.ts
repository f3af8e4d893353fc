import type { Context } from 'koa';
import { readText } from '../../http/form.ts';
import { parseJson } from '../../http/json.ts';
import { OAuthError } from '../../oauth/errors.ts';

/**
 * Reads the body as a JSON object; an empty body is an empty object. Throws `invalid_request` for anything else, and the
 * errors of `parseJson`. Ignores the media type, because some clients send none.
 */
export async function readObject(
  ctx: Context,
  /** Corrects the text before parsing, for products whose documentation shows invalid JSON. */
  correct: (text: string) => string = (text) => text,
): Promise<Record<string, unknown>> {
  const text = await readText(ctx);
  if (text.trim() === '') return {};
  const value = parseJson(correct(text));
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new OAuthError('invalid_request', 'The body is not a JSON object.');
  return value as Record<string, unknown>;
}
