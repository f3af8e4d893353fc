/** THE CLIENT CREDENTIALS GRANT (RFC 6749 §4.4): a token for the client itself. */
import type { KoaContextWithOIDC } from 'oidc-provider';
import { scopeTokens } from '../../oauth/scope.ts';
import { engineClientOf } from '../engine/models.ts';
import { assertScopeAllowed, scopeOrDefault } from './scope.ts';

/**
 * Runs the engine's handler of the grant, which silently drops scopes that the resource does not have. Writ issues the
 * whole requested scope or responds with `invalid_scope`; a request without a scope gets the default.
 */
export async function handleClientCredentials(
  ctx: KoaContextWithOIDC,
  handle: () => unknown,
): Promise<void> {
  const { params } = ctx.oidc;
  const requested = scopeTokens(params?.['scope'] as string | undefined);
  const scope = scopeOrDefault(requested, engineClientOf(ctx)?.allowed_scope);
  if (params && scope.length > 0) params['scope'] = scope.join(' ');
  await handle();
  assertScopeAllowed(ctx, requested, new Set(scopeTokens((ctx.body as { scope?: string }).scope)), {
    isForClient: true,
  });
}
