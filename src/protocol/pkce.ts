/** WHO NEEDS PKCE (RFC 7636, RFC 9700 §2.1.1). The engine verifies it. */
import type { KoaContextWithOIDC } from 'oidc-provider';
import { scopeTokens } from '../oauth/scope.ts';
import { engineClientOf } from './engine/models.ts';

/**
 * Whether an authorization request, pushed or not, is refused where it has no `code_challenge`. A public client always
 * needs one. A confidential client may have a `nonce` instead, where it asks for an ID token to compare it with; it needs
 * PKCE in any case where it is registered with `require_pkce: true`, and neither with `false`.
 */
export function needsPkce(ctx: KoaContextWithOIDC): boolean {
  const client = engineClientOf(ctx);
  if (!client || client.clientAuthMethod === 'none') return true;
  if (client.require_pkce !== undefined) return client.require_pkce;
  const { scope, nonce } = (ctx.oidc.params ?? {}) as { scope?: string; nonce?: string };
  return !nonce || !scopeTokens(scope).includes('openid');
}
