/** THE ERRORS OF OPENIDDICT, the identity server of Squidex: each has a sentence and a URL. */
import type { ErrorAnswer } from '../../http/errors.ts';
import { OAuthError } from '../../oauth/errors.ts';

/** An error of OpenIddict: its id and its sentence. */
interface Cause {
  id: string;
  sentence: string;
}

/** A missing parameter (`invalid_request`). */
export const missing = (parameter: string): Cause => ({
  id: 'ID2029',
  sentence: `The mandatory '${parameter}' parameter is missing.`,
});

/** The client credentials grant without a credential (`invalid_request`). */
export const noSecret: Cause = {
  id: 'ID2057',
  sentence:
    "The 'client_secret' or 'client_assertion' parameter must be specified when using the client credentials grant.",
};

/** `invalid_request` with an error of OpenIddict. */
export class OpenIddictError extends OAuthError {
  /** The error for `openIddictAnswer`. */
  readonly openIddict: Cause;

  constructor(openIddict: Cause) {
    super('invalid_request', openIddict.sentence);
    this.openIddict = openIddict;
  }
}

/**
 * By the codes of Writ (`ErrorCode`) and of the protocol. OpenIddict has another error for an unknown client; Writ returns
 * the error of a wrong secret, so that callers cannot find out which clients exist.
 */
const causes: Readonly<Record<string, Cause>> = {
  invalid_client: { id: 'ID2055', sentence: 'The specified client credentials are invalid.' },
  invalid_scope: {
    id: 'ID2051',
    sentence: 'This client application is not allowed to use the specified scope.',
  },
  invalid_target: {
    id: 'ID2051',
    sentence: 'This client application is not allowed to use the specified scope.',
  },
  invalid_grant: { id: 'ID2004', sentence: 'The specified token is invalid.' },
  invalid_token: { id: 'ID2004', sentence: 'The specified token is invalid.' },
  unsupported_grant_type: {
    id: 'ID2032',
    sentence: "The specified 'grant_type' is not supported.",
  },
  unauthorized_client: {
    id: 'ID2064',
    sentence: 'This client application is not allowed to use the specified grant type.',
  },
  method_not_allowed: { id: 'ID2084', sentence: 'The specified HTTP method is not valid.' },
  unsupported_media_type: {
    id: 'ID2082',
    sentence: "The specified 'Content-Type' header is not valid.",
  },
};

/** An error that was thrown, or an error response of the engine. */
interface Problem {
  status: number;
  /** The code of the protocol (RFC 6749 §5.2). */
  error: string;
  /** The message of Writ, for causes without a sentence of OpenIddict. */
  description: string;
  cause?: Cause | undefined;
}

/** Converts a thrown error. */
export const problemOf = (error: OAuthError): Problem => ({
  status: error.status,
  error: error.toJSON().error,
  description: error.message,
  cause: error instanceof OpenIddictError ? error.openIddict : causes[error.code],
});

/**
 * The response of OpenIddict. For wrong client credentials it always contains `WWW-Authenticate`, also if they were not
 * sent in an Authorization header (beyond RFC 6749 §5.2).
 */
export function openIddictAnswer(problem: Problem, issuer: string): ErrorAnswer {
  const { status, error } = problem;
  const cause = problem.cause ?? causes[error];
  const sentence = cause?.sentence ?? problem.description;
  const uri = cause && `https://documentation.openiddict.com/errors/${cause.id}`;
  return {
    status: isKept(status) ? status : 400,
    body: { error, error_description: sentence, ...(uri && { error_uri: uri }) },
    ...(error === 'invalid_client' && {
      headers: {
        'WWW-Authenticate': `Basic realm="${issuer}", error="${error}", error_description="${sentence}", error_uri="${uri}"`,
      },
    }),
  };
}

/** OpenIddict responds 400 to all errors of the caller except refused credentials and tokens. */
const isKept = (status: number): boolean =>
  status === 401 || status === 403 || status === 429 || status >= 500;
