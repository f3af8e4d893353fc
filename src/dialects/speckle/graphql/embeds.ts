/**
 * Embed tokens: each reads one project, and is part of a URL that anyone can open. Writ knows no projects, so embed tokens
 * belong to their creators: people see and revoke their own, and the API that stores the project decides whether that
 * person can share it.
 */
import type { ShownToken } from '../../../domain/tokens/named/types.ts';
import { SpeckleError } from '../errors.ts';
import { speckleId } from '../ids.ts';
import { embedOf, readEmbed } from '../limits.ts';
import { lifespanOf, type SpeckleTokens } from '../tokens.ts';
import { requirePerson, requireScopeAt } from './access.ts';
import type { GraphqlPart } from './part.ts';
import type { createFindUser } from './users.ts';

const typeDefs = /* GraphQL */ `
  extend type Query {
    "A project, with its embed tokens."
    project(id: String!): Project!
  }

  extend type Mutation {
    projectMutations: ProjectMutations!
  }

  type Project {
    id: ID!
    "The embed tokens that you created, newest first. Requires tokens:read."
    embedTokens(cursor: String, limit: Int): EmbedTokenCollection!
  }

  type EmbedTokenCollection {
    items: [EmbedToken!]!
    totalCount: Int!
    cursor: String
  }

  type EmbedToken {
    tokenId: String!
    projectId: String!
    user: LimitedUser
    "The models and versions that the token was created for."
    resourceIdString: String!
    createdAt: DateTime!
    "In milliseconds."
    lifespan: BigInt!
    lastUsed: DateTime!
  }

  input EmbedTokenCreateInput {
    projectId: String!
    resourceIdString: String!
    "In milliseconds."
    lifespan: BigInt
  }

  type CreateEmbedTokenReturn {
    "The value. It is returned only here."
    token: String!
    tokenMetadata: EmbedToken!
  }

  type ProjectMutations {
    "Creates a token that can only read the project. Requires tokens:write."
    createEmbedToken(token: EmbedTokenCreateInput!): CreateEmbedTokenReturn!
    "Revokes one of your embed tokens, by its value or id. Requires tokens:write."
    revokeEmbedToken(token: String!, projectId: String!): Boolean!
    "Revokes all your embed tokens of the project. Requires tokens:write."
    revokeEmbedTokens(projectId: String!): Boolean!
  }
`;

interface EmbedTokenCreateInput {
  projectId: string;
  resourceIdString: string;
  lifespan?: number | null;
}

const defaultLimit = 10;
const maxLimit = 50;

export function createEmbedPart({
  tokens,
  findUser,
}: {
  tokens: SpeckleTokens;
  findUser: ReturnType<typeof createFindUser>;
}): GraphqlPart {
  const describeEmbed = (token: ShownToken) => ({
    ...readEmbed(token),
    tokenId: speckleId(token.id),
    accountId: token.accountId,
    createdAt: new Date(token.issuedAt * 1000),
    lifespan: lifespanOf(token),
    lastUsed: new Date((token.lastUsedAt ?? token.issuedAt) * 1000),
  });

  return {
    typeDefs,
    costs: { embedTokens: 20, user: 5 },
    resolvers: {
      Query: {
        project: (_source, { id }: { id: string }, context) => {
          requirePerson(context);
          return { id };
        },
      },
      Project: {
        embedTokens: async (
          { id }: { id: string },
          { cursor, limit }: { cursor?: string | null; limit?: number | null },
          context,
        ) => {
          const all = await tokens.listEmbeds(requireScopeAt(context, 'tokens:read', id), id);
          const from =
            cursor == null ? 0 : all.findIndex((token) => speckleId(token.id) === cursor) + 1;
          const items = all.slice(
            from,
            from + Math.min(Math.max(limit ?? defaultLimit, 0), maxLimit),
          );
          const last = items.at(-1);
          return {
            items: items.map(describeEmbed),
            totalCount: all.length,
            cursor: last ? speckleId(last.id) : null,
          };
        },
      },
      EmbedToken: {
        user: ({ accountId }: { accountId: string }) => findUser(accountId),
      },
      Mutation: { projectMutations: () => ({}) },
      ProjectMutations: {
        createEmbedToken: async (_source, { token }: { token: EmbedTokenCreateInput }, context) => {
          const { projectId, resourceIdString, lifespan } = token;
          const person = requireScopeAt(context, 'tokens:write', projectId);
          const created = await tokens.create(
            person,
            {
              name: `Embed ${projectId}`.slice(0, 80),
              lifespan,
              ...embedOf(projectId, resourceIdString),
            },
            (note) => context.notes.push(note),
          );
          return { token: created.value, tokenMetadata: describeEmbed(created.token) };
        },
        revokeEmbedToken: async (
          _source,
          { token, projectId }: { token: string; projectId: string },
          context,
        ) => {
          const revoked = await tokens.revokeEmbeds(
            requireScopeAt(context, 'tokens:write', projectId),
            projectId,
            token,
          );
          if (revoked === 0) throw new SpeckleError('USER_INPUT_ERROR', 'Embed token not found');
          return true;
        },
        revokeEmbedTokens: async (_source, { projectId }: { projectId: string }, context) => {
          await tokens.revokeEmbeds(requireScopeAt(context, 'tokens:write', projectId), projectId);
          return true;
        },
      },
    },
  };
}
