/** `/account/tokens`: the personal access tokens of the person who is signed in. */
import type Router from '@koa/router';
import { tokenListPage } from './list.ts';
import { newTokenPages } from './new.ts';
import { tokenPages } from './token.ts';
import type { TokenDependencies } from './types.ts';

export function personalTokenPages(router: Router, dependencies: TokenDependencies): void {
  tokenListPage(router, dependencies);
  // Before the page of a token, whose path also matches `new`.
  newTokenPages(router, dependencies);
  tokenPages(router, dependencies);
}
