import type { ErrorAnswer } from '../../http/errors.ts';
import { type ErrorCode, OAuthError } from '../../oauth/errors.ts';

/**
 * Bloq's plain-text errors for a bearer token. The SDK compares the body of a 401 with `jwt expired`, and then gets a new
 * token and repeats its call.
 */
export const tokenRefusals = {
  expired: 'jwt expired',
  /** Not a token of Writ. */
  invalid: 'invalid token',
  /** A token for Nodes and Connect, but not for the account. */
  audience: 'jwt audience invalid',
  absent: 'No authorization token was found',
} as const;

/** Refuses a bearer token; the message is the body. */
export const refuseToken = (why: keyof typeof tokenRefusals): OAuthError =>
  new OAuthError('invalid_token', tokenRefusals[why]);

/** The account name or the password is wrong; the error does not reveal which. */
export class WrongLogin extends OAuthError {
  constructor(options?: ErrorOptions) {
    super('invalid_client', 'The username or password is incorrect.', options);
  }
}

/** Translates an error to Bloq's form: plain text for a refused bearer token, otherwise `code` and `message`. */
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

/** Other codes become `BadRequest`. */
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
