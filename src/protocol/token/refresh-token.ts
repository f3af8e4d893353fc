/** THE REFRESH TOKEN GRANT (RFC 6749 §6): rotation, reuse, and the parties of what is issued. */
import { lifetimes } from '../../../config/lifetimes.ts';
import type { TokenState } from '../../domain/tokens/token-state.ts';
import { publicId } from '../../domain/tokens/value.ts';
import type { EngineClient } from '../engine/models.ts';
import { currentScope, type RedemptionPolicy } from '../engine/request-scope.ts';
import { idleLifetime, type RefreshTokenSettings } from './lifetime.ts';
import { cacheParties } from './parties.ts';

/**
 * Public clients always rotate (RFC 9700 §2.2.2), confidential ones where they are registered so, and where a
 * token that goes unused ends: the successor is what moves that end along.
 */
export const rotatesRefreshTokens = (
  client: EngineClient | undefined,
  settings: RefreshTokenSettings,
): boolean =>
  client?.clientAuthMethod === 'none' ||
  client?.rotate_refresh_tokens === true ||
  idleLifetime(client, settings) !== undefined;

/**
 * A rotated token that is presented again within the window gets the same response again; after the window
 * it is reuse, and revokes the grant (RFC 9700 §4.14.2).
 */
export const refreshTokenRedemption = {
  retainSeconds: lifetimes.redemptionWindow,
  repeatsResponse: true,
  isConcealed: ({ withinWindow }: Pick<TokenState, 'withinWindow'>) => withinWindow,
  revokesOnOtherUse: false,
} satisfies RedemptionPolicy;

/** Whether the engine is told that a token was consumed. */
export const isConsumed = (state: TokenState): boolean =>
  state.consumed && !(currentScope()?.work && refreshTokenRedemption.isConcealed(state));

/**
 * Remembers what a refresh token was read with: its account and grant, so that the tokens issued for it are
 * of the same epochs and nothing is read twice; and whether this is reuse, for the record of the revocation.
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
