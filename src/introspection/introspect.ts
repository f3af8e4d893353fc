import type { Client } from '../domain/clients/lookup.ts';
import { entitlementsOf } from '../domain/entitlements.ts';
import type { TokenState } from '../domain/tokens/lookup.ts';
import { publicId } from '../domain/tokens/value.ts';
import { scopeTokens } from '../oauth/names.ts';

/** Whether a token is anything to the one who asks. What is not is answered as if it did not exist. */
function concerns(state: TokenState, asker: Client): boolean {
  // It opens Writ's own API alone, which asks the store itself: it has no business anywhere else.
  if (state.kind === 'api_key') return false;
  if (state.client === asker.id) return true;
  return (
    state.kind !== 'refresh_token' &&
    (state.audience?.some((audience) => asker.resourceServerFor.includes(audience)) ?? false)
  );
}

/** The introspection response (RFC 7662 §2.2) for one who may ask, with today's roles and scope. */
export function introspectionResponse(
  issuer: string,
  state: TokenState | undefined,
  asker: Client,
): object {
  if (!state?.alive || state.consumed || !concerns(state, asker)) return { active: false };
  const { payload } = state;
  const scope = scopeToday(state);
  const confirmation = {
    ...(payload?.['jkt'] !== undefined && { jkt: payload['jkt'] }),
    ...(payload?.['x5t#S256'] !== undefined && { 'x5t#S256': payload['x5t#S256'] }),
  };
  return {
    active: true,
    iss: issuer,
    client_id: state.clientId,
    sub: state.accountId ?? state.clientId,
    ...(state.audience && {
      aud: state.audience.length === 1 ? state.audience[0] : state.audience,
    }),
    ...(scope && { scope }),
    iat: state.issuedAt,
    ...(state.expiresAt !== null && { exp: state.expiresAt }),
    jti: publicId(state.id),
    ...(state.kind !== 'refresh_token' && {
      token_type: payload?.['jkt'] ? 'DPoP' : 'Bearer',
      ...entitlementsOf(state.roles),
    }),
    ...(payload?.['rar'] !== undefined && { authorization_details: payload['rar'] }),
    ...(Object.keys(confirmation).length > 0 && { cnf: confirmation }),
  };
}

/** The token's scope within what its client may ask for today. */
function scopeToday({ scope, clientScope, accountId }: TokenState): string | null {
  if (!scope || clientScope === null || accountId) return scope;
  const allowed = new Set(scopeTokens(clientScope));
  return scopeTokens(scope)
    .filter((token) => allowed.has(token))
    .join(' ');
}
