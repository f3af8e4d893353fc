/** THE DEVICE AUTHORIZATION ENDPOINT (RFC 8628 §3.1 and §3.2). */

import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import { lifetimes } from '../../config/lifetimes.ts';
import { formatUserCode } from '../domain/grants/device/user-code.ts';
import type { DeviceInfo } from '../domain/grants/types.ts';
import { plainAddress } from '../domain/limits/ip-address.ts';
import { userAgentOf } from '../http/text.ts';
import { grantTypes } from '../oauth/grant-types.ts';
import { urlOf } from '../oauth/issuer.ts';
import { endpoints } from '../oauth/paths.ts';
import { scopeTokens } from '../oauth/scope.ts';
import { engineContextOf } from './engine/models.ts';
import { describeRefusedGrant } from './token/refusals.ts';
import { resolveScope } from './token/scope.ts';

/**
 * The device information stored with a device authorization request (RFC 8628 §3.1). The engine calls this once the
 * resources are known, which makes it the place to resolve the scope as well.
 */
export function deviceInfo(ctx: KoaContextWithOIDC): DeviceInfo {
  resolveScope(ctx, scopeTokens(ctx.oidc.params?.['scope'] as string | undefined));
  return { ip: plainAddress(ctx.ip) || null, userAgent: userAgentOf(ctx) };
}

/** Adds the members of the response (RFC 8628 §3.2) that the engine omits: `interval` and the URL of the QR code. */
export function completeDeviceAuthorizationResponse(provider: Provider, issuer: string): void {
  provider.use(async (context, next) => {
    await next();
    const ctx = engineContextOf(context);
    const code = ctx?.oidc.entities.DeviceCode;
    if (ctx?.oidc.route !== 'device_authorization' || !code || ctx.status !== 200) return;
    const shown = formatUserCode(code.userCode);
    const page = urlOf(issuer, endpoints.code_verification);
    ctx.body = {
      ...(ctx.body as object),
      user_code: shown,
      verification_uri: page,
      verification_uri_complete: `${page}?user_code=${shown}`,
      verification_uri_qr: `${page}/qr.svg?user_code=${shown}`,
      interval: lifetimes.devicePollInterval,
    };
  });
}

/**
 * Tells a client that sends no credentials, and has to, that it is not allowed the device grant either: it was created
 * without `--device`, and a secret would not help. The response is `unauthorized_client` (RFC 6749 §5.2).
 */
export function explainMissingDeviceGrant(provider: Provider): void {
  provider.use(async (context, next) => {
    await next();
    const ctx = engineContextOf(context);
    if (!ctx || !isForDevice(ctx) || (ctx.body as { error?: string })?.error !== 'invalid_client')
      return;
    const { client, params } = ctx.oidc;
    const hasCredentials =
      ctx.get('authorization') || params?.['client_secret'] || params?.['client_assertion'];
    if (!client || hasCredentials || client.grantTypes?.includes(grantTypes.deviceCode)) return;
    ctx.status = 400;
    ctx.body = {
      error: 'unauthorized_client',
      error_description: describeRefusedGrant(client, grantTypes.deviceCode),
    };
  });
}

const isForDevice = ({ oidc }: KoaContextWithOIDC): boolean =>
  oidc.route === 'device_authorization' ||
  (oidc.route === 'token' && oidc.params?.['grant_type'] === grantTypes.deviceCode);
