import { GraphQLError } from 'graphql';
import { OAuthError } from '../../../oauth/errors.ts';
import { codeOf } from '../errors.ts';

/** Converts an error of the domain to a GraphQL error; others stay as they are. */
export function toGraphqlError(thrown: unknown): unknown {
  const original = thrown instanceof GraphQLError ? thrown.originalError : thrown;
  if (!(original instanceof OAuthError)) return thrown;
  return new GraphQLError(original.message, {
    ...(thrown instanceof GraphQLError && {
      nodes: thrown.nodes,
      source: thrown.source,
      positions: thrown.positions,
      path: thrown.path,
    }),
    originalError: original,
    extensions: { code: codeOf(original) },
  });
}

/**
 * The cause of a GraphQL error, if it is an internal error or an unavailable database; undefined if the caller can see
 * the error.
 */
export function faultIn(error: unknown): unknown {
  const original = error instanceof GraphQLError ? error.originalError : error;
  if (original === undefined || original instanceof GraphQLError) return undefined;
  return original instanceof OAuthError && original.status < 500 ? undefined : original;
}
