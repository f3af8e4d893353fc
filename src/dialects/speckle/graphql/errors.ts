import { GraphQLError } from 'graphql';
import { type ErrorCode, OAuthError } from '../../../oauth/errors.ts';

/** As Speckle's clients read them in `extensions.code`. */
const codes: Partial<Record<ErrorCode, string>> = {
  invalid_token: 'UNAUTHORIZED_ACCESS_ERROR',
  insufficient_scope: 'FORBIDDEN',
  access_denied: 'FORBIDDEN',
  not_found: 'NOT_FOUND_ERROR',
  conflict: 'CONFLICT_ERROR',
  too_many_requests: 'RATE_LIMIT_EXCEEDED_ERROR',
};

/** Tells an error of the domain in the words of GraphQL; what it knows nothing of stays as it is. */
export function inGraphql(thrown: unknown): unknown {
  const original = thrown instanceof GraphQLError ? thrown.originalError : thrown;
  if (!(original instanceof OAuthError)) return thrown;
  const { code, message } = original;
  return new GraphQLError(message, {
    ...(thrown instanceof GraphQLError && {
      nodes: thrown.nodes,
      source: thrown.source,
      positions: thrown.positions,
      path: thrown.path,
    }),
    originalError: original,
    extensions: { code: codes[code] ?? 'BAD_REQUEST_ERROR' },
  });
}

/** The error behind one of GraphQL that is a fault of ours: nothing that a caller may read, or a database that is away. */
export function faultIn(error: unknown): unknown {
  const original = error instanceof GraphQLError ? error.originalError : error;
  if (original === undefined || original instanceof GraphQLError) return undefined;
  return original instanceof OAuthError && original.status < 500 ? undefined : original;
}
