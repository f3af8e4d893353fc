// Which code `writ` runs. Plain JavaScript: it is loaded before anything else.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import * as path from 'node:path';

const sources = ['config', 'db', 'src', 'views'];

/** npm writes the last one whenever it installs something. */
const manifests = ['package.json', 'node_modules/.package-lock.json'];

/**
 * Identifies the sources below `root` and the installed packages by the names, sizes and times of change of their files.
 *
 * @param {string} root
 */
export function stampOf(root) {
  /** @type {string[]} */
  const lines = [];
  /** @type {(name: string) => void} */
  const add = (name) => {
    const stat = statSync(`${root}/${name}`, { throwIfNoEntry: false });
    lines.push(`${name} ${stat?.size} ${stat?.mtimeMs}`);
  };
  /** @type {(name: string) => void} */
  const addAll = (name) => {
    for (const entry of readdirSync(`${root}/${name}`, { withFileTypes: true }))
      (entry.isDirectory() ? addAll : add)(`${name}/${entry.name}`);
  };
  sources.forEach(addAll);
  manifests.forEach(add);
  return createHash('sha256').update(lines.sort().join('\n')).digest('hex');
}

/**
 * The file to run. An image has only a build. A clone runs its sources, or the build of exactly these sources, which starts
 * in half the time: `npm ci` ends with a build, and `npm run build` makes one.
 *
 * @param {string} root
 */
export function codeIn(root) {
  const source = path.join(root, 'src/cli/index.ts');
  return existsSync(source) && !hasBuildOf(root) ? source : path.join(root, 'dist/writ.js');
}

/** @param {string} root */
function hasBuildOf(root) {
  try {
    return readFileSync(path.join(root, 'dist/stamp'), 'utf8') === stampOf(root);
  } catch {
    return false;
  }
}
