/** WHEN PKCE IS REQUIRED (RFC 7636, RFC 9700 §2.1.1). The engine verifies it. */
import type { KoaContextWithOIDC } from 'oidc-provider';
import { scopeTokens } from '../oauth/scope.ts';
import { engineClientOf } from './engine/models.ts';

/**
 * Whether an authorization request, pushed or not, must have a `code_challenge`. Public clients always need one.
 * Confidential clients can send a `nonce` instead if they request an ID token to compare it with. The client metadata
 * `require_pkce` overrides this for confidential clients: with `true` they always need PKCE, with `false` never.
 */
export function needsPkce(ctx: KoaContextWithOIDC): boolean {
  const client = engineClientOf(ctx);
  if (!client || client.clientAuthMethod === 'none') return true;
  if (client.require_pkce !== undefined) return client.require_pkce;
  const { scope, nonce } = (ctx.oidc.params ?? {}) as { scope?: string; nonce?: string };
  return !nonce || !scopeTokens(scope).includes('openid');
}
