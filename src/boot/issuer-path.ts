import { type Settings, SettingsError } from '../../config/settings.ts';
import { dialectRouteTable } from '../dialects/route-table.ts';
import { basePathOf } from '../oauth/issuer.ts';
import { routeLimits } from '../route-limits.ts';

/**
 * Refuses an issuer whose path is one of the server's own: behind a proxy that takes the issuer's path off, a request
 * for that could not be told from one that still has it. Throws SettingsError.
 */
export function requireDistinctIssuerPath({
  ISSUER,
  DIALECTS,
}: Pick<Settings, 'ISSUER' | 'DIALECTS'>): void {
  const base = ISSUER ? basePathOf(ISSUER) : '';
  if (base === '') return;
  const own = Object.keys(routeLimits).find(
    (folder) => folder !== '/' && (leadsInto(base, folder) || leadsInto(folder, base)),
  );
  if (own) throw clash(base, `the server itself answers at ${own}; choose another path`);
  const names: readonly string[] = DIALECTS;
  const theirs = dialectRouteTable().find(
    ({ dialect, path }) => names.includes(dialect) && leadsInto(base, path),
  );
  if (theirs)
    throw clash(
      base,
      `the dialect ${theirs.dialect} answers at ${theirs.path}; choose another path, or leave it out of DIALECTS`,
    );
}

const clash = (base: string, why: string) =>
  new SettingsError([`ISSUER: its path cannot be ${base}, since ${why}`]);

/** Whether a pattern, in which `:name` is any segment, is a path or lies below it. */
function leadsInto(path: string, pattern: string): boolean {
  const segments = pattern.split('/');
  return path
    .split('/')
    .every((segment, index) => segments[index] === segment || segments[index]?.startsWith(':'));
}
