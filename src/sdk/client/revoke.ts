import { discover, postForm } from './requests.ts';
import { type ClientOptions, TokenError, type Tokens } from './types.ts';

/**
 * Ends a login at the server (RFC 7009): revokes its refresh token, and with it the whole login; without one, its access
 * token.
 */
export async function revoke(options: ClientOptions, tokens: Tokens): Promise<void> {
  const { revocation } = await discover(options);
  if (!revocation)
    throw new TokenError(`${options.issuer} has no revocation endpoint.`, { status: 0 });
  await postForm(revocation, options, { token: tokens.refreshToken ?? tokens.accessToken });
}
