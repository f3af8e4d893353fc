import type { ErrorAnswer } from '../../http/errors.ts';
import { type ErrorCode, OAuthError } from '../../oauth/errors.ts';

/**
 * What Bloq's services say of a bearer token, as plain text. The SDK compares the body of a 401 with `jwt expired`,
 * gets a new token then and repeats its call.
 */
export const tokenRefusals = {
  expired: 'jwt expired',
  /** None of Writ's. */
  invalid: 'invalid token',
  /** A token that opens Nodes and Connect, and nothing of the account. */
  audience: 'jwt audience invalid',
  absent: 'No authorization token was found',
} as const;

/** A bearer token is refused; the sentence is the body. */
export const refuseToken = (why: keyof typeof tokenRefusals): OAuthError =>
  new OAuthError('invalid_token', tokenRefusals[why]);

/** The account name or password is wrong: one answer, whichever. */
export class WrongLogin extends OAuthError {
  constructor(options?: ErrorOptions) {
    super('invalid_client', 'The username or password is incorrect.', options);
  }
}

/** An error of Writ in Bloq's words: plain text for a refused bearer token, else `code` and `message`. */
export function describeError(error: OAuthError): ErrorAnswer {
  const { status, code, message } = error;
  if (code === 'invalid_token')
    return {
      status,
      body: message,
      type: 'text/plain',
      headers: { 'WWW-Authenticate': 'Bearer' },
    };
  return {
    status,
    body: { code: codes[code] ?? 'BadRequest', message },
    ...(error instanceof WrongLogin && {
      headers: { 'WWW-Authenticate': 'Basic realm="Bloq", charset="UTF-8"' },
    }),
  };
}

/** What is not here is a bad request. */
const codes: Partial<Record<ErrorCode, string>> = {
  invalid_client: 'Unauthorized',
  access_denied: 'Forbidden',
  not_found: 'NotFound',
  method_not_allowed: 'MethodNotAllowed',
  conflict: 'Conflict',
  payload_too_large: 'PayloadTooLarge',
  unprocessable_content: 'UnprocessableEntity',
  too_many_requests: 'TooManyRequests',
  server_error: 'InternalServerError',
  temporarily_unavailable: 'ServiceUnavailable',
};
