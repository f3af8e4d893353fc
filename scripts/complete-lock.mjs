// Adds every optional platform package to package-lock.json.
//
// Some registry mirrors lack the builds for foreign platforms. npm then leaves them out of the
// lock it writes, and `npm ci` rejects that very lock ("EUSAGE Missing: …"). Each missing one is
// added here with the exact version that its parent pins and the platform in its name. Its integrity
// is unknown, since the mirror does not have it, so `npm ci` on such a platform installs the package
// unverified. A lock that was created with a full registry needs no additions.
import { readFileSync, writeFileSync } from 'node:fs';

const LOCK = 'package-lock.json';
const EXACT = /^\d+\.\d+\.\d+(-[\w.-]+)?$/;
const CPU_NAMES = new Map([
  ['arm', 'arm'],
  ['arm64', 'arm64'],
  ['ia32', 'ia32'],
  ['loong64', 'loong64'],
  ['mips64el', 'mips64el'],
  ['ppc64', 'ppc64'],
  ['riscv64', 'riscv64'],
  ['s390x', 's390x'],
  ['wasm32', 'wasm32'],
  ['x64', 'x64'],
]);
const OS_NAMES = new Set([
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
]);

/**
 * Where Node would find `name` from the package at `location`: the nearest node_modules upwards.
 *
 * @param {Record<string, unknown>} packages
 * @param {string} location
 * @param {string} name
 */
function locate(packages, location, name) {
  for (let base = location; ; ) {
    const candidate = base === '' ? `node_modules/${name}` : `${base}/node_modules/${name}`;
    if (candidate in packages) return candidate;
    if (base === '') return undefined;
    const cut = base.lastIndexOf('/node_modules/');
    base = cut < 0 ? '' : base.slice(0, cut);
  }
}

/**
 * os, cpu and libc as the publishers of these families declare them.
 *
 * @param {string} name
 * @param {string[]} siblings the other optional dependencies of the same parent
 */
function platformOf(name, siblings) {
  const words = name.slice(name.lastIndexOf('/') + 1).split('-');
  const os = words.find((word) => OS_NAMES.has(word));
  const cpu = CPU_NAMES.get(words.find((word) => CPU_NAMES.has(word)) ?? '');
  if (!os || !cpu) return undefined;
  let libc;
  if (os === 'linux') {
    if (words.some((word) => word.startsWith('musl'))) libc = 'musl';
    else if (words.some((word) => word.startsWith('gnu') || word === 'glibc')) libc = 'glibc';
    else if (siblings.includes(`${name}-musl`)) libc = 'glibc';
  }
  return { os, cpu, libc };
}

const lock = JSON.parse(readFileSync(LOCK, 'utf8'));
const problems = [];
const added = [];

for (const [location, parent] of Object.entries(lock.packages)) {
  const optional = /** @type {Record<string, string>} */ (parent.optionalDependencies ?? {});
  for (const [name, version] of Object.entries(optional)) {
    const exact = EXACT.test(version);
    const found = locate(lock.packages, location, name);
    if (found && (!exact || lock.packages[found].version === version)) continue;
    // An entry of an earlier run, for a parent that was updated since, is replaced.
    if (found && lock.packages[found].integrity) {
      problems.push(`${found} is ${lock.packages[found].version}, but ${location} pins ${version}`);
      continue;
    }
    const platform = platformOf(name, Object.keys(optional));
    if (!exact || !platform) {
      problems.push(`${location} wants ${name}@${version}: no exact version or unknown platform`);
      continue;
    }
    lock.packages[found ?? `node_modules/${name}`] = {
      version,
      cpu: [platform.cpu],
      ...(parent.dev && { dev: true }),
      ...(parent.devOptional && { devOptional: true }),
      ...(platform.libc && { libc: [platform.libc] }),
      optional: true,
      os: [platform.os],
    };
    added.push(`${name}@${version}`);
  }
}

if (problems.length > 0) {
  for (const problem of problems) console.error(`complete-lock: ${problem}`);
  process.exit(1);
}
if (added.length > 0) {
  const inNpmsOrder = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en'));
  lock.packages = Object.fromEntries(inNpmsOrder);
  writeFileSync(LOCK, `${JSON.stringify(lock, null, 2)}\n`);
}
console.log(`complete-lock: ${added.length} added`);
