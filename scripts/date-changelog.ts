// Dates a release in CHANGELOG.md. npm runs it as the `version` script of `npm version`, after it has written the new
// version to package.json and before it commits: see "Releasing" in CONTRIBUTING.md.
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const unreleased = '## Unreleased';

/**
 * Moves the unreleased entries of a changelog below a new heading, `## VERSION - DATE`, and leaves an empty "Unreleased".
 * `date` is YYYY-MM-DD. Throws if there are no unreleased entries, or the version is there already.
 */
export function dateRelease(changelog: string, version: string, date: string): string {
  const start = changelog.indexOf(`${unreleased}\n`);
  if (start < 0) throw new Error(`CHANGELOG.md has no heading "${unreleased}"`);
  if (changelog.includes(`\n## ${version} - `))
    throw new Error(`CHANGELOG.md has an entry for ${version} already`);
  const end = start + unreleased.length;
  const next = changelog.indexOf('\n## ', end);
  if (changelog.slice(end, next < 0 ? undefined : next).trim() === '')
    throw new Error('CHANGELOG.md has nothing unreleased');
  return `${changelog.slice(0, end)}\n\n## ${version} - ${date}${changelog.slice(end)}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  const changelog = readFileSync('CHANGELOG.md', 'utf8');
  const today = new Date().toISOString().slice(0, 10);
  writeFileSync('CHANGELOG.md', dateRelease(changelog, version, today));
}
