/** `serverInfo`: what clients ask before anything else, also without a token. */
import { speckleScopes } from '../scopes.ts';
import type { GraphqlPart } from './part.ts';

export interface ServerPartDependencies {
  issuer: string;
}

const typeDefs = /* GraphQL */ `
  extend type Query {
    serverInfo: ServerInfo!
  }

  type ServerInfo {
    name: String!
    canonicalUrl: String
    version: String
    scopes: [Scope!]!
  }

  type Scope {
    name: String!
    description: String!
  }
`;

export const createServerPart = ({ issuer }: ServerPartDependencies): GraphqlPart => ({
  typeDefs,
  resolvers: {
    Query: {
      serverInfo: () => ({ name: 'Writ', canonicalUrl: issuer, scopes: speckleScopes }),
    },
  },
});
