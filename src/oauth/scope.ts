/** Splits a scope (RFC 6749 §3.3) into its tokens. */
export const scopeTokens = (scope: string | null | undefined): string[] =>
  scope?.split(' ').filter(Boolean) ?? [];

/** A scope-token: printable ASCII without space, quote and backslash. */
export const scopeTokenPattern = /^[\x21\x23-\x5B\x5D-\x7E]+$/;
