/** Warnings about probable mistakes in the scope that a client is registered with. */
import { openIdScopes } from '../../../config/scopes.ts';
import type { ErrorDetail } from '../../oauth/errors.ts';
import { nearest } from '../../oauth/nearest.ts';
import { scopeTokens } from '../../oauth/scope.ts';
import { type ClientLimits, scopesFor } from './access.ts';
import type { Resource } from './resources.ts';

/**
 * A warning for each registered scope that no token of the client can carry, because no resource that it can use has
 * that scope. Suggests the scope that was probably meant.
 */
export function scopeWarnings(
  client: ClientLimits,
  resources: readonly Resource[],
  apiResource: string,
): ErrorDetail[] {
  const all = resources.flatMap(({ scopes }) => scopes.map(({ name }) => name));
  const own: string[] = [
    ...openIdScopes,
    ...resources.flatMap((resource) => scopesFor(resource, client, apiResource) ?? []),
  ];
  return scopeTokens(client.scope)
    .filter((name) => !own.includes(name))
    .map((name) => ({ parameter: 'scope', message: warningFor(name, all) }));
}

function warningFor(name: string, all: readonly string[]): string {
  if (all.includes(name))
    return `No resource of the client has the scope ${name}. Add the resource that has it to the client.`;
  const meant = nearest(name, all);
  return `No resource has the scope ${name}.${meant === undefined ? ' Tokens get it only after it is added to a resource.' : ` Did you mean ${meant}?`}`;
}
