import type { ErrorAnswer } from '../../../http/errors.ts';
import { OAuthError } from '../../../oauth/errors.ts';
import { appPaths } from './paths.ts';

/** An invalid token in the query or body of these routes: has Speckle's message, and counts as a refused token. */
export class WrongToken extends OAuthError {
  constructor(sentence: string) {
    super('invalid_token', sentence);
  }
}

/**
 * Translates an error of the routes for apps: `POST /auth/token` responds 401 with `err` to every error of the caller, the
 * others respond 400 with a sentence. Other errors keep their status. Undefined for other paths.
 */
export function describeAppError(
  path: string,
  { status, message }: OAuthError,
): ErrorAnswer | undefined {
  if (path === appPaths.token) return { status: asRefusal(status, 401), body: { err: message } };
  if (path === appPaths.accessCode || path === appPaths.logout)
    return { status: asRefusal(status, 400), body: message, type: 'text/plain' };
  return undefined;
}

const asRefusal = (status: number, refused: number): number =>
  status === 429 || status === 405 || status >= 500 ? status : refused;
