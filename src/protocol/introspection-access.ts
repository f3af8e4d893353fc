/** WHO CAN INTROSPECT (RFC 7662 §2.1, §4): which clients, and which tokens each of them sees. */
import { isPublic } from '../domain/clients/client-types.ts';
import type { Client } from '../domain/clients/lookup.ts';
import type { TokenState } from '../domain/tokens/token-state.ts';
import { OAuthError } from '../oauth/errors.ts';

/** Throws `invalid_client` for a public client, which cannot authenticate (RFC 7662 §2.1). */
export function assertMayIntrospect(client: Client): void {
  if (isPublic(client.metadata))
    throw new OAuthError(
      'invalid_client',
      'A public client cannot introspect tokens. Use a client with a secret or a key.',
    );
}

/**
 * Whether a client sees a token: it must be the client's own, or an access token for a resource that the client
 * serves. Any other token is reported as inactive, as if it did not exist (RFC 7662 §2.2, §4).
 */
export function mayIntrospect(client: Client, token: TokenState): boolean {
  // API keys are valid only at Writ's own API, which looks them up itself.
  if (token.kind === 'api_key') return false;
  if (token.client === client.id) return true;
  return (
    token.kind !== 'refresh_token' &&
    (token.audience?.some((audience) => client.resourceServerFor.includes(audience)) ?? false)
  );
}
