/** Personal access tokens: `activeUser { apiTokens }`, `apiTokenCreate`, `apiTokenRevoke`. */
import { detailsOfLimits, type ResourceLimit } from '../limits.ts';
import { describeToken, type SpeckleTokens } from '../tokens.ts';
import { requireScope } from './access.ts';
import type { GraphqlPart } from './part.ts';

const typeDefs = /* GraphQL */ `
  extend type User {
    "Your personal access tokens, without their values: needs tokens:read."
    apiTokens: [ApiToken!]!
  }

  type ApiToken {
    "Ends the token where apiTokenRevoke gets it."
    id: String!
    name: String!
    "The last characters of the token."
    lastChars: String!
    scopes: [String]!
    createdAt: DateTime!
    "Milliseconds."
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
    "Milliseconds; as long as the server allows where it is absent or longer than that."
    lifespan: BigInt
    "Limits the token to these."
    limitResources: [TokenResourceIdentifierInput!]
  }

  extend type Mutation {
    "Creates a personal access token and gives its value, this once: needs tokens:write."
    apiTokenCreate(token: ApiTokenCreateInput!): String!
    "Ends a token of yours, by its value or its id: needs tokens:write."
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
      // The person of the token: no other has the type.
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
