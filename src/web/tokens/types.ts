import type { PersonalTokens } from '../../domain/tokens/named/types.ts';
import type { Pages } from '../framework/page-guards.ts';

/** The dependencies of the pages of personal access tokens. */
export interface TokenDependencies {
  pages: Pages;
  personalTokens: PersonalTokens;
  /** Resources that the form of a new token leaves out, unless its URL names them. */
  hiddenResources: readonly string[];
}
