import type { GraphQLScalarType } from 'graphql';
import type { SpeckleContext } from './context.ts';

/** Resolves a field. Errors of the domain become GraphQL errors (`errors.ts`). */
// biome-ignore lint/suspicious/noExplicitAny: the schema types sources and arguments.
export type Resolve = (source: any, args: any, context: SpeckleContext) => unknown;

/** A part of the schema with its resolvers. Shared types are extended: `extend type Query`. */
export interface GraphqlPart {
  typeDefs: string;
  resolvers: Record<string, Record<string, Resolve> | GraphQLScalarType>;
  /** The costs of fields that query the database, by name. Mutations have a minimum cost already. */
  costs?: Readonly<Record<string, number>>;
}
