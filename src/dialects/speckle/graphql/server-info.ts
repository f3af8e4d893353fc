/** `serverInfo`: clients query it first, also without a token. */
import type { Resources } from '../../../domain/resources/resources.ts';
import { urlOf } from '../../../oauth/issuer.ts';
import type { GraphqlPart } from './part.ts';

export interface ServerPartDependencies {
  issuer: string;
  /** The brand name of the installation. */
  brandName: string;
  resources: Pick<Resources, 'find'>;
  /** The identifier of Speckle's resource. */
  resource: string;
}

/** The version of Speckle's server that this API corresponds to; clients derive features from it. */
const version = '2.28.0-writ';

const roles = [
  { id: 'server:admin', title: 'Admin' },
  { id: 'server:user', title: 'User' },
];

const typeDefs = /* GraphQL */ `
  extend type Query {
    serverInfo: ServerInfo!
  }

  "Information about this server."
  type ServerInfo {
    name: String!
    company: String
    description: String
    adminContact: String
    canonicalUrl: String
    termsOfService: String
    inviteOnly: Boolean
    guestModeEnabled: Boolean!
    version: String
    migration: ServerMigration
    serverRoles: [ServerRoleItem!]!
    "The scopes that tokens can have."
    scopes: [Scope!]!
    "How people sign in."
    authStrategies: [AuthStrategy!]!
    workspaces: ServerWorkspacesInfo!
  }

  type ServerMigration {
    movedFrom: String
    movedTo: String
  }

  type ServerRoleItem {
    id: String!
    title: String!
  }

  type Scope {
    name: String!
    description: String!
  }

  type AuthStrategy {
    id: String!
    name: String!
    icon: String!
    url: String!
    color: String
  }

  type ServerWorkspacesInfo {
    "The API that stores the streams manages workspaces."
    workspacesEnabled: Boolean!
  }
`;

export const createServerPart = ({
  issuer,
  brandName,
  resources,
  resource,
}: ServerPartDependencies): GraphqlPart => ({
  typeDefs,
  costs: { serverInfo: 5 },
  resolvers: {
    Query: {
      serverInfo: () => ({
        name: brandName,
        canonicalUrl: issuer,
        // Only administrators create accounts.
        inviteOnly: true,
        guestModeEnabled: false,
        version,
        serverRoles: roles,
        authStrategies: [
          { id: 'local', name: brandName, icon: 'mdi-login', url: urlOf(issuer, '/sign-in') },
        ],
        workspaces: { workspacesEnabled: false },
      }),
    },
    ServerInfo: {
      scopes: async () => (await resources.find(resource))?.scopes ?? [],
    },
  },
});
