import type { TokenState } from './token-state.ts';

/** What a request proves: the thumbprint of the key of its DPoP proof, and that of its client certificate. */
export interface Proofs {
  jkt?: string | undefined;
  certificate?: string | undefined;
}

/**
 * Whether a request may use a token: one that is bound to a DPoP key only with a proof of that key, and one that is not only
 * without a proof (RFC 9449 §7.1); one that is bound to a certificate only with that certificate (RFC 8705 §3).
 */
export const isProvenBy = (
  { payload }: Pick<TokenState, 'payload'>,
  { jkt, certificate }: Proofs,
): boolean => {
  const bound = payload?.['x5t#S256'];
  return payload?.['jkt'] === jkt && (bound === undefined || bound === certificate);
};

/**
 * Whether a token is bound to a DPoP key (RFC 9449 §6) or a client certificate (RFC 8705 §3). Such a token must not be
 * accepted without a proof of possession, so not as a bearer token.
 */
export const isSenderConstrained = ({ payload }: Pick<TokenState, 'payload'>): boolean =>
  payload?.['jkt'] !== undefined || payload?.['x5t#S256'] !== undefined;
