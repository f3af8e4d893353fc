import { AuthorizationResponseError, ClientError, ResponseBodyError } from 'openid-client';
import { UpstreamError } from '../domain/providers/types.ts';
import { FetchError } from './guarded-fetch.ts';

/** Runs a step of a sign-in, and turns what the library throws into an UpstreamError. */
export async function fromUpstream<Result>(step: string, run: () => Promise<Result>) {
  try {
    return await run();
  } catch (error) {
    throw asUpstreamError(step, error);
  }
}

function asUpstreamError(step: string, cause: unknown): UpstreamError {
  if (cause instanceof UpstreamError) return cause;
  if (cause instanceof AuthorizationResponseError) {
    // The provider wrote the description, so only its code is used.
    const { error } = cause;
    const reason =
      error === 'access_denied'
        ? 'denied'
        : ['server_error', 'temporarily_unavailable'].includes(error)
          ? 'unreachable'
          : 'refused';
    return new UpstreamError(reason, `${step}: ${error.slice(0, 100)}`, { cause });
  }
  if (cause instanceof ResponseBodyError)
    return new UpstreamError('refused', `${step}: ${cause.error.slice(0, 100)}`, { cause });
  const failed = fetchErrorIn(cause);
  if (failed) return new UpstreamError('unreachable', `${step}: ${failed.message}`, { cause });
  if (cause instanceof ClientError && cause.cause instanceof Response) {
    const { status } = cause.cause;
    return new UpstreamError(
      status >= 500 ? 'unreachable' : 'refused',
      `${step}: the provider answered ${status}`,
      { cause },
    );
  }
  const message = cause instanceof Error ? cause.message : String(cause);
  return new UpstreamError(timedOut(cause) ? 'unreachable' : 'invalid', `${step}: ${message}`, {
    cause,
  });
}

function fetchErrorIn(error: unknown): FetchError | undefined {
  for (let each = error; each instanceof Error; each = each.cause)
    if (each instanceof FetchError) return each;
  return undefined;
}

const timedOut = (error: unknown): boolean =>
  error instanceof ClientError && ['OAUTH_TIMEOUT', 'OAUTH_ABORT'].includes(error.code ?? '');
