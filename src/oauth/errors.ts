/** The error codes of RFC 6749 §5.2, 6750 §3.1, 7009 §2.2.1, 7591 §3.2.2, 8707 §2 and 9396 §5 that Writ answers with, and their status. */
const statuses = {
  invalid_request: 400,
  invalid_client_metadata: 400,
  invalid_scope: 400,
  invalid_target: 400,
  invalid_authorization_details: 400,
  invalid_grant: 400,
  unauthorized_client: 400,
  invalid_client: 401,
  invalid_token: 401,
  access_denied: 403,
  insufficient_scope: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  precondition_failed: 412,
  payload_too_large: 413,
  unsupported_media_type: 415,
  unprocessable_content: 422,
  too_many_requests: 429,
  server_error: 500,
  temporarily_unavailable: 503,
} as const;

export type ErrorCode = keyof typeof statuses;

/** One thing that is wrong with a request. */
export interface ErrorDetail {
  /**
   * The parameter or field, as callers spell it: `scope`, `subject.type`, `redirect_uris[0]`. Absent where the
   * request is wrong as a whole.
   */
  parameter?: string | undefined;
  message: string;
}

export interface OAuthErrorOptions extends ErrorOptions {
  /** The parameter or field that the error is about, spelled as in `ErrorDetail`. */
  parameter?: string | undefined;
  /** Everything that is wrong. Default: the sentence, of `parameter`. */
  details?: readonly ErrorDetail[] | undefined;
  reason?: string | undefined;
}

/**
 * An error its caller may read: a code, one sentence that says what to do next, and where it is about a
 * parameter, which one. Whatever else is thrown is a bug, answered as `server_error`; its cause goes to the
 * log alone.
 */
export class OAuthError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  /** Why, for the log: more than the caller may read, and nothing of what was presented. */
  readonly reason: string | undefined;
  readonly parameter: string | undefined;
  readonly #details: readonly ErrorDetail[] | undefined;

  constructor(
    code: ErrorCode,
    description: string,
    { parameter, details, reason, ...options }: OAuthErrorOptions = {},
  ) {
    super(description, options);
    this.name = 'OAuthError';
    this.code = code;
    this.status = statuses[code];
    this.parameter = parameter ?? details?.[0]?.parameter;
    this.#details = details;
    this.reason = reason;
  }

  /** Each problem with its place; an empty list where the error is about no parameter. */
  get details(): readonly ErrorDetail[] {
    if (this.#details) return this.#details;
    return this.parameter === undefined
      ? []
      : [{ parameter: this.parameter, message: this.message }];
  }

  /** The members of RFC 6749 §5.2. */
  toJSON() {
    return { error: wireCodes[this.code] ?? this.code, error_description: this.message };
  }
}

/**
 * A value that every check of ours has let through and the database refuses: the caller's mistake, so `invalid_request`,
 * and a gap of ours, so the log has the cause.
 */
export class UnstorableValue extends OAuthError {
  declare readonly reason: string;

  constructor(cause: unknown) {
    super('invalid_request', 'The request holds a value that cannot be stored.', {
      cause,
      reason: 'the database refused a value that no check had refused',
    });
  }
}

/**
 * An error whose sentence names the parameter ahead of what is wrong with it, such as
 * `expires_at: is not a time that is yet to come.`
 */
export const parameterError = (code: ErrorCode, parameter: string, message: string): OAuthError =>
  new OAuthError(code, `${parameter}: ${message}`, { details: [{ parameter, message }] });

/** Where HTTP has a status and the RFCs have no code of their own, theirs is `invalid_request`. */
const wireCodes: Partial<Record<ErrorCode, string>> = {
  method_not_allowed: 'invalid_request',
  payload_too_large: 'invalid_request',
  unsupported_media_type: 'invalid_request',
  unprocessable_content: 'invalid_request',
};
