import type { Context } from 'koa';

/**
 * Where a request went, for the log: without parsing, which a strange target defeats, without the
 * query, and without what somebody took for a path and is a token.
 */
export const targetOf = ({ req }: Pick<Context, 'req'>): string =>
  withoutTokens((req.url ?? '').split('?', 1)[0] ?? '').slice(0, 500);

/** A text for the log, without what looks like a token. */
export const withoutTokens = (text: string): string =>
  text.replace(/\b(writ_[a-z]+_|eyJ)[\w.~-]{8,}/g, '$1[…]');
