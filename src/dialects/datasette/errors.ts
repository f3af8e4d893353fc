import type { ErrorAnswer } from '../../http/errors.ts';
import type { OAuthError } from '../../oauth/errors.ts';

/** An error of Writ in the words of Datasette: a sentence as `error`. */
export const describeError = ({ status, message }: OAuthError): ErrorAnswer => ({
  status,
  body: { error: message },
});
