/** THE CLIENT CREDENTIALS GRANT (RFC 6749 §4.4): a token for the client itself. */
import type { KoaContextWithOIDC } from 'oidc-provider';
import { scopeTokens } from '../../oauth/scope.ts';
import { invalidScope } from '../engine/errors.ts';
import { engineClientOf } from '../engine/models.ts';
import { currentScope } from '../engine/request-scope.ts';
import { assertScopeAllowed, scopeOrDefault } from './scope.ts';

/**
 * Runs the engine's handler of the grant, which silently drops scopes that the resource does not have. Writ issues the
 * whole requested scope or responds with `invalid_scope`; a request without a scope gets the default. Of a workload, both are within
 * the rule by which it is the client.
 */
export async function handleClientCredentials(
  ctx: KoaContextWithOIDC,
  handle: () => unknown,
): Promise<void> {
  const { params } = ctx.oidc;
  const requested = scopeTokens(params?.['scope'] as string | undefined);
  const { rule } = currentScope()?.workload?.workload ?? {};
  const limit = rule?.scopes ?? undefined;
  const beyond = requested.filter((name) => limit && !limit.includes(name));
  if (beyond.length > 0)
    throw invalidScope('the rule of the trusted issuer does not have the scope', beyond);
  const registered = engineClientOf(ctx)?.allowed_scope ?? limit?.join(' ');
  const scope = scopeOrDefault(requested, registered).filter(
    (name) => !limit || limit.includes(name),
  );
  if (params && scope.length > 0) params['scope'] = scope.join(' ');
  await handle();
  assertScopeAllowed(ctx, requested, new Set(scopeTokens((ctx.body as { scope?: string }).scope)), {
    isForClient: true,
  });
}
