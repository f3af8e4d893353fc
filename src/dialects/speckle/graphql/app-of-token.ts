/** `authenticatedAsApp`: the app that the token of the request was issued to. */
import type { ClientLookup } from '../../../domain/clients/lookup.ts';
import { isNamedToken } from '../../../domain/tokens/value.ts';
import { requireScope } from './access.ts';
import type { GraphqlPart } from './part.ts';

export interface AppOfTokenDependencies {
  clients: ClientLookup;
}

const typeDefs = /* GraphQL */ `
  extend type Query {
    "The app of the token; null for a personal access token. Needs apps:read."
    authenticatedAsApp: ServerAppListItem
  }

  type ServerAppListItem {
    id: String!
    name: String!
    description: String
    redirectUrl: String!
    termsAndConditionsLink: String
    trustByDefault: Boolean
    logo: String
    author: AppAuthor
  }

  type AppAuthor {
    name: String!
    id: String!
    avatar: String
  }
`;

export const createAppOfTokenPart = ({ clients }: AppOfTokenDependencies): GraphqlPart => ({
  typeDefs,
  costs: { authenticatedAsApp: 5 },
  resolvers: {
    Query: {
      authenticatedAsApp: async (_source, _args, context) => {
        const { token } = requireScope(context, 'apps:read').principal;
        const client = isNamedToken(token.kind) ? undefined : await clients(token.clientId);
        if (!client) return null;
        const { client_name, redirect_uris, tos_uri, logo_uri } = client.metadata as {
          client_name?: string;
          redirect_uris?: string[];
          tos_uri?: string;
          logo_uri?: string;
        };
        return {
          id: token.clientId,
          name: client_name ?? token.clientId,
          redirectUrl: redirect_uris?.[0] ?? '',
          termsAndConditionsLink: tos_uri,
          trustByDefault: false,
          logo: logo_uri,
        };
      },
    },
  },
});
