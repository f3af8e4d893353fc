import type { TokenState } from './token-state.ts';

/**
 * Whether a request may use a token: one that is bound to a DPoP key only with a proof of that key, whose thumbprint is
 * `jkt`, and one that is not bound only without a proof (RFC 9449 §7.1). Proofs of certificates are not supported.
 */
export const isProvenBy = (state: Pick<TokenState, 'payload'>, jkt: string | undefined): boolean =>
  jkt === undefined
    ? !isSenderConstrained(state)
    : state.payload?.['jkt'] === jkt && state.payload['x5t#S256'] === undefined;

/**
 * Whether a token is bound to a DPoP key (RFC 9449 §6) or a client certificate (RFC 8705 §3). Such a token must not be
 * accepted without a proof of possession, so not as a bearer token.
 */
export const isSenderConstrained = ({ payload }: Pick<TokenState, 'payload'>): boolean =>
  payload?.['jkt'] !== undefined || payload?.['x5t#S256'] !== undefined;
