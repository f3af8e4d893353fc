import type Router from '@koa/router';
import { tokenListPage } from './list.ts';
import { tokenMakingPages } from './new.ts';
import { tokenPages } from './token.ts';
import type { TokenDependencies } from './types.ts';

/** `/account/tokens`: the personal access tokens of whoever is signed in. */
export function personalTokenPages(router: Router, dependencies: TokenDependencies): void {
  tokenListPage(router, dependencies);
  // Before those of a token, whose address could be anything.
  tokenMakingPages(router, dependencies);
  tokenPages(router, dependencies);
}
