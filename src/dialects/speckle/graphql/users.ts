/** `activeUser`, the deprecated `user`, and the public profiles of other people. */
import { administratorRole } from '../../../../config/roles.ts';
import type { AccountDescription, Accounts } from '../../../domain/accounts/accounts.ts';
import { OAuthError } from '../../../oauth/errors.ts';
import { requireScope } from './access.ts';
import type { SpeckleContext } from './context.ts';
import type { GraphqlPart } from './part.ts';

export interface UserPartDependencies {
  accounts: Pick<Accounts, 'describe'>;
}

const typeDefs = /* GraphQL */ `
  extend type Query {
    "The person of the token; null without one."
    activeUser: User
    "The person of the token, also by their own id."
    user(id: String): User @deprecated(reason: "Use activeUser or otherUser.")
    "The public profile of a person. Requires users:read."
    otherUser(id: String!): LimitedUser
  }

  "The person of the token."
  type User {
    id: ID!
    suuid: String @deprecated(reason: "Use id.")
    "Null unless the token has profile:email."
    email: String
    name: String!
    bio: String
    company: String
    avatar: String
    verified: Boolean
    role: String
    createdAt: DateTime
    "The API that the token is for stores the streams; query them there."
    streams(limit: Int, cursor: String): StreamCollection
      @deprecated(reason: "Query the API that stores the streams.")
  }

  type LimitedUser {
    id: ID!
    name: String!
    bio: String
    company: String
    avatar: String
    verified: Boolean
    role: String
  }

  type StreamCollection {
    totalCount: Int!
    cursor: String
  }
`;

const describeUser = (account: AccountDescription) => ({
  id: account.id,
  suuid: account.id,
  name: account.name,
  // The administrator who entered the email address verified it.
  verified: account.email !== null,
  role: account.roles.includes(administratorRole) ? 'server:admin' : 'server:user',
  email: account.email,
  createdAt: account.created_at,
});

/** Finds a person; null if the account does not exist or is disabled. */
export const createFindUser =
  ({ accounts }: UserPartDependencies) =>
  async (id: string) => {
    const account = await accounts.describe(id);
    return account && account.disabled_at === null ? describeUser(account) : null;
  };

export function createUserPart(dependencies: UserPartDependencies): GraphqlPart {
  const active = createFindUser(dependencies);
  const self = (context: SpeckleContext) =>
    context.caller ? active(requireScope(context, 'profile:read').accountId) : null;

  return {
    typeDefs,
    costs: { activeUser: 5, user: 5, otherUser: 5 },
    resolvers: {
      Query: {
        activeUser: (_source, _args, context) => self(context),
        user: async (_source, { id }: { id?: string | null }, context) => {
          const found = await self(context);
          if (id != null && found && id !== found.id)
            throw new OAuthError('access_denied', 'Use otherUser for other people.');
          return found;
        },
        otherUser: (_source, { id }: { id: string }, context) => {
          requireScope(context, 'users:read');
          return active(id);
        },
      },
      User: {
        email: ({ email }: { email: string | null }, _args, { caller }) =>
          caller?.scopes.has('profile:email') ? email : null,
        streams: () => {
          throw new OAuthError(
            'not_found',
            'Writ does not store streams: query the API that the token is for.',
          );
        },
      },
    },
  };
}
