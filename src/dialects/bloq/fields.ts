import { OAuthError } from '../../oauth/errors.ts';

/** A non-empty string of a body; undefined if it is absent. Throws `invalid_request` for other types. */
export function textIn(body: Record<string, unknown>, name: string): string | undefined {
  const { [name]: value } = body;
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string' || value === '')
    throw new OAuthError('invalid_request', `${name} must be a non-empty string.`, {
      parameter: name,
    });
  return value;
}

/** As `textIn`, for a required member. */
export function requireText(body: Record<string, unknown>, name: string): string {
  const value = textIn(body, name);
  if (value === undefined)
    throw new OAuthError('invalid_request', `${name} is missing.`, { parameter: name });
  return value;
}
