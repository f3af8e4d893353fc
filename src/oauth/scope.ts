/** Splits a scope (RFC 6749 §3.3) into its tokens. */
export const scopeTokens = (scope: string | null | undefined): string[] =>
  scope?.split(' ').filter(Boolean) ?? [];

/** A scope token: printable ASCII except space, `"` and `\`. */
const scopeTokenPattern = /^[\x21\x23-\x5B\x5D-\x7E]+$/;

/** Whether a text is a single scope token (RFC 6749 §3.3). */
export const isScopeToken = (text: string): boolean => scopeTokenPattern.test(text);

/** Whether a text is a scope: scope tokens separated by single spaces (RFC 6749 §3.3). An empty text has none. */
export const isScope = (text: string): boolean =>
  text === '' || text.split(' ').every(isScopeToken);
