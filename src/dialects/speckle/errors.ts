import type { Context } from 'koa';
import type { ErrorAnswer } from '../../http/errors.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { describeAppError } from './apps/errors.ts';

/** What Speckle answers, on any of its routes, to a token that is not active. */
export const refuseToken = (): OAuthError =>
  new OAuthError('invalid_token', 'Your token is not valid.');

/** An error as Speckle's routes answer it outside of GraphQL. Speckle refuses tokens with 403. */
export function describeError(error: OAuthError, { path }: Context): ErrorAnswer {
  const { code, status, message } = error;
  if (code === 'invalid_token') return { status: 403, body: { error: message } };
  return describeAppError(path, error) ?? { status, body: { error: message } };
}
