import type { TokenState } from './token-state.ts';

/**
 * Whether a token is bound to a DPoP key (RFC 9449 §6) or a client certificate (RFC 8705 §3). Such a token must not be
 * accepted without a proof of possession, so not as a bearer token.
 */
export const isSenderConstrained = ({ payload }: Pick<TokenState, 'payload'>): boolean =>
  payload?.['jkt'] !== undefined || payload?.['x5t#S256'] !== undefined;
