import type { TokenState } from './token-state.ts';

/**
 * Whether it is bound to a key (RFC 9449 §6) or a certificate (RFC 8705 §3): worth nothing without their
 * proof, which a bearer does not give.
 */
export const isSenderConstrained = ({ payload }: Pick<TokenState, 'payload'>): boolean =>
  payload?.['jkt'] !== undefined || payload?.['x5t#S256'] !== undefined;
