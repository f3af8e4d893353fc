import { errors, type KoaContextWithOIDC, type Provider } from 'oidc-provider';
import { lifetimes } from '../../../config/lifetimes.ts';
import { openIdScopes } from '../../../config/scopes.ts';
import { plainAddress } from '../../domain/address.ts';
import { showUserCode } from '../../domain/user-code.ts';
import { endpoints } from '../../oauth/endpoints.ts';
import { scopeTokens } from '../../oauth/names.ts';

/** What the person who answers is shown of the device. */
export type DeviceInfo = {
  ip: string | null;
  userAgent: string | null;
};

const longestUserAgent = 500;

/**
 * What the device authorization request (RFC 8628 §3.1) tells of its device. The engine asks for it
 * once the resources are known, so this is also where the scope is settled: one that is asked for is
 * there in whole or the request is refused; without one, it is what the client is registered with.
 */
export function deviceInfo(ctx: KoaContextWithOIDC): DeviceInfo {
  settleScope(ctx);
  const userAgent = ctx.get('user-agent').slice(0, longestUserAgent);
  return {
    ip: plainAddress(ctx.ip) || null,
    userAgent: userAgent || null,
  };
}

function settleScope({ oidc }: KoaContextWithOIDC): void {
  const { client, params, resourceServers } = oidc;
  if (!client || !params) return;
  const { allowed_scope: registered } = client as { allowed_scope?: string };
  const ofResources = Object.values(resourceServers ?? {}).flatMap((resourceServer) =>
    scopeTokens((resourceServer as unknown as { scope?: string }).scope),
  );
  const allowed = new Set([...ofResources, ...allowedOpenIdScopes(registered)]);
  const asked = scopeTokens(params['scope'] as string | undefined);
  const refused = asked.filter((scope) => !allowed.has(scope));
  if (refused.length > 0)
    throw new errors.InvalidScope(
      'the requested resource does not have this scope, or the client may not have it',
      refused.join(' '),
    );
  if (asked.length === 0) {
    const standard = scopeTokens(registered).filter((scope) => allowed.has(scope));
    params['scope'] = standard.length > 0 ? standard.join(' ') : undefined;
  }
}

/** A client that is registered with a scope may have no other (RFC 7591 §2). */
export function allowedOpenIdScopes(registered: string | undefined): string[] {
  if (registered === undefined) return [...openIdScopes];
  const allowed = new Set(scopeTokens(registered));
  return openIdScopes.filter((scope) => allowed.has(scope));
}

/** Adds what the engine leaves out of the response (RFC 8628 §3.2): the interval, and where the QR code is. */
export function completeResponse(provider: Provider, issuer: string): void {
  provider.use(async (context, next) => {
    await next();
    const ctx = context as unknown as KoaContextWithOIDC;
    if (ctx.oidc?.route !== 'device_authorization' || ctx.status !== 200) return;
    const { userCode } = ctx.oidc.entities.DeviceCode as unknown as { userCode: string };
    const shown = showUserCode(userCode);
    const page = `${issuer}${endpoints.code_verification}`;
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
