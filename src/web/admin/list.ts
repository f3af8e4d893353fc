import type { Context } from 'koa';
import { decodeCursor } from '../../http/cursor.ts';
import { queryValue } from '../../http/form.ts';
import { withoutTokens } from '../../http/log-text.ts';
import { OAuthError } from '../../oauth/errors.ts';

/** How many items a page of a list shows. */
export const pageSize = 50;

/** The page of a list that a request asks for. Throws `invalid_request` for a cursor that no page gave. */
export function pageAsked(ctx: Context): { after: string | undefined; limit: number } {
  const given = queryValue(ctx, 'after');
  const after = given === null ? undefined : decodeCursor(given);
  if (given !== null && after === undefined)
    throw new OAuthError('invalid_request', 'There is no such page of this list.');
  return { after, limit: pageSize };
}

/** The path of a list with this query; empty values are left out. */
export function listPath(
  path: string,
  query: Readonly<Record<string, string | null | undefined>>,
): string {
  const set = Object.entries(query).filter((entry): entry is [string, string] => !!entry[1]);
  return set.length === 0 ? path : `${path}?${new URLSearchParams(set)}`;
}

/** The pages before and after this one, for `pager` (`views/admin/list.ts`). */
export const pagesAround = (
  ctx: Context,
  path: string,
  next: string | null,
  query: Readonly<Record<string, string | null | undefined>> = {},
): { next: string | undefined; first: string | undefined } => ({
  next: next === null ? undefined : listPath(path, { ...query, after: next }),
  first: queryValue(ctx, 'after') === null ? undefined : listPath(path, query),
});

/** Whether a text has a credential, by what the log would redact: it does not belong in an address. */
export const hasToken = (text: string): boolean =>
  withoutTokens(text) !== text || /\bbearer\s/i.test(text);

/** The path of a page with its query, to which people return after signing in; without the query if it has a credential. */
export function pathToReturnTo({ path, search }: Pick<Context, 'path' | 'search'>): string {
  const values = [...new URLSearchParams(search)].flat();
  return values.some(hasToken) ? path : path + search;
}
