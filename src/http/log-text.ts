import type { Context } from 'koa';

/** The paths to log instead of request paths that contain something private. */
const shownPaths = new WeakMap<Context['req'], string>();

/** Logs a request under another path. */
export const logPathAs = ({ req }: Pick<Context, 'req'>, path: string): void =>
  void shownPaths.set(req, path);

/**
 * The path of a request for the log: not parsed, because a malformed target would throw, without the query, and
 * without tokens that a caller put into the path.
 */
export const targetOf = ({ req }: Pick<Context, 'req'>): string =>
  (shownPaths.get(req) ?? withoutTokens((req.url ?? '').split('?', 1)[0] ?? '')).slice(0, 500);

/** Redacts what looks like a token, or like a sealed value: links of emails are in paths, also of requests that are refused. */
export const withoutTokens = (text: string): string =>
  text.replace(/\b(writ_[a-z]+_|eyJ)[\w.~-]{8,}/g, '$1[…]').replace(/[\w-]{80,}/g, '[…]');
