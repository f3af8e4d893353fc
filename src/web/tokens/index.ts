import type Router from '@koa/router';
import type { PersonalTokens } from '../../domain/tokens/named/index.ts';
import type { Pages } from '../framework/pages.ts';
import { tokenListPage } from './list.ts';
import { tokenMakingPages } from './new.ts';
import { tokenPages } from './token.ts';

export interface TokenDependencies {
  pages: Pages;
  personalTokens: PersonalTokens;
}

/** `/account/tokens`: the personal access tokens of whoever is signed in. */
export function personalTokenPages(router: Router, dependencies: TokenDependencies): void {
  tokenListPage(router, dependencies);
  // Before those of a token, whose address could be anything.
  tokenMakingPages(router, dependencies);
  tokenPages(router, dependencies);
}
