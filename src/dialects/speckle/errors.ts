import type { Context } from 'koa';
import type { ErrorAnswer } from '../../http/errors.ts';
import { type ErrorCode, OAuthError } from '../../oauth/errors.ts';
import { describeAppError, WrongToken } from './apps/errors.ts';

/** An error with a code that Speckle's clients read in `extensions.code`. */
export class SpeckleError extends OAuthError {
  readonly speckleCode: string;

  constructor(speckleCode: string, message: string, options?: ErrorOptions) {
    super('invalid_request', message, options);
    this.speckleCode = speckleCode;
  }
}

/** Speckle's error for a token that is not active, on all of its routes. */
export const refuseToken = (): OAuthError =>
  new OAuthError('invalid_token', 'Your token is not valid.');

/** Translates an error for routes outside of GraphQL. Speckle refuses tokens with 403. */
export function describeError(error: OAuthError, { path }: Context): ErrorAnswer {
  const { code, status, message } = error;
  if (code === 'invalid_token' && !(error instanceof WrongToken))
    return { status: 403, body: { error: message } };
  return describeAppError(path, error) ?? { status, body: { error: message } };
}

const codes: Partial<Record<ErrorCode, string>> = {
  invalid_token: 'UNAUTHORIZED',
  insufficient_scope: 'FORBIDDEN',
  access_denied: 'FORBIDDEN',
  not_found: 'NOT_FOUND_ERROR',
  too_many_requests: 'RATE_LIMIT_EXCEEDED',
};

/** The `extensions.code` of an error. */
export const codeOf = (error: OAuthError): string =>
  error instanceof SpeckleError ? error.speckleCode : (codes[error.code] ?? 'BAD_REQUEST_ERROR');

/**
 * Translates the error of a token that was not created. Errors without a sentence of Speckle keep Writ's message.
 * `withheld` is a requested scope that personal access tokens cannot have.
 */
export function toSpeckleError(error: unknown, withheld: string | undefined): unknown {
  if (!(error instanceof OAuthError) || error.status >= 500) return error;
  return new SpeckleError('TOKEN_CREATE_ERROR', sentenceOf(error, withheld), { cause: error });
}

function sentenceOf(
  { code, parameter, message }: OAuthError,
  withheld: string | undefined,
): string {
  if (code === 'invalid_scope' && withheld !== undefined)
    return `You can't create a personal access token with the ${withheld} scope`;
  if (code !== 'access_denied') return message;
  if (parameter === 'scope') return "You can't create a token with scopes that you don't have";
  return parameter === 'authorization_details'
    ? "You can't create a token with access to resources that you don't currently have access to"
    : message;
}
