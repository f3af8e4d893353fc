/** THE ERRORS OF OPENIDDICT, which is the original's identity server: a sentence and an address for each cause. */
import type { ErrorAnswer } from '../../http/errors.ts';
import { OAuthError } from '../../oauth/errors.ts';

/** An error of OpenIddict: its number and its sentence. */
interface Cause {
  id: string;
  sentence: string;
}

/** A parameter that is missing (`invalid_request`). */
export const missing = (parameter: string): Cause => ({
  id: 'ID2029',
  sentence: `The mandatory '${parameter}' parameter is missing.`,
});

/** A client that acts for itself and presents nothing (`invalid_request`). */
export const noSecret: Cause = {
  id: 'ID2057',
  sentence:
    "The 'client_secret' or 'client_assertion' parameter must be specified when using the client credentials grant.",
};

/** `invalid_request` for a cause that OpenIddict names. */
export class OpenIddictError extends OAuthError {
  /** What `openIddictAnswer` says of it. */
  readonly openIddict: Cause;

  constructor(openIddict: Cause) {
    super('invalid_request', openIddict.sentence);
    this.openIddict = openIddict;
  }
}

/**
 * By codes of Writ (`ErrorCode`) and of the protocol. OpenIddict says of an unknown client that it is unknown;
 * Writ says the same of it as of a wrong secret, so that no caller learns which clients there are.
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

/** What was refused, and where it came from: an error that was thrown, or one that the engine answered. */
interface Problem {
  status: number;
  /** The code that the protocol answers (RFC 6749 §5.2). */
  error: string;
  /** What Writ says; it stands where OpenIddict has no sentence for the cause. */
  description: string;
  cause?: Cause | undefined;
}

/** An error that was thrown, as its answer is to be made. */
export const problemOf = (error: OAuthError): Problem => ({
  status: error.status,
  error: error.toJSON().error,
  description: error.message,
  cause: error instanceof OpenIddictError ? error.openIddict : causes[error.code],
});

/**
 * The answer in the words of OpenIddict. A client whose credentials are wrong is named the scheme, wherever it sent
 * them (RFC 6749 §5.2 asks for that after an Authorization header only).
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

/** OpenIddict answers 400 to all that its caller did wrong, but to credentials and tokens that are refused. */
const isKept = (status: number): boolean =>
  status === 401 || status === 403 || status === 429 || status >= 500;
