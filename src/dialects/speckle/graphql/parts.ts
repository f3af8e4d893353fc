import { OAuthError } from '../../../oauth/errors.ts';
import { readEmbed } from '../limits.ts';
import { createSpeckleTokens, type TokenDependencies } from '../tokens.ts';
import { type AppPartDependencies, createAppPart } from './apps.ts';
import { createEmbedPart } from './embeds.ts';
import type { GraphqlPart, Resolve } from './part.ts';
import { scalarsPart } from './scalars.ts';
import { createServerPart, type ServerPartDependencies } from './server-info.ts';
import { createTokensPart } from './tokens.ts';
import { createFindUser, createUserPart, type UserPartDependencies } from './users.ts';

export type PartDependencies = ServerPartDependencies &
  UserPartDependencies &
  TokenDependencies &
  AppPartDependencies;

/** The parts of the schema. */
export function createParts(dependencies: PartDependencies): GraphqlPart[] {
  const tokens = createSpeckleTokens(dependencies);
  const parts = [
    scalarsPart,
    createServerPart(dependencies),
    createUserPart(dependencies),
    createTokensPart({ tokens }),
    createEmbedPart({ tokens, findUser: createFindUser(dependencies) }),
    createAppPart(dependencies),
  ];
  return parts.map((part) => ({ ...part, resolvers: closedToEmbeds(part.resolvers) }));
}

/** The root fields that an embed token can query: it is part of a URL that anyone can open. */
const openToEmbeds = ['serverInfo', 'project'];

/** Wraps the root fields that are not open to embed tokens, so that they throw `access_denied` to them. */
const closedToEmbeds = (resolvers: GraphqlPart['resolvers']): GraphqlPart['resolvers'] =>
  Object.fromEntries(
    Object.entries(resolvers).map(([type, fields]) => [
      type,
      type === 'Query' || type === 'Mutation' ? closeFields(fields as Fields) : fields,
    ]),
  );

type Fields = Record<string, Resolve>;

const closeFields = (fields: Fields): Fields =>
  Object.fromEntries(
    Object.entries(fields).map(([name, resolve]): [string, Resolve] => [
      name,
      openToEmbeds.includes(name)
        ? resolve
        : (source, args, context) => {
            if (context.caller && readEmbed(context.caller.principal.token))
              throw new OAuthError('access_denied', 'An embed token can only read its project.');
            return resolve(source, args, context);
          },
    ]),
  );
