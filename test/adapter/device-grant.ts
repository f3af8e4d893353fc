import { errors, type KoaContextWithOIDC, type Provider } from 'oidc-provider';

/**
 * What RFC 8628 §3.4 does at the token endpoint, in short, until the endpoint does it: the steps that
 * touch the adapter are the engine's own, in its order.
 */
export async function redeemDeviceCode(provider: Provider, ctx: KoaContextWithOIDC): Promise<void> {
  const { client, params = {} } = ctx.oidc;
  const code = await provider.DeviceCode.find(String(params['device_code']), {
    ignoreExpiration: true,
  });
  if (!code || !client) throw new errors.InvalidGrant('device code not found');
  if (code.consumed) {
    await provider.Grant.adapter.revokeByGrantId(String(code.grantId));
    throw new errors.InvalidGrant('device code already consumed');
  }
  if (code.isExpired) throw new errors.ExpiredToken('device code is expired');
  const { accountId, grantId, scope } = code;
  await code.consume();
  const grant = await provider.Grant.find(String(grantId));
  if (!grant) throw new errors.InvalidGrant('grant not found');
  const common = { accountId, grantId, scope, client, gty: 'device_code' };
  const refresh = await new provider.RefreshToken(common as never).save();
  const access = await new provider.AccessToken(common as never).save();
  ctx.body = { access_token: access, refresh_token: refresh, token_type: 'Bearer' };
}
