import type { Settings } from '../../config/settings.ts';
import { SettingsError } from '../../config/settings-error.ts';
import { dialectRouteTable } from '../dialects/route-table.ts';
import { basePathOf } from '../oauth/issuer.ts';
import { routeLimits } from '../route-limits.ts';

/**
 * Why the issuer's path cannot be used: it is one of the server's own. Behind a proxy that strips the issuer's path,
 * such a request could not be told from one that still has it.
 */
export function findIssuerPathProblems({
  ISSUER,
  DIALECTS = [],
}: Partial<Pick<Settings, 'ISSUER' | 'DIALECTS'>>): string[] {
  const base = ISSUER ? basePathOf(ISSUER) : '';
  if (base === '') return [];
  const own = Object.keys(routeLimits).find(
    (folder) => folder !== '/' && (leadsInto(base, folder) || leadsInto(folder, base)),
  );
  if (own)
    return [clash(base, `the server uses ${own} for its own endpoints; choose another path`)];
  const names: readonly string[] = DIALECTS;
  const theirs = dialectRouteTable().find(
    ({ dialect, path }) => names.includes(dialect) && leadsInto(base, path),
  );
  if (!theirs) return [];
  return [
    clash(
      base,
      `the dialect ${theirs.dialect} uses ${theirs.path}; choose another path, or leave the dialect out of DIALECTS`,
    ),
  ];
}

/** Throws SettingsError for an issuer whose path is one of the server's own. */
export function requireDistinctIssuerPath(settings: Pick<Settings, 'ISSUER' | 'DIALECTS'>): void {
  const problems = findIssuerPathProblems(settings);
  if (problems.length > 0) throw new SettingsError(problems);
}

const clash = (base: string, why: string) => `ISSUER: its path cannot be ${base}: ${why}`;

/** Whether a route pattern, in which `:name` matches any segment, is a path or lies below it. */
function leadsInto(path: string, pattern: string): boolean {
  const segments = pattern.split('/');
  return path
    .split('/')
    .every((segment, index) => segments[index] === segment || segments[index]?.startsWith(':'));
}
