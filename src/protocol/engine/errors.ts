import { errors } from 'oidc-provider';
import { orUnavailable } from '../../domain/database/retry.ts';
import { LimitReached } from '../../domain/limits/rate-limits.ts';
import { OAuthError, UnstorableValue } from '../../oauth/errors.ts';

/** An error of ours in the engine's shape, so that the engine answers with our code, sentence and status. */
class EngineError extends errors.OIDCProviderError {
  readonly original: OAuthError;

  constructor(original: OAuthError) {
    const { code, status, message, cause, reason } = original;
    super(status, code, { cause });
    this.original = original;
    this.error_description = message;
    if (reason) this.error_detail = reason;
    this.expose = true;
  }
}

/** The value that the database refused, where that is what an error of the engine is about. */
export const unstorableIn = (error: unknown): UnstorableValue | undefined =>
  error instanceof EngineError && error.original instanceof UnstorableValue
    ? error.original
    : undefined;

/** Runs what the engine calls, so that an error of the domain reaches the client with its own code and status. */
export async function forEngine<Result>(run: () => Promise<Result>): Promise<Result> {
  try {
    return await orUnavailable(run);
  } catch (error) {
    // Its code is none that a client is told by a redirect (RFC 6749 §4.1.2.1).
    if (error instanceof LimitReached)
      throw Object.assign(new EngineError(limitError(error)), { allow_redirect: false });
    throw error instanceof OAuthError ? new EngineError(error) : error;
  }
}

/** A limit that is reached while the engine answers; `reportEngineErrors` sets its headers. */
const limitError = (cause: LimitReached) =>
  new OAuthError('too_many_requests', 'Too many requests. Try again later.', { cause });

/**
 * Runs what asks the engine from outside its endpoints: an error of the domain comes back as itself, and an error of
 * the engine itself as what `refusal` makes of it.
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

/** `invalid_scope` (RFC 6749 §5.2) with the scope that is refused, if it is a certain one. */
export const invalidScope = (description: string, refused: string[] = []): Error =>
  new errors.InvalidScope(description, refused.join(' ') || (undefined as unknown as string));
