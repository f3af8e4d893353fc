import type { Client } from '../domain/clients/lookup.ts';
import type { Grants } from '../domain/grants.ts';
import type { TokenState } from '../domain/tokens/lookup.ts';
import type { RevokeToken } from '../domain/tokens/revocation.ts';
import { OAuthError } from '../oauth/errors.ts';

/**
 * Ends a token for its own client (RFC 7009 §2). With a refresh token ends its grant, and so every
 * token of the login, also by one that was rotated away since. A token that is gone is as good as
 * revoked; one of another client is refused (§2.1).
 */
export function createRevoke({ revoke, grants }: { revoke: RevokeToken; grants: Grants }) {
  return async (state: TokenState | undefined, client: Client): Promise<void> => {
    if (!state) return;
    if (state.client !== client.id)
      throw new OAuthError('unauthorized_client', 'The token belongs to another client.');
    if (state.kind === 'refresh_token' && state.grantId) await grants.revoke(state.grantId);
    else await revoke(state.id);
  };
}
