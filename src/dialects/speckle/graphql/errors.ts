import { GraphQLError } from 'graphql';
import { OAuthError } from '../../../oauth/errors.ts';
import { codeOf } from '../errors.ts';

/** Tells an error of the domain in the words of GraphQL; what it knows nothing of stays as it is. */
export function inGraphql(thrown: unknown): unknown {
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
 * The error behind one of GraphQL that is a fault of ours, or of a database that is away; undefined for one that the
 * caller may read.
 */
export function faultIn(error: unknown): unknown {
  const original = error instanceof GraphQLError ? error.originalError : error;
  if (original === undefined || original instanceof GraphQLError) return undefined;
  return original instanceof OAuthError && original.status < 500 ? undefined : original;
}
