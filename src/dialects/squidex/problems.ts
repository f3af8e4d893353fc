import type { Context } from 'koa';
import type { ErrorAnswer } from '../../http/errors.ts';
import { requestIdOf } from '../../http/request-id.ts';
import type { OAuthError } from '../../oauth/errors.ts';

/** The `type` of each status in Squidex's errors. */
const types: Readonly<Record<number, string>> = {
  400: 'https://tools.ietf.org/html/rfc7231#section-6.5.1',
  401: 'https://tools.ietf.org/html/rfc7235#section-3.1',
  403: 'https://tools.ietf.org/html/rfc7231#section-6.5.3',
  404: 'https://tools.ietf.org/html/rfc7231#section-6.5.4',
  412: 'https://tools.ietf.org/html/rfc7231#section-6.5.10',
  415: 'https://tools.ietf.org/html/rfc7231#section-6.5.13',
  500: 'https://tools.ietf.org/html/rfc7231#section-6.6.1',
};

/** Errors for which Squidex responds 400. */
const isRule = ({ code }: OAuthError): boolean => code === 'conflict';

/** An error of `/api` as Squidex's `ErrorDto`. */
export function problemAnswer(error: OAuthError, ctx: Context): ErrorAnswer {
  const status = isRule(error) ? 400 : error.status;
  const { details } = error;
  return {
    status,
    body: {
      message: details.length > 0 ? 'Validation error' : error.message,
      errorCode: null,
      traceId: requestIdOf(ctx),
      type: types[status] ?? null,
      details:
        details.length > 0
          ? details.map(({ parameter, message }) =>
              parameter === undefined ? message : `${parameter}: ${message}`,
            )
          : null,
      statusCode: status,
    },
    ...(status === 401 && { headers: { 'WWW-Authenticate': 'Bearer' } }),
  };
}
