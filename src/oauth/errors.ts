/** Error codes of RFC 6749 §5.2, 6750 §3.1, 7009 §2.2.1, 7591 §3.2.2, 8707 §2, 9396 §5, 9449 §12.2 and of Writ, with their status. */
const statuses = {
  invalid_request: 400,
  invalid_client_metadata: 400,
  invalid_redirect_uri: 400,
  invalid_software_statement: 400,
  unapproved_software_statement: 400,
  invalid_scope: 400,
  invalid_target: 400,
  invalid_authorization_details: 400,
  invalid_grant: 400,
  unauthorized_client: 400,
  invalid_client: 401,
  invalid_token: 401,
  invalid_dpop_proof: 401,
  use_dpop_nonce: 401,
  access_denied: 403,
  insufficient_scope: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  gone: 410,
  precondition_failed: 412,
  payload_too_large: 413,
  unsupported_media_type: 415,
  unprocessable_content: 422,
  too_many_requests: 429,
  server_error: 500,
  temporarily_unavailable: 503,
} as const;

/** A code in `statuses`. On the wire a few are replaced; see `wireCodes`. */
export type ErrorCode = keyof typeof statuses;

/** One problem of a request. */
export interface ErrorDetail {
  /**
   * The parameter or field as the caller spells it: `scope`, `subject.type`, `redirect_uris[0]`. Absent if the problem
   * is about the request as a whole.
   */
  parameter?: string | undefined;
  message: string;
  /** What the message says, as a name: pages say it in other languages. */
  kind?: string | undefined;
}

/** Options of `OAuthError`. `cause` is the underlying error, for the log. */
export interface OAuthErrorOptions extends ErrorOptions {
  /** The parameter or field that the error is about, spelled as in `ErrorDetail`. */
  parameter?: string | undefined;
  /** All problems. Default: the description, for `parameter`. */
  details?: readonly ErrorDetail[] | undefined;
  /** The reason for the log; see `OAuthError.reason`. */
  reason?: string | undefined;
  /** What the description says, as a name; see `OAuthError.kind`. */
  kind?: string | undefined;
}

/**
 * An error that its caller can read: a code, a description that says what to do, and the parameter that it is about, if
 * any. Anything else that is thrown is a bug and becomes `server_error`; its cause goes only to the log.
 */
export class OAuthError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  /** The reason for the log. It can say more than the response, but must not quote what was presented. */
  readonly reason: string | undefined;
  readonly parameter: string | undefined;
  /** What the description says, as a name: pages say it in other languages. */
  readonly kind: string | undefined;
  readonly #details: readonly ErrorDetail[] | undefined;

  constructor(
    code: ErrorCode,
    description: string,
    { parameter, details, reason, kind, ...options }: OAuthErrorOptions = {},
  ) {
    super(description, options);
    this.name = 'OAuthError';
    this.code = code;
    this.status = statuses[code];
    this.parameter = parameter ?? details?.[0]?.parameter;
    this.#details = details;
    this.reason = reason;
    this.kind = kind;
  }

  /** Each problem with its parameter; empty if the error is about no parameter. */
  get details(): readonly ErrorDetail[] {
    if (this.#details) return this.#details;
    return this.parameter === undefined
      ? []
      : [{ parameter: this.parameter, message: this.message, kind: this.kind }];
  }

  /** The error response of RFC 6749 §5.2. */
  toJSON() {
    return { error: wireCodes[this.code] ?? this.code, error_description: this.message };
  }
}

/**
 * A value that passed all validation and that the database rejects. It is the caller's mistake, so the code is
 * `invalid_request`, but also a gap in the validation, so the log gets the cause.
 */
export class UnstorableValue extends OAuthError {
  declare readonly reason: string;

  constructor(cause: unknown) {
    super('invalid_request', 'The request contains a value that cannot be stored.', {
      cause,
      reason: 'the database rejected a value that passed validation',
    });
  }
}

/**
 * Creates an error whose description starts with the parameter, such as `expires_at: must be in the future.` The
 * `message` is the part after the colon.
 */
export const parameterError = (
  code: ErrorCode,
  parameter: string,
  message: string,
  { kind }: Pick<ErrorDetail, 'kind'> = {},
): OAuthError =>
  new OAuthError(code, `${parameter}: ${message}`, {
    details: [{ parameter, message, ...(kind && { kind }) }],
  });

/** Codes that no RFC defines, although HTTP has a status for them: on the wire they are `invalid_request`. */
const wireCodes: Partial<Record<ErrorCode, string>> = {
  method_not_allowed: 'invalid_request',
  payload_too_large: 'invalid_request',
  unsupported_media_type: 'invalid_request',
  unprocessable_content: 'invalid_request',
};
