import { createSpeckleTokens, type TokenDependencies } from '../tokens.ts';
import { type AppPartDependencies, createAppPart } from './apps.ts';
import { createEmbedPart } from './embeds.ts';
import type { GraphqlPart } from './part.ts';
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
  return [
    scalarsPart,
    createServerPart(dependencies),
    createUserPart(dependencies),
    createTokensPart({ tokens }),
    createEmbedPart({ tokens, findUser: createFindUser(dependencies) }),
    createAppPart(dependencies),
  ];
}
