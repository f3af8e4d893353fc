import type { Context } from 'koa';
import { readText } from '../../http/form.ts';
import { parseJson } from '../../http/json.ts';
import { OAuthError } from '../../oauth/errors.ts';

/**
 * The body as a JSON object; an empty body is an empty object. Throws `invalid_request` for anything else, and what
 * `parseJson` throws. Whatever media type the client names: some name none.
 */
export async function readObject(
  ctx: Context,
  /** Changes the text before it is read, where the product's own documents show JSON that is none. */
  mend: (text: string) => string = (text) => text,
): Promise<Record<string, unknown>> {
  const text = await readText(ctx);
  if (text.trim() === '') return {};
  const value = parseJson(mend(text));
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new OAuthError('invalid_request', 'The body is not a JSON object.');
  return value as Record<string, unknown>;
}
