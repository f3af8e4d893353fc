import { OAuthError } from '../../oauth/errors.ts';

/** A member of a body that is text and not empty; undefined where it is absent. Throws `invalid_request`. */
export function textIn(body: Record<string, unknown>, name: string): string | undefined {
  const { [name]: value } = body;
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string' || value === '')
    throw new OAuthError('invalid_request', `${name} is not a text.`, { parameter: name });
  return value;
}

/** As `textIn`, of one that must be there. */
export function requireText(body: Record<string, unknown>, name: string): string {
  const value = textIn(body, name);
  if (value === undefined)
    throw new OAuthError('invalid_request', `${name} is missing.`, { parameter: name });
  return value;
}
