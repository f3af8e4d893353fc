import { errors } from 'oidc-provider';
import { orUnavailable } from '../../domain/database/retry.ts';
import { LimitReached } from '../../domain/limits/rate-limits.ts';
import { quotable } from '../../oauth/challenges.ts';
import { OAuthError, UnstorableValue } from '../../oauth/errors.ts';

/**
 * An `OAuthError` in the engine's class, so the engine responds with its code, sentence and status. The sentence has only
 * characters that RFC 6749 §4.1.2.1 and §5.2 allow.
 */
class EngineError extends errors.OIDCProviderError {
  readonly original: OAuthError;

  constructor(original: OAuthError) {
    const { code, status, message, cause, reason } = original;
    super(status, code, { cause });
    this.original = original;
    this.error_description = quotable(message.replaceAll('"', "'"));
    if (reason) this.error_detail = reason;
    this.expose = true;
  }
}

/** The rejected value if an engine error was caused by one that the database cannot store. */
export const unstorableIn = (error: unknown): UnstorableValue | undefined =>
  error instanceof EngineError && error.original instanceof UnstorableValue
    ? error.original
    : undefined;

/** Runs code that the engine calls and converts its errors, so they reach the client with their own code and status. */
export async function forEngine<Result>(run: () => Promise<Result>): Promise<Result> {
  try {
    return await orUnavailable(run);
  } catch (error) {
    // `too_many_requests` is not an error code of authorization responses (RFC 6749 §4.1.2.1), so it is not redirected.
    if (error instanceof LimitReached)
      throw Object.assign(new EngineError(limitError(error)), { allow_redirect: false });
    throw error instanceof OAuthError ? new EngineError(error) : error;
  }
}

/** Does the same for code that waits for nothing. */
export function orEngineError<Result>(run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    throw error instanceof OAuthError ? new EngineError(error) : error;
  }
}

/** The error for a limit that is reached inside the engine; `noteRefusals` adds its headers. */
const limitError = (cause: LimitReached) =>
  new OAuthError('too_many_requests', 'Too many requests. Try again later.', { cause });

/**
 * Runs code that uses the engine outside its endpoints. Errors of the domain are thrown unchanged, and errors of the
 * engine are converted by `refusal`.
 */
export async function fromEngine<Result>(
  run: () => Promise<Result>,
  refusal: (error: errors.OIDCProviderError) => Error,
): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof EngineError) throw error.original;
    throw error instanceof errors.OIDCProviderError ? refusal(error) : error;
  }
}

/** `invalid_scope` (RFC 6749 §5.2). `refused` are the rejected scopes, if the error is about certain ones. */
export const invalidScope = (description: string, refused: string[] = []): Error =>
  new errors.InvalidScope(description, refused.join(' ') || (undefined as unknown as string));
