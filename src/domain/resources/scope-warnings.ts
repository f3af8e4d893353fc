/** What may be a mistake in the scope that a client is registered with. */
import { openIdScopes } from '../../../config/scopes.ts';
import type { ErrorDetail } from '../../oauth/errors.ts';
import { scopeTokens } from '../../oauth/scope.ts';
import { type ClientLimits, scopesFor } from './access.ts';
import type { Resource } from './resources.ts';

/**
 * What may be a mistake in the scope of a client: each of its scopes that no resource has of those that it
 * may have tokens for, so that no token will ever carry it. With the name that was probably meant.
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
    .map((name) => ({ parameter: 'scope', message: warningOf(name, all) }));
}

function warningOf(name: string, all: readonly string[]): string {
  if (all.includes(name))
    return `No resource that the client may have tokens for has the scope ${name}: give it the one that does.`;
  const meant = nearest(name, all);
  return `No resource has the scope ${name}.${meant === undefined ? '' : ` Did you mean ${meant}?`}`;
}

/** The name that differs by two letters at most, and by fewer than a third of them; undefined where none does. */
function nearest(name: string, all: readonly string[]): string | undefined {
  const most = Math.min(2, Math.floor(name.length / 3));
  return all
    .map((other) => ({ other, distance: distanceOf(name, other, most) }))
    .filter(({ distance }) => distance <= most)
    .sort((a, b) => a.distance - b.distance)[0]?.other;
}

/** How many letters must be added, removed, replaced or swapped with their neighbour; more than `most` is not counted out. */
function distanceOf(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  const at = (i: number, j: number): number => rows[i]?.[j] ?? Number.POSITIVE_INFINITY;
  for (let i = 1; i <= a.length; i++) {
    rows[i] = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      const isSwapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      (rows[i] as number[])[j] = Math.min(
        at(i - 1, j) + 1,
        at(i, j - 1) + 1,
        at(i - 1, j - 1) + (isSame ? 0 : 1),
        isSwapped ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
  }
  return at(a.length, b.length);
}
