/** `POST /auth/logout`: the holder of a token revokes it, and its refresh token. */
import { dialectResources } from '../../../../config/dialects.ts';
import type { FindToken } from '../../../domain/tokens/find-by-value.ts';
import type { RevokeWithGrant } from '../../../domain/tokens/revocation.ts';
import type { TokenState } from '../../../domain/tokens/token-state.ts';
import { OAuthError } from '../../../oauth/errors.ts';
import { readObject } from '../../framework/body.ts';
import type { Handler } from '../../framework/dialect.ts';
import { WrongToken } from './errors.ts';

export interface LogoutDependencies {
  find: FindToken;
  revokeWithGrant: RevokeWithGrant;
}

/** Speckle's error, whatever the cause. */
const failed = () => new WrongToken('Something went wrong while trying to logout.');

/**
 * Revokes an access token or personal access token of the dialect, and a refresh token with its whole grant. Tokens that
 * are already revoked or expired are accepted. If a value is not a token of the dialect, nothing is revoked.
 */
export const createLogout =
  ({ find, revokeWithGrant }: LogoutDependencies): Handler =>
  async (ctx) => {
    const { token, refreshToken } = await readObject(ctx).catch((cause: unknown) => {
      throw cause instanceof OAuthError && cause.status < 413 ? failed() : cause;
    });
    const states = await Promise.all(
      [token, ...(refreshToken ? [refreshToken] : [])].map(async (value) => {
        const state = typeof value === 'string' ? await find(value) : undefined;
        if (!state || !isOfSpeckle(state)) throw failed();
        return state;
      }),
    );
    for (const state of states) await revokeWithGrant(state, ownerOf(state));
    ctx.set('Cache-Control', 'no-store');
    ctx.body = { message: 'You have logged out.' };
  };

const isOfSpeckle = ({ audience, payload, grant }: TokenState): boolean => {
  const granted = Object.keys((grant?.['resources'] ?? {}) as object);
  return [...(audience ?? []), ...[payload?.['resource']].flat(), ...granted].includes(
    dialectResources.speckle,
  );
};

const ownerOf = ({ accountId, clientId }: TokenState) =>
  accountId === null
    ? ({ kind: 'client', id: clientId } as const)
    : ({ kind: 'account', id: accountId } as const);
