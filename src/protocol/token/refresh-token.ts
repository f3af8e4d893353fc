/** THE REFRESH TOKEN GRANT (RFC 6749 §6): rotation, reuse detection, and the parties of the new tokens. */
import { lifetimes } from '../../../config/lifetimes.ts';
import type { TokenState } from '../../domain/tokens/token-state.ts';
import { publicId } from '../../domain/tokens/value.ts';
import type { EngineClient } from '../engine/models.ts';
import { currentScope, type RedemptionPolicy } from '../engine/request-scope.ts';
import { idleLifetime, type RefreshTokenSettings } from './lifetime.ts';
import { cacheParties } from './parties.ts';

/**
 * Whether a client's refresh tokens rotate: always for public clients (RFC 9700 §2.2.2), for confidential ones if they
 * are registered so or their tokens expire when unused, because only a successor can postpone that expiry. Clients with
 * the profile `fapi2` rotate only if their own metadata says so (FAPI 2.0 Security Profile §5.3.2.1).
 */
export const rotatesRefreshTokens = (
  client: EngineClient | undefined,
  settings: RefreshTokenSettings,
): boolean =>
  client?.clientAuthMethod === 'none' ||
  client?.rotate_refresh_tokens === true ||
  idleLifetime(client, settings) !== undefined;

/**
 * A rotated token that is presented again within the replay window gets the same response again. After the window this
 * is reuse and revokes the grant (RFC 9700 §4.14.2).
 */
export const refreshTokenRedemption = {
  retainSeconds: lifetimes.redemptionWindow,
  repeatsResponse: true,
  isConcealed: ({ withinWindow }: Pick<TokenState, 'withinWindow'>) => withinWindow,
  revokesOnOtherUse: false,
} satisfies RedemptionPolicy;

/** Whether the engine sees a token as consumed. */
export const isConsumed = (state: TokenState): boolean =>
  state.consumed && !(currentScope()?.work && refreshTokenRedemption.isConcealed(state));

/**
 * Caches the account and grant of a refresh token for the tokens that replace it, which saves a read and gives them
 * the same epochs. Also remembers the token if this is reuse, for the audit record of the revocation.
 */
export function rememberRefreshToken(state: TokenState): void {
  const { accountId, accountEpoch, grantId, grantEpoch, clientId } = state;
  if (accountId && grantId)
    cacheParties(
      { id: accountId, roles: state.roles.map(([name]) => name), epoch: accountEpoch },
      { id: grantId, accountId, clientId, epoch: grantEpoch, payload: state.grant ?? {} },
    );
  const work = currentScope()?.work;
  if (work && isConsumed(state)) work.reused = publicId(state.id);
}
