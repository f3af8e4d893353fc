import type { GraphQLScalarType } from 'graphql';
import type { SpeckleContext } from './context.ts';

/** Answers a field. Errors of the domain are turned into those of GraphQL (`errors.ts`). */
// biome-ignore lint/suspicious/noExplicitAny: the schema says what sources and arguments are.
export type Resolve = (source: any, args: any, context: SpeckleContext) => unknown;

/** A part of the schema, with what answers it. Types of several parts are extended: `extend type Query`. */
export interface GraphqlPart {
  typeDefs: string;
  resolvers: Record<string, Record<string, Resolve> | GraphQLScalarType>;
  /** Fields that cost more than one, as they ask the database: by their names. Those that change something need none. */
  costs?: Readonly<Record<string, number>>;
}
