import type { GraphqlPart } from './part.ts';
import { createServerPart, type ServerPartDependencies } from './server-info.ts';

export type PartDependencies = ServerPartDependencies;

/** The parts of the schema. */
export const createParts = (dependencies: PartDependencies): GraphqlPart[] => [
  createServerPart(dependencies),
];
