import type { ErrorAnswer } from '../../../http/errors.ts';
import { OAuthError } from '../../../oauth/errors.ts';
import { appPaths } from './paths.ts';

/** A token in a query or a body of these routes that is none: refused in their words, and counted as every refused token. */
export class WrongToken extends OAuthError {
  constructor(sentence: string) {
    super('invalid_token', sentence);
  }
}

/**
 * An error at the addresses of apps: `POST /auth/token` answers 401 with `err` whatever the caller did wrong, the others
 * 400 with a sentence. What is not the caller's fault keeps its status. Undefined for every other address.
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
