import type { Context } from 'koa';

/** Paths of requests as the log has them, where something in them is nobody's business. */
const shownPaths = new WeakMap<Context['req'], string>();

/** Lets the log have another path of a request than it came to. */
export const showPathAs = ({ req }: Pick<Context, 'req'>, path: string): void =>
  void shownPaths.set(req, path);

/**
 * Where a request went, for the log: without parsing, which a strange target defeats, without the
 * query, and without what somebody took for a path and is a token.
 */
export const targetOf = ({ req }: Pick<Context, 'req'>): string =>
  (shownPaths.get(req) ?? withoutTokens((req.url ?? '').split('?', 1)[0] ?? '')).slice(0, 500);

/** A text for the log, without what looks like a token. */
export const withoutTokens = (text: string): string =>
  text.replace(/\b(writ_[a-z]+_|eyJ)[\w.~-]{8,}/g, '$1[…]');
