import type { Client } from '../domain/clients/lookup.ts';
import type { TokenState } from '../domain/tokens/lookup.ts';
import type { EndToken } from '../domain/tokens/revocation.ts';
import { OAuthError } from '../oauth/errors.ts';

/**
 * Ends a token for its own client (RFC 7009 §2). One that is gone is as good as revoked; one of
 * another client is refused (§2.1).
 */
export function createRevoke({ end }: { end: EndToken }) {
  return async (state: TokenState | undefined, client: Client, ip: string): Promise<void> => {
    if (!state) return;
    if (state.client !== client.id)
      throw new OAuthError('unauthorized_client', 'The token belongs to another client.');
    await end(state, { kind: 'client', id: client.clientId, ip });
  };
}
