import type { ErrorAnswer } from '../../http/errors.ts';
import { OAuthError } from '../../oauth/errors.ts';

/** What Speckle answers, on any of its routes, to a token that is not active. */
export const refuseToken = (): OAuthError =>
  new OAuthError('invalid_token', 'Your token is not valid.');

/** An error as Speckle's routes answer it outside of GraphQL. Speckle refuses tokens with 403. */
export const describeError = ({ code, status, message }: OAuthError): ErrorAnswer => ({
  status: code === 'invalid_token' ? 403 : status,
  body: { error: message },
});
