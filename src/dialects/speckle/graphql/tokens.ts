/** Personal access tokens: `activeUser { apiTokens }`, `apiTokenCreate`, `apiTokenRevoke`. */
import { detailsOfLimits, type ResourceLimit } from '../limits.ts';
import { describeToken, type SpeckleTokens } from '../tokens.ts';
import { requireScope } from './access.ts';
import type { GraphqlPart } from './part.ts';

const typeDefs = /* GraphQL */ `
  extend type User {
    "Your personal access tokens, without their values. Requires tokens:read."
    apiTokens: [ApiToken!]!
  }

  type ApiToken {
    "The id, which apiTokenRevoke accepts."
    id: String!
    name: String!
    "The last characters of the token."
    lastChars: String!
    scopes: [String]!
    createdAt: DateTime!
    "In milliseconds."
    lifespan: BigInt!
    lastUsed: DateTime!
  }

  enum TokenResourceIdentifierType {
    project
    workspace
  }

  input TokenResourceIdentifierInput {
    id: String!
    type: TokenResourceIdentifierType!
  }

  input ApiTokenCreateInput {
    scopes: [String!]!
    name: String!
    "In milliseconds. Default and maximum: as long as the server allows."
    lifespan: BigInt
    "Limits the token to these projects and workspaces."
    limitResources: [TokenResourceIdentifierInput!]
  }

  extend type Mutation {
    "Creates a personal access token and returns its value once. Requires tokens:write."
    apiTokenCreate(token: ApiTokenCreateInput!): String!
    "Revokes one of your tokens, by its value or id. Requires tokens:write."
    apiTokenRevoke(token: String!): Boolean!
  }
`;

interface ApiTokenCreateInput {
  scopes: string[];
  name: string;
  lifespan?: number | null;
  limitResources?: ResourceLimit[] | null;
}

export const createTokensPart = ({ tokens }: { tokens: SpeckleTokens }): GraphqlPart => ({
  typeDefs,
  costs: { apiTokens: 20 },
  resolvers: {
    User: {
      // `User` is always the person of the token.
      apiTokens: async (_user, _args, context) =>
        (await tokens.list(requireScope(context, 'tokens:read'))).map(describeToken),
    },
    Mutation: {
      apiTokenCreate: async (_source, { token }: { token: ApiTokenCreateInput }, context) => {
        const { scopes, name, lifespan, limitResources } = token;
        const created = await tokens.create(
          requireScope(context, 'tokens:write', { within: true }),
          { name, scope: scopes, lifespan, authorizationDetails: detailsOfLimits(limitResources) },
          (note) => context.notes.push(note),
        );
        return created.value;
      },
      apiTokenRevoke: async (_source, { token }: { token: string }, context) => {
        await tokens.revoke(requireScope(context, 'tokens:write'), token);
        return true;
      },
    },
  },
});
