import type { PersonalTokens } from '../../domain/tokens/named/types.ts';
import type { Pages } from '../framework/page-guards.ts';

/** What the pages of personal access tokens need. */
export interface TokenDependencies {
  pages: Pages;
  personalTokens: PersonalTokens;
}
