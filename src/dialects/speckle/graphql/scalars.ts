/** The scalars of Speckle's schema. */
import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';
import type { GraphqlPart } from './part.ts';

const notWhole = (): GraphQLError => new GraphQLError('BigInt must be a whole number.');

/** An integer that JSON represents without loss, or its digits in a string. */
function readWhole(value: unknown): number {
  const number = typeof value === 'string' && /^-?\d{1,16}$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isSafeInteger(number)) throw notWhole();
  return number;
}

export const scalarsPart: GraphqlPart = {
  typeDefs: /* GraphQL */ `
    "An integer, also beyond 32 bits."
    scalar BigInt
    "A time such as 2030-01-01T00:00:00.000Z."
    scalar DateTime
  `,
  resolvers: {
    BigInt: new GraphQLScalarType<number, number>({
      name: 'BigInt',
      serialize: readWhole,
      parseValue: readWhole,
      parseLiteral: (node) => {
        if (node.kind !== Kind.INT && node.kind !== Kind.STRING) throw notWhole();
        return readWhole(node.kind === Kind.INT ? Number(node.value) : node.value);
      },
    }),
    DateTime: new GraphQLScalarType<Date, string>({
      name: 'DateTime',
      serialize: (value) => (value as Date).toISOString(),
      parseValue: () => {
        throw new GraphQLError('DateTime cannot be used as input.');
      },
    }),
  },
};
