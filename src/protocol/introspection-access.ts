/** WHO MAY INTROSPECT (RFC 7662 §2.1, §4): which clients may ask, and which tokens each may see. */
import { isPublic } from '../domain/clients/client-types.ts';
import type { Client } from '../domain/clients/lookup.ts';
import type { TokenState } from '../domain/tokens/token-state.ts';
import { OAuthError } from '../oauth/errors.ts';

/** A public client does not authenticate, and introspection is for those that do. Throws `invalid_client`. */
export function assertMayAsk(client: Client): void {
  if (isPublic(client.metadata))
    throw new OAuthError('invalid_client', 'A public client cannot introspect tokens.');
}

/**
 * Whether a client may see a token: one of its own, or an access token for a resource whose server it is. Every
 * other token is inactive to it, as if it did not exist (RFC 7662 §2.2, §4).
 */
export function mayIntrospect(client: Client, token: TokenState): boolean {
  // API keys are for Writ's own API only, which looks them up itself.
  if (token.kind === 'api_key') return false;
  if (token.client === client.id) return true;
  return (
    token.kind !== 'refresh_token' &&
    (token.audience?.some((audience) => client.resourceServerFor.includes(audience)) ?? false)
  );
}
